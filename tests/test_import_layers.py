"""Profiles of nodes as layer times.

Real samples: ``onnxruntime_profile.json`` (4 layers of BERT-base's geometry, 3 runs) and the traces ``torch_*.json.gz``
(``python -m tests.campaigns.torch_traces``). TFLite's and trtexec's files are named ``generated_*``: they were made
after the tools' sources and documentation, since no real one was at hand; so was the trace of a GPU below.
"""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.errors import InputError
from edgesim.profiling.imports.layers import READERS, import_layers
from edgesim.profiling.imports.naming import USUAL, Asked, numbers_in, read_pattern
from edgesim.profiling.imports.part import Part, profile_with
from edgesim.profiling.imports.raw import read_raw, read_raws

SAMPLES = Path(__file__).parent / "samples"
ONNX = SAMPLES / "onnxruntime_profile.json"
TORCH = SAMPLES / "torch_record_function.json.gz"
GEOMETRY = {"hidden": 768, "heads": 12, "ffn": 3072, "seq_len": 128, "dtype": "fp32"}


def imported(tool: str, *paths: Path, shards: list[int] | None = None, asked: Asked | None = None) -> Part:
    """Import files with the geometry above."""
    return import_layers(tool, read_raws(paths), asked or Asked(3), GEOMETRY, shards or [12] * len(paths))


def entry(part: Part, processor: str = "cpu") -> dict[str, Any]:
    """Return the one entry of layer times."""
    (times,) = part.keys["processors"][processor]["layer_times"]
    assert times["geometry"] == GEOMETRY
    return dict(times)


def events(path: Path) -> list[dict[str, Any]]:
    """Return the events of a real sample."""
    content = path.read_bytes()
    data = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return list(data["traceEvents"] if isinstance(data, dict) else data)


def test_onnxruntime_nodes_are_summed_by_layer() -> None:
    """In us, by hand from the two warm runs: 26157 24908 24594 21638 and 30551 28213 24720 21623; their median."""
    times = entry(imported("onnxruntime", ONNX, asked=Asked(4)))
    assert times["time"] == {12: "24.814 ms"}
    assert times["source"]["grade"] == "A"
    assert "2 of 3 runs, the first, cold, left out, 3.8% of it in nodes that name no layer" in times["source"]["text"]
    assert f"onnxruntime_profile.json {read_raw(ONNX).sha256}" in times["source"]["text"]


def test_the_whole_time_is_a_derived_number() -> None:
    """--whole: (98657 + 106380) / 2 us / 4 layers, rounded up, grade C."""
    times = entry(imported("onnxruntime", ONNX, asked=Asked(4, whole=True)))
    assert times["time"] == {12: "25.629625 ms"}
    assert times["source"]["grade"] == "C"
    assert times["source"]["text"].startswith("Derived, not measured: whole time / 4 layers")


def test_onnxruntime_counts_a_loop_once(tmp_path: Path) -> None:
    """A node inside another's time is left out: its time is the other's, too."""
    found = events(ONNX)
    (outer,) = [event for event in found if event["cat"] == "Node" and event["ts"] == 164410]
    found.append(outer | {"ts": outer["ts"] + 1, "dur": outer["dur"] - 2})
    path = tmp_path / "loop.json"
    path.write_text(json.dumps(found))
    assert (
        READERS["onnxruntime"](read_raw(path), Asked(4)).runs == READERS["onnxruntime"](read_raw(ONNX), Asked(4)).runs
    )


def test_onnxruntime_side_by_side_is_refused(tmp_path: Path) -> None:
    """Times of nodes that ran at once cannot be added."""
    path = tmp_path / "parallel.json"
    path.write_text(ONNX.read_text().replace("SequentialExecutor", "ParallelExecutor"))
    with pytest.raises(InputError, match=r"ran beside one another; use ExecutionMode\.ORT_SEQUENTIAL"):
        imported("onnxruntime", path, asked=Asked(4))


def test_onnxruntime_without_a_run_is_refused(tmp_path: Path) -> None:
    """Nodes without model_run are of a session that crashed."""
    path = tmp_path / "crashed.json"
    path.write_text(json.dumps([event for event in events(ONNX) if event["name"] != "model_run"]))
    with pytest.raises(InputError, match="has no whole run"):
        imported("onnxruntime", path, asked=Asked(4))


