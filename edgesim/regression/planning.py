"""Ask planners for plans: here, or as a program of its own with another version of edgesim on the path.

As a program it reads requests and writes answers, pickled: tuples of plain values, because the classes of that version
are not those of this one. It uses no more of edgesim than an old version has, and nothing that lies beside it.
"""

import gc
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import edgesim
from edgesim import Budget, EdgesimError, Plan, PluginError, plugins, read_device, read_model

Kind = Literal["plan", "no plan", "error", "absent", "time"]
Answer = tuple[Kind, Any]
"""``plan`` with a plan, ``no plan``, ``error`` or ``absent`` with a message, ``time`` with nanoseconds."""
_LOOKS_EVERY_S = 0.2


class Asked(NamedTuple):
    """One cell: whom to ask for what, in plain values; `folder` is where a planner's file is looked for."""

    planner: str
    options: dict[str, Any]
    folder: str
    device_file: str
    processor: str
    model_file: str
    target_latency_ns: int
    preload_bytes: int
    load_buffer_bytes: int | None


_device, _model = cache(read_device), cache(read_model)


@cache
def _planner(name: str, folder: str) -> Callable[..., Any]:
    return plugins.find(plugins.PLANNERS, name, Path(folder))


def forget() -> None:
    """Read files anew: they may have changed since the last comparison in this process."""
    for known in (_device, _model, _planner):
        known.cache_clear()


def ask(asked: Asked) -> Answer:
    """Return a plan, or why there is none; a planner that this version does not have is absent."""
    try:
        function, inputs = _planner(asked.planner, asked.folder), _inputs(asked)
        wrong = plugins.option_mistakes(function, asked.options)
    except EdgesimError as error:
        return "absent", str(error).partition("\n")[0]
    if wrong:
        return "absent", f"{wrong[0][0]}: {wrong[0][1]}"
    try:
        return "plan", _called(function, inputs, asked.options)
    except PluginError as error:
        return "error", str(error)
    except EdgesimError as error:
        return "no plan", str(error)
    except (Exception, SystemExit) as error:
        return "error", f"{type(error).__name__}: {error}"


def _inputs(asked: Asked) -> tuple[object, ...]:
    budget = Budget(asked.processor, asked.target_latency_ns, asked.preload_bytes, asked.load_buffer_bytes)
    return _model(asked.model_file), _device(asked.device_file), budget


def _called(function: Callable[..., Any], inputs: tuple[object, ...], options: dict[str, Any]) -> Plan:
    guarded = getattr(plugins, "call_planner", None)  # older versions call every planner directly
    made = guarded(function, inputs, options) if guarded else function(*inputs, **options)
    if not isinstance(made, Plan):
        raise PluginError(f"must return an edgesim.Plan, got {type(made).__name__}")
    return made


def least_ns(asked: Asked, calls: int) -> Answer:
    """Return the least planning time of some calls [ns]; of a planner that fails, how it does."""
    function, inputs, times = _planner(asked.planner, asked.folder), _inputs(asked), []
    collected = gc.isenabled()
    gc.disable()
    try:
        for _ in range(calls):
            began = time.perf_counter_ns()
            function(*inputs, **asked.options)
            times.append(time.perf_counter_ns() - began)
    except (Exception, SystemExit) as error:
        return "error", f"{type(error).__name__}: {error}"
    finally:
        if collected:
            gc.enable()
    return "time", min(times)


def plain(plan: Plan) -> dict[str, Any]:
    """Return what decides about a plan's execution as plain values."""
    loads = [(load.shards, load.bytes, load.extents, load.after) for load in plan.loads]
    names = ("layers", "shards", "bitwidths", "preload", "retain", "lanes", "ignores_buffers")
    return {name: getattr(plan, name) for name in names} | {"loads": loads}


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    while True:
        try:
            asked, calls = pickle.load(requests)
        except (EOFError, pickle.UnpicklingError):  # who asked has ended, perhaps amid a request
            return
        kind, value = least_ns(Asked(*asked), calls) if calls else ask(Asked(*asked))
        try:
            pickle.dump((kind, plain(value) if kind == "plan" else value), answers)
            answers.flush()
        except BrokenPipeError:  # who asked was killed; a death by signal would also be that of a planner's broken pipe
            os._exit(1)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOKS_EVERY_S)
    os._exit(1)


if __name__ == "__main__" and sys.argv[1:] == ["--about"]:
    sys.stdout.write(edgesim.__file__)
elif __name__ == "__main__":
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as own:  # what a plugin prints must not come between
        os.dup2(2, 1)
        _serve(sys.stdin.buffer, own)
