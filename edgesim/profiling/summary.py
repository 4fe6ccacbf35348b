"""What a profile found, in a few lines for people and as rows."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from edgesim.profiling.samples import Recording, Sample, statistics
from edgesim.quantities import counted, size_text
from edgesim.spread import COLD, COPY, DECOMPRESS, HAND_OFF, HOT, KEYS, LAYER, READ, Point, Statistics
from edgesim.units import show_ns

Found = Mapping[Point, Statistics]
_SIZES = (4 << 10, 64 << 10, 1 << 20, 8 << 20)


def statistics_rows(samples: Iterable[Sample]) -> list[dict[str, object]]:
    """Return one row for each point: what it is, and its statistics."""
    return [
        {"quantity": point.quantity, **dict(zip(KEYS[point.quantity], point.key, strict=True)), "state": point.state}
        | {name: round(value, 4) for name, value in values._asdict().items()}
        for point, values in statistics(samples).items()
    ]


def summary_text(recording: Recording, path: Path) -> str:
    """Return the main numbers, a line for each quantity."""
    found = statistics(recording.samples)
    header = f"{path}: {counted(len(recording.samples), 'sample')}, session {recording.header.session}"
    return "\n".join([header, *_lines(found)]) + "\n"


def _lines(found: Found) -> Iterator[str]:
    for depth in sorted({point.key[1] for point in found if point.quantity == READ}):
        reads = {size: found.get(Point(READ, (size, depth), HOT)) for size in _SIZES}
        yield _line(f"read, depth {depth}", {size_text(size): values for size, values in reads.items() if values})
    for state, words in ((HOT, "layer"), (COLD, "layer after a wait")):
        layers = [(point.key[0], values) for point, values in found.items() if point[::2] == (LAYER, state)]
        if layers:
            ends = (layers[0], layers[len(layers) // 2], layers[-1])
            yield _line(words, {f"{m} shard{'s' * (m > 1)}": values for m, values in ends})
    unpacked = {point.key: values for point, values in found.items() if point[::2] == (DECOMPRESS, HOT)}
    if unpacked:
        most = max(shards for shards, _ in unpacked)
        of_most = {f"{bits} bits": values for (shards, bits), values in unpacked.items() if shards == most}
        yield _line(f"unpack {most} shards", of_most)
    for quantity, words in ((HAND_OFF, "hand-off"), (COPY, "copy")):
        for point, values in found.items():
            if point.quantity == quantity:
                yield _line(words, {" ".join(map(size_text, point.key)): values})


def _line(words: str, times: Mapping[str, Statistics]) -> str:
    shown = (f"{name} {show_ns(values.median_ns)}".strip() for name, values in times.items())
    return f"{words:<20}{', '.join(shown)}"