def test_torch_ranges_are_layers() -> None:
    """The median of the ranges of the two warm steps of a real trace."""
    ranges = sorted(
        (event["ts"], event["dur"]) for event in events(TORCH) if event["name"].startswith("encoder.layer.")
    )
    warm = sorted(duration for _, duration in ranges[4:])
    assert len(warm) == 8
    times = entry(imported("torch", TORCH, asked=Asked(4)))
    assert float(times["time"][12].removesuffix(" us")) == pytest.approx((warm[3] + warm[4]) / 2, abs=0.002)
    assert "its range; PyTorch's profiler: ranges of record_function" in times["source"]["text"]


def test_torch_modules_are_layers() -> None:
    """With with_stack modules name themselves, and the source says that it slows."""
    text = entry(imported("torch", SAMPLES / "torch_with_stack.json.gz", asked=Asked(4)))["source"]["text"]
    assert "modules recorded with_stack, which slows Python, 2 of 3 runs" in text


def test_torch_steps_are_whole_runs() -> None:
    """--whole divides the steps that the profiler was told of."""
    steps = sorted((event["ts"], event["dur"]) for event in events(TORCH) if event["name"].startswith("ProfilerStep#"))
    times = entry(imported("torch", TORCH, asked=Asked(4, whole=True)))
    expected = (steps[1][1] + steps[2][1]) / 2 / 4
    assert float(times["time"][12].removesuffix(" us")) == pytest.approx(expected, abs=0.002)


def gpu_trace(runs: int = 2) -> dict[str, Any]:
    """Generate a trace of two layers: ranges of 10 us on the host, of kernels 30 and 40 us (and 1000 when cold)."""
    found: list[dict[str, Any]] = []
    for run in range(runs):
        for layer in range(2):
            start = 1000.0 * run + 100 * layer
            name = {"ph": "X", "cat": "user_annotation", "name": f"layer.{layer}", "tid": 7, "ts": start, "dur": 10.0}
            found.append(name)
            for step in range(2):
                key = {"correlation": 10 * run + 2 * layer + step + 1}
                launch = {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "tid": 7, "args": key}
                found.append(launch | {"ts": start + 1 + step, "dur": 1.0})
                took = 500.0 if run == 0 else 15.0 + 5 * layer
                kernel = {"ph": "X", "cat": "kernel", "name": "gemm", "tid": 99, "ts": start + 50, "dur": took}
                found.append(kernel | {"args": key})
    return {"traceEvents": found}


def test_torch_kernels_count_on_a_gpu(tmp_path: Path) -> None:
    """Generated: kernels of 2 x 15 and 2 x 20 us by layer in the warm run, launched from ranges of 10 us."""
    path = tmp_path / "gpu.json"
    path.write_text(json.dumps(gpu_trace()))
    assert entry(imported("torch", path, asked=Asked(2, "cuda")), "cuda")["time"] == {12: "35 us"}
    assert entry(imported("torch", path, asked=Asked(2, "cuda", whole=True)), "cuda")["time"] == {12: "1.035 ms"}
    with pytest.raises(InputError, match="has kernels of a GPU, the host only launches them; give --processor cuda"):
        imported("torch", path, asked=Asked(2))
    with pytest.raises(InputError, match="has no kernel of a GPU"):
        imported("torch", TORCH, asked=Asked(4, "cuda"))


def test_tflite_takes_the_regular_runs() -> None:
    """Generated: 6.625 ms x (1, 1.1, 1.2), and 0.125 ms in a node without a layer after the first and second."""
    times = entry(imported("tflite", SAMPLES / "generated_tflite.csv"))
    assert times["time"] == {12: "7.4125 ms"}
    assert "averages of 50 runs, 1.1% of it in nodes that name no layer" in times["source"]["text"]


def test_tflite_delegates_hide_layers() -> None:
    """Generated: refused by the delegate's name; with --whole (0.75 + 20 + 0.002) / 3 ms."""
    path = SAMPLES / "generated_tflite_delegate.csv"
    with pytest.raises(InputError, match=r"'TfLiteXNNPackDelegate .*' hides which layers it holds, and 96%.*--whole"):
        imported("tflite", path)
    assert entry(imported("tflite", path, asked=Asked(3, whole=True)))["time"] == {12: "6.917334 ms"}


