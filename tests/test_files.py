"""Every mistake in a file is one sentence with file, line and key; nothing else is ever raised."""

import re
from pathlib import Path

import pytest

from edgesim.device import Device
from edgesim.errors import InputError, PluginError
from edgesim.files import check_file, read_device, read_model, read_scenario
from edgesim.files.shipped import shipped_folder

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
DEVICE = (shipped_folder("devices") / "odroid-n2plus.yaml").read_text()
TABLE_DEVICE = (shipped_folder("devices") / "raspberry-pi-5-sd.yaml").read_text()
MODEL = (shipped_folder("models") / "dynabert-12x12.yaml").read_text()

TARGET, PRELOAD, LOAD_BUFFER = "target_latency: 200 ms", "preload_buffer: 1 MB", "load_buffer: 4 MB"
LAST = LOAD_BUFFER + "\n"
UNIFORM = "importance:\n  kind: uniform\n"


def wrong(text: str, old: str, new: str) -> tuple[str, int]:
    """Put a mistake in a text; return it and the line where it is."""
    assert text.count(old) == 1, old
    return text.replace(old, new), text[: text.index(old)].count("\n") + 1


def message(path: Path, read: object = read_scenario, error: type[Exception] = InputError) -> str:
    """Read a file that is wrong; return what was said."""
    with pytest.raises(error) as caught:
        read(path)  # type: ignore[operator]
    return str(caught.value)


