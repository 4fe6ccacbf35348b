"""A session at a glance: one row an app, then what the device did meanwhile, whoever did it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.energy import battery_share
from edgesim.quantities import counted
from edgesim.report.amounts import energy_text, three_digits, time_text
from edgesim.report.text import result_text, uncut
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE
from edgesim.units import show_bytes
from edgesim.usage import DeviceUse, Service

Fact = tuple[str, str, str]
"""What it is, how much of it, and more about it."""
_SECOND_NS = 10**9


class _App(NamedTuple):
    """An app's name, what came of it, and how it was served."""

    name: str
    result: Result
    service: Service


class _Column(NamedTuple):
    """A heading of two lines, what stands below it, and of whom there must be something to say."""

    heading: str
    cell: Callable[[_App], str]
    says: Callable[[_App], object] = lambda _: True


def _in_bursts(app: _App) -> bool:
    return app.service.engagements < app.service.inferences


def _generates(app: _App) -> bool:
    return app.service.tokens > 0


_ANSWERS = (
    _Column("\nasked", lambda app: f"{app.service.inferences:,}"),
    _Column("within\ntarget", lambda app: f"{app.result.metrics.target_met_fraction:.1%}"),
    _Column("found\nready", lambda app: f"{app.service.ready_fraction:.1%}",
            lambda app: app.service.ready_fraction < 1),
    _Column("\nrestarts", lambda app: f"{app.service.restarts:,}", lambda app: app.service.restarts),
    _Column("mean\nwaiting", lambda app: time_text(app.service.waiting_mean_ns),
            lambda app: app.service.waiting_mean_ns),
    _Column("latency\np50", lambda app: time_text(app.result.metrics.latency_p50_ns)),
    _Column("\np90", lambda app: time_text(app.result.metrics.latency_p90_ns)),
    _Column("\np99", lambda app: time_text(app.result.metrics.latency_p99_ns)),
)  # fmt: skip
_PRICES = (
    _Column("\nengagements", lambda app: f"{app.service.engagements:,}", _in_bursts),
    _Column("\np50", lambda app: time_text(app.service.engagement_p50_ns), _in_bursts),
    _Column("\np99", lambda app: time_text(app.service.engagement_p99_ns), _in_bursts),
    _Column("energy an\ninference", lambda app: energy_text(app.service.per_inference_pj),
            lambda app: app.service.per_inference_pj),
    _Column("energy an\nengagement", lambda app: energy_text(app.service.per_engagement_pj),
            lambda app: app.service.per_engagement_pj and _in_bursts(app)),
)  # fmt: skip
_TOKENS = (
    _Column("\ntokens", lambda app: f"{app.service.tokens:,}", _generates),
    _Column("first token\np50", lambda app: time_text(app.service.first_token_p50_ns), _generates),
    _Column("\np90", lambda app: time_text(app.service.first_token_p90_ns), _generates),
    _Column("each later\np50", lambda app: time_text(app.service.per_token_p50_ns), _generates),
    _Column("\np90", lambda app: time_text(app.service.per_token_p90_ns), _generates),
    _Column("tokens/s\nat p50", lambda app: _rate(app.service.per_token_p50_ns), _generates),
)


def run_text(result: Result, scenario: Scenario) -> RenderableType:
    """Show one result: that of a single inference as `result_text` has it, of a session the whole of it as well."""
    return result_text(result, scenario, session_parts(result, scenario))


def is_session(result: Result, scenario: Scenario) -> bool:
    """Tell whether there is more to say than of one undisturbed inference."""
    several = result.service is not None and result.service.inferences > 1
    return several or bool(result.beside) or scenario.is_disturbed


def session_parts(result: Result, scenario: Scenario) -> list[RenderableType]:
    """Return tables of the apps and of the device; nothing for one undisturbed inference.

    Parameters
    ----------
    result, scenario
        What came back, with the apps beside it, and what was asked for.
    """
    apps = _apps(result, scenario)
    if not apps or not is_session(result, scenario):
        return []
    tables = [_table(apps, columns) for columns in (_ANSWERS, _PRICES, _TOKENS)]
    facts = Table(box=None, show_header=False, pad_edge=False)
    for fact in _facts(apps, result, scenario):
        facts.add_row(*fact)
    return [Text(_heading(apps), "bold"), *(table for table in tables if table.columns[1:]), facts, *_kept(apps)]


def _apps(result: Result, scenario: Scenario) -> list[_App]:
    named = [(scenario.app, result), *((each.scenario, each) for each in result.beside)]
    return [_App(name, each, each.service) for name, each in named if each.service]


