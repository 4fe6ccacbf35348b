"""What the parts of a scenario must not contradict one another in."""

from collections.abc import Collection, Iterator, Sequence

from edgesim.conditions import Computing, Conditions, condition_mistakes
from edgesim.device import Device
from edgesim.document import Where
from edgesim.session import Change, Trim


def change_mistakes(schedule: Sequence[Change], trim: Trim | None, replan: bool) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with what changes during a session.

    Parameters
    ----------
    schedule
        Changes of target and preload buffer.
    trim
        The smaller preload buffer that is kept while memory is short.
    replan
        Whether there is a plan for each of them.
    """
    before = 0
    for number, change in enumerate(schedule):
        if change.at <= before:
            yield ("schedule", number, "at"), f"must be later than {before} ns, got {change.at} ns"
        before = max(before, change.at)
        if change.preload_buffer is not None and not replan:
            yield ("schedule", number, "preload_buffer"), "needs a plan of its own; write 'replan: true'"
    if trim is not None and not replan:
        yield ("trim",), "needs a plan of its own; write 'replan: true'"


def session_mistakes(
    conditions: Conditions, device: Device, apps: Collection[Computing], trim: Trim | None
) -> Iterator[tuple[Where, str]]:
    """Yield why a session cannot be disturbed as a scenario says; see `edgesim.conditions.condition_mistakes`."""
    yield from ((("conditions", *where), message) for where, message in condition_mistakes(conditions, device, apps))
    if trim is not None and conditions.memory is None:
        yield ("trim",), "needs 'conditions: {memory: ...}', or memory would never be short"
