"""The one way that Django knows people: password by allauth, permissions by the roles held now."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from overread.foundation.accounts import queries


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """Checks e-mail and password in equal time for known and unknown people; gives permission codes by role."""

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        """Whether an active person holds a role with this permission code."""
        if not getattr(user_obj, "is_active", False) or user_obj.pk is None:
            return False
        view = getattr(user_obj, "person_view", None) or queries.person(user_obj.pk)
        return view is not None and view.active and view.may(perm)

    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        """All permission codes of an active person."""
        view = queries.person(user_obj.pk) if getattr(user_obj, "is_active", False) else None
        return set(queries.permissions_of(view)) if view else set()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """There is no site of forms for rows here."""
        return False