def _heading(apps: Sequence[_App]) -> str:
    number = sum(app.service.inferences for app in apps)
    return f"All {number:,} inferences:" if number > len(apps) else "The whole session:"


def _table(apps: Sequence[_App], columns: Sequence[_Column]) -> Table:
    """Return one row an app, with the columns that say something of any app."""
    shown = [column for column in columns if any(column.says(app) for app in apps)]
    table = Table("", box=None, pad_edge=False)
    low = all(column.heading.startswith("\n") for column in shown)
    for column in shown:
        table.add_column(column.heading.lstrip("\n" if low else ""), justify="right", no_wrap=True)
    for app in apps:
        table.add_row(Text(app.name), *(column.cell(app) for column in shown))
    return uncut(table)


def _rate(ns: int | None) -> str:
    return three_digits(_SECOND_NS / ns) if ns else "-"


def _facts(apps: Sequence[_App], result: Result, scenario: Scenario) -> Iterator[Fact]:
    use = result.device_use
    if use is None or not use.window_ns:
        return
    number = counted(sum(app.service.inferences for app in apps), "inference")
    yield "session", time_text(use.window_ns), number + f" of {len(apps)} apps" * (len(apps) > 1)
    yield from chain(_busy(apps, use, scenario), _disturbed(use), _energy(use, scenario))


def _busy(apps: Sequence[_App], use: DeviceUse, scenario: Scenario) -> Iterator[Fact]:
    """Say how much of the session storage and processors are busy, and for whom."""
    storage = {app.name: app.service.storage_busy_ns for app in apps}
    if use.background_busy_ns:
        storage["background"] = use.background_busy_ns
    lanes = scenario.device.storage.lanes
    parts = {f"storage{f' of {lanes} lanes' * (lanes > 1)}": (storage, lanes)}
    for app in apps:
        busy, _ = parts.setdefault(app.result.processor, ({}, 1))
        busy[app.name] = app.service.processor_busy_ns
    for name, (busy, many) in parts.items():
        whole = use.window_ns * many
        each = ", ".join(f"{user} {ns / whole:.1%}" for user, ns in busy.items() if len(busy) > 1)
        yield name, f"{sum(busy.values()) / whole:.1%} busy", each


def _disturbed(use: DeviceUse) -> Iterator[Fact]:
    """Say what else happened on the device, if anything did."""
    if use.background_ios:
        yield "background", counted(use.background_ios, "request"), show_bytes(use.background_bytes)
    if use.pauses:
        yield "flash pauses", f"{use.pauses:,}", f"{time_text(use.pauses_ns)} in all"
    if use.launches:
        how = f"{use.refused:,} refused, {use.evicted_others:,} killed"
        yield "other apps", f"{use.launches:,} launch{'es' * (use.launches != 1)}", how
    if use.evicted_apps:
        yield "killed", counted(use.evicted_apps, "time"), "an app of this session"
    if use.overcommits:
        yield "overcommitted", counted(use.overcommits, "time"), "an app took more memory than there was"


def _energy(use: DeviceUse, scenario: Scenario) -> Iterator[Fact]:
    """Say what each component took, and how much of the battery that is."""
    parts = {"idle": use.idle_pj, "storage": use.storage_pj, "processor": use.processor_pj}
    if all(pj is None for pj in parts.values()):
        yield "energy", "unknown", f"{scenario.device.name} has no powers"
        return
    for name, pj in parts.items():
        yield f"energy, {name}", energy_text(pj), _about(pj, "above idle" if name != "idle" else "", scenario)
    if use.battery_share is not None:
        yield "battery", f"{use.battery_share:.2%}", "of a full one, all together"


def _about(pj: int | None, what: str, scenario: Scenario) -> str:
    if pj is None:
        return "a power is not in the profile"
    share = battery_share(pj, scenario.device)
    return ", ".join(filter(None, (what, "" if share is None else f"{share:.2%} of the battery")))


def _kept(apps: Sequence[_App]) -> Iterator[Text]:
    """Say of which inferences the spans are there, where not of all."""
    kept = [len({span.request for span in app.result.timeline.spans if span.request != BESIDE}) for app in apps]
    if any(number < app.service.inferences for number, app in zip(kept, apps, strict=True)):
        each = [f"{number:,}{f' of {app.name}' * (len(apps) > 1)}" for number, app in zip(kept, apps, strict=True)]
        yield Text(f"Timelines are kept of the first inferences, {', '.join(each)}; figures are of all.", "dim")
