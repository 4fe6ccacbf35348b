"""The command that turns what other tools measured into a device profile."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgesim.cli.complain import tell
from edgesim.cli.options import DEVICE, JSON
from edgesim.cli.parser import AddCommand
from edgesim.errors import InputError, choose

if TYPE_CHECKING:
    from edgesim.profiling.imports.part import Part
    from edgesim.profiling.imports.raw import Raw

_TOOLS = ("fio", "onnxruntime", "tflite", "tensorrt", "torch")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")  # as in a profile
_GEOMETRY = "hidden=768,heads=12,ffn=3072,seq_len=128,dtype=fp32"
_OF_LAYERS = ("processor", "geometry", "shards", "layers", "layer_pattern", "whole")
_TEXT = "make a device profile of what other tools measured"
_ABOUT = """Turns measurements that you have, or can make where edgesim does not run, into a device profile: reads
from fio, layer times from the profilers of ONNX Runtime, TFLite, TensorRT and PyTorch. Each number keeps the name and
the SHA-256 of the file it comes from."""


def add_import(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _import, _TEXT, _ABOUT,
        "import fio 4k-qd1.json 1m-qd1.json 1m-qd4.json --out my-flash.yaml",
        f"import onnxruntime profile.json --device my-flash.yaml --layers 4 --out my-board.yaml --geometry {_GEOMETRY}",
    )  # fmt: skip
    parser.add_argument("tool", choices=_TOOLS, metavar="TOOL", help=f"what wrote the files: {', '.join(_TOOLS)}")
    parser.add_argument("files", nargs="+", metavar="FILE", help="raw files; several are merged")
    parser.add_argument("--out", required=True, metavar="FILE", help="the profile to write (.yaml)")
    parser.add_argument("--device", metavar="DEVICE", help=f"the rest of the profile: {DEVICE}")
    parser.add_argument("--name", metavar="NAME", help="of the new profile; by default that of its file")
    parser.add_argument("--json", metavar="FILE", help=JSON.replace("JSON", "the part as JSON"))
    layers = parser.add_argument_group("layer times (all tools but fio)")
    layers.add_argument(
        "--geometry", metavar="KEY=VALUE,...", help="hidden=...,heads=...,ffn=...,seq_len=...,dtype=..."
    )
    layers.add_argument("--layers", metavar="N", help="how many layers the profiled model has")
    layers.add_argument("--shards", metavar="M,...", help="shards of a layer, in each file; by default the heads")
    layers.add_argument("--processor", metavar="NAME", help="what computed: cpu (the default), cuda, ...")
    layers.add_argument("--layer-pattern", metavar="REGEX", help="finds a layer's number in names, as its one group")
    text = "divide whole runs by the layers, where nodes cannot be told by layer (grade C)"
    layers.add_argument("--whole", action="store_true", default=None, help=text)


def _import(options: argparse.Namespace) -> int:
    from edgesim.files.write import plain_profile, write_profile
    from edgesim.profiling.imports.part import profile_with
    from edgesim.profiling.imports.raw import read_raws
    from edgesim.report.output import check_outputs

    check_outputs({"--out": options.out, "--json": options.json}, options.files)
    name = _name("--name", options.name or Path(options.out).stem)
    base = plain_profile(options.device) if options.device else None
    _check_flags(options)
    part = _part(options, read_raws(options.files))
    write_profile(Path(options.out), profile_with(part, name, base))
    options.output.rows([part.keys], alone=True)
    for doubt in part.warnings:
        tell(f"warning: {doubt}")
    tell(f"wrote {options.out}: {part.summary}")
    return 0


def _check_flags(options: argparse.Namespace) -> None:
    """Refuse flags that are missing, or would do nothing, before a large file is read."""
    given = [f"--{flag.replace('_', '-')}" for flag in _OF_LAYERS if getattr(options, flag) is not None]
    if options.tool == "fio" and given:
        raise InputError(f"{given[0]}: is about layer times, fio measures storage; leave it out")
    if options.tool != "fio":
        missing = [flag for flag in ("--device", "--geometry", "--layers") if getattr(options, flag[2:]) is None]
        if missing:
            need = (
                "layer times alone are no device: name the profile they belong to, a layer's shape and how many layers"
            )
            raise InputError(f"{', '.join(missing)}: missing for {options.tool}; {need}")
    if options.tool == "tensorrt" and options.processor in (None, "cpu"):
        raise InputError("--processor: is cpu unless told otherwise, and trtexec measures a GPU; give --processor cuda")


def _part(options: argparse.Namespace, raws: "Sequence[Raw]") -> "Part":
    from edgesim.profiling.imports.layers import import_layers
    from edgesim.profiling.imports.naming import Asked, read_pattern
    from edgesim.profiling.imports.storage import import_fio

    if options.tool == "fio":
        return import_fio(raws)
    geometry = _geometry(options.geometry)
    pattern = read_pattern(options.layer_pattern) if options.layer_pattern is not None else None
    processor = _name("--processor", options.processor if options.processor is not None else "cpu")
    layers = _count("--layers", options.layers, 1000)
    asked = Asked(layers, processor, pattern, bool(options.whole))
    return import_layers(options.tool, raws, asked, geometry, _shards(options.shards, len(raws), geometry["heads"]))


def _name(flag: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"{flag}: must be letters, digits, '.', '_' and '-', got '{name}'")
    return name


def _count(flag: str, text: str, most: int) -> int:
    if not (text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise InputError(f"{flag}: must be a whole number from 1 to {most}, got '{text[:40]}'")
    return int(text)


def _geometry(text: str) -> dict[str, Any]:
    """Read ``hidden=384,heads=12,...``."""
    from pydantic import ValidationError

    from edgesim.model import Geometry

    pairs = [part.partition("=") for part in text.split(",")]
    given = {key.strip(): value.strip() for key, _, value in pairs}
    for key in given:
        if key not in Geometry.model_fields:
            raise InputError(f"--geometry: unknown key '{key}'; {choose(key, Geometry.model_fields)}")
    if missing := [key for key in Geometry.model_fields if not given.get(key)]:
        raise InputError(f"--geometry: needs {', '.join(missing)}, got '{text}'; write for example '{_GEOMETRY}'")
    if len(pairs) > len(given):
        raise InputError(f"--geometry: gives a key twice, got '{text}'")
    values: dict[str, int | str] = dict(given)
    values |= {key: int(value) for key, value in given.items() if value.isdecimal() and len(value) < 10}
    try:
        return Geometry.model_validate(values).model_dump()
    except ValidationError as error:
        wrong, what = str(error.errors()[0]["loc"][0]), error.errors()[0]["msg"]
        raise InputError(f"--geometry: {wrong}: {what[0].lower()}{what[1:]}, got '{given[wrong]}'") from error


def _shards(text: str | None, files: int, heads: int) -> list[int]:
    """Read how many shards a layer had in each file."""
    if text is None:
        return [heads] * files
    counts = [_count("--shards", part.strip(), 10_000) for part in text.split(",")]
    if len(counts) not in (1, files):
        raise InputError(f"--shards: must be one number, or one for each of {files} files, got {len(counts)}")
    return counts * files if len(counts) == 1 else counts
