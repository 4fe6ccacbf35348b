"""What a planner's process sends back: its plan, or its error in words. Nothing of it is code."""

import pickle
import traceback
from collections.abc import Callable
from dataclasses import fields
from io import BytesIO
from typing import Any

from edgesim import errors
from edgesim.errors import EdgesimError, PluginError
from edgesim.plans import Load, Plan, Upgrade
from edgesim.plugins.blame import place, reason

_PARTS = {(part.__module__, part.__qualname__): part for part in (Plan, Load, Upgrade)}
_MADE_OF = "a plan is made of Load, Upgrade, tuples and plain integers"


class ElsewhereError(Exception):
    """The traceback of a planner's process; Python shows it above the error that names the planner."""

    def __str__(self) -> str:
        return f"in the planner's process\n\n{self.args[0]}"


class _Unpickler(pickle.Unpickler):
    """Knows the parts of a plan and nothing else: a stranger's class would be a stranger's code."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401  (as the method that it replaces)
        if (module, name) not in _PARTS:
            raise PluginError(f"its plan holds {module}.{name}; {_MADE_OF}")
        return _PARTS[module, name]


def as_plan(made: object) -> Plan:
    """Return a plan, of the class Plan itself.

    Raises
    ------
    PluginError
        If it is none.
    """
    if not isinstance(made, Plan):
        raise PluginError(f"must return an edgesim.Plan, got {type(made).__name__}")
    return made if type(made) is Plan else Plan(*(getattr(made, item.name) for item in fields(Plan)))


def packed(decide: Callable[[], Plan], function: Callable[..., object]) -> bytes:
    """Call a planner and write down what comes of it; `unpacked` reads it."""
    try:
        plan = decide()
    except EdgesimError as error:
        kinds = (kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
        return pickle.dumps((next(kinds), str(error), ""))
    except BaseException as error:
        said = f"failed, {reason(error)}{place(error, function)}"
        return pickle.dumps((PluginError.__name__, said, traceback.format_exc()))
    try:
        return pickle.dumps(plan)
    except Exception as error:
        return pickle.dumps((PluginError.__name__, f"its plan cannot be sent, {reason(error)}; {_MADE_OF}", ""))


def unpacked(answer: bytes) -> Plan:
    """Return the plan, or raise the error.

    Raises
    ------
    EdgesimError
        What the planner raised if it was one of edgesim's errors, else a PluginError.
    """
    found = _Unpickler(BytesIO(answer)).load()
    if isinstance(found, Plan):
        return found
    kind, text, trace = found
    error: EdgesimError = getattr(errors, kind)(text)
    raise error from (ElsewhereError(trace) if trace else None)