# old text, new text, lines below it, what the message must say after "file:line: "
SCENARIOS = [
    (TARGET, "target_latenzy: 200 ms", 0, "target_latenzy: unknown key; did you mean 'target_latency'? known: app,"),
    ("processor: cpu\n", "", None, "processor: missing; add it"),
    (TARGET, "target_latency: 200 MB", 0, "target_latency: unknown unit 'MB' in '200 MB'; known: h, min, ms, ns, s"),
    (TARGET, "target_latency: 200 msec", 0, "target_latency: unknown unit 'msec' in '200 msec'; did you mean 'ms'?"),
    (TARGET, "target_latency: 200", 0, "target_latency: needs a unit, got 200; write for example '200 ms'"),
    (TARGET, "target_latency: 1e3", 0, "target_latency: needs a unit, got 1000.0; write for example '200 ms'"),
    (TARGET, "target_latency: 012", 0, "target_latency: needs a unit, got 12; write for example '200 ms'"),
    (TARGET, "target_latency: 12:30", 0, "target_latency: must be a quantity such as '200 ms', got '12:30'"),
    (TARGET, "target_latency: no", 0, "target_latency: must be a quantity such as '200 ms', got 'no'"),
    (TARGET, "target_latency: true", 0, "target_latency: must be a quantity such as '200 ms', got"),
    (TARGET, "target_latency: [1]", 0, "target_latency: must be a quantity such as '200 ms', got [1]"),
    (TARGET, "target_latency:", 0, "target_latency: must be a quantity such as '200 ms', got"),
    (TARGET, 'target_latency: "1\\n2 ms"', 0, "target_latency: must be a quantity such as '200 ms', got '1\\n2 ms'"),
    (TARGET, f"target_latency: {'9' * 5000}", 0, "target_latency: must be a quantity such as '200 ms', got '999"),
    (TARGET, f"target_latency: {'9' * 5000} ms", 0, "target_latency: must be a quantity such as '200 ms', got '999"),
    (TARGET, "target_latency: 0 ms", 0, "target_latency: must be greater than 0, got '0 ms'"),
    (TARGET, "target_latency: -1 ms", 0, "target_latency: must not be negative, got -1 ms"),
    (TARGET, "target_latency: .nan", 0, "target_latency: must be a quantity such as '200 ms', got 'nan'"),
    (TARGET, "target_latency: .inf", 0, "target_latency: must be a quantity such as '200 ms', got 'inf'"),
    (TARGET, "target_latency: -.inf", 0, "target_latency: must be a quantity such as '200 ms', got '-inf'"),
    (TARGET, "target_latency: 1e400", 0, "target_latency: must be a quantity such as '200 ms', got 'inf'"),
    (PRELOAD, "preload_buffer: -4 kB", 0, "preload_buffer: must not be negative, got -4 kB"),
    (PRELOAD, "preload_buffer: 1e30 B", 0, "preload_buffer: is too large, got 1e30 B; the limit is 2**53"),
    (PRELOAD, "preload_bytes: 1 MB", 0, "preload_bytes: unknown key; did you mean 'preload_buffer'?"),
    (LOAD_BUFFER, "load_buffer: Unlimited", 0, "load_buffer: must be a size such as '4 MB', or 'unlimited', got 'U"),
    (LAST, LAST + "load_buffer: 5 MB\n", 0, "load_buffer: is given twice, first here and again in line 11; keep one"),
    (LAST, LAST + "seed: 1.5\n", 1, "seed: must be an integer, got 1.5"),
    (LAST, LAST + "seed: -1\n", 1, "seed: must be greater than or equal to 0, got -1"),
    (LAST, LAST + f"seed: {'9' * 5000}\n", 1, "seed: must be an integer, got '9999"),
    (LAST, LAST + "name: 5\n", 1, "name: must be text, got 5"),
    (LAST, LAST + "workload: []\n", 1, "workload: must be a mapping of keys, got []"),
    (LAST, LAST + "workload: {start: hot}\n", 1, "workload.start: unknown value, got 'hot'; known: 'warm' or 'cold'"),
    (LAST, LAST + "workload: {inferences: .inf}\n", 1, "workload.inferences: must be"),
    (LAST, LAST + "5: 3\n", 1, "[5]: unknown key; known: app, apps, campaign, conditions"),
    (LAST, LAST + "folder: x\n", 1, "folder: unknown key; known: app, apps, campaign, conditions"),
    (LAST, LAST + "<<: {seed: 1}\n", 1, "<<: unknown key; known: app, apps, campaign, conditions"),
    (LAST, LAST + "[a, b]: 3\n", None, "a key must be plain text, got a list or mapping in line 11"),
    (LOAD_BUFFER, "load_buffer: !!python/object/apply:os.system [x]", 0, "load_buffer: tags are not accepted, got !!p"),
    ("edgesim.scenario/1", "edgesim.scenario/2", 0, "schema: unknown value, got 'edgesim.scenario/2'; known: 'edgesi"),
    ("edgesim.scenario/1", "edgesim.device/1", 0, "schema: must be edgesim.scenario/1 here, got edgesim.device/1; 'de"),
    ("schema: edgesim.scenario/1\n", "", None, "schema: missing; add it"),
    ("processor: cpu", "processor: gpu", 0, "processor: odroid-n2plus has no 'gpu'; did you mean 'cpu'? known: cpu"),
    ("processor: cpu", "processor:", 0, "processor: must be text, got nothing"),
    ("device: odroid-n2plus", "device: odroid", 0, "device: odroid: no such device; did you mean 'odroid-n2plus'? kno"),
    ("device: odroid-n2plus", "device: 5", 0, "device: must be a shipped name or a path, got 5"),
    ("device: odroid-n2plus", "device: none.yaml", 0, "none.yaml: no such file"),
    ("device: odroid-n2plus", "device: ./", 0, "is a directory, not a file"),
    ("device: odroid-n2plus", "device: /dev/zero", 0, "device: /dev/zero: is not a regular file"),
    ("device: odroid-n2plus", 'device: "a\\0.yaml"', 0, "a\\x00.yaml: cannot be read, the name has a NUL byte"),
    ("planner: wrx", "planner:", 0, "planner: must be a planner's name, or {name: ..., options: {...}}, got nothing"),
    ("planner: wrx", "planner: []", 0, "planner: must have at least one item, got []"),
    ("planner: wrx", "planner: [wrx, 5]", 0, "planner[1]: must be a planner's name, or {name: ..., options: {...}}, g"),
    ("planner: wrx", "planner: {nam: wrx}", 0, "planner.nam: unknown key; did you mean 'name'? known: name, options"),
    ("planner: wrx", "planner: {name: wrx, options: {upgrade_too: 6}}", 0,
     "planner.options.upgrade_too: unknown option; did you mean 'upgrade_to'? known: granularity, importance, preload"),
    ("planner: wrx", "planner: {name: wrx, options: {use_slack: no}}", 0,
     "planner.options.use_slack: must be true or false, got 'no'"),
    ("planner: wrx", 'planner: [wrx, "wrx[upgrade_to=6"]', 0,
     "planner[1]: planner 'wrx[upgrade_to=6': must look like name or name[option=value,...]"),
    ("planner: wrx", 'planner: "wrx[bits=6]"', 0, "planner.options.bits: unknown option; did you mean 'preload_bitw"),
    ("planner: wrx", 'planner: "wrx[upgrade_too=6]"', 0, "planner.options.upgrade_too: unknown option; did you mean"),
    ("planner: wrx", "planner: [wrx, {name: wrx, options: {upgrade_to: six}}]", 0,
     "planner[1].options.upgrade_to: must be an integer, got 'six'"),
    ("planner: wrx", "planner: {name: wrx, options: {granularity: {grup: 2}}}", 0,
     "planner.options.granularity: must be 'layer' or 'shard' or {group: an integer}, got {'grup': 2}"),
    ("planner: wrx", "planner: {name: wrx, options: {granularity: shrd}}", 0,
     "planner.options.granularity: must be 'layer' or 'shard' or {group: an integer}, got 'shrd'; did you mean 'shard"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "below", "says"), SCENARIOS, ids=[row[1][:60] for row in SCENARIOS])
