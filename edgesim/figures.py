"""What is measured on a timeline: types only."""

from dataclasses import dataclass

from edgesim.timeline import APP


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on a timeline; of a session, the first inference's figures where nothing else is said.

    None is unknown.
    """

    latency_ns: int
    """From the question to the answer [ns]: queueing, stalls and what the executor is busy."""
    target_latency_ns: int
    """What was promised [ns]; of a reply for each of its tokens."""
    meets_target: bool
    """Whether it was kept: the latency, or of a reply the mean time of a token after the first."""
    stall_ns: int
    """The executor waited for shards [ns], hand-offs included."""
    blocked_ns: int
    """The loader waited for room in the load buffer [ns]."""
    held_ns: int
    """The loader waited for a layer to finish, as the plan says [ns]."""
    io_busy_ns: int
    """Reads took together [ns]."""
    compute_busy_ns: int
    """The executor decompressed, copied or computed [ns]."""
    io_utilization: float
    """Part of the latency in which the storage was busy, of all lanes that the plan uses."""
    compute_utilization: float
    """Part of the latency in which the executor was busy."""
    loaded_bytes: int
    """What was read [B]."""
    resident_bytes: int
    """What the model always holds in memory [B]."""
    preload_bytes: int
    """Compressed shards that are kept between inferences [B], at most."""
    load_buffer_peak_bytes: int
    """Compressed shards that were read and not executed yet [B], at most in the whole session."""
    working_bytes: int
    """Decompressed weights and activations of the layer in execution [B], at most in the whole session."""
    held_memory_bytes: int
    """What stays in memory between inferences [B]: `resident_bytes` and `preload_bytes`."""
    peak_memory_bytes: int
    """All parts of the memory together [B], at most in the whole session."""
    preload_fill_ns: int
    """Time that it takes to fill the preload buffer before the session [ns]."""
    accuracy: float | None
    """Accuracy that measured samples predict, 0 to 1."""
    fidelity: float | None
    """Part of the full model that is executed faithfully, weighted by importance, 0 to 1."""
    energy_pj: int | None
    """Energy of storage and processor above idle [pJ]."""
    latency_p50_ns: int
    """Median of the latencies of the session [ns]."""
    latency_p90_ns: int
    """Their 90th percentile [ns]."""
    latency_p99_ns: int
    """Their 99th percentile [ns]."""
    target_met_fraction: float
    """Part of the inferences of the session that met the target."""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as it was served."""

    arrival_ns: int
    """When it was asked for, from the start of the session [ns]."""
    start_ns: int
    """When its app turned to it [ns]."""
    finish_ns: int
    """When it was answered [ns]."""
    latency_ns: int
    """From arrival to finish [ns]."""
    stall_ns: int
    """The executor waited for shards [ns], hand-offs included."""
    meets_target: bool
    """Whether the promise was kept that held when it was asked for."""
    app: str = APP
    """Whose it is."""
    number: int = 0
    """Its number among the app's, from 0."""
    engagement: int = 0
    """Number of the burst or query that it belongs to, from 0."""
    restarted: bool = False
    """Whether the app had been killed before, and had nothing in memory."""
