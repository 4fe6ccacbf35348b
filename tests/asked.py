"""Outputs of `sweep`, `report`, `need` and `sensitivity` that the README shows."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from edgesim import need, sensitivity
from edgesim.questions.moves_text import sensitivity_text
from edgesim.questions.text import need_text
from edgesim.report.text import render
from edgesim.sweeps.ended import ended_text
from edgesim.sweeps.findings import read_report
from edgesim.sweeps.ready import Where, read_sweep_file
from edgesim.sweeps.shown import report_text
from edgesim.sweeps.verbs import store_sweep

WIDTH = 120


@cache
def _swept() -> tuple[str, str]:
    """Return what a sweep says when it has ended, and what is reported of it."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = store_sweep(read_sweep_file("sweep"), Path(folder) / "swept", Where(1))
        report = read_report(Path(folder) / "swept")
    return render(ended_text(manifest), WIDTH), render(report_text(report), WIDTH)


OUTPUTS: dict[str, Callable[[], str]] = {
    "edgesim sweep sweep --out swept": lambda: _swept()[0],
    "edgesim report swept": lambda: _swept()[1],
    "edgesim need quickstart --find storage.read.bandwidth --fidelity 0.1": lambda: render(
        need_text(need("quickstart", "storage.read.bandwidth", fidelity=0.1)), WIDTH
    ),
    "edgesim sensitivity quickstart": lambda: render(sensitivity_text(sensitivity("quickstart")), WIDTH),
}
"""What each command prints."""
