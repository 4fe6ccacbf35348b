"""Which work the inferences of a session do: it depends on what each finds in the preload buffer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from edgesim.cost import load_ns, wakes_ns
from edgesim.device import Device, Storage
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.roofline import token_device
from edgesim.scenario import Scenario
from edgesim.session import Plans, Session
from edgesim.timeline import Request, Span, Timeline
from edgesim.work import NEVER, Work, price


def plans_of(plan: Plan, session: Session) -> tuple[Plan, ...]:
    """Return all plans of an app in the order that `Request.plan` counts them."""
    return (plan,) if session.plans is None else session.plans.plans + session.plans.trimmed


def in_force(plans: Plans | None, now_ns: int, free_bytes: int | None) -> int:
    """Return which plan applies at a moment, as `Request.plan` counts them.

    Parameters
    ----------
    plans
        The plans to look up; None where there is one only.
    now_ns
        The moment [ns].
    free_bytes
        Free memory of the device [B]; None where it is not looked at.
    """
    if plans is None:
        return 0
    found = sum(since <= now_ns for since in plans.from_ns) - 1
    trimmed = plans.trimmed and free_bytes is not None and free_bytes < plans.trim_below_bytes
    return found + len(plans.plans) if trimmed else found


class Works:
    """The works of one app's inferences, each priced once.

    Parameters
    ----------
    plans
        The app's plans, in the order that `Request.plan` counts them.
    model, device, processor
        What they execute, on what.
    """

    def __init__(self, plans: Sequence[Plan], model: Model, device: Device, processor: str) -> None:
        self.plans, self.model, self.device, self.processor = plans, model, device, processor
        self._known: dict[tuple[int, tuple[Shard, ...], bool], Work] = {}

    def of(self, plan: int, resident: tuple[Shard, ...], restarted: bool = False) -> Work:
        """Return what an inference of some plan does that finds some shards in the preload buffer.

        See `restored` for one of an app that had been killed.
        """
        key = plan, resident, restarted
        if key not in self._known:
            priced = price(self.plans[plan], self.model, self.device, self.processor, resident)
            self._known[key] = restored(priced, self.model, self.device.storage) if restarted else priced
        return self._known[key]

    def done_by(self, request: Request, start: str) -> Work:
        """Return what an inference did."""
        return self.of(request.plan, self.found(request, start), request.restarted)

    def found(self, request: Request, start: str) -> tuple[Shard, ...]:
        """Return what an inference found; where the backend does not tell, as in an undisturbed session."""
        if request.resident is not None:
            return request.resident
        plan = self.plans[request.plan]
        return plan.retain if request.number else plan.preload if start == "warm" else ()


def restored(work: Work, model: Model, storage: Storage) -> Work:
    """Return the work of an app that had been killed: it first reads what the model always holds, as one extent.

    Storage that had rested is woken by that read, and no longer by the first load.
    """
    n_bytes = sum(model.resident_bytes.values.values())
    if not n_bytes:
        return work
    load, wake = Load((), n_bytes, (n_bytes,)), wakes_ns(storage)
    times = (wake + load_ns(load.extents, storage, depth) for depth in range(1, len(work.load_ns) + 1))
    awake = [tuple(time - wake * (index == 0) for index, time in enumerate(row)) for row in work.load_ns]
    return replace(
        work,
        loads=(load, *work.loads),
        load_ns=tuple((time, *row) for time, row in zip(times, awake, strict=True)),
        buffer_bytes=(0, *work.buffer_bytes),
        load_layers=((0,), *work.load_layers),
        after=(NEVER, *work.after),
    )


def reads_of(timeline: Timeline, plans: Sequence[Plan], scenario: Scenario) -> Iterator[tuple[Span, Load]]:
    """Yield every load span of one app's session with what it read: loads are issued in the order of the work.

    Parameters
    ----------
    timeline
        What happened, with a request for every inference.
    plans
        The app's plans, as `Request.plan` counts them.
    scenario
        What it was executed for.
    """
    works, start = works_of(plans, scenario), scenario.session.start
    requests = {request.number: request for request in timeline.requests}
    issued: dict[int, Iterator[Load]] = {}
    for span in timeline.spans:
        if span.kind == "load":
            if span.request not in issued:
                loads = works.done_by(requests[span.request], start).loads
                issued[span.request] = iter([load for load in loads if load.shards])
            yield span, next(issued[span.request])


def works_of(plans: Sequence[Plan], scenario: Scenario) -> Works:
    """Return the works of a scenario's own app; those of a reply's passes as its last token takes them."""
    device, generation = scenario.device, scenario.generation
    if generation is not None:
        device = token_device(device, scenario.processor, scenario.model, generation)
    return Works(plans, scenario.model, device, scenario.processor)
