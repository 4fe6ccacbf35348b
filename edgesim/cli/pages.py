"""``--html``: what run, compare and validate write as one page, and the command lines that it shows."""

import argparse
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import tell

if TYPE_CHECKING:
    from edgesim.comparisons.verbs import Compared
    from edgesim.pages.points import Asked
    from edgesim.result import Comparison, Result
    from edgesim.scenario import Scenario
    from edgesim.validation.verdict import Validation

HTML = "write all of it as one page (.html), which needs no network"
_PAGE = "page.html"
"""What a page calls itself: its name is no part of what it is about."""


def write_run(done: "Sequence[tuple[Scenario, Result]]", options: argparse.Namespace) -> None:
    """Write the page of a run; planners are side by side where that takes no longer than a single inference each."""
    if not options.html or not done:
        return
    from edgesim.pages import save_results

    asked = [_run(scenario, [one for each, one in done if each is scenario]) for scenario in _once(done)]
    _saved(options, lambda path, commands: save_results(asked, path, commands))


def _once(done: "Sequence[tuple[Scenario, Result]]") -> "list[Scenario]":
    return list({id(scenario): scenario for scenario, _ in done}.values())


def _run(scenario: "Scenario", results: "Sequence[Result]") -> "Asked":
    from edgesim.pages.points import Asked

    if not _is_plain(scenario, results[0]):
        return Asked(scenario, results, results)
    from edgesim.comparisons.verbs import compare

    tell(f"{scenario.name}: comparing all planners for the page")
    comparison = compare(scenario)
    known = {result.planner for result in results}
    others = [result for result in _shown(comparison, scenario) if result.planner not in known]
    return Asked(scenario, results, [*results, *others], comparison)


def _is_plain(scenario: "Scenario", result: "Result") -> bool:
    """Tell whether one undisturbed inference is asked for, which every planner can answer at once."""
    from edgesim.report.sessions import is_session

    return scenario.generation is None and not is_session(result, scenario)


def _shown(comparison: "Comparison", scenario: "Scenario", *, every: bool = False) -> "list[Result]":
    from edgesim.report.comparison import shown_results

    return shown_results(comparison, [choice.label for choice in scenario.planner], every=every)


def write_compare(compared: "Sequence[Compared]", options: argparse.Namespace) -> None:
    """Write the page of a comparison; at several points only the scenario's own planners are shown in full."""
    if not options.html or not any(comparison.results for _, comparison in compared):
        return
    from edgesim.pages import save_results
    from edgesim.pages.points import Asked

    asked = []
    for scenario, comparison in compared:
        named = {*options.planner, *(choice.label for choice in scenario.planner)}
        drawn = _shown(comparison, scenario, every=options.all or bool(options.planner))
        if len(compared) > 1:
            drawn = [result for result in drawn if result.planner in named] or drawn[:1]
        asked.append(Asked(scenario, comparison.results, drawn, comparison))
    _saved(options, lambda path, commands: save_results(asked, path, commands))


def write_validation(found: "Validation", options: argparse.Namespace) -> None:
    """Write the page of a validation."""
    if options.html:
        from edgesim.pages import save_validation

        executed = options.campaign is None
        _saved(options, lambda path, commands: save_validation(found, path, commands["page"], executed_here=executed))


def _saved(options: argparse.Namespace, save: "Callable[[Path, dict[str, str]], None]") -> None:
    scenarios = getattr(options, "scenarios", [])
    compare = shlex.join(["edgesim", "compare", *scenarios, "--html", _PAGE])
    save(Path(options.html), {"page": _typed(options), "compare": compare})
    tell(f"wrote {options.html}")


def _typed(options: argparse.Namespace) -> str:
    """Return the command line as it was typed, but for the name of the page, and without other files it writes."""
    words, typed = ["edgesim"], iter(options.typed)
    for word in typed:
        flag, equals, value = word.partition("=")
        if equals and value == options.html and "--html".startswith(flag):
            words += ["--html", _PAGE]
        elif any(f"--{name}".startswith(flag) and given for name, given in _others(options)) and len(flag) > 2:
            if not equals:
                next(typed)
        else:
            words.append(_PAGE if word == options.html else word)
    return shlex.join(words)


def _others(options: argparse.Namespace) -> Iterator[tuple[str, str | None]]:
    """Yield the files beside the page."""
    return ((name, getattr(options, name, None)) for name in ("json", "trace", "plot", "front", "spans"))
