"""``edgesim import`` end to end: what is written, what is printed, and mistakes in one sentence."""

import gzip
import json
from pathlib import Path

import pytest

from edgesim import read_device
from edgesim.cli import main
from edgesim.profiling.imports import raw as raw_module

SAMPLES = Path(__file__).parent / "samples"
FIO = sorted(map(str, (SAMPLES / "fio").glob("randread*.json")))
ONNX = str(SAMPLES / "onnxruntime_profile.json")
GEOMETRY = "hidden=768,heads=12,ffn=3072,seq_len=128,dtype=fp32"
LAYERS = ("--layers", "4", "--geometry", GEOMETRY)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence of a refusal, after which nothing was written."""
    before = sorted(Path().iterdir())
    assert main(["import", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    return err


def test_flash_then_layers(capsys: pytest.CaptureFixture[str]) -> None:
    """Two imports make a device; a third replaces the first's part."""
    assert main(["import", "fio", *FIO, "--out", "flash.yaml"]) == 0
    assert capsys.readouterr().err == "edgesim: wrote flash.yaml: 10 points at depths 1, 4 from 10 files of fio\n"
    assert main(["import", "onnxruntime", ONNX, "--device", "flash.yaml", "--out", "board.yaml", *LAYERS]) == 0
    assert capsys.readouterr().err == (
        "edgesim: wrote board.yaml: one layer on cpu: 12 shards 24.814 ms, from ONNX Runtime\n"
    )
    board = read_device("board.yaml")
    assert board.name == "board"
    assert board.storage == read_device("flash.yaml").storage
    assert board.processors["cpu"].layer_times[0].time == {12: 24_814_000}
    assert main(["import", "fio", FIO[4], "--device", "board.yaml", "--out", "board.yaml", "--name", "one"]) == 0
    again = read_device("board.yaml")
    assert again.name == "one"
    assert again.storage.lanes == 1
    assert again.processors == board.processors


def test_a_shipped_device_lends_the_rest() -> None:
    """Its other geometries, its decompression and its storage stay."""
    arguments = ["--device", "odroid-n2plus", "--out", "x.yaml", *LAYERS, "--shards", "6"]
    assert main(["import", "onnxruntime", ONNX, *arguments]) == 0
    old, new = read_device("odroid-n2plus"), read_device("x.yaml")
    assert new.storage == old.storage
    assert new.power == old.power
    assert new.processors["cpu"].layer_times[1:] == old.processors["cpu"].layer_times[1:]
    assert new.processors["cpu"].layer_times[0].time == {6: 24_814_000}
    assert new.processors["cpu"].decompress == old.processors["cpu"].decompress


