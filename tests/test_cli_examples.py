"""Every example in the help of every command does what it shows."""

import re
import shlex
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from edgesim.cli import main
from edgesim.cli.commands import command_parsers

SAMPLES = Path(__file__).parent / "samples"
REPOSITORY = Path(__file__).parents[1]
FILES = {
    "4k-qd1.json": SAMPLES / "fio" / "randread_4k_qd1_r1.json",
    "1m-qd1.json": SAMPLES / "fio" / "randread_1M_qd1_r1.json",
    "1m-qd4.json": SAMPLES / "fio" / "randread_1M_qd4_r1.json",
    "profile.json": SAMPLES / "onnxruntime_profile.json",
    "my-machine.samples.csv.gz": REPOSITORY / "device_profiles" / "cloud-epyc.samples.csv.gz",
}
"""What examples read that other tools, or longer commands, have measured."""
ELSEWHERE = {
    "shard minilm --out minilm.store": "needs PyTorch",
    "importance minilm.store --task package --out measured": "needs PyTorch and a store",
    "evaluate minilm-package --store minilm.store": "needs PyTorch and a store",
    "profile --out my-flash.yaml --storage-only --quick": "measures the machine",
    "profile --out my-machine.yaml --store minilm.store": "needs PyTorch and a store, and measures the machine",
    "validate validate-minilm --store minilm.store --device my-machine.yaml --spans mine.json.gz": "needs a store",
    "regress --base main --markdown table.md": "needs a repository with a branch of this name",
    "regress --record plans.json.gz": "plans 3,520 times; test_cli_regress.py has a smaller grid",
    "regress --against plans.json.gz": "plans 3,520 times; test_cli_regress.py has a smaller grid",
}
"""What is not tried here, and why."""
WRITING = ("--out", "--plot", "--front", "--csv", "--json", "--trace", "--spans")
FIRST = ("sweep", "profile", "import")
"""Whose examples write what others read."""


def examples() -> list[str]:
    """Return all examples, each once, without the command's name."""
    parser, commands = command_parsers()
    texts = [str(commands[name].epilog) for name in sorted(commands, key=lambda name: name not in FIRST)]
    text = re.sub(r" \\\n +", " ", "\n".join([*texts, str(parser.epilog)]))
    return list(dict.fromkeys(line.partition("   ")[0] for line in re.findall("^  edgesim (.*)", text, re.MULTILINE)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stay in a folder with what the examples read."""
    for name, path in FILES.items():
        shutil.copy(path, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_examples_run_as_they_stand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other in one folder; what they say they write is there."""
    tried = [line for line in examples() if line not in ELSEWHERE]
    assert len(tried) > 25
    for line in tried:
        words = shlex.split(line)
        assert main(words) == 0, f"{line}: {capsys.readouterr().err}"
        written = [value for flag, value in pairwise(words) if flag in WRITING]
        assert all((folder / name).exists() for name in written), line


def test_what_is_not_tried_is_in_the_help() -> None:
    """The list of exceptions has no line too many."""
    assert set(ELSEWHERE) <= set(examples())
