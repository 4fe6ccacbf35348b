"""Sizes that are the same each time, without limit, or left to chance: how files write them."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidatorFunctionWrapHandler, WithJsonSchema, WrapValidator

from edgesim.drawn import Drawn
from edgesim.units import SIZE_SCHEMA, Bytes, show_bytes

Size = Annotated[Bytes, Field(gt=0)]
"""A size of a byte or more."""


def _room(value: object, parse: ValidatorFunctionWrapHandler) -> object:
    if value is None:
        raise ValueError("is empty; write a size such as '4 MB', or 'unlimited'")
    if isinstance(value, str) and value.isalpha() and value != "unlimited":
        raise ValueError(f"must be a size such as '4 MB', or 'unlimited', got '{value[:60]}'")
    return None if value == "unlimited" else parse(value)


_ROOM = {"anyOf": [SIZE_SCHEMA | {"examples": ["4 MB"]}, {"const": "unlimited"}]}
Room = Annotated[Bytes | None, WrapValidator(_room), WithJsonSchema(_ROOM)]
"""A size, in a file also ``unlimited``, which is None."""


def _rising(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError(f"must be from the least to the most, got {show_bytes(ends[0])} and {show_bytes(ends[1])}")
    return ends


class Amount(Drawn):
    """A size: always the same, or drawn; in a file ``300 MB``, or ``{uniform: [100 MB, 600 MB]}``."""

    what = "a size"
    examples = "'300 MB' or {uniform: [100 MB, 600 MB]}"
    constant: Size | None = None
    """Always this size."""
    uniform: Annotated[tuple[Size, Size], AfterValidator(_rising)] | None = None
    """Any size from the least to the most, each as likely."""

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the most [B]."""
        return self.uniform or (self.constant or 0, self.constant or 0)
