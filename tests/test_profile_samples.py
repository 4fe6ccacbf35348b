"""Samples are kept as they were taken; statistics are exact, and the same samples give the same profile."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.device import Device
from edgesim.errors import InputError
from edgesim.files import read_device
from edgesim.files.shipped import shipped_folder
from edgesim.files.write import write_profile
from edgesim.model import Geometry
from edgesim.profiling.derived import derived
from edgesim.profiling.fit import profile_of
from edgesim.profiling.imports.raw import read_raw
from edgesim.profiling.line import fit_line
from edgesim.profiling.measure import recompute
from edgesim.profiling.samples import (
    Header,
    Recording,
    Sample,
    parse_recording,
    recording_bytes,
    statistics,
    statistics_text,
)
from edgesim.quantile import at_quantile
from edgesim.spread import (
    COLD,
    COPY,
    DECOMPRESS,
    FIRST,
    HAND_OFF,
    HOT,
    LAYER,
    PER_SHARD,
    READ,
    START_UP,
    WAKE,
    Point,
    Statistics,
)  # fmt: skip

GEOMETRY = Geometry(hidden=32, heads=4, ffn=64, seq_len=8, dtype="fp32")
HEADER = Header(
    version="1", name="here", description="Made up", session="0123abcd", started="2026-11-24T15:00:00Z", seed=3,
    geometry=GEOMETRY, processor="cpu", facts={"memory_bytes": 8 << 30, "hypervisor": None, "cpus_available": 2},
    methods={"storage": "made up", "compute": "made up, too"}, doubts={"storage": ("it was made up",)},
)  # fmt: skip


def reads(times: dict[int, int], depth: int = 1, state: str = HOT) -> list[Sample]:
    """Return one read of each size."""
    return [Sample(READ, (size, depth), state, ns) for size, ns in times.items()]


def layers(m: int, state: str, *times: int) -> list[Sample]:
    """Return computations of a layer of m shards."""
    return [Sample(LAYER, (m,), state, ns) for ns in times]


WHOLE = [
    *reads({4096: 100_000, 8192: 110_000, 65536: 300_000}), *reads({4096: 150_000, 8192: 170_000, 65536: 600_000}, 2),
    *reads({4096: 130_000}, state=COLD),
    *layers(1, HOT, 1000, 1200, 1100), *layers(2, HOT, 2000), *layers(1, COLD, 1050), *layers(2, COLD, 2500),
    *layers(1, FIRST, 9000),
    Sample(DECOMPRESS, (1, 2), HOT, 50), Sample(DECOMPRESS, (2, 2), HOT, 111), Sample(DECOMPRESS, (2, 32), HOT, 20),
    Sample(DECOMPRESS, (2, 2), COLD, 130), Sample(DECOMPRESS, (1, 32), COLD, 7),
    Sample(HAND_OFF, (), COLD, 900), Sample(COPY, (1 << 26,), HOT, 10**7),
]  # fmt: skip
WHOLE_RECORDING = Recording(HEADER, WHOLE)
times_ns = st.integers(1, 10**12)
any_sample = st.one_of(
    st.builds(lambda size, depth, state, ns: Sample(READ, (size, depth), state, ns), st.integers(1, 10**9),
              st.integers(1, 8), st.sampled_from([HOT, COLD]), times_ns),
    st.builds(lambda m, state, ns: Sample(LAYER, (m,), state, ns), st.integers(1, 12),
              st.sampled_from([HOT, COLD, FIRST]), times_ns),
    st.builds(lambda m, bits, ns: Sample(DECOMPRESS, (m, bits), HOT, ns), st.integers(1, 12), st.integers(1, 32),
              times_ns),
    st.builds(lambda ns: Sample(HAND_OFF, (), COLD, ns), times_ns),
)  # fmt: skip


def device(recording: Recording, folder: Path) -> Device:
    """Return the device of a profile that was made, written and read again."""
    write_profile(folder / "d.yaml", profile_of(recording, "Raw samples elsewhere."))
    return read_device(folder / "d.yaml")


@settings(max_examples=25)
@given(samples=st.lists(any_sample))
def test_samples_are_read_as_they_were_written(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> None:
    """All of them, in their order, with how they were taken; the bytes depend on nothing else."""
    path = tmp_path_factory.mktemp("samples") / "s.csv.gz"
    content = recording_bytes(Recording(HEADER, samples))
    path.write_bytes(content)
    found = parse_recording(read_raw(path))
    assert (found.header, list(found.samples)) == (HEADER, samples)
    assert recording_bytes(found) == content


def edited(content: bytes, old: str, new: str) -> bytes:
    """Return a file of samples with some of its text changed."""
    text = gzip.decompress(content).decode()
    assert old in text
    return gzip.compress(text.replace(old, new, 1).encode())


WRITTEN = recording_bytes(WHOLE_RECORDING)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", ": is empty"),
        (b"no gzip", ":1: is no header of samples of edgesim profile, it: "),
        (WRITTEN[:-4], ": is cut off"),
        (WRITTEN[:-300], ": is cut off"),
        (WRITTEN[:60] + bytes([WRITTEN[60] ^ 1]) + WRITTEN[61:], ": is not whole, gzip finds "),
        (edited(WRITTEN, "samples/1", "samples/2"), ":1: is no header of samples of edgesim profile, schema: "),
        (edited(WRITTEN, '"seed":3', '"seed":"x"'), ":1: is no header of samples of edgesim profile, seed: "),
        (edited(WRITTEN, '"seed":3', '"seed":3,"base":{"x":1}'), ":1: is no header of samples of edgesim profile, "),
        (edited(WRITTEN, '"processor":"cpu",', ""), ":1: has neither geometry nor processor for samples of layers"),
        (edited(WRITTEN, "quantity,size", "size,quantity"), ":2: must be quantity,size,depth,shards,bits,state,ns"),
        (edited(WRITTEN, "read,4096,1,,,hot,100000", "read,4096,1,,,hot"), ":3: is no sample, got 'read,4096,1,,,hot'"),
        (edited(WRITTEN, "hot,110000", "hot,-5"), ":4: is no sample, got 'read,8192,1,,,hot,-5'"),
        (edited(WRITTEN, "hot,110000", "warm,5"), ":4: is no sample, got 'read,8192,1,,,warm,5'"),
        (edited(WRITTEN, "read,8192,1", "write,8192,1"), ":4: is no sample, got 'write,8192,1,,,hot,110000'"),
        (edited(WRITTEN, "hand_off,,,,,cold", "start_up,,,,,first"), ":22: is no sample, got 'start_up,,,,,first,900'"),
        (edited(WRITTEN, "read,8192,1", "read,,1"), ":4: is no sample, got 'read,,1,,,hot,110000'"),
    ],
    ids=["empty", "no gzip", "cut at its end", "cut", "flipped", "version", "header", "base", "no geometry", "columns",
         "cells", "negative", "state", "quantity", "derived", "key"],
)  # fmt: skip
def test_a_file_that_holds_no_samples_is_one_sentence(content: bytes, says: str, tmp_path: Path) -> None:
    """With the line, where it is one; and no profile is written."""
    path = tmp_path / "s.csv.gz"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        recompute(path, tmp_path / "d.yaml")
    assert str(caught.value).startswith(f"{path}{says}")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def test_statistics_are_exact() -> None:
    """Nearest-rank percentiles, the middle of an even number, population deviation by mean."""
    samples = layers(1, HOT, *range(1, 101)) + layers(2, COLD, 4, 2, 9) + layers(2, HOT, 5, 8) + layers(1, COLD, 3)
    found = statistics(samples)
    assert list(found) == [Point(LAYER, (1,), COLD), Point(LAYER, (1,), HOT), Point(LAYER, (2,), COLD),
                           Point(LAYER, (2,), HOT)]  # fmt: skip
    hundred = found[Point(LAYER, (1,), HOT)]
    assert hundred[:-1] == (100, 50, 5, 95, 99)
    assert hundred.cv == pytest.approx(28.866 / 50.5, rel=1e-4)
    assert found[Point(LAYER, (2,), COLD)][:-1] == (3, 4, 2, 9, 9)
    assert found[Point(LAYER, (2,), HOT)].median_ns == 6
    assert found[Point(LAYER, (1,), COLD)] == Statistics(1, 3, 3, 3, 3, 0.0)


def test_statistics_are_a_table() -> None:
    """One row for each point, with the columns of the samples."""
    lines = statistics_text(statistics(WHOLE)).splitlines()
    assert lines[0] == "quantity,size,depth,shards,bits,state,n,median_ns,p5_ns,p95_ns,p99_ns,cv"
    assert lines[1] == "read,4096,1,,,cold,1,130000,130000,130000,130000,0.0000"
    assert "layer,,,1,,hot,3,1100,1000,1200,1200,0.0742" in lines
    assert "decompress,,,2,2,hot,1,111,111,111,111,0.0000" in lines
    assert len(lines) == 1 + len({sample[:3] for sample in WHOLE})


def test_a_profile_holds_the_medians(tmp_path: Path) -> None:
    """Of what was hot: reads by depth, layers but the first by number of shards, a shard's share by bitwidth."""
    found = device(WHOLE_RECORDING, tmp_path)
    assert found.storage.points == {
        1: ((4096, 100_000), (8192, 110_000), (65536, 300_000)),
        2: ((4096, 150_000), (8192, 170_000), (65536, 600_000)),
    }
    assert found.storage.lanes == 2
    times = found.processors["cpu"].layer_times[0]
    assert (times.geometry, times.time) == (GEOMETRY, {1: 1100, 2: 2000})
    assert times.decompress is not None
    assert times.decompress.per_shard == {2: 53, 32: 10}
    assert found.memory is not None
    assert found.memory.capacity == 8 << 30
    parts = [found.storage, times, times.decompress, found.memory]
    assert [part.source and (part.source.grade, part.source.date) for part in parts] == [("A", "2026-11-24")] * 4


