"""fio's JSON and JSON+ as storage. The samples are real results of fio 3.33; hostile files are made of them."""

import json
import math
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.device import Storage
from edgesim.errors import InputError
from edgesim.profiling.imports.fio import read_points
from edgesim.profiling.imports.monotone import rising
from edgesim.profiling.imports.raw import read_raw, read_raws
from edgesim.profiling.imports.storage import import_fio

SAMPLES = Path(__file__).parent / "samples" / "fio"
QD1, QD4 = SAMPLES / "randread_4k_qd1_r1.json", SAMPLES / "randread_4k_qd4_r1.json"
JSON_PLUS = SAMPLES / "sample_jsonplus_randread_64k_qd4.json"
Report = dict[str, Any]


@pytest.fixture
def report() -> Report:
    """Return a fresh copy of the real 4 KiB result at depth 1."""
    data: Report = json.loads(QD1.read_text())
    return data


def written(tmp_path: Path, report: object, name: str = "raw.json") -> Path:
    """Write a changed report."""
    path = tmp_path / name
    path.write_text(report if isinstance(report, str) else json.dumps(report, indent=2))
    return path


def storage(*paths: Path) -> tuple[Storage, str]:
    """Import files, as a device would have them, with the text of the source."""
    part = import_fio(read_raws(paths))
    found = Storage.model_validate(part.keys["storage"])
    assert found.source is not None
    return found, found.source.text


def slower(report: Report, factor: float, bs: str = "4k", n_bytes: int = 4096) -> Report:
    """Return a result whose reads took longer, and were larger."""
    changed = deepcopy(report)
    read, options = changed["jobs"][0]["read"], changed["jobs"][0]["job options"]
    options["bs"] = bs
    read["lat_ns"]["mean"] *= factor
    read["io_bytes"] = read["total_ios"] * n_bytes
    read["bw_bytes"] *= n_bytes / 4096 / factor
    return changed


def test_real_samples_become_tables() -> None:
    """Ten files of five sizes at two depths; each time is the mean latency in the file, rounded up to ns."""
    found, text = storage(*SAMPLES.glob("randread*.json"))
    assert found.lanes == 4
    assert found.points == {
        1: ((4096, 73724), (65536, 124087), (524288, 342294), (2**20, 756099), (2**22, 3054080)),
        4: ((4096, 115288), (65536, 221504), (524288, 1341228), (2**20, 2816881), (2**22, 12680078)),
    }
    assert found.source is not None
    assert (found.source.grade, found.source.date) == ("A", "2026-11-23")
    assert "measured by fio-3.33, rw=randread, libaio." in text
    assert "99th percentile of completion at depth 1: 4 KiB 167 us, 64 KiB 297 us" in text
    assert "no fit was needed" in text
    assert f"randread_4k_qd1_r1.json {read_raw(QD1).sha256}" in text
    assert len(read_raw(QD1).sha256) == 64


def test_the_time_agrees_with_the_bandwidth() -> None:
    """In every real sample latency and depth * size / bw_bytes differ by less than 1 %; KiB/s would be far off."""
    for path in SAMPLES.glob("*.json"):
        (point,) = read_points(read_raw(path))
        bandwidth = json.loads(path.read_text())["jobs"][0]["read"]["bw_bytes"]
        assert point.time_ns == pytest.approx(1e9 * point.depth * point.n_bytes / bandwidth, rel=0.01)


def test_one_depth_is_a_plain_table() -> None:
    """Without other depths there is one lane."""
    part = import_fio(read_raws([QD1]))
    assert part.keys["storage"]["read"] == {"table": [["4 KiB", "73.724 us"]]}
    assert part.keys["storage"]["lanes"] == 1


def test_json_plus_bins_give_the_percentile() -> None:
    """Of 108,517 reads in bins the 99th percentile is the one that fio states."""
    (point,) = read_points(read_raw(JSON_PLUS))
    assert (point.n_bytes, point.depth, point.p99_ns) == (65536, 4, 1384448)
    assert point.time_ns == pytest.approx(183883.339099)


def test_runs_of_the_same_point_give_their_median(tmp_path: Path, report: Report) -> None:
    """Of three the middle one, and the source says so."""
    twice = written(tmp_path, slower(report, 2), "twice.json")
    thrice = written(tmp_path, slower(report, 3), "thrice.json")
    found, text = storage(QD1, twice, thrice)
    assert found.points[1] == ((4096, math.ceil(2 * 73723.006313)),)
    assert "Medians of several runs: 4 KiB at depth 1 (3)." in text


