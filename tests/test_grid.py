"""Grids: what a file says, and every mistake with its line."""

import re
from pathlib import Path

import pytest
from gates import write_grid

from edgesim.errors import InputError, PluginError
from edgesim.files import check_file, read_grid
from edgesim.files.check import checked
from edgesim.regression.cells import Cell, cells
from edgesim.regression.findings import Regression
from edgesim.regression.text import command, regression_markdown


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a small grid."""
    return write_grid(tmp_path / "small.yaml")


def changed(path: Path, key: str, value: str) -> None:
    """Set a key of a grid."""
    text, count = re.subn(rf"^{key}: .*$", f"{key}: {value}", path.read_text(), flags=re.MULTILINE)
    path.write_text(text if count else f"{text}{key}: {value}\n")


def test_a_grid_is_read_with_all_that_it_names(path: Path) -> None:
    """Devices and models are documents, planners choices, quantities integers; a grid is called like its file."""
    grid = read_grid(path)
    assert check_file(path) == "edgesim.grid/1"
    assert (grid.name, grid.folder) == ("small", str(path.parent))
    assert [one.name for one in (*grid.devices, *grid.models)] == ["odroid-n2plus", "dynabert-12x12"]
    assert [Path(file).name for file in (*grid.device_files, *grid.model_files)] == [
        "odroid-n2plus.yaml", "dynabert-12x12.yaml",
    ]  # fmt: skip
    assert (grid.target_latency_ns, grid.preload_bytes) == ((200 * 10**6, 400 * 10**6), (10**6, 5 * 10**6))
    assert grid.load_buffer_bytes == (None,)
    assert [one.label for one in grid.planners] == ["wrx", "std_pipeline[bitwidth=6]", "preload_model[bitwidth=6]"]
    assert set(grid.inputs) == {"device_profiles/odroid-n2plus.yaml", "scenarios/models/dynabert-12x12.yaml"}


def test_cells_are_each_with_each(path: Path) -> None:
    """In the order of the file, one device and model after the other."""
    changed(path, "load_buffer", "[unlimited, 4 MB]")
    every = cells(read_grid(path))
    assert len(every) == len(set(every)) == 3 * 2 * 2 * 2
    assert every[:3] == [
        Cell(0, 0, 200 * 10**6, 10**6, None), Cell(0, 0, 200 * 10**6, 10**6, 4 * 10**6),
        Cell(0, 0, 200 * 10**6, 5 * 10**6, None),
    ]  # fmt: skip


def test_every_processor_that_was_measured_for_a_model_is_a_place(path: Path) -> None:
    """What was not measured is left out; files may be named by their path."""
    changed(path, "devices", "[odroid-n2plus, jetson-nano, cloud-epyc]")
    changed(path, "models", "[dynabert-12x12, minilm-signature]")
    places = [(one.device.name, one.processor, one.model.name) for one in read_grid(path).scenarios]
    assert places == [
        ("odroid-n2plus", "cpu", "dynabert-12x12"),
        ("odroid-n2plus", "cpu", "minilm-signature"),
        ("jetson-nano", "gpu", "dynabert-12x12"),
        ("cloud-epyc", "cpu", "minilm-signature"),
    ]


def test_pairs_without_cells_are_told(path: Path) -> None:
    """By `check` with the line of the models, and in a table for a pull request; none where all have cells."""
    assert read_grid(path).left_out == ""
    changed(path, "devices", "[odroid-n2plus, jetson-nano, cloud-epyc]")
    changed(path, "models", "[dynabert-12x12, minilm-signature]")
    says = (
        "2 of 6 pairs of device and model have no cells, as the device was not measured for the model:"
        " jetson-nano with minilm-signature, cloud-epyc with dynabert-12x12"
    )
    assert checked(path).doubts == [f"{path}:3: doubt: {says}"]
    assert regression_markdown(Regression(read_grid(path), "nothing", ())).split("\n- ")[1].strip() == says


def test_files_below_the_current_folder_are_named_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the line that shows a cell again; shipped ones have a name, and others the path that is right anywhere."""
    (tmp_path / "boards").mkdir()
    monkeypatch.chdir(tmp_path)
    grid = read_grid("regress")
    (tmp_path / "boards/own.yaml").write_text(Path(grid.device_files[0]).read_text())
    write_grid(tmp_path / "grid.yaml", devices="[boards/own.yaml]")
    found, cell = Regression(read_grid("grid.yaml"), "nothing", ()), Cell(0, 0, 10**6, 0, None)
    assert "device: boards/own.yaml, processor: cpu, model: dynabert-12x12," in command(found, cell)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert f"device: {tmp_path}/boards/own.yaml, " in command(found, cell)


