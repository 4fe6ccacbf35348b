"""The paper's planner: elastic pipelining with importance-guided bitwidths and a small preload buffer.

Source: L. Guo, W. Choe, F. X. Lin, "Efficient NLP Inference at the Edge via Elastic Pipelining", arXiv 2207.05022 (WRX,
later published as STI). `variant: as_published` follows the planner that its authors released.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import FULL, Model
from edgesim.planners.draft import Draft
from edgesim.planners.frame import Frame, Granularity, frames
from edgesim.planners.published import as_published
from edgesim.plans import Plan
from edgesim.scenario import Budget
from edgesim.units import show_ns


def wrx(  # noqa: PLR0913  (the four options are keyword-only, so that a YAML file can name them)
    model: Model,
    device: Device,
    budget: Budget,
    *,
    variant: Literal["as_described", "as_published"] = "as_described",
    granularity: Granularity = "layer",
    use_slack: bool = True,
    upgrade_to: int = FULL,
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
        Highest bitwidth used.

    Raises
    ------
    InfeasibleError
        If no submodel can be computed in time, or none can be read in time even at the lowest bitwidth.
    InputError
        If an option has no meaning for this model.
    """
    if min(model.bitwidths) > upgrade_to:
        raise InputError(f"upgrade_to: the lowest bitwidth of {model.name} is {min(model.bitwidths)}, got {upgrade_to}")
    bitwidths = [bits for bits in model.bitwidths if bits <= upgrade_to]
    candidates = frames(model, device, budget, granularity, use_slack)
    if variant == "as_published":
        return as_published(next(candidates), device, budget, bitwidths)
    return _as_described(candidates, budget, bitwidths)


def _as_described(candidates: Iterator[Frame], budget: Budget, bitwidths: Sequence[int]) -> Plan:
    """Take the first submodel that can be read in time, and raise what its IO budget can pay."""
    shortage = ""
    for frame in candidates:
        draft = _fill(frame, bitwidths, budget.preload_bytes)
        if isinstance(draft, Draft):
            return draft.plan(budget.preload_bytes, list(_raise_by_importance(draft, bitwidths)))
        shortage = draft
    raise InfeasibleError(shortage)


def _fill(frame: Frame, bitwidths: Sequence[int], preload_bytes: int) -> Draft | str:
    """Pass 1: the highest uniform bitwidth that stays valid, or what is short at the lowest."""
    n_shards = len(frame.load_of)
    for bits in reversed(bitwidths):
        draft = Draft(frame, [bits] * n_shards, min(n_shards, preload_bytes // frame.size[bits]))
        if draft.holds():
            return draft
    n, m, least = len(frame.layers), len(frame.slices[0]), draft.least[0]
    if least < 0:
        k = min(range(n), key=draft.budgets().__getitem__)
        return (f"even {n} x {m} shards at {bits} bits cannot be read in time: the IO budget of layer {frame.layers[k]}"
                f" is short by {show_ns(-least)}")  # fmt: skip
    return f"even {n} x {m} shards at {bits} bits {draft.obstacle()}"


def _raise_by_importance(draft: Draft, bitwidths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Raise shards by falling importance, to compressed bitwidths first (pass 2), then to 32 (pass 3)."""
    order, falling = draft.by_importance(), sorted(bitwidths, reverse=True)
    for choices in ([bits for bits in falling if bits != FULL], [bits for bits in falling if bits == FULL]):
        for shard in order:
            before = draft.bits[shard]
            for higher in choices:
                if higher <= before:
                    break
                if draft.raise_to(shard, higher):
                    yield shard, before, higher
                    break