def test_a_mistake_in_a_scenario_is_named_by_file_and_line(
    tmp_path: Path, old: str, new: str, below: int | None, says: str
) -> None:
    """Each mistake gives one sentence that begins with the file and the line where it is."""
    path = tmp_path / "s.yaml"
    text, line = wrong(SCENARIO, old, new)
    path.write_text(text)
    found = message(path).split("\n")
    at = f"{path}:{2 if below is None else line + below}: "
    assert any(sentence.startswith(at) and says in sentence for sentence in found), found
    assert all(re.match(r".+?:\d+: ", sentence) for sentence in found)
    assert "Traceback" not in "".join(found)


STORAGE = "bandwidth: 83.44 MB/s"
SECOND_ROW = "[8 KiB, 31.15008 MB/s]"
DEVICES = [
    (DEVICE, STORAGE, "bandwidth: 0 MB/s", "storage.read.bandwidth: must be greater than 0, got '0 MB/s'"),
    (DEVICE, STORAGE, "bandwidth: 83.44 MB", "storage.read.bandwidth: unknown unit 'MB' in '83.44 MB'; did you mean '"),
    (DEVICE, STORAGE, "bandwidth: 8 MB/s, table: []", "storage.read.table: must have at least one item, got []"),
    (DEVICE, STORAGE, "bandwidth: 8 MB/s, table: [[1 B, 1 s]]", "storage.read: give exactly one of 'bandwidth'"),
    (DEVICE, "latency: 0 ns", "latency: -1 ns", "storage.read.latency: must not be negative, got -1 ns"),
    (DEVICE, "  lanes: 1", "  lanes: 8", "storage.lanes: needs 'read.depths' with a table for depth 8"),
    (DEVICE, "storage_read: 0.25 W", "storage_reed: 1 W", "power.storage_reed: unknown part; did you mean 'storage_re"),
    (DEVICE, "          3: 35 ms", "          3: 0 ms", "processors.cpu.layer_times[0].time[3]: must be greater than "),
    (DEVICE, "          3: 35 ms", "          x: 35 ms", "time.x: the key must be an integer, got 'x'"),
    (DEVICE, "          3: 35 ms", "          3: .nan", "time[3]: must be a quantity such as '200 ms', got 'nan'"),
    (DEVICE, "per_shard: 2 ms", "per_shard: 2", "processors.cpu.decompress.per_shard: needs a unit, got 2; write"),
    (DEVICE, "per_shard: 2 ms", "per_shard: {2: 1}", "processors.cpu.decompress.per_shard[2]: needs a unit, got 1"),
    (DEVICE, "hidden: 768", "hidden: 1e3", "processors.cpu.layer_times[0].geometry.hidden: must be an integer, got 10"),
    (TABLE_DEVICE, SECOND_ROW, "[8 KiB, 131 MB/s]", "less than 4 KiB in 172.861 us; fit a monotone curve to noisy"),
    (TABLE_DEVICE, SECOND_ROW, "[3 KiB, 31 MB/s]", "storage.read.table[1]: sizes must rise, got 3 KiB after 4 KiB"),
    (TABLE_DEVICE, SECOND_ROW, "[8 KiB]", "storage.read.table[1][1]: missing; add it"),
    (TABLE_DEVICE, SECOND_ROW, "[8 KiB, 4 MB/s, 1]", "storage.read.table[1]: must have at most 2 items, got ['8 KiB'"),
    (TABLE_DEVICE, SECOND_ROW, "8 KiB", "storage.read.table[1]: must be a list, got '8 KiB'"),
    (TABLE_DEVICE, SECOND_ROW, "[8 KiB, 4 W]", "storage.read.table[1][1]: unknown unit 'W' in '4 W', which must be a "),
]  # fmt: skip
MODELS = [
    (MODEL, "bitwidths: [2, 3, 4, 5, 6, 32]", "bitwidths: [2, 9]", "bitwidths[1]: unknown value, got 9; known: 1, 2"),
    (MODEL, "bitwidths: [2, 3, 4, 5, 6, 32]", "bitwidths: [3, 2]", "bitwidths: must rise and not repeat, got [3, 2]"),
    (MODEL, "bitwidths: [2, 3, 4, 5, 6, 32]", "bitwidths: 2", "bitwidths: must be a list, got 2"),
    (MODEL, "outlier_fraction: 0.0015", "outlier_fraction: .nan", "outlier_fraction: must be a finite number, got nan"),
    (MODEL, "outlier_fraction: 0.0015", "outlier_fraction: -.inf", "outlier_fraction: must be a finite number, got -i"),
    (MODEL, "outlier_fraction: 0.0015", "outlier_fraction: 5 %", "outlier_fraction: must be a number, got '5 %'"),
    (MODEL, "outlier_fraction: 0.0015", "outlier_fraction: 1.5", "outlier_fraction: must be less than or equal to 1"),
    (MODEL, "  2: 0.1369", "  2: .inf", "distortion[2]: must be a finite number, got inf"),
    (MODEL, "  2: 0.1369", "  two: 0.1369", "distortion.two: the key must be an integer, got 'two'"),
    (MODEL, "shard: 589824", "shard: 1e30", "parameters_per_shard: must be an integer, got 1e+30"),
    (MODEL, "shard: 589824", f"shard: {'9' * 5000}", "parameters_per_shard: must be an integer, got '999"),
    (MODEL, "min_layers: 3", "min_layers: 13", "min_layers: must not exceed layers, got 13 of 12"),
    (MODEL, "embeddings: 95348736 B", "embeddings: 9", "resident_bytes.embeddings: needs a unit, got 9; write for"),
    (MODEL, "embeddings: 95348736 B", "embeddings: -9 B", "resident_bytes.embeddings: must not be negative, got -9 B"),
    (MODEL, UNIFORM, "importance:\n  values: [[1, 1]]\n", "importance: must be 12 rows of 12 values (layers x shards_"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "old", "new", "says"), DEVICES + MODELS, ids=[row[2][:60] for row in DEVICES + MODELS]
)
def test_a_mistake_in_a_device_or_model_is_named_by_file_and_line(
    tmp_path: Path, text: str, old: str, new: str, says: str
) -> None:
    """Each mistake gives a sentence with the file, the line where it is, the key, and how to repair it."""
    path = tmp_path / "d.yaml"
    broken, line = wrong(text, old, new)
    path.write_text(broken)
    found = message(path, read_model if text is MODEL else read_device).split("\n")
    assert any(sentence.startswith(f"{path}:{line}: ") and says in sentence for sentence in found), found


