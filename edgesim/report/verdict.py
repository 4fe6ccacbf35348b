"""Planners side by side in sentences: who meets the target, who is best, and what that costs in memory."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from edgesim.report.columns import session_columns
from edgesim.report.families import family
from edgesim.report.text import number
from edgesim.result import Comparison, LeftOut, Result
from edgesim.units import show_bytes

_SAME = 1e-9
"""Fidelities that are closer than this differ by rounding only."""


def verdict(comparison: Comparison) -> Text:
    """Say who meets the target, at which fidelity, holding how much between inferences and how much at the peak."""
    meet, left_out = _meeting(comparison), comparison.left_out
    ran = [*(result.planner for result in comparison.results), *(left.planner for left in left_out if not left.needs)]
    over = [*not_run(left_out), *_over_session(comparison.results)]
    if not meet:
        return Text("\n".join([_nobody(ran, _which(comparison)), *over]), "bold red")
    subject = _subject(meet)
    sentences = [_how_many([result.planner for result in meet], ran, _which(comparison)), *_best(meet, subject)]
    if subject is not _top(meet) and subject.metrics.fidelity is not None:
        sentences += _against_resident(subject, meet)
    first, *rest = [*sentences, *over]
    return Text("\n").join([Text(first, "bold"), *map(Text, rest)])


def not_run(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Say which planners were not run because a library is missing, and how to get it."""
    for needs in dict.fromkeys(left.needs for left in left_out if left.needs):
        labels = list(dict.fromkeys(left.planner for left in left_out if left.needs == needs))
        were, they = ("was", "it needs") if len(labels) == 1 else ("were", "they need")
        yield f"{len(labels)} {were} not run, {' and '.join(labels)}: {they} {needs}."


def mentioned(comparison: Comparison) -> list[Result]:
    """Return the results that the verdict is about."""
    meet = _meeting(comparison)
    if not meet:
        return []
    best, subject, own = _top(meet), _subject(meet), _best_of_those_that_keep(meet)
    others = [_lean(subject, meet), _leanest_resident(subject, meet)] if subject is not best else []
    return [best, subject, *filter(None, [own, *others])]


def _meeting(comparison: Comparison) -> list[Result]:
    return [result for result in comparison.results if result.metrics.meets_target]


def _subject(meet: Sequence[Result]) -> Result:
    """Return the planner that a comparison is about: WRX, if it is there, else the best."""
    wrx = (result for result in meet if result.planner.partition("[")[0] == "wrx")
    return next(wrx, _top(meet))


def _top(meet: Sequence[Result]) -> Result:
    """Return the most faithful, of equals one that keeps to the buffers."""
    return max(meet, key=lambda result: (_fidelity(result), keeps_to_buffers(result)))


def _fidelity(result: Result) -> float:
    return result.metrics.fidelity or 0.0


def _which(comparison: Comparison) -> str:
    return " with the first inference" if session_columns(comparison.results) else ""


def _how_many(meet: Sequence[str], every: Sequence[str], which: str) -> str:
    """Count planners, and the bitwidths that they were tried at."""
    met, tried = ({family(label) for label in labels} for labels in (meet, every))
    each = f", {len(meet)} of {len(every)} counting each bitwidth" if len(tried) < len(every) else ""
    subject = f"{len(met)} of {len(tried)} planners meet" if len(tried) > 1 else f"{min(tried)} meets"
    return f"{subject} the target{which}{each}."


def _nobody(every: Sequence[str], which: str) -> str:
    tried = {family(label) for label in every}
    subject = f"None of {len(tried)} planners meets" if len(tried) > 1 else f"{min(tried)} does not meet"
    return f"{subject} the target{which}."


def _over_session(results: Sequence[Result]) -> Iterator[str]:
    """Say who answers most within the target, where there is more than the first inference."""
    if session_columns(results):
        best = max(results, key=lambda result: (result.metrics.target_met_fraction, _fidelity(result)))
        met, every = f"{best.metrics.target_met_fraction:.1%}", best.service.inferences if best.service else 1
        yield f"Over the session {best.planner} answers most within the target: {met} of {every:,}."


