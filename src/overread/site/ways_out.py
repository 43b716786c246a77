"""The channels of this installation: e-mail and DICOM, joined to their names."""

import tempfile
from pathlib import Path

from overread.edge.dimse.sender import Peer, Tls, store_to
from overread.edge.notify.mail import MailServer, mail_channel
from overread.foundation.blobs.current import current
from overread.foundation.work import channels
from overread.foundation.work.channels import Outcome, Outgoing
from overread.site import config, places

OUR_AET = "OVERREAD"


def mail_server() -> MailServer | None:
    """The mail server that the settings name, or None."""
    text = config.value("OVERREAD_SMTP")
    if not text:
        return None
    host, _, port = text.rpartition(":")
    loopback = host in {"127.0.0.1", "localhost", "::1"}
    tls = config.value("OVERREAD_SMTP_TLS")
    return MailServer(
        host=host,
        port=int(port),
        tls="none" if loopback and tls == "starttls" else tls,
        sender=config.value("OVERREAD_MAIL_FROM"),
        user=config.value("OVERREAD_SMTP_USER"),
        password_file=config.value("OVERREAD_SMTP_PASSWORD_FILE"),
    )


def send_dicom(outgoing: Outgoing) -> Outcome:
    """Send a stored DICOM object to a client's node; the same object has the same UID, so a repeat does no harm.

    Trust for TLS peers is read from `tls/ca.pem` in the data folder.
    """
    payload = outgoing.payload
    tls = Tls(ca=places.folder() / "tls" / "ca.pem") if payload.get("tls") else None
    peer = Peer(host=payload["host"], port=int(payload["port"]), aet=outgoing.to, our_aet=OUR_AET, tls=tls)
    with tempfile.TemporaryDirectory() as folder, current().open(payload["key"]) as stored:
        path = Path(folder) / "report.dcm"
        path.write_bytes(stored.read())
        result = store_to(peer, [path])[0]
    return Outcome(state=result.state.value, detail=result.detail, remote_id=result.sop_instance)


def join() -> None:
    """Join both under their names; called once by site/wiring.py."""
    channels.register("email", mail_channel(mail_server()))
    channels.register("dicom", send_dicom)
