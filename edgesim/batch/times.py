"""What is known of many inferences once they have been scheduled."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from edgesim.batch.jobs import Integers


class Times(NamedTuple):
    """When each load is issued and done, and each layer starts and finishes, in each of N inferences [ns].

    Parameters
    ----------
    issued_ns, done_ns
        Of each load, (N, K); 0 behind the last one.
    blocked_ns, held_ns
        How long each waited for room in the load buffer, and then for the layer it is held back for, (N, K).
    opened_ns, start_ns, finish_ns
        When each layer begins to take working memory, is started by the executor, and is computed, (N, n). Behind the
        last layer all are its finish.
    """

    issued_ns: "Integers"
    done_ns: "Integers"
    blocked_ns: "Integers"
    held_ns: "Integers"
    opened_ns: "Integers"
    start_ns: "Integers"
    finish_ns: "Integers"


class Peaks(NamedTuple):
    """The most that the load buffer, the working memory and all buffers at once hold in each inference [B], (N,)."""

    load_buffer_bytes: "Integers"
    working_bytes: "Integers"
    sum_bytes: "Integers"
