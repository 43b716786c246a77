"""Where a service listens, as an operator writes it."""

from overread.site.command_error import CommandError


def address(text: str) -> tuple[str, int]:
    """HOST:PORT as a pair.

    Raises:
        CommandError: it is not one.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise CommandError(f"{text} is not HOST:PORT")
    return host.strip("[]"), int(port)
