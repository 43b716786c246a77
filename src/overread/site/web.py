"""The web process: uvicorn serving the ASGI application, stopped cleanly by a signal."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class _Server(uvicorn.Server):
    """uvicorn raises the signal again after its stop, so that nothing behind `run` is reached; this one returns."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def serve(host: str, port: int) -> int:
    """Serve pages and HTTP interfaces until told to stop; 0 after a clean stop.

    Args:
        host: address to bind.
        port: port to bind; 0 for any free one.
    """
    from overread.site.asgi import application
    from overread.site.raw import finish

    settings = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="off",
        timeout_graceful_shutdown=10,
        forwarded_allow_ips="127.0.0.1",
        h11_max_incomplete_event_size=64 * 1024,
    )
    try:
        _Server(settings).run()
    finally:
        finish()
    return 0
