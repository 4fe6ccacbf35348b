"""fio's JSON and JSON+: what one read of some size took, with so many in flight."""

import re
from dataclasses import dataclass

from edgesim.errors import InputError
from edgesim.files.text import one_line
from edgesim.profiling.imports.fio_report import Job, Report, Values, read_report
from edgesim.profiling.imports.raw import LARGEST_NUMBER, Raw, number

_SIZE = re.compile(r"(?P<number>[0-9]{1,15})\s*(?P<unit>[kmgt]?)(i?b)?", re.IGNORECASE)
_TOLERANCE = 0.2
_SLACK = 0.001


@dataclass(frozen=True, slots=True)
class Point:
    """One measured point.

    Parameters
    ----------
    n_bytes, depth
        Size of a read [B], and how many were in flight, itself included.
    time_ns
        Mean time from submission to completion [ns].
    p99_ns
        99th percentile of completion [ns], where the file has it.
    how
        The fio that measured, how it read and by which engine.
    date
        Day of the measurement.
    warnings
        What should make one doubt it.
    """

    n_bytes: int
    depth: int
    time_ns: float
    p99_ns: float | None
    how: str
    date: str | None
    warnings: tuple[str, ...]


def read_points(raw: Raw) -> list[Point]:
    """Return the points of one file, one for each job.

    Raises
    ------
    InputError
        If it is not fio's, or a job wrote, failed, read nothing, did not say what it read, or ran beside another.
    """
    report = read_report(raw)
    return [_point(job, report) for job in report.jobs]


def _point(job: Job, report: Report) -> Point:
    n_bytes, time_ns = _bytes(job), _time_ns(job)
    depth, stated = _depth(job, n_bytes, time_ns)
    engine, kind = job.option("ioengine"), job.option("rw", "readwrite")
    how = f"{report.version}, {f'rw={kind}' if kind else 'reads'}, {engine or 'default engine'}"
    direct = job.option("direct") not in (None, "0") or job.option("buffered") == "0"
    doubts = [
        (direct, f"{job.title} ran without direct=1, so that the page cache may have served it"),
        (depth == stated, f"{job.title} states {stated} in flight, latency x bandwidth gives {depth}; numjobs is taken"
                          " for the difference, since fio does not report it"),
    ]  # fmt: skip
    warnings = tuple(text for fine, text in doubts if not fine)
    return Point(n_bytes, depth, time_ns, _p99_ns(job), how, report.date, warnings)


def _bytes(job: Job) -> int:
    """Return the size of a job's reads: what it states, which must be what it did; else what it did."""
    if ranges := [name for name in ("bsrange", "bssplit", "blocksize_range") if name in job.options]:
        raise InputError(f"{job.where}: read several sizes, got {ranges[0]}; use one job with one bs for each size")
    mean = job.total("io_bytes") / job.total("total_ios")
    stated = job.option("bs", "blocksize")
    if stated is None:
        if mean.is_integer() and mean:
            return int(mean)
        raise InputError(f"{job.where}: bs is missing, in the job as in the global options")
    match = _SIZE.fullmatch(stated.split(",")[0].strip())
    power = " kmgt".index(match["unit"].lower() or " ") if match else 0
    sizes: list[int] = (
        [int(match["number"]) * kilo**power for kilo in (1024, 1000)] if match else []
    )  # kb_base decides in fio
    size = next((size for size in sizes if abs(mean - size) <= _SLACK * size), None)
    if not size:
        got = f"got bs={one_line(stated)[:40]} and reads of {mean:.0f} B on average"
        raise InputError(f"{job.where}: must read what it says, {got}")
    return size


def _time_ns(job: Job) -> float:
    """Return the mean time from submission to completion, over all copies of a job."""
    total = sum(_latency_ns(read, job.where) * number(read, "total_ios", job.where) for read in job.results)
    return total / job.total("total_ios")


def _latency_ns(read: Values, where: str) -> float:
    means = {key: number(read[key], "mean", where) for key in ("lat_ns", "slat_ns", "clat_ns")
             if isinstance(read.get(key), dict)}  # fmt: skip
    latency = means.get("lat_ns") or (means.get("slat_ns", 0) + means["clat_ns"] if means.get("clat_ns") else 0)
    if not latency and "clat" in read:
        raise InputError(f"{where}: has no nanoseconds, it is of fio 2; use fio 3")
    if not latency:
        raise InputError(f"{where}: has no latency; run it without disable_lat and disable_clat")
    return latency


def _depth(job: Job, n_bytes: int, time_ns: float) -> tuple[int, int]:
    """Return how many reads were in flight, and are stated: fio's JSON has no numjobs, Little's law must find it."""
    flying = time_ns * job.total("bw_bytes") / n_bytes / 1e9
    stated = [job.option(name) or "1" for name in ("iodepth", "numjobs")]
    if not all(text.isdecimal() and len(text) < 7 and int(text) > 0 for text in stated):
        raise InputError(
            f"{job.where}: iodepth and numjobs must be numbers, got {', '.join(map(one_line, stated))}"[:200]
        )
    depth, copies = int(stated[0]), int(stated[1])
    said, copies = depth * copies, copies if copies > 1 else max(1, round(flying / depth))
    if abs(flying / (depth * copies) - 1) > _TOLERANCE:
        got = f"states {depth * copies} but latency x bandwidth gives {flying:.2f}"
        raise InputError(f"{job.where}: must keep its reads in flight, it {got}; use an asynchronous engine"
                         " (libaio, io_uring), no rate limit, and a longer run")  # fmt: skip
    return depth * copies, max(said, depth * len(job.results))


def _p99_ns(job: Job) -> float | None:
    """Return the 99th percentile of completion: exact from the bins of JSON+, else as stated."""
    found = [clat for read in job.results if isinstance(clat := read.get("clat_ns"), dict)]
    histograms = [clat["bins"] for clat in found if isinstance(clat.get("bins"), dict)]
    bins = sorted((int(key), number(counts, key, job.where)) for counts in histograms for key in counts
                  if key.isdecimal() and len(key) < 19)  # fmt: skip
    seen, every = 0.0, sum(count for _, count in bins)
    for time, count in bins:
        seen += count
        if seen >= 0.99 * every:
            return time
    stated = [clat["percentile"].get("99.000000") for clat in found if isinstance(clat.get("percentile"), dict)]
    known = [value for value in stated if isinstance(value, int | float) and 0 <= value < LARGEST_NUMBER]
    return max(known) if known else None
