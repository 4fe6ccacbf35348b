"""edgesim: run a model from flash before you port it.

The planner decides, the rules check, the backend obeys, the metrics judge. The verbs are `run`, `plan`, `compare`,
`sweep` and `simulate`; `read_scenario`, `read_device` and `read_model` read files. Everything is imported when it is
first used.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from edgesim.comparisons.verbs import compare, compare_all
    from edgesim.device import Device
    from edgesim.errors import (
        EdgesimError,
        ExecutionError,
        IllegalPlanError,
        InfeasibleError,
        InputError,
        PluginError,
    )
    from edgesim.experiment import plan, run, simulate
    from edgesim.figures import Metrics
    from edgesim.files import check_file, read_device, read_model, read_scenario, write_schemas
    from edgesim.model import Model
    from edgesim.notebook.panel import explore
    from edgesim.plans import Load, Plan, Upgrade
    from edgesim.plot import (
        draw_budgets,
        draw_front,
        draw_layers,
        draw_overlay,
        draw_plan,
        draw_reads,
        figure,
        gantt,
    )
    from edgesim.profiling.verbs import profile
    from edgesim.questions.need import need
    from edgesim.questions.sensitivity import sensitivity
    from edgesim.regression.verbs import record, regress
    from edgesim.replications.verbs import replicate, replicate_all
    from edgesim.result import Comparison, Result
    from edgesim.scenario import Budget, Scenario
    from edgesim.session import Session
    from edgesim.sweeps.reading import read_sweep
    from edgesim.sweeps.telling import findings
    from edgesim.sweeps.verbs import sweep, sweep_frames
    from edgesim.timeline import Request, Span, Timeline
    from edgesim.validation.verbs import revalidate, validate

__version__ = "0.1.0"

_HOMES = {
    "edgesim.comparisons.verbs": ("compare", "compare_all"),
    "edgesim.device": ("Device",),
    "edgesim.errors": (
        "EdgesimError", "ExecutionError", "IllegalPlanError", "InfeasibleError", "InputError", "PluginError",
    ),
    "edgesim.experiment": ("plan", "run", "simulate"),
    "edgesim.files": ("check_file", "read_device", "read_model", "read_scenario", "write_schemas"),
    "edgesim.model": ("Model",),
    "edgesim.notebook.panel": ("explore",),
    "edgesim.plans": ("Load", "Plan", "Upgrade"),
    "edgesim.plot": (
        "draw_budgets", "draw_front", "draw_layers", "draw_overlay", "draw_plan", "draw_reads", "figure", "gantt",
    ),
    "edgesim.profiling.verbs": ("profile",),
    "edgesim.questions.need": ("need",),
    "edgesim.questions.sensitivity": ("sensitivity",),
    "edgesim.regression.verbs": ("record", "regress"),
    "edgesim.replications.verbs": ("replicate", "replicate_all"),
    "edgesim.figures": ("Metrics",),
    "edgesim.result": ("Comparison", "Result"),
    "edgesim.scenario": ("Budget", "Scenario"),
    "edgesim.session": ("Session",),
    "edgesim.sweeps.reading": ("read_sweep",),
    "edgesim.sweeps.telling": ("findings",),
    "edgesim.sweeps.verbs": ("sweep", "sweep_frames"),
    "edgesim.timeline": ("Request", "Span", "Timeline"),
    "edgesim.validation.verbs": ("revalidate", "validate"),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Budget",
    "Comparison",
    "Device",
    "EdgesimError",
    "ExecutionError",
    "IllegalPlanError",
    "InfeasibleError",
    "InputError",
    "Load",
    "Metrics",
    "Model",
    "Plan",
    "PluginError",
    "Request",
    "Result",
    "Scenario",
    "Session",
    "Span",
    "Timeline",
    "Upgrade",
    "check_file",
    "compare",
    "compare_all",
    "draw_budgets",
    "draw_front",
    "draw_layers",
    "draw_overlay",
    "draw_plan",
    "draw_reads",
    "explore",
    "figure",
    "findings",
    "gantt",
    "need",
    "plan",
    "profile",
    "read_device",
    "read_model",
    "read_scenario",
    "read_sweep",
    "record",
    "regress",
    "replicate",
    "replicate_all",
    "revalidate",
    "run",
    "sensitivity",
    "simulate",
    "sweep",
    "sweep_frames",
    "validate",
    "write_schemas",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'edgesim' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # found once, found for good
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Let a shell of IPython draw edgesim's nouns: what ``%load_ext edgesim`` calls.

    It is needed only where edgesim was imported before the shell ran; else importing it does the same.
    """
    from edgesim.notebook import register

    register(shell)


if "IPython" in sys.modules:
    import_module("edgesim.notebook").register_running()
