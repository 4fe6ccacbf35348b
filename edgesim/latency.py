"""When tokens come -> what a user waits for."""

from collections.abc import Sequence
from typing import NamedTuple

from edgesim.device import SECOND


class TokenTimes(NamedTuple):
    """What a user of one reply waits for, named as MLPerf names them.

    Parameters
    ----------
    time_to_first_token_ns
        From the question to the first token: waiting, and the pass over the prompt.
    time_per_output_token_ns
        Mean time from one token to the next, rounded up; None for replies of one token.
    tokens_per_s
        Its inverse; None for replies of one token, or where tokens come in no time.
    """

    time_to_first_token_ns: int
    time_per_output_token_ns: int | None
    tokens_per_s: float | None


def token_times(arrival_ns: int, times_ns: Sequence[int]) -> TokenTimes:
    """Measure one reply.

    Parameters
    ----------
    arrival_ns
        When the question was asked.
    times_ns
        When each token of the reply was there, at least one, rising.
    """
    steps, taken = len(times_ns) - 1, times_ns[-1] - times_ns[0]
    return TokenTimes(
        time_to_first_token_ns=times_ns[0] - arrival_ns,
        time_per_output_token_ns=-(-taken // steps) if steps else None,
        tokens_per_s=steps * SECOND / taken if taken else None,
    )
