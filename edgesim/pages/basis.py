"""What an answer rests on: every group of numbers with its grade and source, and the files that were read."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgesim.provenance import sources
from edgesim.result import Result
from edgesim.scenario import Scenario

GRADES = {
    "A": "measured, with the raw data kept",
    "B": "reported by someone who measured, without the raw data",
    "C": "derived, with the formula",
    "D": "estimated",
    "?": "without a source",
}
_WEAK = ("C", "D", "?")
_CONDITIONS = "Rates and sizes of what disturbs are illustrative: they are given, not measured."
_ROOFLINE = "Derived from the processor's roofline: what takes longer, computing or reading the main memory."


class Ground(NamedTuple):
    """A group of numbers: what they are, their grade, and where they come from."""

    name: str
    grade: str
    text: str
    url: str | None
    date: str | None

    @property
    def is_weak(self) -> bool:
        """Whether nobody measured it."""
        return self.grade in _WEAK


class Basis(NamedTuple):
    """What one app's answer rests on."""

    app: str
    grounds: Sequence[Ground]


def bases(result: Result, scenario: Scenario) -> list[Basis]:
    """Return what the answers rest on: of the scenario's own app, and of those beside it."""
    named = [(scenario.app, result, scenario), *((one.app, each, one) for one, each in _beside(result, scenario))]
    return [Basis(app if len(named) > 1 else "", list(_grounds(one, asked))) for app, one, asked in named]


def _beside(result: Result, scenario: Scenario) -> Iterator[tuple[Scenario, Result]]:
    yield from zip(scenario.apps.values(), result.beside, strict=True)


def _grounds(result: Result, scenario: Scenario) -> Iterator[Ground]:
    found = sources(scenario)
    for name, grade in result.grades.items():
        if name == "worst":
            continue
        source = found.get(name)
        other = {"conditions": _CONDITIONS, "layer_times": _ROOFLINE}.get(name, "unknown")
        text, url, date = (source.text, source.url, source.date) if source else (other, None, None)
        yield Ground(name.replace("_", " "), grade or "?", " ".join(text.split()), url, date)
