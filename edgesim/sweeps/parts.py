"""Parts of a dataset: Parquet files in a folder for each planner. The only user of pyarrow."""

import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd

from edgesim.atomic import reason, replacing
from edgesim.errors import InputError
from edgesim.nets.extra import needs_extra
from edgesim.sweeps.disk import synchronise

POINT, PLANNER = "point", "planner"
"""The planner is the name of a part's folder and no column of it."""
PARTS = f"{PLANNER}=*/part-*-*.parquet"
_NUMBER = re.compile(r"part-\d+-(\d+)\.parquet")
_TYPES = {"Int64": "int64", "Float64": "float64", "boolean": "bool", "string": "large_string"}
_LONGEST = 255
"""Bytes in the name of a folder, in every file system that matters."""


class DamagedPartError(Exception):
    """A part is not what was written, and why."""


def check_installed() -> None:
    """Refuse now what needs pyarrow.

    Raises
    ------
    InputError
        If it is not installed.
    """
    with needs_extra("pyarrow", "parquet"):
        import pyarrow.parquet  # noqa: F401


def check_labels(labels: Iterable[str]) -> None:
    """Refuse now what cannot be the name of a folder.

    Raises
    ------
    InputError
        If a planner's label is too long.
    """
    for label in labels:
        if (size := len(_folder_name(label))) > _LONGEST:
            raise InputError(f"planner: {label}: is too long for the name of a folder, {size} bytes once encoded; at"
                             f" most {_LONGEST}: use a shorter name or path")  # fmt: skip


def _folder_name(label: str) -> str:
    return f"{PLANNER}={quote(label, safe='')}"  # as pyarrow does it, so that any reader gets the label back


def part_path(folder: Path, label: str, first: int, number: int) -> Path:
    """Return where the part is that begins with a point."""
    return folder / _folder_name(label) / f"part-{first:09}-{number:06}.parquet"


def label_of(path: Path) -> str:
    """Return the planner of a part."""
    return unquote(path.parent.name.removeprefix(f"{PLANNER}="))


def part_paths(folder: Path) -> list[Path]:
    """Return all parts of a dataset."""
    return sorted(folder.glob(PARTS))


def next_number(folder: Path) -> int:
    """Return a number that no part has, nor one that was set aside."""
    names = (path.name for path in folder.glob(f"{PLANNER}=*/*part-*-*.parquet"))
    return max((int(found[1]) for name in names if (found := _NUMBER.search(name))), default=-1) + 1


def write_part(path: Path, frame: pd.DataFrame, columns: Mapping[str, str]) -> None:
    """Write rows of one planner; the part is whole and on disk when this returns, or there is none.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept = {name: kind for name, kind in columns.items() if name != PLANNER}
    table = pa.Table.from_pandas(frame[list(kept)], _schema(kept), preserve_index=False)
    texts = [name for name, kind in kept.items() if kind == "string"]
    content = pa.BufferOutputStream()
    pq.write_table(
        table, content, compression="zstd", compression_level=1, use_dictionary=texts, write_page_checksum=True
    )
    if not path.parent.is_dir():
        path.parent.mkdir()
        synchronise(path.parent.parent)
    with replacing(path) as file:
        file.write(content.getvalue())
    synchronise(path.parent)


def _schema(columns: Mapping[str, str]) -> Any:  # noqa: ANN401  (a pyarrow.Schema)
    import pyarrow as pa

    return pa.schema([(name, pa.type_for_alias(_TYPES[kind])) for name, kind in columns.items()])


def read_part(path: Path, columns: Mapping[str, str]) -> Any:  # noqa: ANN401  (a pyarrow.Table)
    """Read some columns of a part; what is not read is not looked at.

    Raises
    ------
    DamagedPartError
        If it is not what was written.
    InputError
        If the system refuses to read it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file, pq.ParquetFile(file, page_checksum_verification=True) as part:
            table = part.read(list(columns))
    except pa.ArrowException as error:
        raise DamagedPartError(_first_line(error)) from error
    except OSError as error:
        if error.errno is None:  # pyarrow's, not the system's
            raise DamagedPartError(_first_line(error)) from error
        raise InputError(f"{path}: cannot be read, {reason(error)}") from error
    if set(table.schema) != set(_schema(columns)):
        raise DamagedPartError("it has other columns")
    return table


def read_rows(folder: Path, columns: Mapping[str, str], labels: Container[str]) -> pd.DataFrame:
    """Read some columns of the rows of some planners, in the order of their points.

    Raises
    ------
    InputError
        If a part is damaged.
    """
    import pyarrow as pa

    tables = [_table(path, columns) for path in part_paths(folder) if label_of(path) in labels]
    table = pa.concat_tables(tables or [_schema({POINT: "Int64", **columns}).empty_table()])
    order = pa.array(table[POINT].to_numpy().argsort())
    found, made = {name: table[name] for name in columns}, {}
    del tables, table
    for name, kind in columns.items():  # one by one, so that only one of them is in memory several times
        dtype: Any = pd.api.types.pandas_dtype(kind)
        made[name] = dtype.__from_arrow__(found.pop(name).take(order))
    return pd.DataFrame(made, copy=False)


def _table(path: Path, columns: Mapping[str, str]) -> Any:  # noqa: ANN401  (a pyarrow.Table)
    import pyarrow as pa

    try:
        table = read_part(path, {POINT: "Int64"} | {name: kind for name, kind in columns.items() if name != PLANNER})
    except DamagedPartError as error:
        raise InputError(f"{path}: is damaged, {error}; remove it, and compute its points again with --resume"
                         ) from error  # fmt: skip
    if PLANNER not in columns:
        return table
    return table.append_column(PLANNER, pa.array([label_of(path)] * len(table), pa.large_string()))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
