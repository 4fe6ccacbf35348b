"""The style of whole pictures, which is that of nobody's notebook or settings file; given axes keep their caller's."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def own_style(settings: Mapping[Any, Any] | None = None) -> Iterator[None]:
    """Draw as matplotlib does by default, with some settings; without a warning for every letter that no font has."""
    from matplotlib import rcParams, style

    with style.context("default"), warnings.catch_warnings():
        rcParams.update(settings or {})
        warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)
        yield