def test_older_tflite_has_one_column_more(tmp_path: Path) -> None:
    """A column 'start', no initialization, and names with commas."""
    rows = [f"CONV, 0, 1, {n + 1}, 1%, 1%, 0, 0, [layer_{n}/a, layer_{n}/b]:{n}" for n in range(3)]
    header = "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name"
    path = tmp_path / "old.csv"
    path.write_text("\n".join(["======= Run Order =======", header, *rows, "", "rest"]))
    assert entry(imported("tflite", path))["time"] == {12: "2 ms"}
    path.write_text("\n".join(["======= Run Order =======", header, *rows, "CONV, 0, 1"]))
    with pytest.raises(InputError, match="is cut off, the row 'CONV, 0, 1' has 3 of 9 cells"):
        imported("tflite", path)


def test_tensorrt_medians_are_summed_by_layer() -> None:
    """Generated: 0.36, 0.37 and 0.38 ms, and 0.005 in a node fused across layers, counted to the first of them."""
    times = entry(imported("tensorrt", SAMPLES / "generated_trtexec_profile.json", asked=Asked(3, "cuda")), "cuda")
    assert times["time"] == {12: "375 us"}
    assert "trtexec: medians of 100 runs" in times["source"]["text"]


def test_tensorrt_foreign_nodes_hide_layers() -> None:
    """Generated: one node from layer 0 to 2 is refused; with --whole (0.05 + 1.1 + 0.04) / 3 ms."""
    path = SAMPLES / "generated_trtexec_foreign.json"
    with pytest.raises(InputError, match=r"'\{ForeignNode\[.*' hides which layers it holds, and 92%"):
        imported("tensorrt", path)
    assert entry(imported("tensorrt", path, asked=Asked(3, whole=True)))["time"] == {12: "396.667 us"}


@pytest.mark.parametrize("version", ["times", "times_before_8"])
def test_tensorrt_times_are_whole_runs(version: str) -> None:
    """Generated: the median of 1.2, 1.25, 1.3 and 1.2 ms without the first, by 3; nodes there are none."""
    path = SAMPLES / f"generated_trtexec_{version}.json"
    assert entry(imported("tensorrt", path, asked=Asked(3, whole=True)))["time"] == {12: "408.334 us"}
    with pytest.raises(InputError, match="has times of whole runs only; give --whole"):
        imported("tensorrt", path)


def test_several_files_are_several_shards(tmp_path: Path) -> None:
    """Each file has its own number of shards; of the same number the median counts."""
    paths = [tmp_path / f"{factor}.json" for factor in (1, 2, 3)]
    for factor, path in enumerate(paths, 1):
        path.write_text(json.dumps([{"name": f"layer.{n}", "averageMs": factor} for n in range(3)]))
    times = entry(imported("tensorrt", *paths, shards=[6, 12, 12]))
    assert times["time"] == {6: "1 ms", 12: "2.5 ms"}
    assert "Medians of several files: 12 shards (2)." in times["source"]["text"]


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("/encoder/layer.3/attn/k/MatMul", {3}),
        ("bert/encoder/layer_._11/attention/self/MatMul", {11}),
        ("encoder/layer_3/ffn/layer_1/MatMul", {3}),
        ("model.layers.3.self_attn", {3}),
        ("transformer.h.3.mlp", {3}),
        ("nn.Module: BertLayer_3", {3}),
        ("nn.Module: TransformerEncoderLayer_0", {0}),
        ("nn.Module: LayerNorm_3", set()),
        ("SkipLayerNormalization_token_138", set()),
        ("conv_h2", set()),
        ("layer.0/a + layer.0/b", {0}),
        ("PWN(/layer.0/a, /layer.1/b)", {0, 1}),
        ("{ForeignNode[/layer.0/a.../layer.11/b]}", {0, 11}),
    ],
)
def test_usual_names(name: str, layers: set[int]) -> None:
    """What exporters of the usual frameworks call the nodes of a layer."""
    assert numbers_in(name, USUAL[0]) == layers


def test_plain_numbers_are_names_where_no_others_fit(tmp_path: Path) -> None:
    """/blocks-less exports have /3/ or .3. alone."""
    path = tmp_path / "plain.json"
    path.write_text(json.dumps([{"name": f"/bert/{n}/MatMul", "averageMs": 1} for n in range(3)]))
    assert entry(imported("tensorrt", path))["time"] == {12: "1 ms"}


def test_a_pattern_of_ones_own(tmp_path: Path) -> None:
    """One group finds the number."""
    path = tmp_path / "own.json"
    path.write_text(json.dumps([{"name": f"stage{n}:x", "averageMs": 1} for n in "123"]))
    with pytest.raises(InputError, match="must name 3 layers, got none; correct --layers, say with --layer-pattern"):
        imported("tensorrt", path)
    assert entry(imported("tensorrt", path, asked=Asked(3, pattern=read_pattern(r"stage(\d)"))))
    with pytest.raises(InputError, match="its group must match a whole number, got 'stage1'"):
        imported("tensorrt", path, asked=Asked(3, pattern=read_pattern(r"(stage\d)")))
    for wrong in ("stage(", "stage", "(a)(b)"):
        with pytest.raises(InputError, match=r"^--layer-pattern: must "):
            read_pattern(wrong)


