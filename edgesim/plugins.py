"""Find a planner or backend by name, module or file, and check options against its signature before it runs."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from edgesim.errors import EdgesimError, PluginError, choose

Group = Literal["edgesim.planners", "edgesim.backends"]
PLANNERS: Group = "edgesim.planners"
BACKENDS: Group = "edgesim.backends"
POSITIONAL = {PLANNERS: ("model", "device", "budget"), BACKENDS: ("plan", "model", "device", "session")}
_QUOTE = "'"
_TYPES: dict[object, str] = {
    bool: "true or false", int: "an integer", float: "a number", str: "text", list: "a list", dict: "a mapping",
    NoneType: "null",
}  # fmt: skip


@cache
def installed(group: Group) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, sorted."""
    return {point.name: point for point in sorted(entry_points(group=group), key=lambda point: point.name)}


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
        found = getattr(_module(name, target, folder), attribute, None)
        if found is None:
            raise PluginError(f"{name}: '{target}' has no function '{attribute}'")
    else:
        found = _entry_point(group, name)
    if not callable(found):
        raise PluginError(f"{name}: is not a function, got {type(found).__name__}")
    _check_form(group, name, found)
    return found  # type: ignore[no-any-return]  # callable() does not narrow Any


def _entry_point(group: Group, name: str) -> object:
    points = installed(group)
    if name not in points:
        raise PluginError(f"{name}: unknown {group.removeprefix('edgesim.')[:-1]}; {choose(name, points)};"
                          " or 'module:function', or './file.py:function'")  # fmt: skip
    try:
        return points[name].load()
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name}: cannot be imported, {_reason(error)}") from error


def _module(name: str, target: str, folder: Path) -> object:
    path = folder / target if is_file(name) else None
    if path and not path.is_file():
        raise PluginError(f"{name}: no such file, looked for {path.absolute()}")
    try:
        return _imported_file(path.resolve()) if path else importlib.import_module(target)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name}: cannot be imported, {_reason(error)}") from error


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


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {error}"


def _check_form(group: Group, name: str, function: Callable[..., Any]) -> None:
    wanted = POSITIONAL[group]
    try:
        parameters = inspect.signature(function).parameters.values()
        inspect.Signature([item for item in parameters if item.kind is not item.KEYWORD_ONLY]).bind(*wanted)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{name}: must take ({', '.join(wanted)}) and options by keyword, {error}") from error


def options_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the options that a planner or backend takes: its keyword-only parameters."""
    parameters = inspect.signature(function).parameters
    return {name: item for name, item in parameters.items() if item.kind is inspect.Parameter.KEYWORD_ONLY}


def option_mistakes(function: Callable[..., Any], options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what is wrong with some options: their names and a message for each."""
    known = options_of(function)
    found = [
        (name, f"unknown option; {choose(name, known)}{_catch_all(function)}") for name in options if name not in known
    ]
    try:
        hints = get_type_hints(function)
    except Exception:  # a stranger's annotations may not evaluate: then any value goes
        hints = {}
    found += [
        (name, f"must be {_accepted(hints[name])}, got {_got(value)}")
        for name, value in options.items()
        if name in known and name in hints and not _is_a(hints[name], value)
    ]
    missing = [name for name, item in known.items() if item.default is item.empty and name not in options]
    return found + [(name, "missing; the planner needs this option") for name in missing]


def _catch_all(function: Callable[..., Any]) -> str:
    """Say why ``**options`` is no way out: a mistyped option could not be told from a right one."""
    kinds = {item.kind for item in inspect.signature(function).parameters.values()}
    return "; the planner must name each of its options, not **" if inspect.Parameter.VAR_KEYWORD in kinds else ""


def _got(value: object) -> str:
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)[:60]


def _is_a(hint: Any, value: object) -> bool:  # noqa: ANN401  (a type, of any form)
    try:
        TypeAdapter(hint, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError:
        return False
    except PydanticUserError:  # a stranger's type may be none that pydantic knows: then any value goes
        return True
    return True


def _accepted(hint: object) -> str:
    """Write a type as a file would have its values: ``'layer' or 'shard' or {group: an integer}``."""
    origin, inner = get_origin(hint) or hint, get_args(hint)
    if origin is Literal:
        return " or ".join(repr(value) for value in inner)
    if origin in (Union, UnionType):
        return " or ".join(_accepted(item) for item in inner)
    if origin is dict and inner:
        return f"{{{_accepted(inner[0]).strip(_QUOTE)}: {_accepted(inner[1])}}}"
    return _TYPES.get(origin) or str(getattr(origin, "__name__", hint))


@contextmanager
def blamed(label: str, function: Callable[..., object]) -> Iterator[None]:
    """Name a plugin in whatever it raises; a stranger's bug becomes a sentence, our own keeps its traceback."""
    try:
        yield
    except EdgesimError as error:
        error.args = (f"{label}: {error}",)
        raise
    except (Exception, SystemExit) as error:
        if str(getattr(function, "__module__", "")).startswith("edgesim."):
            raise
        raise PluginError(f"{label}: failed, {_reason(error)}") from error
