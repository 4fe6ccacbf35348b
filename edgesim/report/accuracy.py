"""Measured accuracy as a table for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.report.text import number, uncut

if TYPE_CHECKING:
    from edgesim.result import Measured


def measured_table(found: "Sequence[Measured]") -> RenderableType:
    """Show measured beside predicted accuracy, one row a plan."""
    table = Table("planner", box=None, pad_edge=False)
    for heading in ("task", "accuracy", "predicted", "off by", "loss", "rank agreement"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in found:
        off = "" if row.predicted is None else f"{100 * (row.predicted - row.accuracy):+.1f} points"
        agreement = "" if row.rank_agreement is None else number(row.rank_agreement)
        table.add_row(Text(row.planner), row.task, number(row.accuracy), number(row.predicted), off,
                      f"{row.loss:.3f}", agreement)  # fmt: skip
    title = f"{found[0].scenario}: measured on {found[0].examples:,} examples of the test split"
    reasons = dict.fromkeys(row.why_not_predicted for row in found if row.why_not_predicted)
    return Group(Text(title, "bold"), uncut(table), *(Text(f"Not predicted: {reason}.") for reason in reasons))
