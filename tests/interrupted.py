"""Whether workers leave interrupts to their caller, asked in a program that has started none before."""

import signal
import sys
import time

from edgesim.workers import each


def held(item: int) -> bool:
    """Tell whether an interrupt would not reach this process; take a while, so that each worker is asked."""
    time.sleep(0.01)
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


if __name__ == "__main__":
    answers = {value for _, value in each(held, range(60), 2)}
    sys.stdout.write(f"{answers}\n")
