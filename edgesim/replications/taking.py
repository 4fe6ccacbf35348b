"""Replications in their order, on several cores, until there are enough."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import cast

from edgesim.errors import InputError, PluginError, choose
from edgesim.preparation import Prepared
from edgesim.replications.chance import is_random
from edgesim.replications.figures import Sample
from edgesim.replications.findings import Stopped
from edgesim.replications.samples import Sampler
from edgesim.replications.stopping import Precision, Rule
from edgesim.workers import Lost, each

Say = Callable[[str, int, int], None]
Row = list[Sample]
"""What came of every planner in one replication."""


def taken(
    planners: Sequence[Prepared], rule: Rule, workers: int | None, say: Say | None
) -> tuple[list[Row], Stopped]:  # fmt: skip
    """Take as many replications as a rule wants; which these are does not depend on the number of workers.

    Raises
    ------
    InputError
        If the figure of the rule does not exist or is unknown.
    PluginError
        If a replication ends its process.
    """
    sampler = Sampler(planners)
    rows = [sampler(0)]
    _check(rule.figure, rows[0])
    if not is_random(planners[0].scenario):
        return rows, Stopped("nothing random", rule.most, rule.figure, rule.precision)
    reached = [Precision() for _ in planners]
    _add(reached, rows[0], rule.figure)
    for row in _further(sampler, rule.most, workers, say):
        rows.append(row)
        _add(reached, row, rule.figure)
        if rule.precision is not None and all(one.is_precise(rule.precision) for one in reached):
            break
    return rows, _stopped(reached, rule)


def _further(sampler: Sampler, most: int, workers: int | None, say: Say | None) -> Iterator[Row]:
    def told(done: int, every: int) -> None:
        if say:
            say("replications", done + 1, every + 1)

    # closed as soon as there are enough, which ends the workers
    found = cast("Generator[tuple[int, Row | Lost]]", each(sampler, range(1, most), workers, progress=told))
    with closing(found):
        for index, row in found:
            if isinstance(row, Lost):
                raise PluginError(f"replication {index + 1}: ended its process, {row.reason}")
            yield row


def _check(figure: str, row: Row) -> None:
    known = {name: [one.figures.get(name) for one in row] for name in row[0].figures}
    if figure not in known:
        raise InputError(f"of: there is no figure '{figure}' in this scenario; {choose(figure, known)}")
    if None in known[figure]:
        raise InputError(f"of: {figure} is unknown in this scenario; {choose(figure, _all_known(known))}")


def _all_known(known: dict[str, list[float | None]]) -> list[str]:
    return [name for name, values in known.items() if None not in values]


def _add(reached: Sequence[Precision], row: Row, figure: str) -> None:
    for one, sample in zip(reached, row, strict=True):
        value = sample.figures[figure]
        if value is None:
            raise InputError(f"of: {figure} is unknown in replication {one.number}; choose another figure")
        one.add(value)


def _stopped(reached: Sequence[Precision], rule: Rule) -> Stopped:
    shares = [one.relative_half_width for one in reached]
    widest = None if None in shares else max(share for share in shares if share is not None)
    if rule.precision is None:
        return Stopped("all", rule.most, rule.figure, None, widest)
    reason = "precise" if all(one.is_precise(rule.precision) for one in reached) else "not precise"
    return Stopped(reason, rule.most, rule.figure, rule.precision, widest)
