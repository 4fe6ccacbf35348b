"""The tables that documents show, each made of committed figures or of runs; by their names in the documents."""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import claims
import optima
import published
import survival
import trusted

from edgesim import read_scenario
from edgesim.units import show_bytes

MINILM = Path(__file__).parents[1] / "scenarios" / "models" / "minilm"


def recipes() -> str:
    """Return the cosine of embeddings to full precision by recipe of quantization, one row a recipe."""
    by_recipe: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in _measured("quantization"):
        by_recipe.setdefault((row["dictionary"], row["threshold"], row["refine"]), []).append(row)
    head = ("dictionary per", "threshold", "refine", *(f"{row['bits']} bits" for row in next(iter(by_recipe.values()))),
            "outliers", "all shards at 2 bits")  # fmt: skip
    return _table(head, [
        [*recipe, *(row["cosine"] for row in rows), f"{float(rows[0]['outliers']):.2%}",
         show_bytes(int(rows[0]["bytes"]))]
        for recipe, rows in by_recipe.items()
    ])  # fmt: skip


def upgrades() -> str:
    """Return what raising the most important shards is worth, as it was measured."""
    head = ("task", "raised", "guided", "random", "bottom first", "guided less random", "guided less bottom first",
            "draws with more loss")  # fmt: skip
    return _table(head, [
        [row["task"], f"{row['raised']} of 72", row["guided"], row["random"], row["bottom_first"],
         f"{float(row['guided_less_random']):+.4f} [{row['low']}, {row['high']}]",
         f"{float(row['guided_less_bottom']):+.4f} [{row['bottom_low']}, {row['bottom_high']}]",
         f"{float(row['share_of_draws_with_more_loss']):.0%}"]
        for row in _measured("upgrades")
    ])  # fmt: skip


def accuracy() -> str:
    """Return measured accuracy and memory at three targets, one row a planner, one column a task."""
    rows = _measured("accuracy")
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    by_plan: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for row in rows:
        if row["planner"].startswith("wrx["):  # ablations: in the file only
            continue
        by_plan.setdefault((row["target"], row["planner"]), {})[row["task"]] = row
    head = ("target", "planner", "n x m", *tasks, "shards kept", "held", "peak")
    return _table(head, [
        [target, planner, _one(found, "shape"), *(found[task]["accuracy"] if task in found else "-" for task in tasks),
         *(_sizes(found, key) for key in ("preload_bytes", "held_memory_bytes", "peak_memory_bytes"))]
        for (target, planner), found in by_plan.items()
    ])  # fmt: skip


def predictions() -> str:
    """Return how good predictions of accuracy are, by task."""
    rows = []
    for task in ("embedding", "module", "package", "signature"):
        fitted = read_scenario(f"minilm-{task}").model.quality
        assert fitted is not None
        assert fitted.fitted is not None
        found = fitted.fitted.judgement
        assert found is not None
        within = sorted(found.rank_correlation_within.values())
        rows.append([
            task, str(found.plans), f"{100 * found.mean_error:.2f} points", f"{100 * found.worst_error:.1f} points",
            f"{found.rank_correlation:.3f}", f"{found.ceiling:.3f}", f"{within[len(within) // 2]:.2f}",
        ])  # fmt: skip
    head = ("task", "plans", "mean error", "worst", "rank correlation", "ceiling", "median within a submodel")
    return _table(head, rows)


def _measured(name: str) -> list[dict[str, str]]:
    with (MINILM / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def _one(found: dict[str, dict[str, str]], key: str) -> str:
    return " or ".join(dict.fromkeys(row[key] for row in found.values()))


def _sizes(found: dict[str, dict[str, str]], key: str) -> str:
    """Write a size; a range where tasks differ."""
    sizes = sorted({int(row[key]) for row in found.values()})
    return " to ".join(dict.fromkeys(map(show_bytes, (sizes[0], sizes[-1]))))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])
    return re.sub(r"(?<=\d) (?=(?:%|ms|[kMG]?B|x|points|bits)\b|%)", "\N{NO-BREAK SPACE}", text)


def _computed(table: Callable[[], tuple[Sequence[str], list[list[str]]]]) -> Callable[[], str]:
    return lambda: _table(*table())


TABLES: dict[str, Callable[[], str]] = {
    "the recipes": recipes,
    "the upgrades": upgrades,
    "the accuracy": accuracy,
    "the predictions": predictions,
    **{
        name: _computed(table)
        for every in (claims.TABLES, trusted.TABLES, optima.TABLES, published.TABLES, survival.TABLES)
        for name, table in every.items()
    },
}
"""What makes each table."""