def _best(meet: Sequence[Result], subject: Result) -> Iterator[str]:
    """Say who is best within the buffers, what the planner that it is about reaches, and who is best without limits."""
    if all(result.metrics.fidelity is None for result in meet):
        yield f"How good their answers are is unknown. {_holds(subject)}."
        return
    best, own = _top(meet), _best_of_those_that_keep(meet)
    within = " that keeps to the buffers" if own and own is not best else ""
    yield f"The best{within} is {_holds(own or best)}."
    if subject is not best:
        if subject is not own:
            yield f"{_holds(subject)}."
        yield from _against_lean(subject, meet)
    if within:
        yield f"Without the limits of the buffers the best is {_holds(best)}."


def _best_of_those_that_keep(meet: Sequence[Result]) -> Result | None:
    return max(filter(keeps_to_buffers, meet), key=_fidelity, default=None)


def keeps_to_buffers(result: Result) -> bool:
    """Tell whether a plan keeps to the buffers of the scenario, or would have if it had been asked to."""
    given, metrics = result.given, result.metrics
    if given is None or not result.plan.ignores_buffers:
        return not result.plan.ignores_buffers
    room = given.load_buffer_bytes
    return metrics.preload_bytes <= given.preload_bytes and (room is None or metrics.load_buffer_peak_bytes <= room)


def _holds(result: Result) -> str:
    metrics = result.metrics
    held, kept, peak = map(show_bytes, (metrics.held_memory_bytes, metrics.preload_bytes, metrics.peak_memory_bytes))
    return (
        f"{result.planner}: fidelity {number(metrics.fidelity)}, holding {held} between inferences"
        f" ({kept} of it shards) and {peak} at its peak"
    )


def _lean(subject: Result, meet: Sequence[Result]) -> Result | None:
    """Return the best of those that hold no more than a planner."""
    room = subject.metrics.held_memory_bytes
    lean = [other for other in meet if other is not subject and other.metrics.held_memory_bytes <= room]
    return max(lean, key=_fidelity, default=None)


def _against_lean(subject: Result, meet: Sequence[Result]) -> Iterator[str]:
    if best := _lean(subject, meet):
        ahead = _fidelity(subject) - _fidelity(best)
        word = "as much as" if abs(ahead) < _SAME else "less than" if ahead > 0 else "more than"
        if best is _best_of_those_that_keep(meet):  # it was named a sentence ago
            yield f"{best.planner} holds no more than that."
            return
        yield (
            f"Of the others that hold no more, {best.planner} is best: fidelity {_apart(best, subject)}, {word}"
            f" {subject.planner}."
        )


def _apart(one: Result, other: Result) -> str:
    """Write a fidelity; where four digits do not tell it from another one, with as many as do, and beside that one."""
    first, second = _fidelity(one), _fidelity(other)
    if one.metrics.fidelity is None or abs(first - second) < _SAME or f"{first:.4f}" != f"{second:.4f}":
        return number(one.metrics.fidelity)
    digits = next((digits for digits in range(5, 10) if f"{first:.{digits}f}" != f"{second:.{digits}f}"), 10)
    return f"{first:.{digits}f} against {second:.{digits}f}"


def _leanest_resident(subject: Result, meet: Sequence[Result]) -> Result | None:
    """Return the leanest resident model that is as good as a planner."""
    as_good = [other for other in meet if not other.plan.loads and _fidelity(other) >= _fidelity(subject)]
    return min(as_good, key=lambda other: other.metrics.preload_bytes, default=None)


def _against_resident(subject: Result, meet: Sequence[Result]) -> Iterator[str]:
    if (leanest := _leanest_resident(subject, meet)) and subject.metrics.preload_bytes:
        shards = leanest.metrics.preload_bytes / subject.metrics.preload_bytes
        held = leanest.metrics.held_memory_bytes / subject.metrics.held_memory_bytes
        yield (
            f"The leanest resident model as good as {subject.planner}, {leanest.planner}, keeps {shards:.1f} times the"
            f" shards, and {held:.2f} times the memory when what every planner always holds is counted."
        )
