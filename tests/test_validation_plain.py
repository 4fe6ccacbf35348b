"""What only a simulation can do is not validated: the plans would be executed for another session."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from edgesim import InputError
from edgesim.validation.cases import planned_cases

FORM: dict[str, Any] = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "dynabert-12x12",
    "planner": "std_pipeline", "target_latency": "600 ms", "preload_buffer": "1 MB",
}  # fmt: skip
OTHER = {"model": "distilbert-6x12", "planner": "wrx", "target_latency": "1 s", "preload_buffer": "0 B"}
READER = {"name": "gallery", "direction": "read", "size": "1 MB", "gap": "1 s"}


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"apps": {"keyboard": OTHER}}, "apps"),
        ({"conditions": {"background_io": [READER]}}, "conditions"),
        ({"replan": True, "schedule": [{"at": "1 s", "target_latency": "2 s"}]}, "replan"),
        ({"workload": {"kind": "offline", "inferences": 2}, "replan": True}, "replan, workload"),
        (
            {"model": "tinyllama-1.1b", "device": "raspberry-pi-5-nvme", "generation": {"prompt": 1, "tokens": 2}},
            "generation",
        ),
    ],
)
def test_other_sessions_are_refused(tmp_path: Path, more: dict[str, Any], named: str) -> None:
    """By the keys that make them so."""
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(FORM | more))
    with pytest.raises(InputError, match=rf"mine.yaml: {named}: only one app is executed for real"):
        planned_cases(file)


def test_conditions_that_disturb_nothing_are_no_reason(tmp_path: Path) -> None:
    """Nor is a schedule without other plans: it only judges."""
    file = tmp_path / "mine.yaml"
    idle = {"conditions": {"background_io": []}, "schedule": [{"at": "1 s", "target_latency": "2 s"}]}
    file.write_text(yaml.safe_dump(FORM | idle))
    assert len(planned_cases(file)[0]) == 1
