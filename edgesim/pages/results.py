"""The page of results: what was asked, the plan, the timeline, figures, planners, and what it all rests on."""

from collections.abc import Mapping, Sequence

from edgesim.pages.basis import GRADES
from edgesim.pages.looks import BUFFER_LOOKS
from edgesim.pages.packing import packed_result
from edgesim.pages.points import Asked, points_of
from edgesim.pages.rendering import render
from edgesim.pages.summary import summary
from edgesim.report.plans import IO_BUDGET

_POINTS = (("points", "All points"),)
_PARTS = (
    ("answer", "Answer"), ("scenario", "Scenario"), ("plan", "Plan"), ("timeline", "Timeline"), ("metrics", "Metrics"),
    ("planners", "Planners"), ("basis", "What it rests on"), ("reproduce", "How to reproduce"),
)  # fmt: skip


def results_page(asked: Sequence[Asked], commands: Mapping[str, str]) -> bytes:
    """Return the page of some scenarios' results; see `edgesim.pages.save_results`."""
    points = points_of(asked)
    names = list(dict.fromkeys(point.scenario.name for point in points))
    title = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    several = len(points) > 1
    return render(
        "results.html.j2", title=title, parts=[*_POINTS * several, *_PARTS], points=points, grades=GRADES,
        buffers=BUFFER_LOOKS, budget=IO_BUDGET, summary=summary(points) if several else None,
        links_of={point.number: {entry.label: entry.number for entry in point.entries} for point in points},
        packed=packed_result, command=commands["page"], how=commands["compare"], file=f"{file_name(names[0])}.json",
        same=_same(asked), numbers=" ".join(str(number) for point in points for number in point.numbers),
    )  # fmt: skip


def _same(asked: Sequence[Asked]) -> str:
    """Say that a page can be made again, and what of it may then be otherwise."""
    every = [result for one in asked for result in (*one.results, *one.drawn)]
    limited = any(result.planner.partition("[")[0] == "oracle" for result in every)
    timed = any("planning_ns" in result.asked for result in every)
    unless = [" the oracle's search ends at its time limit"] * limited + [" planning times are measured"] * timed
    return f"The same files, version and seed give the same bytes{', unless' * bool(unless)}{' or'.join(unless)}."


def file_name(name: str) -> str:
    """Return a scenario's name as that of a file."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in name)[
        :80
    ]
