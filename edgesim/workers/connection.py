"""A connection to the scheduler of a Dask cluster."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from edgesim.errors import ExecutionError, InputError
from edgesim.nets.extra import needs_extra

LOCAL = "local"
CONNECTS_S = 10.0
"""How long a scheduler may take to answer at first, and to let go at last."""
_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")


def check_address(cluster: str) -> None:
    """Refuse what is neither an address nor ``local``.

    Raises
    ------
    InputError
        If it is neither.
    """
    if not re.fullmatch(r"((tcp|tls|ucx|ws|wss)://)?[^\s/]+:\d+", cluster) and cluster != LOCAL:
        raise InputError(f"cluster: '{cluster}' is no address of a scheduler; give host:port, or '{LOCAL}'")


@contextmanager
def connected(address: str, name: str) -> Iterator[Any]:
    """Have a client of a scheduler for the time of a context; tasks that are not done at its end are given up.

    Raises
    ------
    InputError
        If Dask is not installed, or does not know this kind of address.
    ExecutionError
        If no scheduler answers.
    """
    with needs_extra("Dask", "cluster"):
        from distributed import Client

    with _quiet():
        try:
            client = Client(address, timeout=CONNECTS_S, set_as_default=False)
        except ValueError as error:
            raise InputError(f"cluster: '{address}' is no address of a scheduler, {error}") from error
        except OSError as error:
            raise ExecutionError(
                f"cluster {name}: no scheduler answers in {CONNECTS_S:g} s; start one with: dask scheduler"
            ) from error
        try:
            yield client
        finally:
            with suppress(OSError):  # it was not told in time; it will see that nobody is there
                client.close(timeout=CONNECTS_S)


@contextmanager
def _quiet() -> Iterator[None]:
    """Say what went wrong in one sentence of our own."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    try:
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
