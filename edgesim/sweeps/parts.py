"""Parts of a dataset: Parquet files in a folder for each planner. The only user of pyarrow."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from edgesim.atomic import reason, replacing
from edgesim.errors import InputError
from edgesim.nets.extra import needs_extra
from edgesim.sweeps.disk import synchronise
from edgesim.sweeps.names import PLANNER, label_of, part_paths

POINT = "point"
_TYPES = {"Int64": "int64", "Float64": "float64", "boolean": "bool", "string": "large_string"}


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


def _schema(columns: Mapping[str, str], *, encoded: bool = False) -> Any:  # noqa: ANN401  (a pyarrow.Schema)
    import pyarrow as pa

    types = {kind: pa.type_for_alias(name) for kind, name in _TYPES.items()}
    if encoded:
        types["string"] = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([(name, types[kind]) for name, kind in columns.items()])


def read_part(path: Path, columns: Mapping[str, str]) -> Any:  # noqa: ANN401  (a pyarrow.Table)
    """Read some columns of a part, of texts each once; what is not read is not looked at.

    Raises
    ------
    DamagedPartError
        If it is not what was written.
    InputError
        If the system refuses to read it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [name for name, kind in columns.items() if kind == "string"]
    try:
        with (path.open("rb") as file,
              pq.ParquetFile(file, read_dictionary=texts, page_checksum_verification=True) as part):  # fmt: skip
            table = part.read(list(columns))
    except pa.ArrowException as error:
        raise DamagedPartError(_first_line(error)) from error
    except OSError as error:
        if error.errno is None:  # pyarrow's, not the system's
            raise DamagedPartError(_first_line(error)) from error
        raise InputError(f"{path}: cannot be read, {reason(error)}") from error
    if set(table.schema) != set(_schema(columns, encoded=True)):
        raise DamagedPartError("it has other columns")
    return table


def read_rows(
    folder: Path, columns: Mapping[str, str], labels: Container[str], *, categories: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Read some columns of the rows of some planners, in the order of their points.

    Parameters
    ----------
    folder, columns, labels
        Where, and what.
    categories
        Return texts as categories, which take a fraction of the memory.

    Raises
    ------
    InputError
        If a part is damaged, or two have the same point.
    """
    import pyarrow as pa

    paths = [path for path in part_paths(folder) if label_of(path) in labels]
    tables = [_table(path, columns) for path in paths]
    table = pa.concat_tables(tables or [_schema({POINT: "Int64", **columns}, encoded=True).empty_table()])
    points = table[POINT].to_numpy()
    order = points.argsort()
    _check_once(points, order, paths, [len(part) for part in tables])
    found, made = {name: table[name] for name in columns}, {}
    del tables, table
    for name, kind in columns.items():  # one by one, so that only one of them is in memory several times
        values = _encoded(found.pop(name), kind).take(pa.array(order))
        made[name] = values.to_pandas() if categories and kind == "string" else _array(values, kind)
    return pd.DataFrame(made, copy=False)


def _encoded(values: Any, kind: str) -> Any:  # noqa: ANN401  (arrays of pyarrow)
    """Give texts of several parts one dictionary, which may have more than 2 GB of them."""
    import pyarrow as pa

    if kind != "string":
        return values
    return values.cast(pa.dictionary(pa.int32(), pa.large_string())).unify_dictionaries()


def _array(values: Any, kind: str) -> Any:  # noqa: ANN401  (arrays of pyarrow and pandas)
    import pyarrow as pa

    dtype: Any = pd.api.types.pandas_dtype(kind)
    return dtype.__from_arrow__(values.cast(pa.type_for_alias(_TYPES[kind])))


def _check_once(points: Any, order: Any, paths: Sequence[Path], lengths: Sequence[int]) -> None:  # noqa: ANN401  (arrays)
    """Refuse a point that has two rows."""
    twice = np.flatnonzero(np.diff(points[order]) == 0)
    if len(twice):
        rows = np.sort(order[twice[0] : twice[0] + 2])
        one, other = (paths[at] for at in np.searchsorted(np.cumsum(lengths), rows, "right"))
        raise InputError(f"{other}: has point {points[rows[0]]}, which {one} has too; no sweep writes both: remove the"
                         " one that is a copy, or was put there")  # fmt: skip


def _table(path: Path, columns: Mapping[str, str]) -> Any:  # noqa: ANN401  (a pyarrow.Table)
    import pyarrow as pa

    try:
        table = read_part(path, {POINT: "Int64"} | {name: kind for name, kind in columns.items() if name != PLANNER})
    except DamagedPartError as error:
        raise InputError(f"{path}: is damaged, {error}; remove it, and compute its points again with --resume"
                         ) from error  # fmt: skip
    if PLANNER not in columns:
        return table
    labels = pa.DictionaryArray.from_arrays(np.zeros(len(table), np.int32), [label_of(path)])
    return table.append_column(PLANNER, labels)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
