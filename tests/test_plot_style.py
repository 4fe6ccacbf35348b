"""Whole pictures look the same in every notebook, and whatever names are in them nothing is printed."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib import rc_context, rcParams
from shells import shown

import edgesim
from edgesim.plot import save

SCENARIO = edgesim.read_scenario("fig6")
RESULT = edgesim.run(SCENARIO)
DARK: dict[Any, Any] = {
    "axes.facecolor": "black", "axes.grid": True, "axes.spines.top": False, "font.size": 25.0, "lines.linewidth": 9.0,
    "text.color": "white", "savefig.bbox": "tight", "figure.dpi": 30.0,
}  # fmt: skip
"""What somebody's style might say."""


@pytest.mark.parametrize("noun", [RESULT, SCENARIO.device], ids=["result", "device"])
def test_a_notebook_s_style_changes_no_picture(noun: object) -> None:
    """Dot for dot; and the style is still there."""
    plain, _ = shown(noun)
    with rc_context(DARK):
        assert shown(noun)[0]["image/png"] == plain["image/png"]
        assert {name: rcParams[name] for name in DARK} == DARK


def test_a_settings_file_changes_no_file(tmp_path: Path) -> None:
    """The same results are the same bytes on every machine."""
    files = [tmp_path / name for name in ("plain.png", "styled.png")]
    save([(SCENARIO, RESULT)], files[0])
    with rc_context(DARK):
        save([(SCENARIO, RESULT)], files[1])
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("name", ["模型 🚀", "אבג name"])
def test_a_letter_that_no_font_has_is_no_warning(name: str, tmp_path: Path) -> None:
    """Warnings are errors here: there is a picture, and nothing is printed beside it."""
    scenario = edgesim.read_scenario("fig6", {"name": name})
    result = edgesim.run(scenario)
    assert "image/png" in shown(edgesim.Comparison((result,)))[0]
    save([(scenario, result)], tmp_path / "named.png")
