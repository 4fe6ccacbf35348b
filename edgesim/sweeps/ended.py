"""What a sweep says when it has ended: how many points of each planner came to what."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.quantities import counted
from edgesim.report.text import uncut
from edgesim.sweeps.columns import FAILED, INVALID, LOST, STATUSES
from edgesim.sweeps.manifest import Manifest
from edgesim.sweeps.reading import read_sweep


def ended_text(manifest: Manifest) -> RenderableType:
    """Show the counts of a dataset, a row for each planner."""
    identity, counts = manifest.identity, manifest.counts
    said = f"{identity.scenario}: {counted(manifest.rows, 'point')}"
    if left_out := identity.points - manifest.rows:
        said += f", {left_out:,} left out by filters"
    shown = [status for status in STATUSES if any(status in found for found in counts.values())]
    table = Table("planner", box=None, pad_edge=False)
    for status in shown:
        table.add_column(status, justify="right", no_wrap=True)
    for label in identity.planners:
        found = counts.get(label, {})
        table.add_row(Text(label), *(f"{found.get(status, 0):,}" for status in shown))
    return Group(Text(one_line(said), "bold"), uncut(table))


def reasons(folder: str | Path, manifest: Manifest) -> list[str]:
    """Say why points were not what a sweep is for: the commonest reason of each status but `infeasible`."""
    wrong = [status for status in (INVALID, FAILED, LOST) if any(status in found for found in manifest.counts.values())]
    if not wrong:
        return []
    rows = read_sweep(folder, ["status", "reason"])
    found = [(status, rows["reason"][rows["status"] == status].value_counts()) for status in wrong]
    return [f"{status} {counted(int(each.sum()), 'point')}, most often: {each.index[0]}" for status, each in found]
