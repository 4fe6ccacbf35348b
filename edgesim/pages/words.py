"""What a scenario asks, in sentences."""

from collections.abc import Callable, Iterator
from typing import Any

from edgesim.chance import Chance
from edgesim.quantities import counted
from edgesim.report.amounts import promise_text, time_text
from edgesim.scenario import Scenario
from edgesim.units import show_bytes
from edgesim.workload import Engagements, MultiStream, Offline, Server, SingleStream, Timed, Trace

_CONDITIONS = {
    "io_jitter": "reads take more or less time than measured",
    "compute_jitter": "layers take more or less time than measured",
    "background_io": "other processes use the storage",
    "contention": "other work takes a share of a processor",
    "thermal": "the processor gets hot, and its clock slower",
    "flash_pauses": "the flash pauses to collect garbage",
    "memory": "other apps take memory, and the system kills apps",
}


def words(scenario: Scenario) -> list[str]:
    """Return what is asked: of whom, until when, with how much memory, who asks, and what disturbs."""
    return [" ".join(sentences) for part in (_asked, _going_on) if (sentences := list(part(scenario)))]


def _asked(scenario: Scenario) -> Iterator[str]:
    model, bits = scenario.model, scenario.model.bitwidths
    yield (
        f"{model.name} has {model.layers} layers of {model.shards_per_layer} shards, stored at"
        f" {_listed([str(each) for each in bits])} bits a weight. What does not stay in memory is read from the"
        f" storage of {scenario.device.name} while its processor {scenario.processor} executes it."
    )
    if scenario.throttle:
        yield f"The storage is that of {scenario.throttle.name}."
    what = "Each token" if scenario.generation else "Each answer"
    yield f"{what} is promised within {promise_text(scenario).removesuffix(' a token')}."
    room = scenario.load_buffer_bytes
    ahead = "without a bound" if room is None else f"up to {show_bytes(room)}"
    kept = scenario.preload_bytes
    between = f"Up to {show_bytes(kept)} of shards may stay" if kept else "No shards may stay"
    yield f"{between} between inferences, and shards may be read ahead {ahead}."


def _going_on(scenario: Scenario) -> Iterator[str]:
    yield workload_words(scenario)
    if given := scenario.generation:
        yield f"Prompts have {_range(given.prompt)} tokens, and replies {_range(given.tokens)}."
    for app in scenario.apps.values():
        planner = app.planner[0].label
        yield (f"Beside it runs {app.app}: {app.model.name}, planned by {planner} for {promise_text(app)}."
               f" {workload_words(app)}")  # fmt: skip
    conditions = [text for name, text in _CONDITIONS.items() if getattr(scenario.conditions, name)]
    if conditions:
        yield f"Meanwhile {_listed(conditions, 'and')}."
    if scenario.replan:
        yield "Where target or memory change, another plan is looked up, made beforehand."


def workload_words(scenario: Scenario) -> str:
    """Say who asks when."""
    given = scenario.workload
    return f"{_WHO[type(given)](given)}{_until(given)}; the preload buffer is {_start(given.start)}."


def _start(start: str) -> str:
    return "full before the first one" if start == "warm" else "empty at the start"


def _single(given: SingleStream) -> str:
    if given.inferences == 1:
        return "One inference"
    return f"{given.inferences:,} inferences, each asked for when the one before has been answered"


def _inferences(number: int) -> str:
    return counted(number, "inference")


def _bursts(given: Engagements) -> str:
    least, most = given.burst
    many = _inferences(most) if least == most else f"{least} to {most} inferences"
    return (f"Bursts of {many}, {_chance(given.think_time)} after an answer; between bursts"
            f" {_chance(given.gap)}")  # fmt: skip


_WHO: dict[type, Callable[[Any], str]] = {
    SingleStream: _single,
    MultiStream: lambda given: f"{given.queries:,} queries of {_inferences(given.samples)}, one after the other",
    Server: lambda given: f"Inferences asked for at random, {float(given.rate_per_s):,.4g} a second on average",
    Offline: lambda given: f"{_inferences(given.inferences)}, all asked for at the start",
    Engagements: _bursts,
    Trace: lambda given: f"{_inferences(given.inferences)} asked for at recorded times",
}


def _until(given: object) -> str:
    if not isinstance(given, Timed):
        return ""
    number = getattr(given, given.counted)
    ends = [f"after {counted(number, given.counted.removesuffix('s'))}"] if number is not None else []
    if given.duration_ns is not None:
        ends.append(f"after {time_text(given.duration_ns)}")
    return f"; it ends {' or '.join(ends)}"


def _chance(given: Chance) -> str:
    if given.constant is not None:
        return time_text(given.constant)
    if given.exponential is not None:
        return f"{time_text(given.exponential)} on average (exponential)"
    if given.uniform is not None:
        return f"from {time_text(given.uniform[0])} to {time_text(given.uniform[1])}"
    return f"{time_text(given.lognormal.median)} in the middle (lognormal)" if given.lognormal else "unknown"


def _range(length: object) -> str:
    least, most = getattr(length, "least", length), getattr(length, "most", length)
    return f"{least}" if least == most else f"{least} to {most}"


def _listed(items: list[str], last: str = "or") -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
