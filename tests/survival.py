"""What the documents say of survival under memory pressure, and its picture, from the committed file."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgesim.plot.maps import Atlas, Axis, Map, save_maps
from edgesim.units import show_bytes

SURVIVAL = Path(__file__).parents[1] / "scenarios" / "survival" / "survival.csv"
HEADINGS = {
    "odroid": "Odroid-N2+, DynaBERT, target 400 ms; the app holds the embeddings (98 MB), too",
    "odroid, shards only": "Odroid-N2+, DynaBERT, target 400 ms; the app holds no embeddings",
    "odroid, shards only, large others": "Odroid-N2+, DynaBERT, target 400 ms; no embeddings; "
    "other apps hold 50 MB to 1.9 GB each",
    "phone, shards only": "phone with UFS 4.0 and NPU, DynaBERT, target 40 ms; the app holds no embeddings",
    "minilm": "Odroid-N2+, MiniLM, target 150 ms; the app holds the embeddings (48 MB), too",
}
"""The blocks that are drawn."""
FULL, SIX, WRX = "preload_model", "preload_model[bitwidth=6]", "wrx"
FOUR = (FULL, "load_exec", "std_pipeline", WRX)
Row = dict[str, str]
Table = tuple[tuple[str, ...], list[list[str]]]


def read(path: Path = SURVIVAL) -> list[Row]:
    """Return the rows of a file."""
    with path.open() as file:
        return list(csv.DictReader(file))


def values(rows: Sequence[Row], key: str) -> list[str]:
    """Return the values of a column in their order, each once."""
    return list(dict.fromkeys(row[key] for row in rows))


def of(rows: Sequence[Row], **wanted: str) -> list[Row]:
    """Return the rows that have some values."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def percent(value: str) -> str:
    """Write a share without decimals."""
    return f"{100 * float(value):.0f} %"


def worth(row: Row) -> str:
    """Write what a planner's answers are worth."""
    return f"accuracy {row['accuracy']}" if row["accuracy"] else f"fidelity {row['fidelity']}"


def survival(path: Path = SURVIVAL) -> Table:
    """Return the share of inferences that find the model ready and meet the target, at four corners of each map."""
    places = [("10", "1"), ("10", "16"), ("200", "1"), ("200", "16")]
    head = ("block", "planner", "worth", "its model holds",
            *(f"{process} MB, {launches} launched" for process, launches in places),
            "target met, killed or not")  # fmt: skip
    table = []
    for block in HEADINGS:
        inside = of(read(path), block=block)
        for planner in values(inside, "planner"):
            own = of(inside, planner=planner)
            cells = [percent(of(own, process_mb=mb, launches=n)[0]["ready_and_met"]) for mb, n in places]
            met = min((row["met"] for row in own), key=float)
            held = show_bytes(int(own[0]["held_bytes"]))
            table.append(
                [
                    block,
                    planner,
                    worth(own[0]),
                    held,
                    *cells,
                    "always" if float(met) == 1 else f"at least {percent(met)}",
                ]
            )
    return head, table


def advantages(path: Path = SURVIVAL) -> Table:
    """Return by how many points the share of `wrx` exceeds those of the resident models, over each map."""
    head = ("block", "less", "least", "median", "most", "above by more than chance", "below by more than chance",
            "within 5 points")  # fmt: skip
    table = []
    for block in HEADINGS:
        rows = [row for row in of(read(path), block=block, planner=WRX) if row["launches"] != "0"]
        for key, other in (("less_full", FULL), ("less_six", SIX)):
            found = sorted(100 * float(row[key]) for row in rows)
            sure = [row for row in rows if abs(float(row[key])) > float(row[f"{key}_half_width"])]
            above = sum(float(row[key]) > 0 for row in sure)
            near = sum(abs(value) <= 5 for value in found)
            table.append([
                block, other, *(f"{round(found[at]) or 0:+}" for at in (0, len(found) // 2, -1)),
                *(f"{number} of {len(rows)}" for number in (above, len(sure) - above, near)),
            ])  # fmt: skip
    return head, table


def atlas(path: Path = SURVIVAL) -> Atlas:
    """Return the maps of four planners, and of what WRX gains on two resident models."""
    rows = [row for row in read(path) if row["block"] in HEADINGS]
    return Atlas(
        "Inferences that find the model ready and meet the target [%]; "
        "2 GB for apps, others hold 50 to 400 MB unless said",
        Axis("what the app holds without its model [MB]", values(rows, "process_mb")),
        Axis("other apps launched between two engagements, on average", values(rows, "launches")),
        [(heading, list(_maps(of(rows, block=block)))) for block, heading in HEADINGS.items()],
    )


def _maps(rows: Sequence[Row]) -> Iterator[Map]:
    for planner in FOUR:
        own = of(rows, planner=planner)
        note = f"{worth(own[0])}, holds {show_bytes(int(own[0]['held_bytes']))}"
        yield Map(planner, note, _grid(own, "ready_and_met"))
    own = of(rows, planner=WRX)
    yield Map("wrx \N{MINUS SIGN} preload_model", "percentage points", _grid(own, "less_full"), signed=True)
    six = of(rows, planner=SIX)[0]
    note = f"against {worth(six)}, {show_bytes(int(six['held_bytes']))}"
    yield Map("wrx \N{MINUS SIGN} preload_model, 6 bits", note, _grid(own, "less_six"), signed=True)


def _grid(rows: Sequence[Row], key: str) -> list[list[float]]:
    return [[float(row[key]) for row in of(rows, launches=n)] for n in values(rows, "launches")]


def draw(path: Path, picture: Path) -> None:
    """Draw a file's maps."""
    save_maps(atlas(path), picture)


def printed(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in (head, *rows))


TABLES = {"the survival": survival, "the advantages": advantages}
"""What makes each table, by its name in the documents."""
