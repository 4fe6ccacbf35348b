"""Golden files: the plan and metrics that a test found right, to be found again; a change is told in sentences."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgesim.atomic import write_atomically
from edgesim.choice import PlannerChoice
from edgesim.errors import InfeasibleError, InputError
from edgesim.experiment import run
from edgesim.files import read_choice, read_scenario
from edgesim.result import Result, plain
from edgesim.scenario import Scenario
from edgesim.testing.changes import changes

SCHEMA = "edgesim.golden/1"
_FOLDER = "golden"
_LONGEST_LINE = 110
_DIGITS = 12
"""What a float is recorded to: the last digits differ from one machine to another."""


class GoldenError(AssertionError):
    """A plan or its metrics are not those recorded, or nothing is; the message says what to do."""


class Golden:
    """Compares plans and metrics with golden files beside a test: the fixture ``edgesim``.

    Parameters
    ----------
    folder
        Where the test is; golden files are in the folder ``golden`` there, scenarios are looked for there first.
    root
        Where scenarios are looked for next.
    record
        Write what is found, instead of comparing with it.
    accept
        The command that records this test.
    """

    def __init__(self, folder: Path, root: Path, *, record: bool, accept: str) -> None:
        self.folder = folder
        self.root = root
        self.record = record
        self.accept = accept

    def check(self, scenario: Scenario | str | Path, planner: str | None = None, *, name: str | None = None) -> Result:
        """Compare a plan and its metrics with the golden file, or record them.

        Parameters
        ----------
        scenario
            A scenario, a file (relative to the test, or to where pytest is rooted), or the name of a shipped one.
        planner
            A planner as reports label it; by default the scenario's, if it names one.
        name
            Of the golden file; by default that of scenario and planner.

        Returns
        -------
        Result
            What was found, for more assertions.

        Raises
        ------
        GoldenError
            If something is not as recorded, or not recorded at all.
        InfeasibleError
            If no plan fits, as recorded: a test expects it by ``pytest.raises``.
        InputError, PluginError
            As `edgesim.run`.
        """
        __tracebackhide__ = True
        given = scenario if isinstance(scenario, Scenario) else read_scenario(self._located(scenario))
        if planner is None and len(given.planner) > 1:
            raise InputError(f"{given.name}: names several planners; say which one to check")
        choice = given.planner[0] if planner is None else read_choice(planner)
        path = self.folder / _FOLDER / f"{_slug(name) if name else f'{_slug(given.name)}.{_slug(choice.label)}'}.json"
        try:
            found: Result | InfeasibleError = run(given, choice)
        except InfeasibleError as error:
            found = error
        self._compare(path, recorded(found, given, choice), given)
        if isinstance(found, InfeasibleError):
            raise found
        return found

    def _located(self, scenario: str | Path) -> str | Path:
        for folder in (self.folder, self.root):
            if (folder / scenario).is_file():
                return folder / scenario
        return scenario

    def _compare(self, path: Path, found: dict[str, Any], scenario: Scenario) -> None:
        __tracebackhide__ = True
        if self.record:
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, f"{text_of(found)}\n".encode())
            return
        shown = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        old = _read(path)
        if old is None:
            what = f"is no golden file of the schema {SCHEMA}" if path.exists() else "there is no such golden file yet"
            raise GoldenError(f"{shown}: {what}; record what is right now: {self.accept}")
        if lines := changes(old, found, scenario.device):
            what = f"{found['planner']} on {found['scenario']} is not what {shown} says:"
            raise GoldenError("\n".join([what, *(f"  {line}" for line in lines), f"accept it: {self.accept}"]))


def recorded(found: Result | InfeasibleError, scenario: Scenario, choice: PlannerChoice) -> dict[str, Any]:
    """Return what a golden file holds: what was asked, from which inputs, and the plan and metrics, or why none."""
    asked = {"schema": SCHEMA, "scenario": scenario.name, "planner": choice.label, "inputs": dict(scenario.inputs)}
    if isinstance(found, InfeasibleError):
        return asked | {"no_plan": str(found)}
    metrics = {name: _rounded(value) for name, value in asdict(found.metrics).items()}
    return asked | {"metrics": metrics, "plan": plain(found.plan)}


def text_of(value: object, margin: str = "") -> str:
    """Write JSON so that a diff of it can be read: what fits on a line is on one line, a metric, layer or load."""
    line = json.dumps(value)
    if not isinstance(value, dict | list) or len(margin + line) <= _LONGEST_LINE:
        return line
    inner = margin + " "
    if isinstance(value, dict):
        rows = [f"{json.dumps(name)}: {text_of(item, inner)}" for name, item in value.items()]
    else:
        rows = [text_of(item, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(rows) + f"\n{margin}{closing}"


def _rounded(value: object) -> object:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _slug(name: str) -> str:
    return re.sub(r"[^\w.=-]+", "-", name).strip("-.") or "golden"


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a golden file holds; None if there is none, or it is something else."""
    try:
        golden = json.loads(path.read_bytes())
        return golden if golden["schema"] == SCHEMA else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
