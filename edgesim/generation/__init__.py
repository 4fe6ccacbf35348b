"""Replies token by token: the work of the pass over the prompt and of each pass after it, and when tokens come."""

from edgesim.generation.passes import Passes, passes
from edgesim.generation.pricing import Pricing, Setup
from edgesim.latency import TokenTimes, token_times

__all__ = ["Passes", "Pricing", "Setup", "TokenTimes", "passes", "token_times"]