def test_a_wait_makes_nothing_faster() -> None:
    """Times after a wait are those measured, or the usual ones where noise made them less."""
    found = profile_of(WHOLE_RECORDING, "")["processors"]["cpu"]
    times = found["layer_times"][0]
    assert times["after_wait"] == {1: "1.1 us", 2: "2.5 us"}
    assert times["decompress"]["after_wait"] == {2: "65 ns", 32: "10 ns"}
    assert found["hand_off"]["time"] == "900 ns"


def test_times_that_fall_with_size_are_replaced_and_said(tmp_path: Path) -> None:
    """By the nearest rising curve: the geometric mean of the two."""
    recording = Recording(HEADER, reads({4096: 400, 8192: 100, 16384: 1000}))
    found = device(recording, tmp_path)
    assert found.storage.points == {1: ((4096, 200), (8192, 200), (16384, 1000))}
    assert found.storage.source
    assert "(isotonic regression of log time); largest change 100.0%, 8 KiB at depth 1." in found.storage.source.text


def test_sources_say_how_and_where(tmp_path: Path) -> None:
    """Method, spread, line, pause, machine, doubts, session and raw samples."""
    found = device(WHOLE_RECORDING, tmp_path)
    assert found.storage.source
    text = found.storage.source.text
    for part in (
        "Median service time of 1 random reads a point: made up.",
        "Times rise with size at every depth, no fit was needed.",
        "For orientation, ",
        "A read after a pause takes 1.3 to 1.3 times as long, which the table leaves out.",
        "Doubtful: it was made up.",
        "Session 0123abcd, begun 2026-11-24T15:00:00Z, edgesim 1, seed 3.",
    ):
        assert part in text
    assert text.endswith("Raw samples elsewhere.")
    source = found.processors["cpu"].layer_times[0].source
    assert source
    assert "made up, too" in source.text
    assert "Doubtful" not in source.text, "each part has the doubts about it"


