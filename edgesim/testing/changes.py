"""What has changed from one golden file to the next, in sentences: metrics, bitwidths, what is kept and read."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from edgesim.device import Device
from edgesim.grid import Tolerance
from edgesim.regression.classify import Figures, classify
from edgesim.units import show_bytes

Golden = Mapping[str, Any]
_TOLD_APART = ("layers", "shards", "bitwidths", "preload", "loads")
_NEARLY = 1e-9
"""By which share a float may differ: that much it does from one machine to another."""


def changes(old: Golden, new: Golden, device: Device) -> list[str]:
    """Return a line for each thing that is not as it was recorded; none if all is.

    Parameters
    ----------
    old, new
        What was recorded, and what was found.
    device
        What it was found for; it tells what fits its memory.
    """
    if "no_plan" in old or "no_plan" in new:
        return _feasibility(old.get("no_plan"), new.get("no_plan"))
    lines = [*_metrics(old["metrics"], new["metrics"]), *_plan(old["plan"], new["plan"])]
    if not lines:
        return []
    category, reasons, _ = classify(_figures(old, new, device), _figures(new, new, device), Tolerance())
    return [f"{category} ({', '.join(reasons)})", *lines, *_inputs(old["inputs"], new["inputs"])]


def _feasibility(old: str | None, new: str | None) -> list[str]:
    if new is None:
        return [f"fixed: there is a plan now; when it was recorded, {old}"]
    return [] if old is not None else [f"regression: there was a plan; now {new}"]


def _figures(golden: Golden, full: Golden, device: Device) -> Figures:
    """Return what a change is judged by; a metric that was not known when it was recorded has not changed."""
    metrics = full["metrics"] | golden["metrics"]
    names = [name for name in Figures.__slots__ if name in metrics]
    fits = device.memory is None or metrics["peak_memory_bytes"] <= device.memory.capacity
    return Figures(plan=str(golden["plan"]), fits_memory=fits, **{name: metrics[name] for name in names})


def _metrics(old: Golden, new: Golden) -> Iterator[str]:
    for name, before in old.items():
        after = new.get(name)
        if not _same(before, after):
            yield f"{name}: from {_shown(before)} to {_shown(after)}{_change(before, after)}"


def _same(before: object, after: object) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=_NEARLY)
    return before == after


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "unknown" if value is None else str(value)


def _change(before: object, after: object) -> str:
    numbers = [value for value in (before, after) if isinstance(value, int | float) and not isinstance(value, bool)]
    return f" ({after / before - 1:+.2%})" if len(numbers) == 2 and before else ""  # type: ignore[operator]


def _plan(old: Golden, new: Golden) -> Iterator[str]:
    yield from _bits(_bits_of(old), _bits_of(new))
    before, after = ([tuple(shard) for shard in plan["preload"]] for plan in (old, new))
    if gone := [shard for shard in before if shard not in after]:
        yield f"preloaded no more: {_named(gone)}"
    if more := [shard for shard in after if shard not in before]:
        yield f"preloaded now: {_named(more)}"
    if old["loads"] != new["loads"]:
        yield _loads(old["loads"], new["loads"])
    for name in old:
        if name not in _TOLD_APART and old[name] != new.get(name):
            yield f"{name}: from {_cut(old[name])} to {_cut(new.get(name))}"


def _bits_of(plan: Golden) -> dict[int, dict[int, int]]:
    rows = zip(plan["layers"], plan["shards"], plan["bitwidths"], strict=True)
    return {layer: dict(zip(shards, bits, strict=True)) for layer, shards, bits in rows}


def _bits(old: dict[int, dict[int, int]], new: dict[int, dict[int, int]]) -> Iterator[str]:
    for layer in sorted({*old, *new}):
        if layer not in new:
            yield f"layer {layer}: executed no more"
            continue
        before, after = old.get(layer, {}), new[layer]
        moves: dict[tuple[int | None, int | None], list[int]] = {}
        for shard in sorted({*before, *after}):
            moves.setdefault((before.get(shard), after.get(shard)), []).append(shard)
        told = [_move(shards, *move) for move, shards in moves.items() if move[0] != move[1]]
        if told:
            yield f"layer {layer}: {'; '.join(told)}"


def _move(shards: list[int], before: int | None, after: int | None) -> str:
    named = f"shard{'s' if len(shards) > 1 else ''} {', '.join(map(str, shards))}"
    if before is None:
        return f"{named} executed now, at {after} bits"
    return f"{named} executed no more" if after is None else f"{named} from {before} to {after} bits"


def _named(shards: list[tuple[int, ...]]) -> str:
    return f"shards {', '.join(map(str, shards))}"


def _loads(old: list[Golden], new: list[Golden]) -> str:
    before, after = ((len(loads), sum(load["bytes"] for load in loads)) for loads in (old, new))
    if before == after:
        return "loads: as many requests of as many bytes, in other order or pieces"
    return "loads: " + " to ".join(f"{count} of {show_bytes(total)}" for count, total in (before, after))


def _cut(value: object, most: int = 80) -> str:
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}..."


def _inputs(old: Golden, new: Golden) -> Iterator[str]:
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if names:
        yield f"what it rests on has changed too: {', '.join(names)}"
