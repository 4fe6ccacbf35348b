"""What the reference says of edgesim's JSON and tables is what commands write, key by key."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from edgesim import read_sweep
from edgesim.cli import main

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))
pytest.importorskip("sphinx", reason="the extra 'docs' is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not needed for anything else")

from edgesim_reference.answers import schema_of  # noqa: E402
from edgesim_reference.columns import column_page  # noqa: E402
from edgesim_reference.contracts import answer_pages, answers  # noqa: E402

PLANNERS = ("--planner", "wrx", "--planner", "std_pipeline")
COMMANDS = {
    "run": ("result", "run two-apps"),
    "compare": ("result", "compare quickstart --planner wrx --planner std_pipeline --gap --timed"),
    "plan": ("plan", "plan quickstart"),
    "need": ("need", "need quickstart --find preload_buffer --fidelity 0.1"),
    "sensitivity": ("sensitivity", "sensitivity quickstart"),
    "replications": ("replications", "run engagements --replications 2 --workers 1"),
    "compared": ("replications_compared", "compare quickstart --planner wrx --planner oracle --replications 2"),
    "regress": ("regression", "regress --grid grid.yaml --against plans.json --workers 1"),
    "validate": ("validation", f"validate --from {ROOT}/scenarios/validated/minilm-1.json.gz"),
    "report": ("report", "report swept"),
}
"""A quick command for each format; 'compared' runs what is not random once."""
GRID = """schema: edgesim.grid/1
devices: [jetson-nano]
models: [dynabert-12x12]
target_latency: [200 ms]
preload_buffer: [1 MB]
planners: [wrx, std_pipeline]
"""
SWEPT = """schema: edgesim.scenario/1
device: odroid-n2plus
processor: cpu
model: dynabert-12x12
planner: [wrx, std_pipeline]
target_latency: 200 ms
preload_buffer: 1 MB
workload: {kind: offline, inferences: 2}
sweep: {target_latency: [50 ms, 200 ms, 400 ms], preload_buffer: [0 B, 1 MB]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with plans to compare with, and the dataset of a sweep of sessions."""
    made = tmp_path_factory.mktemp("reference")
    (made / "grid.yaml").write_text(GRID)
    (made / "swept.yaml").write_text(SWEPT)
    assert main(["regress", "--grid", str(made / "grid.yaml"), "--record", str(made / "plans.json")]) == 0
    record = made / "plans.json"
    plans = record.read_text()
    record.write_text(re.sub('"[0-9a-f]{5}-', '"00000-', plans).replace('"no plan"', '"error: it broke"'))
    assert plans != record.read_text()
    assert main(["sweep", str(made / "swept.yaml"), "--out", str(made / "swept"), "--workers", "1"]) == 0
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_answers_have_the_keys_that_are_told(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is missing, none is unknown, and each has the type that the page says."""
    monkeypatch.chdir(folder)
    name, line = COMMANDS[command]
    assert main([*line.split(), "--json", "out.json"]) in (0, 1)
    written: Any = json.loads((folder / "out.json").read_text())
    check = jsonschema.Draft202012Validator(schema_of(answers()[name]))
    assert command != "regress" or len(written["changed"]) == 2  # a plan and a failure
    for one in written if isinstance(written, list) else [written]:
        assert sorted(error.message[:300] for error in check.iter_errors(one)) == []


def test_every_format_is_tried() -> None:
    """A format without a command here would be told unchecked."""
    assert {name for name, _ in COMMANDS.values()} == set(answers())
    assert {f"json/{name}.md" for name in answers()} == set(answer_pages()) - {"json/index.md"}


def test_every_column_of_a_sweep_is_told(folder: Path) -> None:
    """Also those of sessions."""
    page = column_page()
    assert [name for name in read_sweep(folder / "swept").columns if f"| `{name}` |" not in page] == []
