"""The file that another tool wrote, and one sentence where it is not what it should be."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgesim.errors import InputError
from edgesim.files.content import decode, printable, read_bytes
from edgesim.files.text import one_line

LARGEST_RAW = 256 * 2**20
LARGEST_NUMBER = 10**18
_GZIP = b"\x1f\x8b"
_LOOKED_AT = 2**20
_TOOLS = {
    "fio": ("JSON of fio", "write it with fio --output-format=json --output=FILE"),
    "onnxruntime": ("a profile of ONNX Runtime", "set SessionOptions.enable_profiling and end_profiling()"),
    "tflite": (
        "a CSV of TFLite's benchmark_model",
        "write it with --enable_op_profiling=true --profiling_output_csv_file=FILE",
    ),
    "tensorrt": ("JSON of trtexec", "write it with trtexec --exportProfile=FILE or --exportTimes=FILE"),
    "torch": ("a trace of PyTorch's profiler", "write it with profile.export_chrome_trace(FILE)"),
}
_SIGNS = {
    "fio": ('"fio version"',),
    "torch": ('"traceEvents"',),
    "onnxruntime": ('_kernel_time"', '"model_loading', '"session_initialization"'),
    "tensorrt": ('"averageMs"', '"computeMs"'),
    "tflite": ("node type, ",),
}


@dataclass(frozen=True, slots=True)
class Raw:
    """One file: its name without the folder, what messages call it, its text, and the SHA-256 of its bytes."""

    name: str
    shown: str
    text: str
    sha256: str


def read_raw(path: str | Path) -> Raw:
    """Read a file that another tool wrote; one compressed by gzip is unpacked.

    Raises
    ------
    InputError
        If it is missing, empty, binary, or larger than `LARGEST_RAW`.
    """
    shown = printable(path)
    content = read_bytes(Path(path), shown, LARGEST_RAW)
    sha256 = hashlib.sha256(content).hexdigest()
    text = decode(_unpacked(content, shown) if content.startswith(_GZIP) else content, shown)
    if not text.strip():
        raise InputError(f"{shown}: is empty")
    return Raw(printable(Path(path).name), shown, text, sha256)


def _unpacked(content: bytes, shown: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacker.decompress(content, LARGEST_RAW)
    except zlib.error as error:
        raise InputError(f"{shown}: is not whole, gzip finds {error}") from error
    if not unpacker.eof:
        cut = not unpacker.unconsumed_tail
        raise InputError(f"{shown}: {'is cut off' if cut else f'unpacks to more than {LARGEST_RAW} B, the limit'}")
    return unpacked


def read_raws(paths: Iterable[str | Path]) -> list[Raw]:
    """Read several files.

    Raises
    ------
    InputError
        As `read_raw`, and if two have the same content: it would count twice.
    """
    found: dict[str, Raw] = {}
    for path in paths:
        raw = read_raw(path)
        if raw.sha256 in found:
            raise InputError(f"{raw.shown}: is the same as {found[raw.sha256].shown}; give each file once")
        found[raw.sha256] = raw
    return list(found.values())


def parse_json(raw: Raw, tool: str) -> object:
    """Return what a JSON file holds.

    Raises
    ------
    InputError
        If it is not JSON, or cut off, or another tool's.
    """
    try:
        return json.loads(raw.text)
    except json.JSONDecodeError as error:
        refuse_stranger(raw, tool)
        if error.pos >= len(raw.text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
            raise InputError(f"{raw.shown}:{error.lineno}: is cut off, its JSON does not end") from error
        raise InputError(
            f"{raw.shown}:{error.lineno}: is not {_TOOLS[tool][0]}, {error.msg}; {_TOOLS[tool][1]}"
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or brackets as deep
        raise InputError(
            f"{raw.shown}: is not {_TOOLS[tool][0]}, its JSON is too deep or has too long a number"
        ) from error


def refuse_stranger(raw: Raw, tool: str) -> None:
    """Refuse a file that looks like another tool's, and say which.

    Raises
    ------
    InputError
        If it does.
    """
    start = raw.text[:_LOOKED_AT]
    looks = next((name for name, signs in _SIGNS.items() if any(sign in start for sign in signs)), tool)
    if looks != tool:
        raise InputError(f"{raw.shown}: is {_TOOLS[looks][0]}, not {_TOOLS[tool][0]}; use 'edgesim import {looks}'")


def not_a_file_of(raw: Raw, tool: str, got: str) -> InputError:
    """Return the error for a file that is not what the tool writes."""
    refuse_stranger(raw, tool)
    return InputError(f"{raw.shown}: is not {_TOOLS[tool][0]}, {got}; {_TOOLS[tool][1]}")


def number(values: Mapping[str, Any], key: str, where: str) -> float:
    """Return a number from a file.

    Raises
    ------
    InputError
        If it is missing, no number, negative, or beyond 10^18.
    """
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where}: {key} must be a number, got {one_line(str(value))[:40]}")
    if not 0 <= value < LARGEST_NUMBER:  # not a number compares as false, too
        raise InputError(f"{where}: {key} must be a number from 0 to 10^18, got {str(value)[:40]}")
    return value


def mappings(value: object) -> list[dict[str, Any]]:
    """Return the mappings in a list from a file; nothing where it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def sources(raws: Iterable[Raw]) -> str:
    """Name the files and their hashes: the end of a source text."""
    return "Raw files by SHA-256: " + ", ".join(f"{raw.name} {raw.sha256}" for raw in raws) + "."
