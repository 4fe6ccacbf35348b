"""Colours of the plots as styles of pages, and what each kind of span is, in words."""

from typing import Any, NamedTuple

from edgesim.plot.look import BUFFERS, LOOKS, colour_of_bits

KINDS = {
    "load": "shards are read from storage",
    "restore": "what the model always holds is read again, after the app was killed",
    "blocked": "the loader waits for room in the load buffer",
    "held": "the loader waits until a layer has finished",
    "queued": "it waits for another app, which has the storage or the processor",
    "stall": "the executor waits for shards",
    "handoff": "the shards are there, the executor has not noticed yet",
    "decompress": "shards are decompressed",
    "copy": "32-bit shards are copied to where the layer is computed",
    "compute": "a layer is computed",
    "read": "another process reads",
    "write": "another process writes",
    "gc": "the flash collects garbage, and begins no request",
    "launched": "another app is launched",
    "refused": "another app is launched, and there is no memory for it",
    "closed": "another app ends",
    "evicted": "an app is killed to free memory",
    "overcommitted": "an app takes more memory than there is",
}
"""What each kind of span is; those of clocks, ``step1`` and so on, are `SLOW`."""
SLOW = "the processor's clock is slower"
NAMES = {"held": "held back", "handoff": "hand-off", "gc": "flash pause", "read": "other read", "write": "other write"}
_COPY = {"fill": "#007a59", "edge": "#ffffff"}
_REPLY = {"fill": "#2072b1", "edge": "#ffffff"}
_MOMENT = {"fill": "#c8102e", "edge": "#c8102e"}
_SURFACE = {"white", "none"}
_LINES = {"/": "rise", "\\": "fall", ".": "dots", "x": "cross"}


class Look(NamedTuple):
    """How something is drawn: its fill ("" for that of the page), its edge, its hatch if it has one, and in words."""

    name: str
    fill: str
    edge: str
    hatch: str
    about: str


def look_of_bits(bits: int) -> Look:
    """Return the look of a read of shards at a bitwidth."""
    return Look(f"load, {bits}-bit", colour_of_bits(bits), "", "", KINDS["load"])


def look_of(kind: str) -> Look:
    """Return the look of a kind of span; that of a load is of one whose bitwidths are not known."""
    if kind.startswith("step"):
        return Look("slow clock", _text(LOOKS["slow clock"]["facecolor"]), "", "", SLOW)
    drawn = {"copy": _COPY, "load": _REPLY}.get(kind) or _colours(LOOKS.get(kind)) or _MOMENT
    hatch = _LINES.get(str(LOOKS.get(kind, {}).get("hatch", " "))[0], "")
    return Look(NAMES.get(kind, kind), drawn["fill"], drawn["edge"], hatch, KINDS.get(kind, kind))


def _colours(look: dict[str, Any] | None) -> dict[str, str] | None:
    if look is None:
        return None
    return {"fill": _text(look["facecolor"]), "edge": str(look.get("edgecolor", ""))}


def _text(colour: object) -> str:
    return "" if colour in _SURFACE else str(colour)


BUFFER_LOOKS = [
    {"name": name, "fill": colour, "about": about}
    for (name, colour), about in zip(
        BUFFERS.items(),
        ("compressed shards kept between inferences", "read, not executed yet", "decompressed weights and activations"),
        strict=True,
    )
]
"""How the buffers are drawn, from the bottom to the top."""