def test_the_part_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Alone on standard output."""
    assert main(["import", "fio", FIO[4], "--out", "x.yaml", "--json", "-"]) == 0
    part = json.loads(capsys.readouterr().out)
    assert part["storage"]["read"] == {"table": [["4 KiB", "73.724 us"]]}
    assert part["storage"]["source"]["grade"] == "A"


def test_doubts_are_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """What the source says, the terminal says."""
    arguments = ["--device", "odroid-n2plus", "--out", "x.yaml", *LAYERS, "--whole"]
    assert main(["import", "onnxruntime", ONNX, *arguments]) == 0
    assert capsys.readouterr().err.startswith("edgesim: warning: --whole: embeddings and head are counted")


@pytest.mark.parametrize(
    ("tool", "path", "says"),
    [
        ("fio", ONNX, "is a profile of ONNX Runtime, not JSON of fio; use 'edgesim import onnxruntime'"),
        ("onnxruntime", FIO[0], "is JSON of fio, not a profile of ONNX Runtime; use 'edgesim import fio'"),
        ("onnxruntime", "torch_record_function.json.gz", "is a trace of PyTorch's profiler"),
        ("torch", ONNX, "is a profile of ONNX Runtime"),
        ("tflite", "generated_trtexec_times.json", "is JSON of trtexec"),
        ("tflite", "torch_with_stack.json.gz", "is a trace of PyTorch's profiler"),
        ("tensorrt", "generated_tflite.csv", "is a CSV of TFLite's benchmark_model"),
    ],
)
def test_another_tool_s_file_is_named(tool: str, path: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that reads it."""
    flags = [] if tool == "fio" else ["--device", "odroid-n2plus", "--processor", "cuda", *LAYERS]
    assert says in refused([tool, str(SAMPLES / path), "--out", "x.yaml", *flags], capsys)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "raw: no such file"),
        (b"", "raw: is empty"),
        (b" \n", "raw: is empty"),
        (b"\x7fELF\0\0", "raw: is a binary file, not text"),
        (b"\xff\xfe", "raw:1: is not UTF-8 text"),
        (b"hello", "is not "),
        (b"[1, 2", "raw:1: is cut off, its JSON does not end"),
        (b'["abc', "raw:1: is cut off, its JSON does not end"),
        (b"[" * 100_000, "its JSON is too deep"),
        (b"[" + b"1" * 5000 + b"]", "too long a number"),
        (b"{}", "raw: is not "),
        (b"[]", "raw: is not "),
        (b"[null, 3, []]", "raw: is not "),
        (b'{"traceEvents": 3}', "raw: is "),
        (gzip.compress(b"x" * 1000)[:20], "raw: is cut off"),
        (gzip.compress(b"x" * 1000)[:10] + b"\xff" * 20, "raw: is not whole"),
        (gzip.compress(b"x" * 2**20), "raw: unpacks to more than 131072 B, the limit"),
        (b"x" * 2**18, "raw: is too large, got 262144 B; the limit is 131072 B"),
    ],
    ids=range(18),
)
@pytest.mark.parametrize("tool", ["fio", "onnxruntime", "tflite", "tensorrt", "torch"])
def test_hostile_files_get_one_sentence(
    tool: str, content: bytes | None, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, empty, binary, cut off, deep, of another kind, or gigantic."""
    monkeypatch.setattr(raw_module, "LARGEST_RAW", 2**17)
    if content is not None:
        Path("raw").write_bytes(content)
    flags = [] if tool == "fio" else ["--device", "odroid-n2plus", "--processor", "cuda", *LAYERS]
    said = refused([tool, "raw", "--out", "x.yaml", *flags], capsys)
    no_json = tool == "tflite" and ("JSON" in says or "number" in says)
    assert ("raw: is not a CSV" if no_json else says) in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["fio", FIO[4], "--out", "x.yaml", "--layers", "3"], "--layers: is about layer times, fio measures storage"),
        (["fio", FIO[4], "--out", "x.yaml", "--layer-pattern", "3"], "--layer-pattern: is about layer times"),
        (["fio", FIO[4], "--out", "not a name.yaml"], "--name: must be letters, digits"),
        (["fio", FIO[4], "--out", FIO[4]], "is read or written already; name another file"),
        (["fio", FIO[4], "--out", "nowhere/x.yaml"], "there is no folder nowhere"),
        (["fio", FIO[4], "--out", "x.yaml", "--device", "odroid"], "odroid: no such device; did you mean"),
        (["torch", ONNX, "--out", "x.yaml"], "--device, --geometry, --layers: missing for torch; layer times alone"),
        (["tensorrt", ONNX, "--out", "x.yaml", "--device", "pc-nvme", *LAYERS], "--processor: is cpu unless told"),
    ],
)  # fmt: skip
def test_mistyped_arguments(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each names its flag, before a file is read."""
    assert says in refused(arguments, capsys)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--geometry", "hidden=1"], "--geometry: needs heads, ffn, seq_len, dtype, got 'hidden=1'"),
        (["--geometry", f"{GEOMETRY},depth=3"], "--geometry: unknown key 'depth'"),
        (["--geometry", f"{GEOMETRY},heads=3"], "--geometry: gives a key twice"),
        (["--geometry", GEOMETRY.replace("fp32", "fp64")], "--geometry: dtype: "),
        (["--geometry", GEOMETRY.replace("=12,", "=0,")], "--geometry: heads: "),
        (["--geometry", GEOMETRY.replace("=12,", "=many,")], "--geometry: heads: "),
        (["--layers", "0"], "--layers: must be a whole number from 1 to 1000, got '0'"),
        (["--layers", "x"], "--layers: must be a whole number"),
        (["--layers", "5"], "must name 5 layers, got 4 (0, 1, 2, 3); correct --layers"),
        (["--shards", "3,6"], "--shards: must be one number, or one for each of 1 files, got 2"),
        (["--shards", "3;6"], "--shards: must be a whole number from 1 to 10000, got '3;6'"),
        (["--processor", ""], "--processor: must be letters, digits"),
        (["--layer-pattern", "("], "--layer-pattern: must be a regular expression"),
    ],
)
def test_wrong_values(flags: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong and what would be right."""
    base = ["onnxruntime", ONNX, "--out", "x.yaml", "--device", "odroid-n2plus", *LAYERS]
    assert says in refused([*base, *flags], capsys)


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """One for storage, one for layers."""
    with pytest.raises(SystemExit):
        main(["import", "--help"])
    out = capsys.readouterr().out
    assert "examples:\n  edgesim import fio " in out
    assert "edgesim import onnxruntime " in out
