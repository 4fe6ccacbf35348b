"""How a whole session went, for one app and for the device: types only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """How one app's questions were answered over a whole session; None is unknown, or there was none.

    An inference finds the model ready if its app was alive, with all in the preload buffer that its plan preloads.
    An engagement is a burst of inferences, or a query of several; its time is from its first question to its last
    answer. `queued_ns` is what executors waited for other apps' layers. Utilisations are of the window from the first
    question to the last answer, by this app alone; of a storage with several lanes, of all of them. Energy is above
    idle, its means are rounded to the picojoule. The attention cache is that of the longest reply. Tokens are those
    generated; time to the first one from the question, time for each later one as the mean of a reply.
    """

    inferences: int
    engagements: int
    window_ns: int
    latency_mean_ns: float | None
    waiting_mean_ns: float | None
    waiting_p99_ns: int | None
    engagement_p50_ns: int | None
    engagement_p99_ns: int | None
    ready_fraction: float
    ready_and_met_fraction: float
    restarts: int
    storage_busy_ns: int
    processor_busy_ns: int
    stall_ns: int
    queued_ns: int
    storage_utilization: float
    processor_utilization: float
    storage_pj: int | None
    processor_pj: int | None
    per_inference_pj: int | None
    storage_per_inference_pj: int | None
    processor_per_inference_pj: int | None
    per_engagement_pj: int | None
    storage_per_engagement_pj: int | None
    processor_per_engagement_pj: int | None
    tokens: int
    kv_cache_bytes: int
    first_token_p50_ns: int | None
    first_token_p90_ns: int | None
    per_token_p50_ns: int | None
    per_token_p90_ns: int | None


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """What happened on the device in a whole session, whoever did it.

    `launches` are those of apps that are not simulated further, `refused` those of them for which there was no room;
    `evicted_apps` were simulated ones, and an overcommit is a claim of one beyond all memory that there is. Energy of
    storage and processors is above `idle_pj`, which is that of the whole window; `battery_share` is the sum's
    part of a full battery. None is unknown.
    """

    window_ns: int
    launches: int
    refused: int
    evicted_others: int
    evicted_apps: int
    overcommits: int
    background_ios: int
    background_bytes: int
    background_busy_ns: int
    pauses: int
    pauses_ns: int
    idle_pj: int | None
    storage_pj: int | None
    processor_pj: int | None
    battery_share: float | None
