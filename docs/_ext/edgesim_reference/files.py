"""Pages of the file formats, from the schemas that `edgesim check --schemas` writes."""

import json
import re
from pathlib import Path

from edgesim.document import Source
from edgesim.files.attributes import field_texts
from edgesim.files.schemas import schema_texts
from edgesim.units import KINDS
from edgesim_reference.markdown import contents, listed, page, prose, table
from edgesim_reference.schemas import Page

EXAMPLES = {
    "device": ("device_profiles/jetson-nano.yaml", "device_profiles/odroid-n2plus.yaml"),
    "model": ("scenarios/models/minilm-6x12.yaml", "scenarios/models/qwen3-30b-a3b.yaml"),
    "scenario": ("scenarios/quickstart.yaml", "scenarios/day.yaml"),
    "grid": ("scenarios/grids/regress.yaml", "scenarios/grids/regress.yaml"),
}
"""Shipped files that show each format: one of which the least is shown, and one that uses much of it."""
_TOO = {"device": ("processors",)}
"""Keys that a file can do without, but not usefully."""
TITLES = {"device": "Device profiles", "model": "Model files", "scenario": "Scenario files", "grid": "Grid files"}
_INTRODUCTION = """Every file of this kind has `schema: edgesim.{kind}/1`. An unknown key is a mistake, and
`edgesim check FILE` finds every one, by line. Editors complete and check the keys, and show what is said here, with
this as the first line of a file beside `{kind}.schema.json` (`edgesim check --schemas DIR` writes it):

    # yaml-language-server: $schema={kind}.schema.json

How quantities are written, and what grades mean, is in [](quantities.md)."""
_QUANTITIES = """A quantity is a number and its unit, `83.4 MB/s`; a number without a unit is refused. Inside, time is
whole nanoseconds, sizes are whole bytes, rates whole bytes a second, power milliwatts and a battery's energy
millijoules: fractions of these round up. What exceeds 2^53 of them is refused."""
_GRADES = """Every number of a device or a model can say where it comes from, in the `source` beside it or above it,
with a grade. An answer that rests on C or D says so on its face."""
_ALSO = {"time": "microseconds are also `µs`", "size": "`k` is 1000, `Ki` is 1024", "share": "a part of a whole"}
_KINDS = {"rate": "bytes a second", "speed": "arithmetic a second", "frequency": "how often"}


def file_pages(root: Path) -> dict[str, str]:
    """Return each page by its name.

    Parameters
    ----------
    root
        Of the repository, from which examples are taken.
    """
    found = {f"files/{kind}.md": _file_page(kind, root) for kind in TITLES}
    about = "What edgesim reads: YAML, one file for each device, model, scenario and grid."
    index = contents("Files", about, [*TITLES, "quantities"])
    return found | {"files/quantities.md": _quantities(), "files/index.md": index}


def least(kind: str, text: str) -> str:
    """Return the least of a shipped file that is still one: keys that are needed, and none of their sources."""
    needed = {*json.loads(schema_texts()[f"{kind}.schema.json"])["required"], *_TOO.get(kind, ())}
    kept, left_out = [], 0
    for line in text.splitlines():
        margin = len(line) - len(line.lstrip())
        if left_out and margin < left_out:
            left_out = 0
        if not left_out and line.strip().startswith(("source:", "#")):
            left_out = margin + 1
        elif not left_out and not margin and line.partition(":")[0] not in needed:
            left_out = 1
        if not left_out:
            kept.append(re.sub(r"\s+# .*", "", line))
    return "\n".join(kept)


def _file_page(kind: str, root: Path) -> str:
    schema = json.loads(schema_texts()[f"{kind}.schema.json"])
    whole, *sections = Page(schema, f"{kind}-file").render()
    first, longer = (root / path for path in EXAMPLES[kind])
    return page(TITLES[kind], _INTRODUCTION.format(kind=kind), "The least that such a file has:",
                _yaml(least(kind, first.read_text())), "## The file", whole, *sections, "## A longer example",
                f"The shipped `{longer.stem}`:", _yaml(longer.read_text()))  # fmt: skip


def _yaml(text: str) -> str:
    """Show a file, without the line for editors."""
    lines = (line for line in text.splitlines() if not line.startswith("# yaml-language-server"))
    return "```yaml\n" + "\n".join(lines) + "\n```"


def _quantities() -> str:
    rows = [
        (_KINDS.get(kind, kind), listed([f"`{unit}`" for unit in units if unit != "µs"], "and"), _ALSO.get(kind, ""))
        for kind, units in KINDS.items()
    ]
    rows += [
        ("temperature", "`C` and `°C`", "the only quantity that may be below zero"),
        ("temperature difference", "`K`", ""),
        ("thermal resistance", "`K/W`", ""),
    ]
    grades = [(grade, prose(text)) for grade, text in re.findall(r"\b([A-D]) (.+?)[;.]", field_texts(Source)["grade"])]
    return page("Quantities and grades", "## Quantities", _QUANTITIES, table(("kind", "units", ""), rows),
                "## Grades", _GRADES, table(("grade", "the number was"), grades))  # fmt: skip