def test_times_that_fall_are_fitted(tmp_path: Path, report: Report) -> None:
    """8 KiB in half the time of 4 KiB: both become the geometric mean, sqrt(2) from each, and the source says so."""
    found, text = storage(QD1, written(tmp_path, slower(report, 0.5, "8k", 8192)))
    mean = math.ceil(73723.006313 * math.sqrt(0.5))
    assert found.points[1] == ((4096, mean), (8192, mean))
    assert "largest change 41.4%, 8 KiB at depth 1" in text


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=30))
def test_the_fit_rises_and_keeps_what_rises(times: list[float]) -> None:
    """Never falling, within the range, itself when fitted again; a rising start stays exactly."""
    fitted = rising(times)
    assert all(low <= high for low, high in pairwise(fitted))
    assert len(fitted) == len(times)
    assert min(times) * 0.999999 <= fitted[0] <= fitted[-1] <= max(times) * 1.000001
    assert rising(fitted) == fitted
    assert rising(sorted(times)) == sorted(times)


@pytest.mark.parametrize("before", ["fio: this platform does not support...\nnote: {both} iodepth\n", "{\n", "\ufeff"])
def test_notes_may_stand_around_the_json(tmp_path: Path, before: str) -> None:
    """As fio writes them to standard output."""
    path = written(tmp_path, f"{before}{QD1.read_text()}\nDisk stats: {{read/write}}\n")
    assert storage(path)[0].points == storage(QD1)[0].points


def test_the_last_of_several_reports_counts(tmp_path: Path, report: Report) -> None:
    """--status-interval writes one after the other, and the last is of the whole run."""
    path = written(tmp_path, json.dumps(slower(report, 2), indent=2) + "\n" + QD1.read_text())
    assert storage(path)[0].points == storage(QD1)[0].points


def test_options_may_stand_in_global(tmp_path: Path, report: Report) -> None:
    """A [global] section is reported apart from the job, which may say otherwise."""
    options = report["jobs"][0]["job options"]
    report["global options"] = options | {"bs": "64k"}
    report["jobs"][0]["job options"] = {"name": "x", "bs": "4k"}
    assert storage(written(tmp_path, report))[0].points == storage(QD1)[0].points


@pytest.mark.parametrize("bs", ["4K", "4096", "4KiB", "4k,8k,8k", "4kb", None])
def test_sizes_are_what_was_read(tmp_path: Path, report: Report, bs: str | None) -> None:
    """However fio writes the size; a missing one is that of the reads, all alike."""
    options = report["jobs"][0]["job options"]
    options.pop("bs")
    if bs:
        options["bs"] = bs
    assert storage(written(tmp_path, report))[0].points == storage(QD1)[0].points


def test_copies_that_fio_does_not_state_are_found(tmp_path: Path) -> None:
    """Little's law: iodepth 1 whose latency x bandwidth is four reads were four jobs (fio hides numjobs)."""
    report = json.loads(QD4.read_text())
    report["jobs"][0]["job options"]["iodepth"] = "1"
    found, text = storage(QD1, written(tmp_path, report))
    assert found.lanes == 4
    assert "Doubtful: raw.json: job 'randread_4k_qd4' states 1 in flight, latency x bandwidth gives 4; numjobs" in text
    report["jobs"][0]["job options"] |= {"iodepth": "2", "numjobs": "2"}
    assert storage(QD1, written(tmp_path, report))[0].lanes == 4


def test_copies_reported_one_by_one_are_one_point(tmp_path: Path) -> None:
    """Four entries of one name and group, each with a quarter of the bandwidth, were in flight together."""
    report = json.loads(QD4.read_text())
    job = report["jobs"][0]
    job["job options"]["iodepth"] = "1"
    job["read"]["bw_bytes"] /= 4
    report["jobs"] = [deepcopy(job) for _ in range(4)]
    found, text = storage(QD1, written(tmp_path, report))
    assert found.points[4] == storage(QD1, QD4)[0].points[4]
    assert "Doubtful" not in text


def test_the_page_cache_is_doubted(tmp_path: Path, report: Report) -> None:
    """Without direct=1 there is a warning, and it stands in the source."""
    report["jobs"][0]["job options"].pop("direct")
    part = import_fio(read_raws([written(tmp_path, report)]))
    assert "without direct=1, so that the page cache may have served it" in part.warnings[0]
    assert part.warnings[0] in part.keys["storage"]["source"]["text"]
    report["jobs"][0]["job options"]["buffered"] = "0"
    assert not import_fio(read_raws([written(tmp_path, report)])).warnings


def test_latency_is_submission_and_completion(tmp_path: Path, report: Report) -> None:
    """Without lat_ns the two are added; 19296.19 + 54426.81 = 73723.01."""
    del report["jobs"][0]["read"]["lat_ns"]
    assert storage(written(tmp_path, report))[0].points == storage(QD1)[0].points


def change(*path: str | int, value: object) -> Any:  # noqa: ANN401  (a function that changes a report)
    """Return a change of one value in a report; None deletes it."""

    def apply(report: Any) -> None:  # noqa: ANN401
        for key in path[:-1]:
            report = report[key]
        report[path[-1]] = value

    return apply


