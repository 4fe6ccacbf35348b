"""Reports of fio, and the jobs in them that only read."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from edgesim.errors import InputError
from edgesim.files.text import one_line
from edgesim.profiling.imports.raw import Raw, mappings, not_a_file_of, number, parse_json

_START = re.compile(r'^[ \t]*(?P<json>\{)\s*"fio version"', re.MULTILINE)
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """All results of one job: several where its copies (``numjobs``) were reported one by one.

    Parameters
    ----------
    where, title
        What messages and sources call it: with the file's path, and with its name alone.
    options
        Its own, before those of the ``[global]`` section.
    results
        What it read.
    """

    where: str
    title: str
    options: Values
    results: list[Values]

    def option(self, *names: str) -> str | None:
        """Return the first of some options that is given."""
        return next((str(self.options[name]) for name in names if name in self.options), None)

    def total(self, key: str) -> float:
        """Return the sum of a number over all copies."""
        return sum(number(read, key, self.where) for read in self.results)


@dataclass(frozen=True, slots=True)
class Report:
    """One run of fio: its version, its day where it is known, and its jobs."""

    version: str
    date: str | None
    jobs: tuple[Job, ...]


def read_report(raw: Raw) -> Report:
    """Return what one file says.

    Raises
    ------
    InputError
        If it is not fio's, or a job wrote, failed, read nothing, or ran beside another.
    """
    report = _report(raw)
    shared = report.get("global options")
    entries = mappings(report.get("jobs"))
    if not entries:
        raise InputError(f"{raw.shown}: has no jobs; give the result of a run that ended")
    jobs = _jobs(entries, shared if isinstance(shared, dict) else {}, raw)
    version = one_line(str(report.get("fio version", "fio")))[:40]
    return Report(version, _day(report.get("timestamp")), tuple(jobs))


def _day(timestamp: object) -> str | None:
    known = isinstance(timestamp, int) and not isinstance(timestamp, bool) and 0 < timestamp < 10**11
    return datetime.fromtimestamp(int(str(timestamp)), UTC).date().isoformat() if known else None


def _report(raw: Raw) -> Values:
    """Return the last report in a file: notes may stand around it, and --status-interval writes several."""
    starts = [match.start("json") for match in _START.finditer(raw.text)]
    try:
        report = json.JSONDecoder().raw_decode(raw.text, starts[-1])[0] if starts else parse_json(raw, "fio")
    except json.JSONDecodeError as error:
        raise InputError(f"{raw.shown}:{error.lineno}: is cut off or damaged, {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise not_a_file_of(raw, "fio", "its JSON is too deep or has too long a number") from error
    if not isinstance(report, dict) or "fio version" not in report:
        raise not_a_file_of(raw, "fio", "it has no 'fio version'")
    if "client_stats" in report:
        raise InputError(f"{raw.shown}: has results of fio --client; run fio on the device itself")
    return report


def _jobs(entries: list[dict[str, Any]], shared: Values, raw: Raw) -> Iterable[Job]:
    names = [(str(entry.get("groupid")), one_line(str(entry.get("jobname", "")))[:80]) for entry in entries]
    for group, found in groupby(sorted(set(names)), key=lambda name: name[0]):
        beside = [name for _, name in found]
        if len(beside) > 1 and group != "None":
            raise InputError(f"{raw.shown}: jobs '{beside[0]}' and '{beside[1]}' ran at the same time, so neither had"
                             " the storage to itself; put 'stonewall' in each job")  # fmt: skip
    for name in dict.fromkeys(names):
        copies = [entry for entry, known in zip(entries, names, strict=True) if known == name]
        where = f"{raw.shown}: job '{name[1]}'"
        own = copies[0].get("job options")
        options = {**shared, **(own if isinstance(own, dict) else {})}
        yield Job(
            where, f"{raw.name}: job '{name[1]}'", options, [_read_result(copy, where, options) for copy in copies]
        )


def _read_result(entry: Values, where: str, options: Values) -> Values:
    """Return the read results of a job that did nothing else, and did not fail."""
    if entry.get("error"):
        raise InputError(f"{where}: failed with error {one_line(str(entry['error']))[:40]}; run it again")
    kind = str(options.get("rw", options.get("readwrite", "read")))
    others = [entry[other] for other in ("write", "trim") if isinstance(entry.get(other), dict)]
    if kind not in ("read", "randread") or any(number(other, "total_ios", where) for other in others):
        raise InputError(f"{where}: does not only read, got rw={one_line(kind)[:40]}; use rw=randread or rw=read")
    read = entry.get("read")
    if not isinstance(read, dict) or not number(read, "total_ios", where):
        raise InputError(f"{where}: completed no read; run it longer")
    return read