CSV_ROW = ",".join(["0.1"] * 12)
TABLES = [
    ("\n".join([CSV_ROW] * 11), "importance: must be 12 rows of 12 values (layers x shards_per_layer), got 11 rows"),
    ("\n".join([CSV_ROW] * 11 + ["1,2"]), "importance: must be 12 rows of 12 values"),
    ("\n".join([CSV_ROW] * 4 + ["a,b"]), "i.csv:5: must be finite numbers separated by commas, got 'a'"),
    ("\n".join([CSV_ROW] * 4 + ["nan,1"]), "i.csv:5: must be finite numbers separated by commas, got 'nan'"),
    ("\n".join([CSV_ROW] * 4 + ["1,-inf"]), "i.csv:5: must be finite numbers separated by commas, got '-inf'"),
    ("\n".join([CSV_ROW] * 4 + ["1,1e999"]), "i.csv:5: must be finite numbers separated by commas, got '1e999'"),
    ("\n".join([CSV_ROW.replace(",", ";")] * 12), "i.csv:1: must be finite numbers separated by commas, got '0.1;0.1"),
    ("\n".join([CSV_ROW.replace("0.1", "0")] * 12), "importance: has no value above 0, so no shard would matter"),
    ("", "importance: has no value above 0"),
    ("\0", "i.csv: is a binary file, not text"),
    (None, "i.csv: no such file"),
]


