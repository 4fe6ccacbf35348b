"""The command line, but sweeps bring their rows to disk all the time: ``python often.py sweep SCENARIO --out DIR``."""

import sys

from edgesim.cli import main
from edgesim.sweeps import dataset

if __name__ == "__main__":
    dataset.SECONDS = 0.05
    sys.exit(main())
