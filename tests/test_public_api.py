"""What `import edgesim` promises, and what it costs."""

import subprocess
import sys
from importlib import import_module

import pytest

import edgesim

HEAVY = {"simpy", "numpy", "pandas", "matplotlib", "yaml", "pydantic", "rich", "IPython", "ipywidgets"}


def loaded(code: str) -> set[str]:
    """Return the packages that a fresh process has loaded after some code."""
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def commanded(line: str) -> set[str]:
    """Return the packages that a fresh process has loaded after one command."""
    return loaded(f"from edgesim.cli import main\ntry:\n    main({line.split()})\nexcept SystemExit:\n    pass")


def test_the_list_of_public_names_is_sorted_and_complete() -> None:
    """It is the table of homes, nothing more and nothing less, and `dir` shows it."""
    assert edgesim.__all__ == sorted(edgesim.__all__)
    assert set(edgesim.__all__) == set(edgesim._HOME)
    assert set(edgesim.__all__) <= set(dir(edgesim))


@pytest.mark.parametrize("name", edgesim.__all__)
def test_every_public_name_can_be_used_and_is_documented(name: str) -> None:
    """It is the thing that its home module has, with a docstring."""
    value = getattr(edgesim, name)
    assert value is getattr(import_module(edgesim._HOME[name]), name)
    assert value.__doc__


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    """As for any other module."""
    with pytest.raises(AttributeError, match="module 'edgesim' has no attribute 'nothing'"):
        edgesim.nothing  # noqa: B018  (looking is the point)


def test_a_verb_is_never_hidden_by_a_module() -> None:
    """No module has the name of a public function: `edgesim.plan` stays the verb."""
    modules = "edgesim.cli, edgesim.experiment, edgesim.plot, edgesim.planners.wrx, edgesim.report.output"
    loaded(
        f"import edgesim, {modules}\nassert not any(type(getattr(edgesim, n)) is type(sys) for n in edgesim.__all__)"
    )


def test_importing_loads_nothing_heavy() -> None:
    """Each package is loaded when it is first used."""
    assert loaded("import edgesim") & HEAVY == set()


@pytest.mark.parametrize("line", ["--help", "run --help", "validate --help", "--version", "", "rnu"])
def test_asking_for_help_loads_nothing_heavy(line: str) -> None:
    """The answer comes at once."""
    assert commanded(line) & HEAVY == set()


@pytest.mark.parametrize(
    "line", ["run quickstart", "plan fig6", "compare fig6 --planner wrx", "check quickstart", "list scenarios"]
)
def test_commands_load_no_more_than_they_need(line: str) -> None:
    """Neither NumPy nor pandas nor matplotlib is needed before somebody draws, asks for a frame or solves a program."""
    assert commanded(line) & {"numpy", "pandas", "matplotlib"} == set()


def test_validating_again_needs_neither_torch_nor_a_backend() -> None:
    """What was executed on one machine can be judged on any."""
    code = "import edgesim\ntry:\n    edgesim.revalidate('none')\nexcept edgesim.InputError:\n    pass\n"
    check = "assert not any(name.startswith('edgesim.backends.real.') for name in sys.modules)"
    assert loaded(code + check) & {"torch", "numba", "matplotlib", "simpy"} == set()


def test_the_version_is_that_of_the_package() -> None:
    """One place for it."""
    from importlib.metadata import version

    assert edgesim.__version__ == version("edgesim")
