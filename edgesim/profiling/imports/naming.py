"""Which layer a node or range belongs to, by its name."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from edgesim.errors import InputError
from edgesim.files.text import one_line

USUAL = (
    re.compile(r"(?:layers?|blocks?|(?<![A-Za-z0-9_])h(?=[._/]))[._/]{0,3}([0-9]{1,4})(?![0-9A-Za-z])", re.IGNORECASE),
    re.compile(r"(?<![^/.])([0-9]{1,4})(?=[/.])"),
)
"""``layer.3``, ``layer_._3/``, ``layers.3.``, ``BertLayer_3``, ``block3``, ``h.3.``; failing that ``/3/`` or ``.3.``"""

_FUSED = re.compile(r"\s\+\s|\.\.\.|[\[\](){};,|]")
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says about the profiled model.

    Parameters
    ----------
    layers
        How many it has.
    processor
        What computed it.
    pattern
        Expression whose one group is the number of a layer; None for the usual names.
    whole
        Divide the whole time by the layers, since nodes cannot be told by layer.
    """

    layers: int
    processor: str = "cpu"
    pattern: re.Pattern[str] | None = None
    whole: bool = False


def read_pattern(text: str) -> re.Pattern[str]:
    """Read the expression of ``--layer-pattern``.

    Raises
    ------
    InputError
        If it is no regular expression, or has not one group.
    """
    try:
        pattern = re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(f"--layer-pattern: must be a regular expression, got '{text}' ({error})") from error
    if pattern.groups != 1:
        raise InputError(f"--layer-pattern: must have one group, for the layer's number, got {pattern.groups};"
                         r" for example 'stage(\d+)'")  # fmt: skip
    return pattern


@lru_cache(maxsize=2**16)
def numbers_in(name: str, pattern: re.Pattern[str]) -> frozenset[int]:
    """Return the layers that a name mentions: several where nodes of several were fused.

    Raises
    ------
    InputError
        If the pattern's group is no number.
    """
    if pattern not in USUAL:
        return frozenset(_number(found) for found in pattern.findall(name))
    paths = _FUSED.split(name)  # within one path only the outermost number is the layer's
    return frozenset(int(match[1]) for path in paths if (match := pattern.search(path)))


def _number(found: str) -> int:
    if not found.isdecimal() or len(found) > 9:
        raise InputError(f"--layer-pattern: its group must match a whole number, got '{one_line(found)[:40]}'")
    return int(found)


def fitting(asked: Asked, names: Collection[str], shown: str) -> re.Pattern[str]:
    """Return the pattern that finds as many layers in the names as the model has.

    Raises
    ------
    InputError
        If there is none, or names are of an encoder and of a decoder.
    """
    patterns = (asked.pattern,) if asked.pattern else USUAL
    found = {pattern: set[int]().union(*(numbers_in(name, pattern) for name in names)) for pattern in patterns}
    for pattern, numbers in found.items():
        if len(numbers) == asked.layers:
            _one_stack(asked, names, pattern, shown)
            return pattern
    most = max((sorted(numbers) for numbers in found.values()), key=len)
    listed = f"{len(most)} ({', '.join(map(str, most[:_MOST_SHOWN]))}{', ...' if len(most) > _MOST_SHOWN else ''})"
    raise InputError(f"{shown}: must name {asked.layers} layers, got {listed if most else 'none'}; correct"
                     " --layers, say with --layer-pattern how they are named, or give --whole")  # fmt: skip


def _one_stack(asked: Asked, names: Collection[str], pattern: re.Pattern[str], shown: str) -> None:
    """Refuse to add layer 3 of an encoder to layer 3 of a decoder."""
    named = [name.lower() for name in names if numbers_in(name, pattern)]
    if asked.pattern is None and all(any(stack in name for name in named) for stack in ("encoder", "decoder")):
        raise InputError(f"{shown}: names layers of an encoder and of a decoder; choose with --layer-pattern, for"
                         r" example 'encoder\.layers?\.(\d+)'")  # fmt: skip
