"""How Hypothesis runs (the same cases everywhere, however slow the machine), and what several tests play."""

import pytest
from hypothesis import HealthCheck, settings
from played import CASES, Played, played

settings.register_profile(
    "edgesim",
    derandomize=True,
    deadline=None,
    max_examples=500,
    suppress_health_check=[HealthCheck.too_slow],  # a shared machine is no reason to fail
)
settings.load_profile("edgesim")


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Played:
    """Every kind of span, lane and session."""
    return played(**CASES[request.param])
