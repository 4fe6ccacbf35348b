"""The reference that is made where the documentation is built: complete, and true of what edgesim does."""

import argparse
import inspect
import re
import sys
from pathlib import Path

import pytest

import edgesim
from edgesim.cli.commands import command_parsers
from edgesim.files import check_file, shipped_names
from edgesim.plugins import BACKENDS, PLANNERS, installed

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))
pytest.importorskip("sphinx", reason="the extra 'docs' is not installed")

from edgesim_reference import pages  # noqa: E402
from edgesim_reference.api import ENGINE, TESTING  # noqa: E402
from edgesim_reference.docstrings import docstring_of  # noqa: E402
from edgesim_reference.files import EXAMPLES, least  # noqa: E402
from edgesim_reference.markdown import prose  # noqa: E402

PAGES = pages(ROOT)


def test_every_command_and_option_is_told() -> None:
    """Whatever the command line takes, the page has it, with what its help says."""
    page, (_, commands) = PAGES["commands.md"], command_parsers()
    for name, parser in commands.items():
        (section,) = re.findall(rf"^## edgesim {name}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
        actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
        assert section.count("```{option}") == len(actions)
        assert [flag for action in actions for flag in action.option_strings if flag not in section] == []
        assert "edgesim " in section.rpartition("**Example")[2]


def test_every_error_has_its_exit_code() -> None:
    """The codes of the page are those that errors have, and the two that are none."""
    codes = {getattr(edgesim, name).exit_code for name in edgesim.__all__ if name.endswith("Error")}
    (told,) = re.findall(r"\*\*Exit codes\*\*\n\n```text\n(.*?)```", PAGES["commands.md"], re.DOTALL)
    assert {int(code) for code in re.findall(r"^(\d)  ", told, re.MULTILINE)} == codes | {0, 1}


def test_every_planner_and_shipped_file_is_told() -> None:
    """Whoever installs edgesim finds all that comes with it."""
    for group, heading in ((PLANNERS, "##"), (BACKENDS, "###")):
        assert [name for name in installed(group) if f"\n{heading} {name}\n" not in PAGES["planners.md"]] == []
    for kind in ("devices", "models"):
        assert [name for name in shipped_names(kind) if f"\n### {name}\n" not in PAGES["shipped.md"]] == []
    assert [name for name in shipped_names("scenarios") if f"\n| `{name}` |" not in PAGES["shipped.md"]] == []


def test_every_public_name_is_told() -> None:
    """Each is on one page, and so is what the README names for authors of planners."""
    text = "".join(page for name, page in PAGES.items() if name.startswith("python/"))
    for name in [*(f"edgesim.{public}" for public in edgesim.__all__), *ENGINE, *TESTING]:
        assert (
            len(re.findall(rf"^\.\. auto(?:function|class|exception):: {re.escape(name)}(?:\(\))?$", text, re.M)) == 1
        )


def test_every_parameter_of_a_verb_is_told() -> None:
    """The docstring of a public function says what each parameter is."""
    for name in edgesim.__all__:
        public = getattr(edgesim, name)
        if inspect.isfunction(public):
            assert set(docstring_of(public).parameters) >= set(inspect.signature(public).parameters), name


@pytest.mark.parametrize("kind", EXAMPLES)
def test_examples_are_right(kind: str, tmp_path: Path) -> None:
    """The short file that a page shows is one that edgesim reads; the longer one is shipped."""
    first, longer = EXAMPLES[kind]
    short = least(kind, (ROOT / first).read_text())
    (tmp_path / "short.yaml").write_text(short)
    assert check_file(tmp_path / "short.yaml") == check_file(ROOT / longer) == f"edgesim.{kind}/1"
    assert short in PAGES[f"files/{kind}.md"]
    assert len(short) < len((ROOT / first).read_text())


def test_words_stay_words() -> None:
    """Nothing in a help text or a docstring is taken for markup, and code stays as it is."""
    assert prose("a <b> [c] d_e* | f `g_h[1]` ``i|j``") == r"a \<b\> \[c\] d\_e\* \| f `g_h[1]` `i|j`"