@pytest.mark.parametrize(("table", "says"), TABLES, ids=[row[1] for row in TABLES])
def test_a_wrong_importance_table_is_named(tmp_path: Path, table: str | None, says: str) -> None:
    """A table of the wrong shape, with text or without a file is named together with the model that wants it."""
    path = tmp_path / "m.yaml"
    text, line = wrong(MODEL, UNIFORM, "importance:\n  file: i.csv\n")
    path.write_text(text)
    if table is not None:
        (tmp_path / "i.csv").write_text(table)
    [found] = message(path, read_model).split("\n")
    assert found.startswith((f"{path}:{line}: importance", f"{path}:{line + 1}: importance.file"))
    assert says in found


def test_a_right_importance_table_is_read(tmp_path: Path) -> None:
    """Blank lines do not count, and the values are those of the file."""
    path = tmp_path / "m.yaml"
    path.write_text(wrong(MODEL, UNIFORM, "importance:\n  file: i.csv\n")[0])
    (tmp_path / "i.csv").write_text("\n\n".join([CSV_ROW] * 12) + "\n")
    assert read_model(path).importance.values == ((0.1,) * 12,) * 12


def test_an_importance_table_and_values_exclude_one_another(tmp_path: Path) -> None:
    """Neither silently wins."""
    path = tmp_path / "m.yaml"
    path.write_text(wrong(MODEL, UNIFORM, "importance:\n  file: i.csv\n  values: [[1]]\n")[0])
    (tmp_path / "i.csv").write_text("\n".join([CSV_ROW] * 12))
    assert "importance.file: give either 'file' or 'values', not both" in message(path, read_model)


def test_a_geometry_that_the_device_was_not_measured_for_is_named(tmp_path: Path) -> None:
    """Layer times are never taken over to another shape, and the known shapes are listed."""
    path = tmp_path / "s.yaml"
    (tmp_path / "m.yaml").write_text(wrong(MODEL, "seq_len: 128", "seq_len: 64")[0])
    text, line = wrong(SCENARIO, "model: dynabert-12x12", "model: m.yaml")
    path.write_text(text)
    assert message(path) == (
        f"{path}:{line}: model: odroid-n2plus has no layer times on cpu for hidden 768, heads 12, ffn 3072, seq_len 64,"
        " fp32; known: hidden 768, heads 12, ffn 3072, seq_len 128, fp32;"
        " hidden 384, heads 12, ffn 1536, seq_len 128, fp32"
    )


