"""Every figure of a result in words: what it is, how much, and what that means."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from edgesim.report.amounts import energy_text, time_text
from edgesim.result import Result
from edgesim.units import show_bytes, show_ns

Show = Callable[[Any], str]


def _share(value: float) -> str:
    return f"{value:.1%}"


def _number(value: float) -> str:
    return f"{value:.4f}"


def _count(value: int) -> str:
    return f"{value:,}"


def _met(value: bool) -> str:
    return "yes" if value else "no"


class Kind(NamedTuple):
    """How a figure is called, how it is written, and what it means."""

    name: str
    show: Show
    about: str


METRICS = {
    "latency_ns": Kind("latency", show_ns, "from the question to the answer"),
    "target_latency_ns": Kind("target", show_ns, "what was promised; of a reply, for each token after the first"),
    "meets_target": Kind("target met", _met, "whether the first inference kept the promise"),
    "stall_ns": Kind("stalled", show_ns, "the executor waited for shards, hand-offs included"),
    "blocked_ns": Kind("blocked", show_ns, "the loader waited for room in the load buffer"),
    "held_ns": Kind("held back", show_ns, "the loader waited until a layer had finished, as the plan says"),
    "io_busy_ns": Kind("loader busy", show_ns, "requests were in service; of several lanes the sum"),
    "compute_busy_ns": Kind("executor busy", show_ns, "layers were decompressed and computed"),
    "io_utilization": Kind("loader utilisation", _share, "share of the latency, of all lanes"),
    "compute_utilization": Kind("executor utilisation", _share, "share of the latency"),
    "loaded_bytes": Kind("read", show_bytes, "from storage, during the first inference"),
    "resident_bytes": Kind("always held", show_bytes, "what the model needs whatever the plan: embeddings, head"),
    "preload_bytes": Kind("shards kept", show_bytes, "compressed shards in memory between inferences"),
    "load_buffer_peak_bytes": Kind("load buffer", show_bytes, "compressed shards read and not executed yet, at most"),
    "working_bytes": Kind("working buffer", show_bytes, "decompressed weights and activations of a layer, at most"),
    "held_memory_bytes": Kind("held between inferences", show_bytes, "always held, and shards kept"),
    "peak_memory_bytes": Kind("peak memory", show_bytes, "the largest sum of all parts at one moment"),
    "preload_fill_ns": Kind("filling the preload buffer", show_ns, "reading it once, before a warm start"),
    "accuracy": Kind("accuracy", _number, "predicted from measured samples of the model"),
    "fidelity": Kind("fidelity", _number, "share of the model, weighted by importance, executed faithfully"),
    "energy_pj": Kind("energy", energy_text, "of storage and processor above idle, of the first inference"),
    "latency_p50_ns": Kind("latency, median", show_ns, "half of all inferences take no longer"),
    "latency_p90_ns": Kind("latency, p90", show_ns, "nine in ten inferences take no longer"),
    "latency_p99_ns": Kind("latency, p99", show_ns, "99 in 100 inferences take no longer"),
    "target_met_fraction": Kind("within the target", _share, "of all inferences"),
}
SERVICE = {
    "inferences": Kind("inferences", _count, "asked in the whole session"),
    "engagements": Kind("engagements", _count, "bursts of inferences, or queries of several"),
    "window_ns": Kind("window", time_text, "from the first question to the last answer"),
    "latency_mean_ns": Kind("latency, mean", time_text, "of all inferences"),
    "waiting_mean_ns": Kind("waiting, mean", time_text, "from a question until its app turned to it"),
    "waiting_p99_ns": Kind("waiting, p99", time_text, "99 in 100 inferences wait no longer"),
    "engagement_p50_ns": Kind("engagement, median", time_text, "from its first question to its last answer"),
    "engagement_p99_ns": Kind("engagement, p99", time_text, "99 in 100 engagements take no longer"),
    "ready_fraction": Kind("found ready", _share, "the app was alive, with all in memory that its plan preloads"),
    "ready_and_met_fraction": Kind("ready and in time", _share, "found ready, and the target met"),
    "restarts": Kind("restarts", _count, "inferences that found their app killed"),
    "storage_busy_ns": Kind("storage busy", time_text, "with this app's reads"),
    "processor_busy_ns": Kind("processor busy", time_text, "with this app's layers"),
    "stall_ns": Kind("stalled", time_text, "in the whole session"),
    "queued_ns": Kind("queued", time_text, "the executor waited for other apps' layers"),
    "storage_utilization": Kind("storage utilisation", _share, "by this app, of all lanes"),
    "processor_utilization": Kind("processor utilisation", _share, "by this app"),
    "storage_pj": Kind("energy, storage", energy_text, "above idle"),
    "processor_pj": Kind("energy, processor", energy_text, "above idle"),
    "per_inference_pj": Kind("energy an inference", energy_text, "above idle, on average"),
    "storage_per_inference_pj": Kind("of it storage", energy_text, "above idle, an inference"),
    "processor_per_inference_pj": Kind("of it processor", energy_text, "above idle, an inference"),
    "per_engagement_pj": Kind("energy an engagement", energy_text, "above idle, on average"),
    "storage_per_engagement_pj": Kind("of it storage", energy_text, "above idle, an engagement"),
    "processor_per_engagement_pj": Kind("of it processor", energy_text, "above idle, an engagement"),
    "tokens": Kind("tokens", _count, "generated in the whole session"),
    "kv_cache_bytes": Kind("attention cache", show_bytes, "of the longest reply"),
    "first_token_p50_ns": Kind("first token, median", time_text, "from the question on"),
    "first_token_p90_ns": Kind("first token, p90", time_text, "from the question on"),
    "per_token_p50_ns": Kind("later tokens, median", time_text, "mean of a reply for each"),
    "per_token_p90_ns": Kind("later tokens, p90", time_text, "mean of a reply for each"),
}
DEVICE_USE = {
    "window_ns": Kind("session", time_text, "until the last answer"),
    "launches": Kind("launches", _count, "of other apps"),
    "refused": Kind("refused", _count, "launches for which there was no memory"),
    "evicted_others": Kind("others killed", _count, "to free memory"),
    "evicted_apps": Kind("killed", _count, "apps of this session"),
    "overcommits": Kind("overcommitted", _count, "an app took more memory than there was"),
    "background_ios": Kind("background requests", _count, "of other processes to the storage"),
    "background_bytes": Kind("background bytes", show_bytes, "read and written by other processes"),
    "background_busy_ns": Kind("background busy", time_text, "the storage served other processes"),
    "pauses": Kind("flash pauses", _count, "to collect garbage"),
    "pauses_ns": Kind("pausing", time_text, "in all"),
    "idle_pj": Kind("energy, idle", energy_text, "of the whole device, with nothing to do"),
    "storage_pj": Kind("energy, storage", energy_text, "above idle, whoever used it"),
    "processor_pj": Kind("energy, processor", energy_text, "above idle, whoever used it"),
    "battery_share": Kind("battery", _share, "of a full one, all together"),
}


class Figure(NamedTuple):
    """One figure as it is shown; `key` is its name in JSON."""

    key: str
    name: str
    value: str
    about: str


class Figures(NamedTuple):
    """Figures with a caption."""

    caption: str
    figures: Sequence[Figure]


def tables(result: Result, app: str = "") -> Iterator[Figures]:
    """Yield the figures of a result: of the first inference, and of a session those of the whole of it."""
    whose = f" of {app}" if app else ""
    several = result.service is not None and result.service.inferences > 1
    yield Figures(f"{'First inference' if several else 'Inference'}{whose}", figures_of(result.metrics, METRICS))
    if result.service and (several or result.service.tokens):
        yield Figures(f"Whole session{whose}", figures_of(result.service, SERVICE))
    if result.device_use and several:
        yield Figures("The device, whoever used it", figures_of(result.device_use, DEVICE_USE))


def figures_of(found: object, kinds: dict[str, Kind]) -> list[Figure]:
    """Return figures as they are shown; None is unknown."""
    values = {key: getattr(found, key) for key in kinds}
    return [
        Figure(key, kind.name, "unknown" if values[key] is None else kind.show(values[key]), kind.about)
        for key, kind in kinds.items()
    ]