def test_the_same_samples_give_the_same_profile(tmp_path: Path) -> None:
    """To the byte, whatever the profile is called."""
    path = tmp_path / "x.samples.csv.gz"
    path.write_bytes(WRITTEN)
    written = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        recompute(path, folder / f"{name}.yaml")
        assert sorted(file.name for file in folder.iterdir()) == [f"{name}.yaml", "x.statistics.csv"]
        written.append([(folder / file).read_bytes() for file in (f"{name}.yaml", "x.statistics.csv")])
    assert written[0] == written[1]
    assert "x.samples.csv.gz, sha256" in (tmp_path / "a" / "a.yaml").read_text()


def test_the_shipped_profile_is_made_again_from_its_samples(tmp_path: Path) -> None:
    """Profile and statistics, to the byte."""
    shipped = shipped_folder("devices")
    samples = shipped / "cloud-epyc.samples.csv.gz"
    if not samples.is_file():
        pytest.skip("a wheel has no samples")
    recompute(samples, tmp_path / "again.yaml")
    for made, name in (("again.yaml", "cloud-epyc.yaml"), ("cloud-epyc.statistics.csv", "cloud-epyc.statistics.csv")):
        assert (tmp_path / made).read_bytes() == (shipped / name).read_bytes()


def test_a_profile_has_the_statistics_of_its_own_numbers(tmp_path: Path) -> None:
    """What follows from samples is tabled as well, so that every number of the profile has a distribution."""
    first = [Sample(DECOMPRESS, (1, 2), FIRST, 80), *layers(1, FIRST, 1500), *layers(1, FIRST, 1110)]
    others = [sample for sample in WHOLE if sample.state != FIRST]
    woken = reads({8192: 125_000}, state=FIRST) + reads({4096: 90_000}, state=FIRST)
    recording = Recording(HEADER, [*others, *first, *woken])
    profile = profile_of(recording, "")
    found = derived(recording.samples, profile)
    assert {point: values[:5] for point, values in found.items()} == {
        Point(PER_SHARD, (2,), COLD): (1, 65, 65, 65, 65),
        Point(PER_SHARD, (32,), COLD): (1, 7, 7, 7, 7),
        Point(PER_SHARD, (2,), HOT): (2, 53, 50, 56, 56),
        Point(PER_SHARD, (32,), HOT): (1, 10, 10, 10, 10),
        Point(START_UP, (), FIRST): (2, 220, 10, 430, 430),
        Point(WAKE, (), FIRST): (2, 7500, 0, 15_000, 15_000),
    }
    path = tmp_path / "x.samples.csv.gz"
    path.write_bytes(recording_bytes(recording))
    recompute(path, tmp_path / "x.yaml")
    device = read_device(tmp_path / "x.yaml")
    assert device.statistics is not None
    assert device.statistics.rows.keys() == statistics(recording.samples).keys() | found.keys()
    assert (device.statistics.processor, device.statistics.geometry) == ("cpu", GEOMETRY)
    slow = at_quantile(device, 0.95)
    assert slow.processors["cpu"].layer_times[0].time == {1: 1200, 2: 2000}
    assert device.storage.start_up is not None
    assert slow.storage.start_up is not None
    assert (device.storage.start_up.time, slow.storage.start_up.time) == (7500, 15_000)


