"""The page of tables: the columns of a sweep's rows, and of a comparison's."""

from edgesim.figures import Metrics
from edgesim.sweeps.columns import STATUSES, row_columns
from edgesim.usage import DeviceUse, Service
from edgesim_reference.answers import said
from edgesim_reference.markdown import listed, page, prose, table

_ASKED = {
    "point": "Number of the point; rows are in that order.",
    "scenario": "Name of the scenario.",
    "device": "Name of the device.",
    "processor": "Processor that computes.",
    "model": "Name of the model.",
    "planner": "The planner with its options.",
    "throttle": "The device whose storage is taken; empty where it is its own.",
    "preload_buffer_bytes": "The preload buffer [B].",
    "load_buffer_bytes": "The load buffer [B]; empty is unlimited.",
    "target_latency_ns": "The target [ns].",
    "status": f"What came of the point: {listed([f'`{status}`' for status in STATUSES])}.",
    "reason": "Why there is no plan; empty where there is one.",
    "engine": "What found the figures: `recurrence` in closed form, or `simulation`.",
}
_ABOUT = """`edgesim sweep --out DIR` writes a folder of Parquet files, a partition for each planner, which pandas and
pyarrow read as it is; `edgesim.read_sweep(DIR)` gives a frame with these columns and exact types. What is unknown is
missing. Each swept key that is none of these has a column of its own name, such as `storage.read.bandwidth`, in whole
numbers of the smallest unit, as a part of a whole, or as times a second."""
_SESSIONS = """Of a sweep in which some points are sessions, every row has the figures of `service` and of
`device_use`, too."""
_CSV = """`edgesim compare --csv FILE` has the same columns, without `point`, `status`, `reason` and `engine`; behind
the budgets stands `left_out`, the reason why a planner has no plan. `edgesim report --csv FILE` has the steps of all
fronts, as [the report](json/report.md) tells them."""


def column_page() -> str:
    """Return the page."""
    texts = _ASKED | said(Metrics)
    plain, every = row_columns({}, sessions=False), row_columns({}, sessions=True)
    texts |= {f"{prefix}_{name}": text for prefix, figures in (("service", Service), ("device", DeviceUse))
              for name, text in said(figures).items()}  # fmt: skip
    texts |= _ASKED  # the target of a row is what was asked for
    rows = [(f"`{name}`", f"`{kind}`", prose(texts[name])) for name, kind in every.items()]
    first, more = rows[: len(plain)], rows[len(plain) :]
    heads = ("column", "type", "meaning")
    return page("Tables", "## Rows of a sweep", _ABOUT, table(heads, first), _SESSIONS, table(heads, more),
                "## CSV", _CSV)  # fmt: skip
