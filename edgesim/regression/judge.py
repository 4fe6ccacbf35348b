"""What a plan promises, by the recurrence: the figures that a simulation would measure, in a tenth of the time."""

from hashlib import blake2b

from edgesim.errors import IllegalPlanError
from edgesim.experiment import simulate
from edgesim.memory import kept_bytes, memory_steps, working_bytes
from edgesim.metrics import measure
from edgesim.plans import Plan
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.recurrence import Schedule, schedule
from edgesim.regression.classify import Failure, Figures, Outcome
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, LOADER, Span
from edgesim.work import Work, price

_HEX = 5
"""Digits of each part of a digest: another plan has the same four parts once in 2**80 times."""


def judged(plan: Plan, scenario: Scenario, *, simulated: bool = False) -> Outcome:
    """Return the figures of the first inference of a plan that starts warm.

    Parameters
    ----------
    plan
        What a planner returned; one that breaks a rule is a failure.
    scenario
        What it was made for.
    simulated
        Simulate the plan, too.

    Raises
    ------
    RuntimeError
        If the simulation measures anything else: that is a mistake of edgesim.
    """
    try:
        check(plan, scenario)
    except IllegalPlanError as error:
        return Failure("error", str(error))
    except Exception as error:  # a stranger's plan may hold anything
        return Failure(
            "error", f"its plan is not of the form that edgesim.Plan describes, {type(error).__name__}: {error}"
        )
    found = _figures(plan, scenario)
    if simulated:
        _compare_with_simulation(found, plan, scenario)
    return found


def digest(plan: Plan) -> str:
    """Return a short text for each part of a plan (`edgesim.regression.classify.PARTS`), joined by hyphens.

    How a plan was found, its budgets and upgrades, makes no difference.
    """
    loads = [(load.shards, load.bytes, load.extents, load.after) for load in plan.loads]
    parts = (
        (plan.layers, plan.shards),
        plan.bitwidths,
        (plan.preload, plan.retain, plan.ignores_buffers),
        (loads, plan.lanes),
    )
    return "-".join(blake2b(repr(part).encode()).hexdigest()[:_HEX] for part in parts)


def _figures(plan: Plan, scenario: Scenario) -> Figures:
    model, device = scenario.model, scenario.device
    work = price(plan, model, device, scenario.processor, plan.preload)
    times = schedule(work, None if plan.ignores_buffers else scenario.load_buffer_bytes)
    held, kept = (kept_bytes(plan, model, shards) for shards in (plan.preload, plan.retain))
    working = working_bytes(plan, model, device, scenario.processor)
    steps = memory_steps(_spans(plan, work, times), work, working, held)
    resident = sum(model.resident_bytes.values.values())
    peak = resident + max(held, kept, *(sum(buffers) for _, *buffers in steps))
    latency = times.finish_ns[-1]
    return Figures(
        plan=digest(plan),
        latency_ns=latency,
        meets_target=latency <= scenario.target_latency_ns,
        fits_memory=device.memory is None or peak <= device.memory.capacity,
        fidelity=fidelity(plan, model),
        accuracy=predicted_accuracy(plan, model)[0],
        preload_bytes=max(held, kept),
        held_memory_bytes=resident + max(held, kept),
        peak_memory_bytes=peak,
    )


def _spans(plan: Plan, work: Work, times: Schedule) -> list[Span]:
    """Return as much of the timeline as memory depends on: each read, and each layer from its decompression on."""
    reads = zip(work.loads, times.issued_ns, times.done_ns, strict=True)
    loads = [Span(0, "", LOADER, "load", load.shards[0][0], begin, end, load.bytes) for load, begin, end in reads]
    rows = zip(plan.layers, _opened_ns(work, times), times.finish_ns, strict=True)
    return loads + [Span(0, "", EXECUTOR, "compute", layer, begin, end, 0) for layer, begin, end in rows]


def _opened_ns(work: Work, times: Schedule) -> list[int]:
    """Return when each layer needs its working buffer [ns], (n,): one layer ahead where decompression has its lane."""
    if not work.overlap:
        return list(times.start_ns)
    arrival = [0] * len(times.start_ns)
    for served, done in zip(work.load_layers, times.done_ns, strict=True):
        for layer in served:
            arrival[layer] = max(arrival[layer], done)
    before = [0, *times.start_ns]
    rows = zip(arrival, before, times.start_ns, work.decompress_ns, strict=False)
    return [max(there, earlier) if unpack else start for there, earlier, start, unpack in rows]


def _compare_with_simulation(found: Figures, plan: Plan, scenario: Scenario) -> None:
    metrics = measure([simulate(plan, scenario)], plan, scenario)
    names = [name for name in Figures.__slots__ if hasattr(metrics, name)]
    differ = [
        f"{name} is {getattr(metrics, name)}, and {getattr(found, name)} by the recurrence"
        for name in names
        if getattr(metrics, name) != getattr(found, name)
    ]
    if differ:
        raise RuntimeError(f"the simulation of a plan differs: {'; '.join(differ)}")
