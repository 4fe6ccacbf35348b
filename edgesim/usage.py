"""How a whole session went, for one app and for the device: types only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """How one app's questions were answered over a whole session; None is unknown, or there was none.

    An engagement is a burst of inferences, or a query of several. Means of energy are rounded to the picojoule.
    """

    inferences: int
    """How many were answered."""
    engagements: int
    """How many bursts or queries they came in."""
    window_ns: int
    """From the first question to the last answer [ns]."""
    latency_mean_ns: float | None
    """Mean time from a question to its answer [ns]."""
    waiting_mean_ns: float | None
    """Mean time from a question until its app turned to it [ns]."""
    waiting_p99_ns: int | None
    """Its 99th percentile [ns]."""
    engagement_p50_ns: int | None
    """Median time from the first question of an engagement to its last answer [ns]."""
    engagement_p99_ns: int | None
    """Its 99th percentile [ns]."""
    ready_fraction: float
    """Part of the inferences that found the app alive, with all in memory that its plan preloads."""
    ready_and_met_fraction: float
    """Part of the inferences that found it so and met the target."""
    restarts: int
    """How many found the app killed."""
    storage_busy_ns: int
    """The app's reads took together [ns]."""
    processor_busy_ns: int
    """The app's layers took together [ns]."""
    stall_ns: int
    """Its executor waited for shards [ns]."""
    queued_ns: int
    """Its executor waited for other apps' layers [ns]."""
    storage_utilization: float
    """Part of the window in which the app used the storage, of all lanes."""
    processor_utilization: float
    """Part of the window in which the app used the processor."""
    storage_pj: int | None
    """Energy of the storage for this app, above idle [pJ]."""
    processor_pj: int | None
    """Energy of the processor for this app, above idle [pJ]."""
    per_inference_pj: int | None
    """Mean energy of an inference, above idle [pJ]."""
    storage_per_inference_pj: int | None
    """The storage's part of it [pJ]."""
    processor_per_inference_pj: int | None
    """The processor's part of it [pJ]."""
    per_engagement_pj: int | None
    """Mean energy of an engagement, above idle [pJ]."""
    storage_per_engagement_pj: int | None
    """The storage's part of it [pJ]."""
    processor_per_engagement_pj: int | None
    """The processor's part of it [pJ]."""
    tokens: int
    """How many were generated."""
    kv_cache_bytes: int
    """Attention cache of the longest reply [B]."""
    first_token_p50_ns: int | None
    """Median time from a question to the first token of its reply [ns]."""
    first_token_p90_ns: int | None
    """Its 90th percentile [ns]."""
    per_token_p50_ns: int | None
    """Median over replies of the mean time of a token after the first [ns]."""
    per_token_p90_ns: int | None
    """Its 90th percentile [ns]."""


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """What happened on the device in a whole session, whoever did it; None is unknown."""

    window_ns: int
    """From the first question of any app to the last answer [ns]."""
    launches: int
    """Launches of apps that are not simulated further."""
    refused: int
    """How many of them found no room."""
    evicted_others: int
    """How many of those apps were killed."""
    evicted_apps: int
    """How often a simulated app was killed."""
    overcommits: int
    """How often a simulated app claimed more than all memory that there is."""
    background_ios: int
    """Requests of other processes to the storage."""
    background_bytes: int
    """What they read and wrote [B]."""
    background_busy_ns: int
    """How long they took together [ns]."""
    pauses: int
    """How often the flash collected garbage."""
    pauses_ns: int
    """How long that took together [ns]."""
    idle_pj: int | None
    """Energy of the idle device over the window [pJ]."""
    storage_pj: int | None
    """Energy of the storage above idle [pJ]."""
    processor_pj: int | None
    """Energy of the processors above idle [pJ]."""
    battery_share: float | None
    """Part of a full battery that all of it is."""