def test_grids_that_ask_the_same_have_the_same_digest(path: Path, tmp_path: Path) -> None:
    """Name, words and tolerances make no difference; what is asked does, and what the named files say."""
    digest = read_grid(path).digest
    other = write_grid(tmp_path / "other.yaml", tolerance="{latency: 9 %}", description="the same")
    assert read_grid(other).digest == digest
    for key, value in (("planners", "[wrx]"), ("target_latency", "[200 ms]"), ("load_buffer", "[4 MB]")):
        changed(write_grid(other), key, value)
        assert read_grid(other).digest != digest
    shipped = Path(read_grid(path).device_files[0])
    (tmp_path / "odroid-n2plus.yaml").write_text(shipped.read_text() + "# another file\n")
    write_grid(other, devices="[./odroid-n2plus.yaml]")
    assert read_grid(other).digest != digest


def test_the_digest_of_a_grid_is_the_same_wherever_it_lies(path: Path, tmp_path: Path) -> None:
    """Tables beside a shipped model are named without the way to them."""
    (tmp_path / "deeper").mkdir()
    grids = [
        write_grid(folder / "grid.yaml", models="[minilm-signature]") for folder in (tmp_path, tmp_path / "deeper")
    ]
    first, second = map(read_grid, grids)
    assert first.inputs == second.inputs
    assert "records.csv" in first.inputs


MISTAKES = [
    ("devices", "[odroid-n2plus, nope]", "2: devices[1]: nope: no such device; known: "),
    ("devices", "[3]", "2: devices[0]: must be a shipped name or a path, got 3"),
    ("devices", "odroid-n2plus", "2: devices: must be a list"),
    ("devices", "[]", "2: devices: must have at least one item"),
    ("devices", "[odroid-n2plus, odroid-n2plus]", "2: devices: gives odroid-n2plus twice; keep one"),
    ("models", "[./none.yaml]", "3: models[0]: "),
    ("target_latency", "[200 ms, 300]", "4: target_latency[1]: needs a unit, got 300; write for example '200 ms'"),
    ("target_latency", "[200 ms, 0.2 s]", "4: target_latency: gives 200000000 twice; keep one"),
    ("preload_buffer", "1 MB", "5: preload_buffer: must be a list"),
    ("planners", "[wrx, wrx]", "7: planners: gives wrx twice; keep one"),
    ("planners", "[wrx, 'wrx[upgrade_to]']", "7: planners[1]: planner 'wrx[upgrade_to]': must look like name or"),
    ("planners", "['wrx[upgrade_two=6]']", "7: planners[0].options.upgrade_two: unknown option; did you mean"),
    ("planners", "['wrx[upgrade_to=six]']", "7: planners[0].options.upgrade_to: must be an integer, got 'six'"),
    ("tolerance", "{latency: 1}", "8: tolerance.latency: must be a share such as '5 %', got 1"),
    ("tolerance", "{speed: 1 %}", "8: tolerance.speed: unknown key; known: "),
    ("target", "[1 s]", "8: target: unknown key; did you mean 'target_latency'?"),
    ("folder", "x", "8: folder: unknown key; known: "),
]


@pytest.mark.parametrize(("key", "value", "says"), MISTAKES, ids=[f"{row[0]}: {row[1]}" for row in MISTAKES])
def test_a_mistake_is_named_with_its_line(path: Path, key: str, value: str, says: str) -> None:
    """And with what is known or how to repair it."""
    changed(path, key, value)
    with pytest.raises(InputError) as refused:
        read_grid(path)
    assert str(refused.value).startswith(f"{path}:{says}")


def test_all_mistakes_come_at_once(path: Path) -> None:
    """In the order of their lines."""
    for key, value in (("devices", "[nope]"), ("target_latency", "[3]"), ("planners", "['wrx[x=1]']"), ("more", "1")):
        changed(path, key, value)
    with pytest.raises(InputError) as refused:
        read_grid(path)
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["2", "4", "7", "8"]


def test_a_planner_that_is_not_there_is_no_mistake_of_the_file(path: Path) -> None:
    """It is named with its line all the same."""
    changed(path, "planners", "[wrx, nope]")
    with pytest.raises(PluginError, match=r"small\.yaml:7: planners: nope: unknown planner; known: "):
        read_grid(path)


def test_another_kind_of_file_is_refused() -> None:
    """By what it says it is; a name is looked for among the grids."""
    with pytest.raises(InputError, match=r"quickstart\.yaml:2: schema: must be edgesim\.grid/1 here"):
        read_grid(Path(__file__).parents[1] / "scenarios" / "quickstart.yaml")
    with pytest.raises(InputError, match="nope: no such grid; known: regress"):
        read_grid("nope")


def test_a_grid_of_nothing_measured_has_no_places(path: Path) -> None:
    """`regress` refuses it; a file that another device might fill is not wrong in itself."""
    changed(path, "devices", "[cloud-epyc]")
    assert read_grid(path).scenarios == ()
