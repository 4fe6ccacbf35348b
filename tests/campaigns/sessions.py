"""How long sessions take, and how much memory: ``python -m tests.campaigns.sessions [--most N]``.

Each runs in a process of its own: the shipped day, with everything that disturbs; then a server whose reads and layers
scatter, for ten times as many inferences each time, without keeping spans.
"""

import argparse
import json
import subprocess
import sys

_RUN = """
import json, resource, sys, time
from edgesim import read_scenario, run
name, changes, keep = json.loads(sys.argv[1])
scenario = read_scenario(name, changes)
began = time.perf_counter()
result = run(scenario, keep_spans=keep)
taken = time.perf_counter() - began
every = [result, *result.beside]
inferences = sum(each.service.inferences for each in every)
print(json.dumps([inferences, taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def measured(name: str, changes: dict[str, object], *, keep: bool | None) -> str:
    """Run a scenario in a process of its own; say how many inferences, how long and how much memory."""
    call = [sys.executable, "-c", _RUN, json.dumps([name, changes, keep])]
    inferences, taken, peak = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
    return f"{name}: {inferences:,} inferences in {taken:.1f} s, {inferences / taken:,.0f}/s, peak {peak:.0f} MB"


def main() -> None:
    """Measure the day, then a server of more and more inferences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="inferences of the longest session")
    most = parser.parse_args().most
    print(measured("day", {}, keep=None), flush=True)
    jitter = {"quantiles": {0.05: 0.9, 0.5: 1, 0.95: 1.3, 0.99: 2}}
    inferences = 10_000
    while inferences <= most:
        workload = {"kind": "server", "rate": "1 /s", "inferences": inferences}
        changes = {"workload": workload, "conditions": {"io_jitter": jitter, "compute_jitter": jitter}}
        print(measured("server", changes, keep=False), flush=True)
        inferences *= 10


if __name__ == "__main__":
    main()