def test_all_mistakes_of_all_files_come_at_once_and_in_line_order(tmp_path: Path) -> None:
    """The device's mistakes and the scenario's own are one message; within a file they are in the order of lines."""
    device = wrong(wrong(DEVICE, "  lanes: 1", "  lanes: none")[0], "capacity: 4 GB", "capacity: 4")[0]
    (tmp_path / "d.yaml").write_text(device)
    text = SCENARIO.replace("device: odroid-n2plus", "device: d.yaml").replace(TARGET, "target_latency: 5")
    (tmp_path / "s.yaml").write_text(text.replace(LOAD_BUFFER, "lod_buffer: 4 MB\nplanner: wrxx"))
    found = [line.removeprefix(f"{tmp_path}/").split(": ")[:2] for line in message(tmp_path / "s.yaml").split("\n")]
    assert [file for file, _ in found] == ["d.yaml:7", "d.yaml:60", "s.yaml:7", "s.yaml:8", "s.yaml:10"]
    assert [key for _, key in found] == ["storage.lanes", "memory.capacity", "planner", "target_latency", "lod_buffer"]


def test_what_a_caller_changes_is_not_blamed_on_a_line() -> None:
    """A wrong value given as a change has no line in the file, so none is named."""
    with pytest.raises(InputError) as caught:
        read_scenario("quickstart", {"target_latency": 5, "planner": {"name": "wrx", "options": {"upgrade_to": "x"}}})
    found = str(caught.value).split("\n")
    assert all("quickstart.yaml as changed: " in line for line in found)
    assert found[0].endswith("planner.options.upgrade_to: must be an integer, got 'x'")
    assert found[1].endswith("target_latency: needs a unit, got 5; write for example '200 ms'")


def test_a_change_may_be_a_document() -> None:
    """A device or model that was built in Python takes the place of a file's."""
    device = read_device("raspberry-pi-4")
    assert isinstance(device, Device)
    assert read_scenario("quickstart", {"device": device}).device is device


@pytest.mark.parametrize("name", ["quickstrt", "", "m" * 5000, "quickstart.yml", "no/where"], ids=lambda name: name[:9])
def test_a_scenario_that_is_not_there_is_named(name: str) -> None:
    """A name gets the known names, a path gets none."""
    known = "." not in name and "/" not in name
    with pytest.raises(InputError, match="no such scenario; .*known: bounded" if known else "no such file"):
        read_scenario(name)


def test_a_file_that_is_not_there_may_have_been_another(tmp_path: Path) -> None:
    """One beside it, or one that is shipped."""
    (tmp_path / "mine.yaml").write_text(SCENARIO)
    for name, says in (
        ("mien.yaml", "mien.yaml: no such file; did you mean 'mine.yaml'?"),
        ("quickstart.yml", "quickstart.yml: no such file; for the shipped one write quickstart"),
        ("none.yaml", "none.yaml: no such file"),
        ("none/mine.yaml", "none/mine.yaml: no such file"),
    ):
        with pytest.raises(InputError) as caught:
            read_scenario(f"{tmp_path}/{name}")
        assert str(caught.value) == f"{tmp_path}/{says}"


def test_a_name_that_is_nearly_right_gets_what_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of that name, with or without .yaml, or the command that takes what is shipped of another kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "mine.yaml").write_text(SCENARIO)
    (tmp_path / "bare").write_text(SCENARIO)
    for name, read, says in (
        ("mine", read_scenario, "mine: no such scenario; for the file write mine.yaml"),
        ("bare", read_scenario, "bare: no such scenario; for the file write ./bare"),
        ("fig6", read_device, "fig6: no such device; it is one of the scenarios: edgesim run fig6 runs it"),
        (".", read_scenario, ".: is a directory, not a scenario; name a file in it"),
        ("folder", read_scenario, "folder: is a directory, not a scenario; name a file in it"),
    ):
        with pytest.raises(InputError, match=f"^{re.escape(says)}$"):
            read(name)


