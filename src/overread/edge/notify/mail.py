"""E-mail by SMTP. A message carries words and a link, never patient data; the caller gives both.

Only a clear yes of the mail server for every recipient counts as sent; everything else is refused or tried again (H21).
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from django.utils import timezone

from overread.foundation.work.channels import Channel, Outcome, Outgoing

TIMEOUT_SECONDS = 20.0
FORBIDDEN = ("\r", "\n")


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over.

    Attributes:
        host, port: of the server.
        tls: "starttls", "tls" or "none".
        sender: our address.
        user, password_file: how we sign in, if the server wants it.
    """

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password_file: str = ""


class UnsafeMail(ValueError):
    """A header value carries a line break, so it could forge other headers."""


def build(outgoing: Outgoing, sender: str) -> EmailMessage:
    """The message for `payload` {"subject": ..., "text": ...} to `to`.

    Raises:
        UnsafeMail: recipient or subject holds a line break or is no address.
    """
    subject, to = str(outgoing.payload["subject"]), outgoing.to
    if any(mark in value for value in (subject, to, sender) for mark in FORBIDDEN):
        raise UnsafeMail("A line break stands in an address or subject.")
    message = EmailMessage()
    try:
        message["To"] = Address(addr_spec=to)
        message["From"] = Address(display_name="Overread", addr_spec=sender)
    except ValueError as error:
        raise UnsafeMail("That is not an e-mail address.") from error
    message["Subject"] = subject
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = f"<{outgoing.key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(str(outgoing.payload["text"]))
    return message


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        if server.tls == "starttls":
            connection.starttls(context=context)
    if server.user:
        connection.login(server.user, Path(server.password_file).read_text(encoding="utf-8").strip())
    return connection


def _hand_over(server: MailServer, message: EmailMessage) -> Outcome:
    with _connect(server) as connection:
        connection.send_message(message)
    return Outcome(state="accepted", detail="taken by the mail server", remote_id=str(message["Message-ID"]))


def _refused(error: smtplib.SMTPException) -> Outcome:
    codes = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    final = bool(codes) and all(500 <= code < 600 for code in codes)
    words = f"the mail server said {codes[0]}" if codes else f"the mail server failed ({type(error).__name__})"
    return Outcome(state="refused" if final else "retry", detail=words)


def mail_channel(server: MailServer | None) -> Channel:
    """The channel "email" for a server; without one every mail is refused, and the refusal says what to set."""

    def send(outgoing: Outgoing) -> Outcome:
        if server is None:
            return Outcome(state="refused", detail="No mail server is named: set OVERREAD_SMTP.")
        try:
            message = build(outgoing, server.sender)
            return _hand_over(server, message)
        except UnsafeMail as error:
            return Outcome(state="refused", detail=str(error))
        except smtplib.SMTPException as error:
            return _refused(error)
        except OSError as error:
            return Outcome(state="retry", detail=f"the mail server cannot be reached ({type(error).__name__})")

    return send
