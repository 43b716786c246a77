"""Password hashing for tests: the algorithm of production with its smallest costs, so that signing in takes no time."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 with one pass over 64 KiB; a hash made with production's costs is still verified."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