def test_an_encoder_is_not_added_to_a_decoder(tmp_path: Path) -> None:
    """Layer 0 of both would be one."""
    path = tmp_path / "both.json"
    nodes = [{"name": f"{side}.layers.{n}.x", "averageMs": 1} for side in ("encoder", "decoder") for n in range(3)]
    path.write_text(json.dumps(nodes))
    with pytest.raises(InputError, match="of an encoder and of a decoder; choose with --layer-pattern"):
        imported("tensorrt", path)


def test_nodes_that_name_no_layer_must_not_be_most(tmp_path: Path) -> None:
    """A compiled subgraph keeps few names."""
    path = tmp_path / "myelin.json"
    nodes = [{"name": f"layer.{n}", "averageMs": 1} for n in range(3)]
    path.write_text(json.dumps([*nodes, {"name": "__myl_MatMul", "averageMs": 9}]))
    with pytest.raises(InputError, match="only 25% of the time is in nodes that name their layer"):
        imported("tensorrt", path)


def test_the_part_takes_its_place_in_a_profile() -> None:
    """Times of the same geometry are replaced, their decompression stays; everything else is untouched."""
    part = imported("tflite", SAMPLES / "generated_tflite.csv")
    other = GEOMETRY | {"seq_len": 64}
    old = [{"geometry": other, "time": {1: "1 ms"}}, {"geometry": GEOMETRY, "time": {1: "9 ms"}, "decompress": "x"}]
    base = {"name": "board", "storage": 1, "processors": {"cpu": {"layer_times": old, "decompress": 2}, "gpu": 3}}
    profile = profile_with(part, "new", base)
    assert list(profile) == ["schema", "name", "description", "storage", "processors"]
    assert profile["description"] == "board; layer times on cpu imported from TFLite benchmark_model"
    assert profile["processors"]["cpu"]["decompress"] == 2
    assert profile["processors"]["gpu"] == 3
    first, second = profile["processors"]["cpu"]["layer_times"]
    assert first == old[0]
    assert second == {**entry(part), "decompress": "x"}
    assert profile_with(part, "new", profile)["description"] == profile["description"]
    with pytest.raises(InputError, match=r"^--device: is missing"):
        profile_with(part, "new", None)


@cache
def whole_text(tool: str) -> str:
    """Return the JSON of a good file: of ONNX Runtime's the first run, without its long details."""
    if tool == "onnxruntime":
        return json.dumps([event | {"args": {}} for event in events(ONNX)[:128]])
    if tool == "torch":
        return json.dumps(gpu_trace())
    return (SAMPLES / "generated_trtexec_profile.json").read_text()


def processor(tool: str) -> str:
    """Return what computed in the file above."""
    return "cpu" if tool == "onnxruntime" else "cuda"


LAYERS = {"onnxruntime": 4, "torch": 2, "tensorrt": 3}


@pytest.mark.parametrize("tool", LAYERS)
def test_what_is_damaged_below_was_whole(tool: str, tmp_path: Path) -> None:
    """Else damage would prove nothing."""
    path = tmp_path / "whole.json"
    path.write_text(whole_text(tool))
    assert entry(imported(tool, path, asked=Asked(LAYERS[tool], processor(tool))), processor(tool))


@pytest.mark.parametrize("tool", LAYERS)
@given(data=st.data())
def test_no_damaged_profile_is_our_mistake(
    tool: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any value of a profile replaced by anything: it is read, or refused in one sentence."""
    path = tmp_path_factory.getbasetemp() / f"{tool}.json"
    node: Any = {"whole": json.loads(whole_text(tool))}
    whole, key = node, "whole"
    while isinstance(node[key], dict | list) and node[key] and data.draw(st.integers(0, 4)):
        node = node[key]
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
    node[key] = data.draw(
        st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(max_size=5)
        | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    )  # fmt: skip
    path.write_text(json.dumps(whole["whole"]))
    said = ""
    try:
        imported(tool, path, asked=Asked(LAYERS[tool], processor(tool), whole=data.draw(st.booleans())))
    except InputError as refused:
        said = str(refused)
    assert "\n" not in said
