"""Sessions of several apps on one toy board, and ways to share lanes that change nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from edgesim.backends.simulated import execute
from edgesim.conditions import Conditions
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.scenario import Scenario
from edgesim.session import Beside, Board, Sharing
from edgesim.testing.toys import toy_device, toy_model
from edgesim.timeline import Span, Timeline
from edgesim.workload import Workload

PARSER: TypeAdapter[Workload] = TypeAdapter(Workload)
FAR = 10**15
"""Later than anything that a toy does [ns]."""
STEPS = {"steps": [{"speed": "100 %", "power": "4 W"}, {"speed": "50 %", "power": "1 W"}]}
COOL: dict[str, Any] = {
    "ambient": "25 C", "resistance": "1 K/W", "time_constant": "60 s", "trip": "90 C", "hysteresis": "5 K",
    "poll": "1 s", "clock": STEPS,
}  # fmt: skip
READER: dict[str, Any] = {"name": "gallery", "direction": "read", "size": "50 B"}
NEVER: dict[str, dict[str, Any]] = {
    "background": {"background_io": [READER | {"gap": "100 h"}]},
    "pauses": {"flash_pauses": {"duration": "1 s", "gap": "100 h"}},
    "heat": {"thermal": COOL},
    "contention": {"contention": {"share": "50 %", "active": "1 s", "idle": "100 h"}},
    "jitter": {"io_jitter": {"quantiles": {0.1: 1, 0.5: 1}}, "compute_jitter": {"quantiles": {0.5: 1, "max": 1}}},
}
"""Conditions that are there, but change no time."""


def workload(**given: object) -> Workload:
    """Make a workload of what a file would say."""
    return PARSER.validate_python(given)


def app(name: str, case: tuple[Scenario, Plan], asked: Workload | None = None, **more: Any) -> Beside:  # noqa: ANN401
    """Make an app of a plan; it asks as its scenario says, or otherwise."""
    scenario, plan = case
    session = scenario.session._replace(app=name, **more)
    if asked is not None:
        session = session._replace(workload=asked, inferences=None)
    return Beside(plan, scenario.model, session)


def board(conditions: Mapping[str, object] | None = None, seed: int = 0, replication: int = 0, **policy: str) -> Board:
    """Make a board with some conditions, ``fifo`` unless said otherwise."""
    made = None if conditions is None else Conditions.model_validate(conditions)
    return Board(Sharing.model_validate(policy), made, seed, replication)


def play(device: Device, apps: Sequence[Beside], shared: Board | None = None) -> list[Timeline]:
    """Execute apps together on a board."""
    (plan, model, session), *others = apps
    session = session._replace(beside=tuple(others), board=shared or board())
    return list(execute(plan, model, device, session))


def of(parts: Iterable[Timeline], name: str) -> list[Timeline]:
    """Return the inferences of one app."""
    return [part for part in parts if part.requests and part.requests[0].app == name]


def spans(parts: Iterable[Timeline], *kinds: str, lane: str = "", name: str = "") -> list[Span]:
    """Return the spans of some kinds, on lanes that begin with a name, in order of their start."""
    found = (span for part in parts for span in part.spans)
    wanted = (span for span in found if span.kind in kinds and span.lane.startswith(lane) and name in ("", span.app))
    return sorted(wanted, key=lambda span: (span.start_ns, span.end_ns))


def took_ns(found: Iterable[Span]) -> int:
    """Return how long some spans are together [ns]."""
    return sum(span.end_ns - span.start_ns for span in found)


class Service(NamedTuple):
    """One read or one layer: when it was asked for, when it began and ended [ns]."""

    app: str
    asked_ns: int
    start_ns: int
    end_ns: int


def services(parts: Sequence[Timeline], lane: str) -> Iterator[Service]:
    """Yield reads (of loaders), or layers with their decompression (of executors), in the order of the timelines."""
    for part in parts:
        queued: dict[str, Span] = {}
        begun: dict[str, Span] = {}
        for span in part.spans:
            if not span.lane.startswith(lane):
                continue
            if span.kind == "queued":
                queued[span.lane] = span
            elif span.kind == "decompress":
                begun[span.lane] = span
            elif span.kind in {"load", "compute", "read"}:
                first = begun.pop(span.lane, span)
                asked = queued.pop(span.lane, first).start_ns
                yield Service(span.app, asked, first.start_ns, span.end_ns)


def most_at_once(found: Sequence[Service]) -> int:
    """Return how many are in service at once at most; one that ends makes room for one that begins."""
    timed = [each for each in found if each.end_ns > each.start_ns]
    level = most = 0
    for _, step in sorted([(each.end_ns, -1) for each in timed] + [(each.start_ns, 1) for each in timed]):
        level += step
        most = max(most, level)
    return most


def conserved(found: Sequence[Service], room: int) -> None:
    """Assert that whenever somebody waits, all of the room is taken; as long as every read beside is known."""
    ends = [each.end_ns for each in found if each.app == READER["name"]]
    moments = {moment for each in found for moment in each[1:] if moment < max(ends, default=FAR)}
    for each in found:
        for moment in moments:
            if each.asked_ns <= moment < each.start_ns:
                assert sum(other.start_ns <= moment < other.end_ns for other in found) == room


def scenario(device: Device | None = None, model: Model | None = None, **more: object) -> Scenario:
    """Make a scenario of the toy device as a file would say it; two apps or more where `more` says so."""
    form: dict[str, object] = {
        "schema": "edgesim.scenario/1", "name": "toy", "device": device or toy_device(), "processor": "cpu",
        "model": model or toy_model(), "planner": "wrx", "target_latency": "1000 ns", "preload_buffer": "0 B",
        "load_buffer": "unlimited",
    }  # fmt: skip
    return Scenario.model_validate(form | more)
