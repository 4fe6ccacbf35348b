"""One sentence for a heavy library that is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from edgesim.errors import MissingLibraryError


@contextmanager
def needs_extra(what: str, extra: str = "real") -> Iterator[None]:
    """Turn a missing library into the command that installs it, with the extra that has it.

    Raises
    ------
    MissingLibraryError
        If what is imported inside is not installed.
    """
    try:
        yield
    except ImportError as error:
        command = f"pip install 'edgesim[{extra}]'"
        message = f"{what} is needed for this; install it with: {command}"
        raise MissingLibraryError(message, f"{what} ({command})") from error