def test_statistics_of_storage_alone_are_of_no_layers(tmp_path: Path) -> None:
    """The profile then does not say of which layers they are, and its layers have no distribution."""
    path = tmp_path / "x.samples.csv.gz"
    path.write_bytes(recording_bytes(Recording(HEADER, reads({4096: 100_000}))))
    recompute(path, tmp_path / "x.yaml")
    spread = read_device(tmp_path / "x.yaml").statistics
    assert spread is not None
    assert (spread.processor, spread.geometry, spread.parts) == (None, None, {(READ, HOT)})


def test_a_base_gives_what_was_not_measured() -> None:
    """Layer times of another geometry, another processor, power; what was measured replaces the same part."""
    other = {"geometry": GEOMETRY.model_copy(update={"heads": 2}).model_dump(), "time": {1: "1 ms"}}
    same = {"geometry": GEOMETRY.model_dump(), "time": {1: "7 ms"}}
    base = {
        "schema": "edgesim.device/1", "name": "base", "description": "Old",
        "storage": {"read": {"bandwidth": "1 MB/s"}}, "memory": {"capacity": "1 B"},
        "processors": {"cpu": {"layer_times": [same, other]}, "gpu": {"layer_times": [same]}},
    }  # fmt: skip
    header = HEADER.model_copy(update={"base": base})
    found = profile_of(Recording(header, [*layers(1, HOT, 5), Sample(DECOMPRESS, (1, 2), HOT, 3)]), "")
    assert (found["name"], found["description"]) == ("here", "Made up")
    assert (found["storage"], found["memory"]) == (base["storage"], base["memory"])
    new, old = found["processors"]["cpu"]["layer_times"]
    assert (new["geometry"], new["time"], old) == (GEOMETRY.model_dump(), {1: "5 ns"}, other)
    assert found["processors"]["gpu"] == {"layer_times": [same]}


@settings(max_examples=100)
@given(st.integers(0, 10**9), st.integers(1, 10**6), st.lists(st.integers(12, 23), min_size=2, unique=True))
def test_a_line_is_found_again(latency: int, ns_per_kib: int, powers: list[int]) -> None:
    """Points on a line give that line, without an error."""
    line = fit_line({1 << power: latency + (1 << power) // 1024 * ns_per_kib for power in powers})
    assert line is not None
    assert line.largest_error < 1e-6
    assert line.bytes_per_s == pytest.approx(1024e9 / ns_per_kib, rel=1e-3)


def test_a_line_has_no_negative_latency_and_no_negative_slope() -> None:
    """Where the nearest one would, it goes through nothing, or there is none."""
    line = fit_line({1000: 10, 2000: 1000})
    assert line is not None
    assert line.latency_ns == 0.0
    assert fit_line({1000: 10}) is None
    assert fit_line({1000: 1000, 2000: 10}) is None


def test_starts_are_what_first_layers_and_first_reads_take_longer(tmp_path: Path) -> None:
    """A first layer takes 30 ns longer to decompress and 400 to compute; a first read of 8 KiB 15,000."""
    first = [Sample(DECOMPRESS, (1, 2), FIRST, 80), *layers(1, FIRST, 1500)]
    others = [sample for sample in WHOLE if sample.state != FIRST]
    samples = [*others, *first, *reads({8192: 125_000}, state=FIRST)]
    found = device(Recording(HEADER, samples), tmp_path)
    starts, wakes = found.processors["cpu"].start_up, found.storage.start_up
    assert starts is not None
    assert wakes is not None
    assert (starts.time, wakes.time) == (430, 15_000)
    assert starts.source is not None
    assert starts.source.grade == "A"
