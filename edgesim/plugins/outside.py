"""Call a planner: edgesim's own directly, a stranger's where it can do no harm and for no longer than a limit."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn

from edgesim.errors import InputError, PluginError
from edgesim.plans import Plan
from edgesim.plugins.answer import as_plan, packed, unpacked
from edgesim.plugins.blame import is_own
from edgesim.plugins.keeper import Ended, run_apart

SECONDS = "EDGESIM_PLANNER_SECONDS"
DEFAULT_S = 60.0
_MOST_S = 1e6
_DIRECTLY = f"with {SECONDS}=0 it is called in edgesim's own process"


def call_planner(function: Callable[..., object], inputs: tuple[object, ...], options: Mapping[str, Any]) -> Plan:
    """Let a planner decide; a stranger's in a process of its own, and for no longer than the limit.

    The limit is 60 s, or what ``EDGESIM_PLANNER_SECONDS`` says; with 0, and where there is no `os.fork`, every planner
    is called in edgesim's own process, without limit.

    Parameters
    ----------
    function
        The planner.
    inputs
        Model, device and budget.
    options
        Its own options.

    Raises
    ------
    InputError
        If ``EDGESIM_PLANNER_SECONDS`` is no number of seconds.
    PluginError
        If a stranger's planner fails, crashes, takes too long, or returns no plan.
    """

    def decide() -> Plan:
        return as_plan(function(*inputs, **options))

    limit_s = 0.0 if is_own(function) else planner_limit_s()
    if not limit_s or not hasattr(os, "fork"):
        return decide()
    try:
        ended = run_apart(lambda: packed(decide, function), limit_s)
    except OSError as error:
        raise PluginError(f"no process can be had for it, {error.strerror}; {_DIRECTLY}") from error
    return _refuse(ended, limit_s) if ended.answer is None else unpacked(ended.answer)


def planner_limit_s() -> float:
    """Return how long a stranger's planner may take [s]; 0 is for ever, in edgesim's own process."""
    text = os.environ.get(SECONDS, "") or str(DEFAULT_S)
    with suppress(ValueError):
        if 0 <= float(text) <= _MOST_S:
            return float(text)
    raise InputError(f"{SECONDS}: must be a number of seconds up to {_MOST_S:.0f}, got {text!r}; with 0 planners are"
                     " called in edgesim's own process, without limit")  # fmt: skip


def _refuse(ended: Ended, limit_s: float) -> NoReturn:
    if not ended.in_time:
        raise PluginError(f"was ended after {limit_s:g} s without a plan; make it faster, or give it longer with"
                          f" {SECONDS}={10 * limit_s:g}")  # fmt: skip
    raise PluginError(f"crashed, {ended.how}; {_DIRECTLY}, for a debugger")
