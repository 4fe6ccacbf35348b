"""Find a planner or backend by name, module or file."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal

from edgesim.errors import PluginError, choose
from edgesim.plugins.blame import reason

Group = Literal["edgesim.planners", "edgesim.backends"]
PLANNERS: Group = "edgesim.planners"
BACKENDS: Group = "edgesim.backends"
POSITIONAL = {PLANNERS: ("model", "device", "budget"), BACKENDS: ("plan", "model", "device", "session")}


@cache
def _points(group: Group) -> tuple[EntryPoint, ...]:
    """Look once: it takes as long as planning."""
    return tuple(sorted(entry_points(group=group), key=lambda each: (each.name, each.value.startswith("edgesim."))))


def installed(group: Group) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, sorted; those of edgesim's own names are edgesim's."""
    return {point.name: point for point in _points(group)}


def is_file(name: str) -> bool:
    """Tell whether a name is of the form ``./file.py:function``."""
    return name.partition(":")[0].endswith(".py")


def find(group: Group, name: str, folder: Path) -> Callable[..., Any]:
    """Return the function that a name stands for.

    Parameters
    ----------
    group
        What is looked for.
    name
        An entry point's name, ``module:function``, or ``./file.py:function`` relative to `folder`.
    folder
        Where relative files are looked for.

    Raises
    ------
    PluginError
        If there is no such thing, it cannot be imported, or it is no function of the right form.
    """
    if ":" in name:
        target, _, attribute = name.rpartition(":")
        module = _module(name, target, folder)
        found = getattr(module, attribute, None)
        if found is None:
            raise PluginError(
                f"{name}: '{target}' has no function '{attribute}'; {choose(attribute, _functions(module))}"
            )
    else:
        found = _entry_point(group, name)
    if not callable(found):
        raise PluginError(f"{name}: is not a function, got {type(found).__name__}")
    check_form(group, name, found)
    return found  # type: ignore[no-any-return]  # callable() does not narrow Any


def _entry_point(group: Group, name: str) -> object:
    points = installed(group)
    if name.endswith(".py"):
        raise PluginError(f"{name}: needs the name of a function in this file, write for example '{name}:plan'")
    if name not in points:
        raise PluginError(f"{name}: unknown {group.removeprefix('edgesim.')[:-1]}; {choose(name, points)};"
                          " or 'module:function', or './file.py:function'")  # fmt: skip
    values = sorted({point.value for point in _points(group) if point.name == name})
    if len(values) > 1 and not points[name].value.startswith("edgesim."):
        raise PluginError(f"{name}: is installed by several packages; write which one: {' or '.join(values)}")
    try:
        return points[name].load()
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name}: cannot be imported, {reason(error)}") from error


def _module(name: str, target: str, folder: Path) -> object:
    path = folder / target if is_file(name) else None
    if path and not path.is_file():
        raise PluginError(f"{name}: no such file, looked for {path.absolute()}")
    try:
        return _imported_file(path.resolve()) if path else importlib.import_module(target)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name}: cannot be imported, {reason(error)}") from error


def _functions(module: object) -> list[str]:
    """Return the functions that a module defines, and does not only use."""
    own = inspect.getmembers(module, inspect.isfunction)
    return [name for name, function in own if function.__module__ == getattr(module, "__name__", None)]


def _imported_file(path: Path) -> object:
    """Import a file under a name of its own, so that two files of the same name do not meet."""
    module_name = f"edgesim_plugin:{path}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses and pickle look it up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module


def check_form(group: Group, name: str, function: Callable[..., Any]) -> None:
    """Refuse a function that does not take what a planner or backend is given."""
    wanted = POSITIONAL[group]
    try:
        parameters = inspect.signature(function).parameters.values()
        inspect.Signature([item for item in parameters if item.kind is not item.KEYWORD_ONLY]).bind(*wanted)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{name}: must take ({', '.join(wanted)}) and options by keyword, {error}") from error
