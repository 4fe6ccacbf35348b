"""YAML -> scenario, device and model; every mistake named by file and line, and all at once.

Everything is imported when it is first used: a shell that completes a name reads no file.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgesim.atomic import check_writable, write_atomically
    from edgesim.files.check import check_file
    from edgesim.files.labels import read_choice, read_choices
    from edgesim.files.points import Point, read_points
    from edgesim.files.read import given_scenario, read_device, read_grid, read_model, read_scenario
    from edgesim.files.schemas import write_schemas
    from edgesim.files.shipped import shipped_names
    from edgesim.files.spaces import Case, Space, read_space
    from edgesim.files.tables import read_importance
    from edgesim.files.text import inline

_HOMES = {
    "edgesim.atomic": ("check_writable", "write_atomically"),
    "edgesim.files.check": ("check_file",),
    "edgesim.files.labels": ("read_choice", "read_choices"),
    "edgesim.files.points": ("Point", "read_points"),
    "edgesim.files.read": ("given_scenario", "read_device", "read_grid", "read_model", "read_scenario"),
    "edgesim.files.schemas": ("write_schemas",),
    "edgesim.files.shipped": ("shipped_names",),
    "edgesim.files.spaces": ("Case", "Space", "read_space"),
    "edgesim.files.tables": ("read_importance",),
    "edgesim.files.text": ("inline",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Case",
    "Point",
    "Space",
    "check_file",
    "check_writable",
    "given_scenario",
    "inline",
    "read_choice",
    "read_choices",
    "read_device",
    "read_grid",
    "read_importance",
    "read_model",
    "read_points",
    "read_scenario",
    "read_space",
    "shipped_names",
    "write_atomically",
    "write_schemas",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'edgesim.files' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
