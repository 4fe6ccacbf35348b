"""A campaign as a file, from which every figure can be computed again: gzipped JSON."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from edgesim.atomic import reason, write_atomically
from edgesim.errors import InputError
from edgesim.result import Metrics, plain
from edgesim.timeline import Request, Span, Timeline
from edgesim.validation.records import Campaign, Case, Run
from edgesim.work import Work

SCHEMA = "edgesim.campaign/1"
_LARGEST = 2**28


def write_campaign(path: Path, campaign: Campaign) -> None:
    """Write a campaign with all spans.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    content = {"schema": SCHEMA} | {name: plain(getattr(campaign, name)) for name in _FIELDS}
    content["cases"] = [plain(case) | {"simulated": _packed(case.simulated)} for case in campaign.cases]
    content["runs"] = [[plain(run) | {"timeline": _packed(run.timeline)} for run in runs] for runs in campaign.runs]
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    write_atomically(path, gzip.compress(text.encode(), mtime=0))


_FIELDS = ("scenario", "tolerance", "circumstances")


def read_campaign(path: Path) -> Campaign:
    """Read a campaign.

    Raises
    ------
    InputError
        If it is no such file.
    """
    try:
        with gzip.open(path) as file:
            content = file.read(_LARGEST)
        found = json.loads(content)
        if found.get("schema") != SCHEMA:
            raise InputError(f"{path}: schema: must be {SCHEMA}, got {found.get('schema')}")
        return Campaign(
            **{name: found[name] for name in _FIELDS},
            cases=tuple(map(_case, found["cases"])),
            runs=tuple(tuple(map(_run, runs)) for runs in found["runs"]),
        )
    except OSError as error:
        raise InputError(f"{path}: cannot be read, {reason(error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, zlib.error) as error:
        raise InputError(f"{path}: is no campaign of edgesim validate, or damaged") from error


def _packed(timeline: Timeline) -> dict[str, Any]:
    return {"requests": [list(one) for one in timeline.requests], "spans": [list(span) for span in timeline.spans]}


def _timeline(found: dict[str, Any]) -> Timeline:
    spans = tuple(Span(*row) for row in found["spans"])
    return Timeline(tuple(Request(*row) for row in found["requests"]), spans)


def _case(found: dict[str, Any]) -> Case:
    first, later = (Work(**{name: _tuples(value) for name, value in work.items()}) for work in found["works"])
    given = found | {"works": (first, later), "simulated": _timeline(found["simulated"]),
                     "metrics": Metrics(**found["metrics"])}  # fmt: skip
    return Case(**given)


def _run(found: dict[str, Any]) -> Run:
    return Run(**found | {"timeline": _timeline(found["timeline"]), "metrics": Metrics(**found["metrics"])})


def _tuples(value: Any) -> Any:  # noqa: ANN401  (JSON has lists where a `Work` has tuples)
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
