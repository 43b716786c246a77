"""The outside heartbeat, against a switch on loopback: what counts as heard, and what never leaves."""

import socket

import pytest

from overread.edge.notify import heartbeat
from overread.edge.notify.tests.switch import Switch


def test_a_beat_is_one_bare_request() -> None:
    """The switch is asked once, at exactly the address given, and is told nothing but that we live."""
    with Switch() as switch:
        heartbeat.beat(f"{switch.url}/ping/abc?create=1")
    assert [path for path, _ in switch.beats] == ["/ping/abc?create=1"]
    assert set(switch.beats[0][1]) == {"Host", "Accept-Encoding", "User-Agent", "Connection"}
    assert switch.beats[0][1]["User-Agent"] == "overread"


@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_only_a_yes_counts_as_heard(status: int) -> None:
    """Any answer but 2xx is not heard, and a redirect is not followed."""
    with Switch(status) as switch:
        with pytest.raises(heartbeat.NotHeard, match=str(status)):
            heartbeat.beat(f"{switch.url}/ping/secret")
        assert len(switch.beats) == 1


def test_a_switch_that_is_away_is_not_heard_and_its_address_is_not_told() -> None:
    """Without an answer the beat is not heard; the words of the failure never hold the address, which is a secret."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(heartbeat.NotHeard) as failure:
        heartbeat.beat(f"http://127.0.0.1:{port}/ping/secret")
    assert failure.value.words == "not reached, ConnectionRefusedError"
    assert failure.value.__cause__ is None


@pytest.mark.parametrize(
    "address",
    ["", "ping", "ftp://example.org/x", "http://example.org/x", "https://", "http://[::1", "file:///etc/passwd"],
)
def test_an_address_in_the_clear_is_refused(address: str) -> None:
    """Beyond this machine only https is taken, so that nobody on the way reads the address and beats in our place."""
    assert heartbeat.fault_of(address)
    with pytest.raises(heartbeat.NotHeard):
        heartbeat.beat(address)


@pytest.mark.parametrize("address", ["https://example.org/ping", "http://127.0.0.1:1/x", "http://localhost/x"])
def test_https_or_this_machine_is_taken(address: str) -> None:
    """An https address, or one of this machine, has no fault."""
    assert heartbeat.fault_of(address) == ""
