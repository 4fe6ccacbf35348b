"""Right files for the command `check`, to be changed, and what it says of a file."""

from pathlib import Path

import pytest
import yaml

from edgesim.cli import main

SHAPE = {"hidden": 768, "heads": 12, "ffn": 3072, "seq_len": 128, "dtype": "fp32"}
SOURCE = {"grade": "D", "text": "guessed"}
DEVICE = {
    "schema": "edgesim.device/1",
    "name": "mine",
    "storage": {"read": {"bandwidth": "100 MB/s", "latency": "100 us"}, "source": SOURCE},
    "processors": {
        "cpu": {
            "layer_times": [{"geometry": SHAPE, "time": {3: "20 ms", 12: "60 ms"}, "source": SOURCE}],
            "decompress": {"per_shard": "1 ms", "source": SOURCE},
        }
    },
}
SCENARIO = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "dynabert-12x12",
    "planner": "wrx", "target_latency": "200 ms", "preload_buffer": "1 MB",
}  # fmt: skip
MODEL = {
    "schema": "edgesim.model/1", "name": "mine", "layers": 2, "shards_per_layer": 12, "geometry": SHAPE,
    "parameters_per_shard": 589_824, "bitwidths": [2, 3, 32], "distortion": {2: 0.1, 3: 0.04, "source": SOURCE},
    "source": SOURCE, "outlier_fraction": 0, "resident_bytes": {"embeddings": "90 MB", "source": SOURCE},
}  # fmt: skip
Call = tuple[int, list[str], list[str]]


def checked(path: Path, data: object, capsys: pytest.CaptureFixture[str]) -> Call:
    """Write a file and check it: exit code, and the lines of both outputs behind the file's name."""
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    code = main(["check", str(path)])
    out, err = capsys.readouterr()
    said = [line.removeprefix(f"{path}:") for line in out.splitlines()]
    return code, said, [line.removeprefix(f"edgesim: {path}:") for line in err.splitlines()]
