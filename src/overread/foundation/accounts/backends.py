"""Permissions of people from the roles they hold now, asked with `user.has_perm("case.see")`."""

from typing import Any

from overread.foundation.accounts import queries


class RoleBackend:
    """Gives permission codes by role; signs nobody in."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        """Never: allauth's backend checks passwords."""
        return

    def get_user(self, user_id: Any) -> None:
        """Never: see authenticate."""
        return

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        """Whether an active person holds a role with this permission code."""
        if not getattr(user_obj, "is_active", False) or user_obj.pk is None:
            return False
        view = getattr(user_obj, "person_view", None) or queries.person(user_obj.pk)
        return view is not None and view.may(perm)
