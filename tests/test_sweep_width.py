"""A report is readable in a terminal of 80 columns: nothing is cut off, and lines are no longer."""

import numpy as np
import pandas as pd
import pytest
from swept_frames import made_frame

from edgesim.report.text import render
from edgesim.sweeps.charts import _ruler
from edgesim.sweeps.findings import report
from edgesim.sweeps.shown import report_text
from edgesim.sweeps.ticks import brief


def wide_frame(devices: int = 5) -> pd.DataFrame:
    """Return long names, many statuses, several keys and reasons that are sentences."""
    random = np.random.default_rng(2)
    rows: list[dict[str, object]] = []
    for planner in range(5):
        for device in range(devices):
            for target in range(1, 41):
                name = f"a_rather_long_planner_{planner}[bitwidth=6,loaders=4]"
                row: dict[str, object] = {
                    "planner": name, "device": f"a-rather-long-device-name-of-{device}",
                    "target_latency_ns": 10**7 * target, "storage.read.bandwidth": 10**7 * (1 + target % 3),
                }  # fmt: skip
                status = random.choice(["done", "done", "done", "infeasible", "failed", "lost"])
                if status == "done":
                    row |= {"fidelity": float(random.random()), "latency_ns": int(random.integers(1, 10**11)),
                            "held_memory_bytes": int(random.integers(1, 10**10))}  # fmt: skip
                rows.append(
                    row | {"status": status, "reason": None if status == "done" else f"{'because ' * 20}{status}"}
                )
    return made_frame(rows, {"storage.read.bandwidth": int})


@pytest.mark.parametrize("width", [80, 100, 120, 160])
@pytest.mark.parametrize("axes", [("target_latency", "device"), ("device", "target_latency"), ("device", None)])
def test_no_line_is_longer_than_there_is_room(width: int, axes: tuple[str, str | None]) -> None:
    """Of all tables and the map, whatever is across; names are whole, if on two lines."""
    found = report(wide_frame(), x=axes[0], y=axes[1])
    said = render(report_text(found), width)
    assert max(len(line.rstrip()) for line in said.splitlines()) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in said.replace("a-rather-long-\N{HORIZONTAL ELLIPSIS}", "")
    squeezed = "".join(said.split())
    for planner in range(5):
        assert f"a_rather_long_planner_{planner}" in squeezed
    for reason in ("failed", "lost"):
        assert ("because" * 20 + reason) in squeezed


def test_less_room_is_fewer_digits_then_two_tables() -> None:
    """A table as it is, with three digits, and in two parts that both name the planners."""
    rows = [
        {"planner": "preload_model[bitwidth=6]", "fidelity": 0.12345 * n, "latency_ns": 123_456_789 * n,
         "status": "done", "target_latency_ns": 1, "model": f"m{n}"}
        for n in range(1, 4)
    ]  # fmt: skip
    text = report_text(report(made_frame(rows)))
    whole, brief_, stacked = (render(text, width).split("Shares")[0] for width in (140, 95, 70))
    assert "123.5 / 246.9 / 370.4" in whole
    assert "0.1235 / 0.2469 / 0.3704" in whole
    assert "123/247/370" in brief_
    assert "0.123/0.247/0.37" in brief_
    assert [part.count("preload_model[bitwidth=6]") for part in (whole, brief_, stacked)] == [1, 1, 2]
    assert "123/247/370" in stacked


def test_figures_in_little_room_keep_three_digits() -> None:
    """Once where all are the same; thousands are whole."""
    assert brief([(1.0, 1.0, 1.0), (0.01234, 12.344, 12345.6), None]) == ["1", "0.0123/12.3/12,346", "-"]
    assert brief([(0.12345, 0.5, 0.0)], decimals=4) == ["0.123/0.5/0"]


def test_names_that_are_too_long_are_numbered() -> None:
    """Below a map, with what the numbers are."""
    said = render(report_text(report(wide_frame(), x="device")), 100)
    numbered = ", ".join(f"{n} a-rather-long-device-name-of-{n - 1}" for n in range(1, 6))
    assert f"device across ({numbered})" in " ".join(said.split())
    assert "\n" in said
    assert any(line.split() == ["1", "2", "3", "4", "5"] for line in said.splitlines())


def test_the_last_value_has_room_at_the_right_edge() -> None:
    """Else it is before its sign, and others are left out for it."""
    assert _ruler(["10", "20", "30"], 1, 20) == "^10"
    assert _ruler(["10", "20", "30"], 2, 20) == " ^10 ^30"
    assert _ruler([str(n) for n in range(10, 20)], 1, 20) == "^10 ^14  ^19"
    line = _ruler([f"{n},000" for n in range(1, 11)], 2, 20)
    assert len(line) <= 20
    assert line.endswith("10,000^")
    assert line.index("^") == 1
