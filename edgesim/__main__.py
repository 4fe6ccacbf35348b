"""``python -m edgesim``: the command line where no script is installed."""

import sys

from edgesim.cli import main

sys.exit(main())
