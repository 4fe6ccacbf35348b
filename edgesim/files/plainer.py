"""What is no YAML, in words for whoever writes it."""

import re

_PLAINER = {
    "but found another document": "it has a second document; keep one",
    "did not find expected ',' or '}'": "',' or '}' is expected here; quote what has brackets, or write .0 for [0]",
    "found character that cannot start any token": "no value starts so; quote '@', '`' and '%'",
    "mapping values are not allowed in this context": "no ': ' is expected here; indent keys alike, quote text",
    "second occurrence": "an anchor is given twice",
}


def plainer(problem: str, content: str, line: int) -> str:
    """Say what is wrong.

    Parameters
    ----------
    problem
        What the library says.
    content, line
        What is no YAML, and the line where that is seen.
    """
    before = re.split("\r\n|[\n\r\x85\u2028\u2029]", content, maxsplit=line)[line - 1 : line]
    if before and re.match(r" *\t", before[0]):
        return "a tab indents this line; indent with spaces"
    return _PLAINER.get(problem, problem)
