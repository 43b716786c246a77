"""Verbs on people and their roles."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from overread.foundation.accounts import queries, rules
from overread.foundation.accounts.actions.enrolment import make_enrolment_link
from overread.foundation.accounts.actions.sessions import end_sessions
from overread.foundation.accounts.models import Person, RoleGrant
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound


def _existing(person_id: UUID) -> Person:
    row = Person.objects.filter(id=person_id).first()
    if row is None:
        raise NotFound("There is nobody with this account.")
    return row


def _refuse_unless_manager(actor: Actor, subject_id: UUID | None) -> None:
    if actor.person_id is None:
        return
    if actor.person_id == subject_id:
        raise NotAllowed(
            "Nobody changes their own account's standing. Ask another registered manager.", code="own-account"
        )
    granter = queries.person(actor.person_id)
    if granter is None or not granter.may("people.manage"):
        raise NotAllowed("Only a registered manager may change accounts.", code="not-manager")


@action("accounts.create_person")
def create_person(*, actor: Actor, email: str, full_name: str) -> UUID:
    """Make an account that cannot sign in yet: no password, no factor, no role.

    Args:
        actor: a registered manager, or the command line.
        email: the name of the account; capitals do not count.
        full_name: as it stands on reports.

    Raises:
        BadInput: the e-mail is not one, is taken, or the name is empty.
        NotAllowed: the actor is not a registered manager.
    """
    _refuse_unless_manager(actor, None)
    address, name = rules.clean_email(email), " ".join(full_name.split())
    errors: dict[str, str] = {}
    try:
        validate_email(address)
    except ValidationError:
        errors["email"] = "This is not an e-mail address. It looks like name@example.org."
    if not name:
        errors["full_name"] = "Write the name as it stands on reports."
    if "email" not in errors and Person.objects.filter(email=address).exists():
        errors["email"] = "Somebody already has this e-mail. Open their account instead."
    if errors:
        raise BadInput("The account was not made.", errors=errors)
    row = Person(email=address, full_name=name, made_at=timezone.now())
    row.set_unusable_password()
    row.save()
    note(subject=("person", row.id))
    return row.id


def _refuse_grant(actor: Actor, person_id: UUID, role: rules.Role) -> None:
    held = [g.role for g in queries.grants_of(person_id)]
    if actor.person_id is None:
        reason = rules.clash(role, held)
    else:
        granter = queries.person(actor.person_id)
        roles = granter.roles if granter and granter.active else frozenset()
        reason = rules.may_grant(roles, actor.person_id, person_id, role, held)
    if reason:
        raise NotAllowed(reason, code="may-not-grant")


def _role(text: str) -> rules.Role:
    try:
        return rules.Role(text)
    except ValueError as error:
        raise BadInput("There is no such role.", errors={"role": "Choose one of the roles."}) from error


@action("accounts.grant_role")
def grant_role(*, actor: Actor, person_id: UUID, role: str, client_id: UUID | None = None) -> UUID:
    """Give a person a role from now on. Granting a role that is held changes nothing.

    Args:
        actor: a registered manager other than the person, or the command line.
        person_id: who gets it.
        role: a code of `rules.Role`.
        client_id: the client, for client roles only.

    Returns:
        The id of the grant.

    Raises:
        NotAllowed: nobody grants themselves; only a registered manager grants; provider and client roles do not mix.
        BadInput: unknown role, or client missing or out of place.
    """
    wanted = _role(role)
    person = _existing(person_id)
    if not person.is_active:
        raise Conflict("This account is closed. Open it again first.", code="closed")
    if rules.needs_client(wanted) != (client_id is not None):
        words = "Choose the client this role is for." if client_id is None else "This role is not tied to a client."
        raise BadInput("The role was not given.", errors={"client": words})
    _refuse_grant(actor, person_id, wanted)
    held = next((g for g in queries.grants_of(person_id) if g.role == wanted and g.client_id == client_id), None)
    if held is not None:
        grant_id = held.id
    else:
        grant_id = RoleGrant.objects.create(
            person_id=person_id, role=wanted, client_id=client_id, granted_by=actor.text, granted_at=timezone.now()
        ).id
    facts = {"role": str(wanted), "client": str(client_id) if client_id else None, "held": held is not None}
    note(subject=("person", person_id), facts=facts)
    return grant_id


def _refuse_last_manager(person_id: UUID) -> None:
    others = [p for p in queries.people_with_role(rules.Role.REGISTERED_MANAGER) if p.id != person_id]
    if not others:
        raise Conflict(
            "This is the only registered manager. Make somebody else registered manager first.", code="last-manager"
        )


@action("accounts.revoke_role")
def revoke_role(*, actor: Actor, grant_id: UUID) -> None:
    """End a role now; the person's next request is without it.

    Raises:
        NotFound: no such grant is held.
        NotAllowed: nobody ends their own; only a registered manager does.
        Conflict: it is the last registered manager's.
    """
    row = RoleGrant.objects.filter(id=grant_id, ended_at=None).first()
    if row is None:
        raise NotFound("This role is not held any more.")
    _refuse_unless_manager(actor, row.person_id)
    if row.role == rules.Role.REGISTERED_MANAGER:
        _refuse_last_manager(row.person_id)
    row.ended_at, row.ended_by = timezone.now(), actor.text
    row.save(update_fields=["ended_at", "ended_by"])
    facts = {"role": row.role, "client": str(row.client_id) if row.client_id else None}
    note(subject=("person", row.person_id), facts=facts)


@action("accounts.deactivate")
def deactivate(*, actor: Actor, person_id: UUID) -> None:
    """Close an account: its next request fails, all sessions end; its history stays.

    Raises:
        NotAllowed: nobody closes their own; only a registered manager does.
        Conflict: it is the last registered manager.
    """
    row = _existing(person_id)
    _refuse_unless_manager(actor, person_id)
    held = [g.role for g in queries.grants_of(person_id)]
    if rules.Role.REGISTERED_MANAGER in held:
        _refuse_last_manager(person_id)
    row.is_active, row.deactivated_at = False, timezone.now()
    row.save(update_fields=["is_active", "deactivated_at"])
    end_sessions(actor=actor, person_id=person_id, why="account closed")
    note(subject=("person", person_id))


@action("accounts.reactivate")
def reactivate(*, actor: Actor, person_id: UUID) -> None:
    """Open a closed account again, with the roles it held.

    Raises:
        NotAllowed: nobody opens their own; only a registered manager does.
    """
    row = _existing(person_id)
    _refuse_unless_manager(actor, person_id)
    row.is_active, row.deactivated_at = True, None
    row.save(update_fields=["is_active", "deactivated_at"])
    note(subject=("person", person_id))


@action("accounts.invite")
def invite(
    *, actor: Actor, email: str, full_name: str, role: str, client_id: UUID | None = None
) -> tuple[UUID, rules.NewLink]:
    """Make an account with its first role and the link that opens it, all or nothing.

    Args:
        actor: a registered manager, or the command line.
        email: the name of the account.
        full_name: as it stands on reports.
        role: a code of `rules.Role`.
        client_id: the client, for client roles only.

    Returns:
        The person's id, and the link to be shown once.

    Raises:
        BadInput: a field is wrong.
        NotAllowed: the actor may not.
    """
    person_id = create_person(actor=actor, email=email, full_name=full_name)
    grant_role(actor=actor, person_id=person_id, role=role, client_id=client_id)
    note(subject=("person", person_id))
    return person_id, make_enrolment_link(actor=actor, person_id=person_id)
