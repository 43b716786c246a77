"""Clients: who calls, and what a token may do."""

import ipaddress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.clients.rules import (
    Peer,
    aet_fault,
    cidr_fault,
    code_fault,
    overlaps,
    scopes_of,
    sender_of,
    token_holds,
)

NORTH, SOUTH = uuid4(), uuid4()
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _peer(client: UUID, cidr: str) -> Peer:
    return Peer(uuid4(), client, cidr)


def test_the_narrowest_network_names_the_client() -> None:
    """When two networks hold the caller, the narrower one decides whose studies they are."""
    wide, narrow = _peer(NORTH, "10.0.0.0/8"), _peer(SOUTH, "10.1.0.0/16")
    assert sender_of([wide, narrow], "10.1.2.3") is narrow
    assert sender_of([wide, narrow], "10.2.2.3") is wide


def test_two_clients_equally_near_are_nobody() -> None:
    """If a caller could be either of two clients, it is refused rather than guessed."""
    assert sender_of([_peer(NORTH, "10.0.0.0/8"), _peer(SOUTH, "10.0.0.0/8")], "10.1.2.3") is None


@pytest.mark.parametrize("address", ["", "10.0.0", "not-an-address", "999.1.1.1"])
def test_an_address_that_is_none_is_nobody(address: str) -> None:
    """A caller whose address cannot be read is refused."""
    assert sender_of([_peer(NORTH, "0.0.0.0/0")], address) is None


def test_ipv4_inside_ipv6_counts_as_ipv4() -> None:
    """A listener on both families sees ::ffff:10.1.2.3 and still knows the peer."""
    assert sender_of([_peer(NORTH, "10.1.0.0/16")], "::ffff:10.1.2.3") is not None


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_a_peer_is_known_exactly_inside_its_network(
    base: ipaddress.IPv4Address, length: int, caller: ipaddress.IPv4Address
) -> None:
    """For any network and caller, the caller is known if and only if the network holds it."""
    cidr = f"{base}/{length}"
    expected = caller in ipaddress.ip_network(cidr, strict=False)
    assert (sender_of([_peer(NORTH, cidr)], str(caller)) is not None) == expected


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4), st.integers(0, 32))
def test_overlap_is_the_same_both_ways(one: ipaddress.IPv4Address, n: int, two: ipaddress.IPv4Address, m: int) -> None:
    """Whether two networks overlap does not depend on their order."""
    assert overlaps(f"{one}/{n}", f"{two}/{m}") == overlaps(f"{two}/{m}", f"{one}/{n}")


@pytest.mark.parametrize("bad", ["", "a b", "../x", "x" * 33, "-X"])
def test_codes_that_could_not_be_an_address_are_refused(bad: str) -> None:
    """A client code that would not fit into an address is refused with words."""
    assert code_fault(bad)


def test_codes_aets_and_networks_that_are_fine_pass() -> None:
    """Ordinary codes, AE titles and networks are taken."""
    assert [code_fault("NORTH-1"), aet_fault("NORTH_CT2"), cidr_fault("10.1.0.0/16"), cidr_fault("::1")] == [""] * 4


@pytest.mark.parametrize("bad", ["", "   ", "X" * 17, "A\\B", "Ä"])
def test_aets_outside_the_standard_are_refused(bad: str) -> None:
    """An AE title longer than 16 characters, blank, with a backslash or not ASCII is refused (PS3.5 6.2)."""
    assert aet_fault(bad)


def test_a_token_does_only_what_it_says_while_it_lives() -> None:
    """A token for storing cannot read, and a revoked or expired one can do nothing."""
    base = {"scopes": "store", "expires_at": None, "revoked": False, "at": AT}
    assert token_holds(**{**base, "wanted": "store"})
    assert not token_holds(**{**base, "wanted": "read"})
    assert not token_holds(**{**base, "wanted": "store", "revoked": True})
    assert not token_holds(**{**base, "wanted": "store", "expires_at": AT - timedelta(seconds=1)})
    assert not token_holds(**{**base, "wanted": "store", "expires_at": AT})


def test_unknown_scopes_are_refused() -> None:
    """A token cannot be given a scope that does not exist, or none."""
    assert scopes_of("store, read") == {"store", "read"}
    for bad in ("", "everything", "store,admin"):
        with pytest.raises(ValueError, match=r"."):
            scopes_of(bad)
