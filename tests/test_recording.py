"""What is kept of a session, and what is told of it all."""

import pytest

from edgesim import Result, read_scenario, recording, run
from edgesim.timeline import BESIDE, CLOCK

WORKLOAD = {"kind": "engagements", "engagements": 30, "inferences": 2, "think_time": "1 s", "gap": "1 s"}


def hot(*, keep_spans: bool | None = None) -> Result:
    """Run 60 inferences on a board that gets hot."""
    return run(read_scenario("disturbed", {"workload": WORKLOAD}), keep_spans=keep_spans)


def slow_ns(result: Result) -> int:
    """Return how long the clock was slow."""
    return sum(span.end_ns - span.start_ns for span in result.timeline.spans if span.lane == CLOCK)


def test_fewer_spans_are_kept_than_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans end when there are many; when questions were answered, and how slow the clock was, is told of all."""
    every = hot(keep_spans=True)
    monkeypatch.setattr(recording, "MOST_SPANS", 50)
    some = hot()
    assert some.requests == every.requests
    assert len(some.requests) == 60
    kept = {span.request for span in some.timeline.spans if span.request != BESIDE}
    assert kept == set(range(len(kept)))
    assert 0 < len(kept) < 20
    assert slow_ns(some) == slow_ns(every) > 0
    assert (some.metrics, some.service, some.device_use) == (every.metrics, every.service, every.device_use)


def test_of_the_first_only_nothing_else_is_kept() -> None:
    """One request, its spans, and one thing that happened beside."""
    first = hot(keep_spans=False)
    assert len(first.requests) == 1
    assert {span.request for span in first.timeline.spans} <= {0, BESIDE}
    assert first.service is not None
    assert first.service.inferences == 60
