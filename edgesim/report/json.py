"""JSON as edgesim writes it, and plans as JSON; a result knows its own (`Result.to_dict`)."""

import json
from typing import Any

from edgesim.plans import Plan
from edgesim.provenance import provenance
from edgesim.result import plain
from edgesim.scenario import Scenario


def plan_dict(plan: Plan, label: str, scenario: Scenario) -> dict[str, Any]:
    """Return a plan with what it was made for, ready for JSON."""
    return {
        "schema": "edgesim.plan/1",
        "scenario": scenario.name,
        "device": scenario.device.name,
        "processor": scenario.processor,
        "model": scenario.model.name,
        "planner": label,
        "plan": plain(plan),
        "provenance": provenance(scenario),
    }


def json_text(value: object) -> str:
    """Return JSON in ASCII, which every terminal and every locale can show."""
    return json.dumps(value, indent=1, allow_nan=False) + "\n"
