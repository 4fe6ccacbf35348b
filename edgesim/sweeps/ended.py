"""What a sweep says when it has ended: how many points of each planner came to what."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.report.text import uncut
from edgesim.sweeps.columns import STATUSES
from edgesim.sweeps.manifest import Manifest
from edgesim.sweeps.summary import counted


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
