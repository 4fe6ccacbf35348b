"""Sessions with all that can happen, for what draws and writes them."""

from functools import cache
from typing import Any

from edgesim import Result, Scenario, read_scenario, run

BURSTS = {"kind": "engagements", "think_time": "1 s"}
APP: dict[str, Any] = {
    "app": "keyboard", "workload": BURSTS | {"engagements": 30, "inferences": [1, 3], "gap": {"exponential": "20 s"}},
}  # fmt: skip
ASSISTANT: dict[str, Any] = {
    "model": "dynabert-12x12", "planner": "std_pipeline", "target_latency": "400 ms", "preload_buffer": "0 B",
    "workload": BURSTS | {"engagements": 20, "inferences": 1, "gap": {"exponential": "20 s"}},
}  # fmt: skip
_CLOCK = {"steps": [{"speed": "100 %", "power": "3.5 W"}, {"speed": "60 %", "power": "2 W"}]}
CONDITIONS: dict[str, Any] = {
    "background_io": [
        {"name": "camera", "direction": "write", "size": "4 MB", "gap": {"exponential": "300 ms"},
         "write": {"bandwidth": "60 MB/s"}},
        {"name": "gallery", "direction": "read", "size": "1 MB", "gap": {"exponential": "1 s"}},
    ],
    "flash_pauses": {"gap": {"exponential": "5 s"}, "duration": "100 ms"},
    "thermal": {"ambient": "25 C", "resistance": "12 K/W", "time_constant": "3 s", "trip": "28 C", "hysteresis": "1 K",
                "poll": "20 ms", "clock": _CLOCK},
    "memory": {
        "for_apps": "1.1 GB", "app": {"base": "60 MB"},
        "others": {"launches": {"exponential": "10 s"}, "memory": {"uniform": ["400 MB", "900 MB"]},
                   "foreground": {"exponential": "10 s"}},
    },
}  # fmt: skip


@cache
def day(*, apps: int = 2, disturbed: bool = True, keep_spans: bool | None = True) -> tuple[Result, Scenario]:
    """Run a keyboard, and an assistant beside it, for some minutes on the Odroid; all of it or the first is kept."""
    changes = dict(APP) | ({"apps": {"assistant": ASSISTANT}} if apps > 1 else {})
    changes |= {"conditions": CONDITIONS} if disturbed else {}
    scenario = read_scenario("quickstart", changes)
    return run(scenario, "wrx", keep_spans=keep_spans), scenario
