"""The JSON interface /api/v1, asked as the system of a client asks it."""
