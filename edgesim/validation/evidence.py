"""A campaign as a file, from which every figure can be computed again: gzipped JSON."""

import gzip
import json
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from edgesim.atomic import write_atomically
from edgesim.errors import InputError
from edgesim.files.content import read_bytes
from edgesim.result import plain
from edgesim.timeline import Timeline
from edgesim.validation.records import Campaign
from edgesim.validation.whole import is_whole

SCHEMA = "edgesim.campaign/1"
LARGEST = 2**28
"""Bytes of JSON in a file; a campaign of 200 plans and 12 repeats has 2**23."""
_LARGEST_NUMBER = 2**63
Number = TypeVar("Number", int, float)


def write_campaign(path: Path, campaign: Campaign) -> None:
    """Write a campaign with all spans; the same campaign gives the same bytes.

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


def _packed(timeline: Timeline) -> dict[str, Any]:
    return {"requests": [list(one) for one in timeline.requests], "spans": [list(span) for span in timeline.spans]}


def read_campaign(path: Path) -> Campaign:
    """Read a campaign.

    Raises
    ------
    InputError
        If it is no such file, damaged, or too large.
    """
    packed = read_bytes(path, str(path), LARGEST)
    try:
        content = gzip.GzipFile(fileobj=BytesIO(packed)).read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InputError(f"{path}: is too large, unpacked it has more than {LARGEST} B")
        found = json.loads(content, parse_int=_integer, parse_float=_fraction, parse_constant=_fraction)
        if found.pop("schema", None) == SCHEMA:
            campaign = TypeAdapter(Campaign).validate_python(found)
            if is_whole(campaign):
                return campaign
    except (OSError, EOFError, zlib.error, ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise InputError(f"{path}: is no campaign of edgesim validate ({SCHEMA}), or damaged")


def _integer(text: str) -> int:
    return _bounded(int(text))


def _fraction(text: str) -> float:
    return _bounded(float(text))


def _bounded(value: Number) -> Number:
    if not abs(value) < _LARGEST_NUMBER:  # nor is NaN
        raise ValueError("beyond every time and size that there is")
    return value
