"""What a password must be: long, not among known ones, not made of the person's own name.

The list of known passwords is Django's (20,000 common ones); a known password with digits or signs around it, or with
the usual swaps of letters for digits, is still known.
"""

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from overread.foundation.thresholds import current

_SWAPS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})


class LongEnough:
    """At least as many characters as the threshold says."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse a shorter one."""
        least = current.whole("accounts.password_length")
        if len(password) < least:
            raise ValidationError(f"Use at least {least} characters. Four unrelated words are easy to keep in mind.")

    def get_help_text(self) -> str:
        """For forms."""
        return f"At least {current.whole('accounts.password_length')} characters. Four unrelated words are easy to keep in mind."


class NotKnown:
    """Not a common or leaked password, also not one in disguise."""

    def __init__(self) -> None:
        self._known: set[str] = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse a known one."""
        small = password.lower()
        swapped = small.translate(_SWAPS)
        bare = {re.sub(r"[^a-z]+$|^[^a-z]+", "", text) for text in (small, swapped)}
        candidates = {small, swapped, *bare}
        repeated = re.fullmatch(r"(.{1,6}?)\1+", small)
        if repeated or candidates & self._known or any(self._doubled(text) for text in candidates):
            raise ValidationError(
                "This password, or one very like it, is in lists of leaked passwords. Choose another."
            )

    def _doubled(self, text: str) -> bool:
        half = len(text) // 2
        return len(text) % 2 == 0 and text[:half] in self._known and text[half:] in self._known

    def get_help_text(self) -> str:
        """For forms."""
        return "Not one that is in lists of leaked passwords."


class NotAboutThePerson:
    """Without the person's name or e-mail in it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse one that holds a part of the name or e-mail of four letters or more."""
        about = f"{getattr(user, 'full_name', '')} {getattr(user, 'email', '')}".lower()
        parts = {part for part in re.split(r"[^a-z0-9]+", about) if len(part) >= 4}
        if any(part in password.lower() for part in parts):
            raise ValidationError("Leave your name and e-mail out of the password.")

    def get_help_text(self) -> str:
        """For forms."""
        return "Without your name or e-mail."
