"""E-mail: only a clear yes counts, and no header can be forged. A real SMTP server on loopback answers."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st

from overread.edge.notify.mail import MailServer, UnsafeMail, build, mail_channel
from overread.foundation.work.channels import Outgoing


class _Server:
    """An SMTP server that answers RCPT as told and keeps what it took."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return "250 taken"


@pytest.fixture
def smtp() -> Iterator[tuple[_Server, MailServer]]:
    """A mail server on a free loopback port."""
    handler = _Server()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, MailServer("127.0.0.1", port, "none", "overread@example.org")
    controller.stop()


def _outgoing(to: str = "duty@north.example", subject: str = "An alert waits for you") -> Outgoing:
    return Outgoing(key="k-1", client_id=None, to=to, payload={"subject": subject, "text": "Open the link."})


def test_a_mail_that_the_server_took_counts_as_accepted(smtp: tuple[_Server, MailServer]) -> None:
    """The server said yes to recipient and text: accepted, under a message id made from our key."""
    handler, server = smtp
    outcome = mail_channel(server)(_outgoing())
    assert outcome.state == "accepted"
    assert b"k-1@example.org" in handler.taken[0].content


@pytest.mark.parametrize(("answer", "state"), [("550 no such person", "refused"), ("451 later", "retry")])
def test_a_no_is_told_apart_from_a_later(smtp: tuple[_Server, MailServer], answer: str, state: str) -> None:
    """A final no is refused, a temporary one is tried again; neither counts as sent."""
    handler, server = smtp
    handler.answer = answer
    assert mail_channel(server)(_outgoing()).state == state
    assert handler.taken == []


def test_a_server_that_cannot_be_reached_is_tried_again() -> None:
    """No connection: try again, never sent."""
    assert mail_channel(MailServer("127.0.0.1", 1, "none", "a@example.org"))(_outgoing()).state == "retry"


def test_without_a_server_mail_is_refused_and_says_what_to_set() -> None:
    """An installation without a mail server never pretends to have sent."""
    outcome = mail_channel(None)(_outgoing())
    assert (outcome.state, "OVERREAD_SMTP" in outcome.detail) == ("refused", True)


@given(st.text(max_size=20), st.sampled_from(["\r", "\n", "\r\n"]), st.text(max_size=20))
def test_no_line_break_enters_a_header(before: str, line_break: str, after: str) -> None:
    """Whatever a subject or address holds, a line break in it is refused."""
    text = before + line_break + after
    for outgoing in (_outgoing(subject=text), _outgoing(to=text)):
        with pytest.raises(UnsafeMail):
            build(outgoing, "a@example.org")