JOB: tuple[str | int, ...] = ("jobs", 0)
OPTIONS: tuple[str | int, ...] = (*JOB, "job options")
READ: tuple[str | int, ...] = (*JOB, "read")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([change(*OPTIONS, "rw", value="randwrite")], "job 'randread_4k_qd1': does not only read, got rw=randwrite"),
        ([change(*OPTIONS, "rw", value="randrw")], "does not only read, got rw=randrw"),
        ([change(*JOB, "write", "total_ios", value=3)], "does not only read"),
        ([change(*JOB, "error", value=5)], "job 'randread_4k_qd1': failed with error 5; run it again"),
        ([change(*READ, "total_ios", value=0)], "job 'randread_4k_qd1': completed no read"),
        ([change(*OPTIONS, "bs", value="8k")], "must read what it says, got bs=8k and reads of 4096 B on average"),
        ([change(*OPTIONS, "bssplit", value="4k/50")], "read several sizes, got bssplit"),
        ([change(*OPTIONS, "iodepth", value="32"), change(*OPTIONS, "ioengine", value="psync")],
         "states 32 but latency x bandwidth gives 0.99; use an asynchronous engine"),
        ([change(*OPTIONS, "iodepth", value="deep")], "iodepth and numjobs must be numbers, got deep, 1"),
        ([change(*READ, "bw_bytes", value=None)], "bw_bytes must be a number, got None"),
        ([change(*READ, "bw_bytes", value=-1)], "bw_bytes must be a number from 0 to 10^18, got -1"),
        ([change(*READ, "lat_ns", value=None), change(*READ, "clat_ns", value=None)], "has no latency"),
        ([change(*READ, "lat_ns", value=None), change(*READ, "clat_ns", value=None), change(*READ, "clat", value={})],
         "has no nanoseconds, it is of fio 2; use fio 3"),
        ([change("jobs", value=[])], "has no jobs"),
        ([change("client_stats", value=[])], "has results of fio --client"),
    ],
)  # fmt: skip
def test_a_job_that_is_no_read_is_refused_by_name(
    tmp_path: Path, report: Report, changes: list[Any], says: str
) -> None:
    """One sentence that begins with the file."""
    for apply in changes:
        apply(report)
    path = written(tmp_path, report)
    with pytest.raises(InputError) as refused:
        import_fio(read_raws([path]))
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_size_that_cannot_be_told_is_missing(tmp_path: Path, report: Report) -> None:
    """No bs anywhere, and reads that were not alike."""
    del report["jobs"][0]["job options"]["bs"]
    report["jobs"][0]["read"]["io_bytes"] += 1
    with pytest.raises(InputError, match="bs is missing, in the job as in the global options"):
        storage(written(tmp_path, report))


def test_jobs_side_by_side_are_refused(tmp_path: Path, report: Report) -> None:
    """Two jobs of one group disturb one another; in groups of their own (stonewall) both count."""
    other = slower(report, 2, "8k", 8192)["jobs"][0] | {"jobname": "second"}
    report["jobs"].append(other)
    path = written(tmp_path, report)
    with pytest.raises(InputError, match=r"jobs 'randread_4k_qd1' and 'second' ran at the same time.*stonewall"):
        storage(path)
    other["groupid"] = 1
    assert [size for size, _ in storage(written(tmp_path, report))[0].points[1]] == [4096, 8192]


def test_depth_one_must_be_there() -> None:
    """Every table begins with one request alone."""
    with pytest.raises(InputError, match=r"^fio: no file has a single read in flight, got depth 4; measure iodepth=1"):
        storage(QD4)


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    """It would count twice in the median."""
    again = written(tmp_path, QD1.read_text())
    with pytest.raises(InputError, match=r"raw\.json: is the same as .*randread_4k_qd1_r1\.json; give each file once"):
        storage(QD1, again)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.999])
def test_a_cut_file_is_refused(tmp_path: Path, share: float) -> None:
    """Wherever it ends."""
    text = QD1.read_text()
    with pytest.raises(InputError, match=r"raw\.json:\d+: is cut off or damaged"):
        storage(written(tmp_path, text[: int(len(text) * share)]))


@given(st.data())
def test_no_damaged_report_is_our_mistake(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any value of a report replaced by anything: it is read, or refused in one sentence."""
    report = json.loads(JSON_PLUS.read_text())
    node: Any = report
    while isinstance(node, dict | list) and node:
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(
        st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(max_size=5)
        | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    )  # fmt: skip
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    path.write_text(json.dumps(report, indent=1))
    said = ""
    try:
        import_fio(read_raws([QD1, path]))
    except InputError as refused:
        said = str(refused)
    assert "\n" not in said
