"""The paper's planner: elastic pipelining with importance-guided bitwidths and a small preload buffer.

Source: L. Guo, W. Choe, F. X. Lin, "Efficient NLP Inference at the Edge via Elastic Pipelining", arXiv 2207.05022 (WRX,
later published as STI). `variant: as_published` follows the planner that its authors released.

`edgesim.planners.many` plans many cases at once with the same outcome; what changes here changes there, and tests
compare both.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Literal

from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import FULL, Model
from edgesim.planners.draft import Draft
from edgesim.planners.frame import Frame, Granularity, frames
from edgesim.planners.published import as_published
from edgesim.planners.refusals import unpaid, unread
from edgesim.plans import Plan
from edgesim.scenario import Budget

Ranking = Literal["measured", "random", "bottom_first"]


def wrx(  # noqa: PLR0913  (the options are keyword-only, so that a YAML file can name them)
    model: Model,
    device: Device,
    budget: Budget,
    *,
    variant: Literal["as_described", "as_published"] = "as_described",
    granularity: Granularity = "layer",
    use_slack: bool = True,
    upgrade_to: int = FULL,
    importance: Ranking = "measured",
    preload: bool = True,
    preload_bitwidth: int | None = None,
    upgrade: bool = True,
    seed: int = 0,
) -> Plan:
    """Choose the largest submodel that can be computed in time, then the bitwidths that its IO budget can pay.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    variant
        `as_described` keeps every budget; `as_published` does as the released planner (`edgesim.planners.published`).
    granularity
        What one read request brings: a ``layer``, a ``shard``, or ``{group: k}`` layers.
    use_slack
        Lend the part of the target that computing leaves over to the first layer's IO budget.
    upgrade_to
        Highest bitwidth used, one of the model's; 32 stands for any.
    importance
        Which shards are raised first: as ``measured``, or, to see what that is worth, ``random`` or ``bottom_first``.
    preload
        Use the preload buffer; false shows what it is worth.
    preload_bitwidth
        Bits per weight of preloaded shards: they are the first that fit with so many; None is the uniform bitwidth.
    upgrade
        Raise shards; false leaves the highest uniform bitwidth.
    seed
        Draws the random order.

    Raises
    ------
    InfeasibleError
        If no submodel can be computed in time, or none can be read in time even at the lowest bitwidth.
    InputError
        If an option has no meaning for this model.
    """
    bitwidths = usable_bitwidths(model, upgrade_to, preload_bitwidth)
    room = budget if preload else budget._replace(preload_bytes=0)
    candidates = frames(model, device, room, granularity, use_slack)
    if variant == "as_published":
        if (importance, upgrade, preload_bitwidth) != ("measured", True, None):
            raise InputError("variant: as_published has its own preload set and order; leave out what changes them")
        return as_published(next(candidates), device, room, bitwidths)
    draft = _filled(candidates, room, bitwidths, preload_bitwidth)
    order = _order(draft, importance, seed) if upgrade else ()
    return draft.plan(list(_raise(draft, order, bitwidths)), retained=draft.held)


def usable_bitwidths(model: Model, upgrade_to: int, preload_bitwidth: int | None) -> list[int]:
    """Return the bitwidths up to the highest one used.

    Raises
    ------
    InputError
        If the model is not stored at the highest one, or that of preloaded shards is not among them.
    """
    if upgrade_to not in (FULL, *model.bitwidths):
        known = ", ".join(map(str, model.bitwidths))
        raise InputError(f"upgrade_to: {model.name} is not stored at {upgrade_to} bits; known: {known}")
    bitwidths: list[int] = [bits for bits in model.bitwidths if bits <= upgrade_to]
    if preload_bitwidth not in (None, *bitwidths):
        known = ", ".join(map(str, bitwidths))
        raise InputError(f"preload_bitwidth: must be one of {known} bits, got {preload_bitwidth}")
    return bitwidths


def _filled(
    candidates: Iterator[Frame], budget: Budget, bitwidths: Sequence[int], preload_bitwidth: int | None
) -> Draft:
    """Return the first submodel that can be read in time."""
    for frame in candidates:
        draft = _fill(frame, bitwidths, budget.preload_bytes, preload_bitwidth)
        if isinstance(draft, Draft):
            return draft
        shortage = draft
    raise shortage


def _order(draft: Draft, importance: Ranking, seed: int) -> Sequence[int]:
    """Return the shards in the order in which they are raised."""
    if importance == "measured":
        return draft.by_importance()
    order = list(range(draft.held, len(draft.bits)))
    if importance == "random":
        Random(seed).shuffle(order)
    return order


def _fill(
    frame: Frame, bitwidths: Sequence[int], preload_bytes: int, preload_bitwidth: int | None
) -> Draft | InfeasibleError:
    """Pass 1: the highest uniform bitwidth that stays valid, or what is short at the lowest."""
    n_shards = len(frame.names)
    for bits in reversed(bitwidths):
        kept = preload_bitwidth or bits
        held = frame.prices.fitting([kept] * n_shards, preload_bytes)
        draft = Draft(frame, [kept] * held + [bits] * (n_shards - held), held)
        if draft.holds():
            return draft
    n, m, least = len(frame.layers), len(frame.slices[0]), draft.least[0]
    if draft.pipeline is None or least < 0:
        k = min(range(n), key=draft.budgets().__getitem__)
        return unread(n, m, bits, unpaid(frame.layers[k], -least))
    return unread(n, m, bits, draft.pipeline.obstacle())


def _raise(draft: Draft, order: Sequence[int], bitwidths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Raise shards one by one, to compressed bitwidths first (pass 2), then to 32 (pass 3)."""
    falling = sorted(bitwidths, reverse=True)
    for choices in ([bits for bits in falling if bits != FULL], [bits for bits in falling if bits == FULL]):
        for shard in order:
            before = draft.bits[shard]
            for higher in choices:
                if higher <= before:
                    break
                if draft.raise_to(shard, higher):
                    yield shard, before, higher
                    break
