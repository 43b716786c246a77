"""Who may read: the two gates that nobody passes without."""

import uuid
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from overread.governance.credentials.rules import PrivilegeFacts, RegistrationFacts, may_read

NORTH, SOUTH = uuid.uuid4(), uuid.uuid4()
GMC = RegistrationFacts("GMC", "7000001", date(2026, 11, 1))
CT_FOR_NORTH = PrivilegeFacts(NORTH, frozenset({"CT"}), frozenset({"primary"}))


def _may(registrations: list[RegistrationFacts], privileges: list[PrivilegeFacts], modality: str = "CT") -> bool:
    return may_read(registrations, privileges, client_id=NORTH, modality=modality, read_type="primary")[0]


def test_registration_and_privilege_together_let_a_reader_read() -> None:
    """A registered reader with a privilege for the client and modality may read; the reasons say so."""
    allowed, reasons = may_read([GMC], [CT_FOR_NORTH], client_id=NORTH, modality="CT", read_type="primary")
    assert allowed
    assert [r.holds for r in reasons] == [True, True]


def test_either_alone_is_not_enough() -> None:
    """Without a registration, without a privilege, or with one for another client or modality nobody reads."""
    elsewhere = PrivilegeFacts(SOUTH, frozenset({"CT"}), frozenset({"primary"}))
    assert not _may([], [CT_FOR_NORTH])
    assert not _may([GMC], [])
    assert not _may([GMC], [elsewhere])
    assert not _may([GMC], [CT_FOR_NORTH], modality="MR")


@given(st.sampled_from([None, NORTH, SOUTH]), st.sets(st.sampled_from(["CT", "MR"])), st.sampled_from(["CT", "MR"]))
def test_a_privilege_never_reaches_beyond_its_words(client: uuid.UUID | None, held: set[str], asked: str) -> None:
    """Whatever the privilege, a read is allowed only if client and modality are both in it."""
    privilege = PrivilegeFacts(client, frozenset(held), frozenset({"primary"}))
    assert _may([GMC], [privilege], asked) == (client in (None, NORTH) and asked in held)
