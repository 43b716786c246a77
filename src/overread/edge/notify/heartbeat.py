"""The outside heartbeat: one request to a dead-man's switch, which alarms by itself when no more of them come.

The address is a secret of its own kind, so it is never logged or shown. Nothing is sent but the request: no body, no
query of ours, no name. Source: RELIABILITY.md 4.1, invariant 8 (the watchdog runs outside this process and host).
"""

import http.client
import ipaddress
import ssl
from urllib.parse import SplitResult, urlsplit

TIMEOUT_SECONDS = 10.0


class NotHeard(Exception):
    """The switch did not say that it heard the beat; `words` say why, without the address."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def fault_of(address: str) -> str:
    """What is wrong with an address for the heartbeat, or "": https, or http to this machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "it is no web address"
    if parts.scheme not in {"http", "https"} or not host:
        return "it is no web address"
    if parts.scheme == "http" and not _is_this_machine(host):
        return "it must begin with https"
    return ""


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_SECONDS, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)


def beat(address: str) -> None:
    """Tell the switch that alerting lives.

    Args:
        address: of the switch; asked with GET, no redirect is followed.

    Raises:
        NotHeard: the address is wrong, the switch cannot be reached, or it answers other than 2xx.
    """
    if fault := fault_of(address):
        raise NotHeard(fault)
    parts = urlsplit(address)
    connection = _connection(parts)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"User-Agent": "overread", "Connection": "close"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotHeard(f"not reached, {type(error).__name__}") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotHeard(f"answered with status {status}")
