"""Pieces of Markdown, as MyST reads it."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\*_\[\]<>|#$])")


def prose(text: str) -> str:
    """Write the words of a docstring or a help text; what stands between backticks is code, nothing else is special."""
    parts = re.split(r"(`+)(.+?)\1", text)
    plain, code = parts[::3], parts[2::3]
    return "".join(
        _SPECIAL.sub(r"\\\1", words) + (f"`{code[place]}`" if place < len(code) else "")
        for place, words in enumerate(plain)
    )


def linked(text: str) -> str:
    """Write words in which addresses can be followed."""
    parts = re.split(r"(https?://[^\s),;]*[^\s),;.])", text)
    return "".join(f"<{part}>" if number % 2 else prose(part) for number, part in enumerate(parts))


def paragraphs(docstring: str) -> list[str]:
    """Return the paragraphs of a docstring, its sections of numpy's style last; underlined titles are left out."""
    text = re.sub(r"^(\w+)\n-+$", "", docstring, flags=re.MULTILINE)
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", text) if each.strip()]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; cells are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    text = "\n".join(f"| {' | '.join(cell.replace(chr(10), ' ') for cell in line)} |" for line in lines)
    return f"```{{table}}\n:class: keys\n\n{text}\n```"


def words(name: str) -> str:
    """Write the name of a class as words: ``Layer times``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def listed(items: Sequence[str], last: str = "or") -> str:
    """Write a few things as people do: ``a, b or c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def contents(title: str, about: str, names: Iterable[str]) -> str:
    """Write a page that has other pages below it."""
    return page(title, about, "```{toctree}\n:maxdepth: 1\n\n" + "\n".join(names) + "\n```")


def page(title: str, *parts: str) -> str:
    """Write a page."""
    return "\n\n".join([f"# {title}", *parts]) + "\n"
