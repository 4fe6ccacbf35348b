"""WRX as its authors' released planner does it, budget breach included, so that both can be compared."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from edgesim.device import Device
from edgesim.errors import InfeasibleError
from edgesim.model import FULL
from edgesim.planners.draft import Draft
from edgesim.planners.frame import Frame
from edgesim.plans import Plan
from edgesim.rules import waits_for_itself
from edgesim.scenario import Budget
from edgesim.work import price


def as_published(frame: Frame, device: Device, budget: Budget, bitwidths: Sequence[int]) -> Plan:
    """Plan as the released planner does.

    Layer 0 is preloaded at the highest compressed bitwidth, as far as it fits; the rest is filled at the lowest, come
    what may; shards are raised by importance until a budget is found broken, that raise included; then to 32 bits what
    still fits. There is no slack.

    Parameters
    ----------
    frame
        The submodel that WRX's first stage chose.
    device, budget
        For what, with what.
    bitwidths
        Those that may be used, rising.

    Raises
    ------
    InfeasibleError
        If the plan would wait for itself in the load buffer.
    """
    frame = replace(frame, slack_ns=0, sure=True)
    high = max((bits for bits in bitwidths if bits != FULL), default=FULL)
    held = frame.prices.fitting([high] * len(frame.slices[0]), budget.preload_bytes)
    draft = Draft(frame, [high] * held + [bitwidths[0]] * (len(frame.names) - held), held)
    order = draft.by_importance()
    upgrades = [*_raise_until_broken(draft, order, high), *_raise_to_full(draft, order if FULL in bitwidths else ())]
    plan = draft.plan(upgrades, retained=frame.prices.fitting(draft.bits, budget.preload_bytes))
    work = price(plan, frame.model, device, budget.processor, plan.preload)
    for never in waits_for_itself(work, budget.load_buffer_bytes):
        raise InfeasibleError(never)
    return plan


def _raise_until_broken(draft: Draft, order: Sequence[int], high: int) -> Iterator[tuple[int, int, int]]:
    for shard in order:
        before = draft.bits[shard]
        if before < high:
            draft.commit(shard, high)
            yield shard, before, high
        if draft.least[0] < 0:
            return


def _raise_to_full(draft: Draft, order: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    for shard in order:
        before = draft.bits[shard]
        if before < FULL and draft.raise_to(shard, FULL):
            yield shard, before, FULL