def test_a_missing_plugin_is_an_error_of_its_own(tmp_path: Path) -> None:
    """A right file whose planner is not installed is a PluginError; with another mistake beside it, an InputError."""
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO.replace("planner: wrx", "planner: wrxx"))
    assert "s.yaml:7: planner: wrxx: unknown planner; did you mean 'wrx'? known: " in message(path, error=PluginError)
    path.write_text(SCENARIO.replace("planner: wrx", "planner: [wrx, a, b]").replace(TARGET, "target_latency: 1"))
    assert message(path).count("unknown planner") == 2


def test_check_says_what_a_file_is_or_must_be(tmp_path: Path) -> None:
    """`check_file` returns the schema; a file without a known one gets the known ones."""
    assert check_file("odroid-n2plus") == "edgesim.device/1"
    assert check_file(shipped_folder("models") / "minilm-6x12.yaml") == "edgesim.model/1"
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nschema: [edgesim.device/1]\n")
    assert message(path, check_file).startswith(
        f"{path}:2: schema: must say what the file is, got ['edgesim.device/1']"
    )
    path.write_text("a: 1\n")
    assert "schema: must say what the file is, got nothing; known: edgesim.device/1, edg" in message(path, check_file)


def test_a_throttled_scenario_has_the_other_device_s_storage(tmp_path: Path) -> None:
    """Compute is the device's own; `native` is no throttle, and the tolerance is a share."""
    text = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
    (tmp_path / "s.yaml").write_text(text + "throttle: rk3399-emmc\ntolerance: 7.5 %\n")
    throttled = read_scenario(tmp_path / "s.yaml")
    assert throttled.device.storage == read_device("rk3399-emmc").storage
    assert throttled.device.processors == read_device("odroid-n2plus").processors
    assert throttled.device.name == "odroid-n2plus-with-rk3399-emmc"
    assert throttled.tolerance == 0.075
    assert any("rk3399-emmc" in name for name in throttled.inputs)
    assert read_scenario(tmp_path / "s.yaml", {"throttle": "native"}).device == read_device("odroid-n2plus")


def test_a_file_of_another_kind_than_it_says_is_one_mistake(tmp_path: Path) -> None:
    """It has more keys of a device than of a scenario, or the other way round; a few strange keys do not decide."""
    path = tmp_path / "x.yaml"
    path.write_text(DEVICE.replace("edgesim.device/1", "edgesim.scenario/1"))
    assert message(path, check_file).endswith(
        "schema: the keys below are those of a device; of one it must be edgesim.device/1, got edgesim.scenario/1"
    )
    assert message(path).count("\n") == 0
    path.write_text(SCENARIO.replace("edgesim.scenario/1", "edgesim.device/1"))
    assert message(path, check_file).endswith("of one it must be edgesim.scenario/1, got edgesim.device/1")
    path.write_text(SCENARIO + "storage: 1\nprocessors: 2\n")
    assert message(path, check_file).count("unknown key") == 2


def test_a_mistyped_key_is_not_missing_as_well(tmp_path: Path) -> None:
    """One line for one mistake, at any depth; a key that is missing elsewhere is told."""
    path = tmp_path / "x.yaml"
    path.write_text(SCENARIO.replace("target_latency:", "target_latncy:").replace("preload_buffer:", "#"))
    first, second = message(path).split("\n")
    assert "preload_buffer: missing; add it" in first
    assert "target_latncy: unknown key; did you mean 'target_latency'?" in second
    path.write_text(SCENARIO.replace("planner: wrx", "planner: {nam: wrx}"))
    assert message(path).count("\n") == 0
    path.write_text(DEVICE.replace("hidden: 768", "hiden: 768"))
    (found,) = message(path, read_device).split("\n")
    assert "processors.cpu.layer_times[0].geometry.hiden: unknown key; did you mean 'hidden'?" in found
