"""`db_call`: the one way from raw ASGI code to the database."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections

from overread.foundation.tenancy.scope import Scope, open_scope

R = TypeVar("R")
_POOL = ThreadPoolExecutor(max_workers=8, thread_name_prefix="db")


def _run(scope: Scope | None, opened_by: str, function: Callable[[], R]) -> R:
    close_old_connections()
    try:
        if scope is None:
            return function()
        with open_scope(scope, opened_by=opened_by):
            return function()
    finally:
        close_old_connections()


async def db_call(function: Callable[[], R], *, scope: Scope | None, opened_by: str) -> R:
    """Run database work on a bounded pool of threads, under a scope.

    Args:
        function: takes no arguments; bind them with functools.partial or a lambda.
        scope: the scope to open, or None for work on global rows (sessions, tokens).
        opened_by: the door, as site/wiring.py lists it.
    """
    context = contextvars.Context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_POOL, lambda: context.run(_run, scope, opened_by, function))
