"""YAML -> scenario, device and model; every mistake named by file and line, and all at once."""

from edgesim.atomic import check_writable, write_atomically
from edgesim.files.check import check_file
from edgesim.files.labels import read_choice
from edgesim.files.points import Point, read_points
from edgesim.files.read import read_device, read_grid, read_model, read_scenario
from edgesim.files.schemas import write_schemas
from edgesim.files.shipped import shipped_names
from edgesim.files.spaces import Case, Space, read_space
from edgesim.files.tables import read_importance
from edgesim.files.text import inline

__all__ = [
    "Case",
    "Point",
    "Space",
    "check_file",
    "check_writable",
    "inline",
    "read_choice",
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
