"""The command `check` doubts what no device or model is likely to have, most often a wrong unit."""

from pathlib import Path

import pytest

from tests.checked import DEVICE, MODEL, SHAPE, SOURCE, checked


@pytest.mark.parametrize(
    ("read", "says"),
    [
        ({"bandwidth": "20 GB/s", "latency": "20 ms"}, []),
        ({"bandwidth": "100 kB/s"}, []),
        ({"bandwidth": "180 GB/s"}, ["bandwidth: 180 GB/s is above 20.0 GB/s, more than 4 lanes of PCIe 5.0 carry"
          " (15.8 GB/s)"]),
        ({"bandwidth": "180 B/s"}, ["bandwidth: 180 B/s is below 100 kB/s, less than the slowest flash"]),
        ({"bandwidth": "180 MB/s", "latency": "120 ms"}, ["latency: 120 ms is above 20 ms, longer than a hard disk"
          " looks for its place; flash takes less than 1 ms"]),
        ({"table": [["4 KiB", "25 ms"], ["1 MiB", "30 ms"]]}, ["table: 25 ms for 4 KiB is above 20 ms, longer than a"
          " hard disk looks for its place; flash takes less than 1 ms"]),
        ({"table": [["4 KiB", "19 ms"], ["1 MiB", "900 ms"]]}, []),
        ({"table": [["1 MiB", "90 ms"], ["4 MiB", "300 ms"]]}, []),  # a large read may take long
        ({"table": [["4 KiB", "100 us"], ["64 MiB", "30 GB/s"]]}, ["table: 30.0 GB/s is above 20.0 GB/s, more than 4"
          " lanes of PCIe 5.0 carry (15.8 GB/s)"]),
    ],
)  # fmt: skip
def test_storage_beyond_all_flash_is_doubted(
    read: dict[str, object], says: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A unit was mistaken, most likely; the limit and its reason are told."""
    data = DEVICE | {"storage": {"read": read, "source": SOURCE}}
    said = [line.partition("doubt: storage.read.")[2] for line in checked(tmp_path / "d.yaml", data, capsys)[1][1:]]
    assert said == says


def test_layers_slower_than_any_processor_are_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Seconds were written for milliseconds; quarter layers count by their part."""
    times = [{"geometry": SHAPE, "time": {3: "35 s", 12: "95 s"}, "source": SOURCE},
             {"geometry": SHAPE | {"seq_len": 64}, "time": {3: "2.1 s"}, "source": SOURCE}]  # fmt: skip
    cpu = {"layer_times": times, "decompress": {"per_shard": "1 ms", "source": SOURCE}}
    assert checked(tmp_path / "d.yaml", DEVICE | {"processors": {"cpu": cpu}}, capsys)[1][1:] == [
        "21: doubt: processors.cpu.layer_times[0].time: 95 s for 12 shards are 19.6 MFLOP/s, below 100 MFLOP/s; a"
        " Raspberry Pi 4 does 8,000",
    ]


def test_outliers_that_are_no_exception_are_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A part of 1 is all of them."""
    said = checked(tmp_path / "m.yaml", MODEL | {"outlier_fraction": 1}, capsys)[1][1]
    assert "doubt: outlier_fraction: 1 is above 0.1, at which outliers alone take 6.4 bits a weight" in said
