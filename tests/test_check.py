"""The command `check`: what is right, what is right but doubtful, and which options of planners are refused."""

from pathlib import Path

import pytest
import yaml

from edgesim.cli import main
from edgesim.files import shipped_names
from tests.checked import DEVICE, MODEL, SCENARIO, SHAPE, SOURCE, checked


def test_a_device_without_doubts_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every number has its source, more shards take longer, and compressed models can run."""
    assert checked(tmp_path / "d.yaml", DEVICE, capsys) == (0, [" right, edgesim.device/1"], [])


def test_shipped_devices_and_models_leave_no_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each."""
    names = [*shipped_names("devices"), *shipped_names("models")]
    assert main(["check", *names]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(names)


def test_what_is_doubtful_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parts without a source, layers that get faster with more shards, no decompression; the file is right, though."""
    times = [{"geometry": SHAPE, "time": {3: "20 ms", 6: "48 ms", 12: "9 ms"}}]
    data = DEVICE | {"storage": {"read": {"bandwidth": "100 MB/s", "latency": "100 us"}},
                     "processors": {"cpu": {"layer_times": times}}}  # fmt: skip
    code, out, err = checked(tmp_path / "d.yaml", data, capsys)
    assert (code, out[0], err) == (0, " right, edgesim.device/1", [])
    assert out[1:] == [
        "3: doubt: 2 parts have no source: storage, processors.cpu.layer_times[0]; write"
        " 'source: {grade: D, text: ...}' even of a guess",
        "8: doubt: processors.cpu: has no 'decompress': models with compressed bitwidths are refused; where it takes no"
        " time, write '{per_shard: 0 ns}'",
        "19: doubt: processors.cpu.layer_times[0].time: 12 shards take 9.0 ms, fewer (6) take 48.0 ms",
    ]


def test_of_many_parts_without_a_source_some_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is counted."""
    times = [{"geometry": SHAPE | {"seq_len": number}, "time": {12: "60 ms"}} for number in range(1, 9)]
    data = DEVICE | {"processors": {"cpu": {"layer_times": times, "decompress": {"per_shard": "1 ms"}}}}
    (_, doubt) = checked(tmp_path / "d.yaml", data, capsys)[1]
    assert " 9 parts have no source: " in doubt
    assert "layer_times[5] and 3 more; write" in doubt
    one = DEVICE | {"memory": {"capacity": "4 GB"}}
    assert "doubt: 1 part has no source: memory; write" in checked(tmp_path / "d.yaml", one, capsys)[1][1]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, []),
        ({"parameters_per_shard": 786_432}, []),  # gated: three matrices
        ({"parameters_per_shard": 58_982_400}, ["11: doubt: parameters_per_shard: 12 shards of 58,982,400 are no layer"
          " of hidden 768 and ffn 3072; its attention and FFN have 7,077,888 weights, 589,824 a shard"]),
        ({"parameters_per_shard": 300_000}, ["11: doubt: parameters_per_shard: 12 shards of 300,000 are no layer of"
          " hidden 768 and ffn 3072; its attention and FFN have 7,077,888 weights, 589,824 a shard"]),
        ({"geometry": SHAPE | {"heads": 8}}, ["4: doubt: shards_per_layer: 12 shards cannot share 8 heads evenly"]),
        ({"geometry": SHAPE | {"heads": 36, "hidden": 770}},
         ["7: doubt: geometry: hidden 770 is no multiple of 36 heads"]),
        ({"distortion": {2: 0.01, 3: 0.04, "source": SOURCE}},
         ["18: doubt: distortion: 0.04 at 3 bits is more than 0.01 at 2 bits"]),
    ],
)  # fmt: skip
def test_numbers_of_a_model_that_contradict_each_other_are_doubted(
    changed: dict[str, object], says: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights, heads and shards follow from one shape, and more bits distort less."""
    right = [" right, edgesim.model/1"]
    assert checked(tmp_path / "m.yaml", MODEL | changed, capsys) == (0, right + says, [])


def test_sizes_of_a_model_that_are_left_out_are_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless the file says that there is nothing; of activations only where they would be much."""
    sizes = ("resident_bytes", "outlier_fraction")
    bare = {key: value for key, value in MODEL.items() if key not in sizes}
    assert checked(tmp_path / "m.yaml", bare, capsys)[1][1:] == [
        "1: doubt: resident_bytes: left out, so memory is told too small by all that is not cut in shards, such as"
        " embeddings and the head",
        "1: doubt: activation_bytes: left out, so the peak of memory is told too small, by about 2.36 MB"
        " (seq_len x (2 x hidden + ffn) x 4 B)",
        "1: doubt: outlier_fraction: left out, so shards below 16 bits are told too small by 8 B for each weight that"
        " is stored whole; write 0 where none is",
    ]
    nothing = bare | {"resident_bytes": {"source": SOURCE}, "activation_bytes": "0 B", "outlier_fraction": 0}
    assert len(checked(tmp_path / "m.yaml", nothing, capsys)[1]) == 1, "what is said to be nothing is believed"
    blocks = nothing | {"scale_block": 32}
    del blocks["outlier_fraction"]
    assert len(checked(tmp_path / "m.yaml", blocks, capsys)[1]) == 1, "formats of blocks have scales, not outliers"


def test_layers_with_more_shards_than_heads_are_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A shard has a head at least, unless it is an expert; and heads are all of one size."""
    times = [{"geometry": SHAPE | {"heads": 7}, "time": {3: "20 ms", 12: "60 ms"}, "source": SOURCE}]
    cpu = {"layer_times": times, "decompress": {"per_shard": "1 ms", "source": SOURCE}}
    assert checked(tmp_path / "d.yaml", DEVICE | {"processors": {"cpu": cpu}}, capsys)[1][1:] == [
        "15: doubt: processors.cpu.layer_times[0].geometry: hidden 768 is no multiple of 7 heads",
        "21: doubt: processors.cpu.layer_times[0].time: 12 shards are more than the layer's 7"
        " heads, which only a mixture of experts has",
    ]


def test_buffers_that_the_device_cannot_hold_are_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of all points of a campaign together once, with all that is held."""
    campaign = {"preload_buffer": ["1 MB", "20 GB", "30 GB"]}
    assert checked(tmp_path / "s.yaml", SCENARIO | {"campaign": campaign}, capsys)[1][1:] == [
        "7: doubt: memory: odroid-n2plus has 4.00 GB, which cannot hold all of it: always held 98.2 MB,"
        " preload_buffer 20.0 GB"
    ]


@pytest.mark.parametrize(
    ("planner", "says"),
    [
        (
            {"name": "wrx", "options": {"upgrade_to": 7}},
            "upgrade_to: dynabert-12x12 is not stored at 7 bits; known: 2,",
        ),
        ("std_pipeline[bitwidth=7]", "bitwidth: dynabert-12x12 is not stored at 7 bits; known: 2, 3, 4, 5, 6, 32"),
        (["wrx", "wrx[preload_bitwidth=7]"], "preload_bitwidth: must be one of 2, 3, 4, 5, 6, 32 bits, got 7"),
        ("parallel_load[loaders=9]", "loaders: "),
    ],
)
def test_options_that_mean_nothing_for_the_model_or_the_device_are_mistakes(
    planner: object, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the planner says, with the line; `run` refuses them in the same words."""
    code, out, err = checked(tmp_path / "s.yaml", SCENARIO | {"planner": planner}, capsys)
    assert (code, out, len(err)) == (2, [], 1)
    assert err[0].startswith("5: planner: ")
    assert says in err[0]
    assert main(["run", str(tmp_path / "s.yaml")]) == 2
    assert says in capsys.readouterr().err


def test_a_mistake_in_a_file_that_others_use_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who uses it; with a mistake of its own a file is named anyway."""
    monkeypatch.chdir(tmp_path)
    Path("d.yaml").write_text(yaml.safe_dump(DEVICE | {"strange": 1}, sort_keys=False))
    Path("a.yaml").write_text(yaml.safe_dump(SCENARIO | {"device": "./d.yaml"}, sort_keys=False))
    Path("b.yaml").write_text(yaml.safe_dump(SCENARIO | {"device": "./d.yaml", "seed": -1}, sort_keys=False))
    assert main(["check", "d.yaml", "a.yaml", "b.yaml"]) == 2
    strange, *others = capsys.readouterr().err.splitlines()
    assert strange.startswith("edgesim: d.yaml:26: strange: unknown key; ")
    assert others == [
        "edgesim: a.yaml: uses what is wrong in d.yaml",
        "edgesim: b.yaml:8: seed: must be greater than or equal to 0, got -1",
    ]
    assert main(["check", "a.yaml"]) == 2
    assert capsys.readouterr().err.splitlines() == [strange, others[0]]


def test_options_are_checked_at_every_point_and_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And whether a plan fits is none of it."""
    campaign = {"target_latency": ["1 us", "200 ms"]}
    right = SCENARIO | {"planner": "wrx[upgrade_to=6]", "campaign": campaign}
    assert checked(tmp_path / "s.yaml", right, capsys) == (0, [" right, edgesim.scenario/1"], [])
    code, _, err = checked(tmp_path / "s.yaml", right | {"planner": "wrx[upgrade_to=7]"}, capsys)
    assert (code, len(err)) == (2, 1)


def test_a_stranger_is_not_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its options are checked by name and type; what it does with them is seen when it runs."""
    (tmp_path / "own.py").write_text("def own(model, device, budget, *, x=1):\n    raise SystemExit\n")
    right = SCENARIO | {"planner": {"name": "./own.py:own", "options": {"x": 2}}}
    assert checked(tmp_path / "s.yaml", right, capsys)[0] == 0


def test_a_folder_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files are named one by one; one that is not there is told once."""
    monkeypatch.chdir(tmp_path)
    assert main(["check", ".", "nope/"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "edgesim: .: is a folder, but no shard store, for it has no store.json; name files one by one, or as *.yaml",
        "edgesim: nope: no such file",
    ]


def test_what_is_no_mapping_is_answered_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the files write it."""
    data = DEVICE | {"storage": {"read": {"bandwidth": "1 MB/s"}, "source": "mine"}}
    said = checked(tmp_path / "d.yaml", data, capsys)[2]
    assert said == ["6: storage.source: must be a mapping of keys such as {grade: D, text: guessed}, got 'mine'"]
