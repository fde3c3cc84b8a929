"""Tables of the page on neighbours, out of what `benchmarks.neighbours` has written to ``docs/neighbours.csv``.

The smallest error of a column, or of a line, is in bold; where two are alike to the digits shown, both are.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

FOUND = Path(__file__).resolve().parents[1] / "docs" / "neighbours.csv"
MODEL, NAIVE = "sscsim", "sscsim --naive"

Lines = tuple[Sequence[str], Sequence[Sequence[str]]]
Line = dict[str, str]


@cache
def _lines() -> tuple[Line, ...]:
    with FOUND.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def lines(question: str) -> list[Line]:
    """Return what has been found of a question."""
    return [line for line in _lines() if line["question"] == question]


def errors(question: str) -> dict[str, dict[str, float]]:
    """Return by fact and method how far off a method is; of groups in widths, else as it stands in the file."""
    found: dict[str, dict[str, float]] = {}
    for line in lines(question):
        value = float(line["value"])
        if line["width"]:
            value = abs(value - float(line["record"])) / float(line["width"])
        found.setdefault(line["fact"], {})[line["method"]] = value
    return found


def _bold(values: Mapping[str, float], digits: int) -> dict[str, str]:
    shown = {name: f"{value:.{digits}f}" for name, value in values.items()}
    least = min(float(text) for text in shown.values())
    return {n: f"**{text}**" if float(text) == least else text for n, text in shown.items()}


def _cases(question: str) -> dict[str, str]:
    return {line["fact"]: line["cases"] for line in lines(question)}


def economies() -> Lines:
    """Return how far exports and imports of economies are missed, a line a rule."""
    found, cases = errors("economies"), _cases("economies")
    shown = {fact: _bold(values, 1) for fact, values in found.items()}
    rules = next(iter(found.values()))
    head = ["1 % of a logarithm, 2013–2015", *(f"{fact} ({cases[fact]})" for fact in found)]
    return head, [[rule, *(cells[rule] for cells in shown.values())] for rule in rules]


def groups() -> Lines:
    """Return how many widths each rule is off, a line a fact."""
    found = errors("groups")
    rules = next(iter(found.values()))
    facts = {line["fact"]: line for line in lines("groups")}
    rows = [
        [fact, f"{float(facts[fact]['record']):.3g}", *_bold(values, 1).values()]
        for fact, values in found.items()
    ]
    by_rule = {rule: [values[rule] for values in found.values()] for rule in rules}
    for name, average in (("mean", statistics.fmean), ("median", statistics.median)):
        middle = {rule: float(average(values)) for rule, values in by_rule.items()}
        rows.append([name, "", *_bold(middle, 1).values()])
    near = [str(sum(v <= 1.0 for v in values)) for values in by_rule.values()]
    rows.append([f"within one width, of {len(found)}", "", *near])
    return ["widths off", "record", *rules], rows


def topics() -> Lines:
    """Return how many widths medians of draws are off, a line a topic and average."""
    found, cases = errors("topics"), _cases("topics")
    head = ["widths off", "facts", *next(iter(found.values()))]
    return head, [[t, cases[t], *_bold(values, 2).values()] for t, values in found.items()]


def growth() -> Lines:
    """Return how far growth is missed, a line a break."""
    found = errors("growth")
    head = ["points a year, mean over economies", *next(iter(found.values()))]
    return head, [[fact, *_bold(values, 2).values()] for fact, values in found.items()]


def goals() -> Lines:
    """Return how far Goals of 2013 are missed, a line a break."""
    found = errors("goals")
    head = ["points, to 2013", *next(iter(found.values()))]
    return head, [[fact, *_bold(values, 2).values()] for fact, values in found.items()]


def agreement() -> Lines:
    """Return what the agreement changes, a line a method."""
    found = {f: v for f, v in errors("agreement").items() if "prices" not in f}
    sizes = {line["method"]: line["cases"] for line in lines("agreement")}

    def signed(value: float) -> str:
        return ("−" if value < 0 else "+") + f"{abs(value):.2f}"

    head = ["% change", "economies", *found]
    methods = next(iter(found.values()))
    return head, [[m, sizes[m], *(signed(v[m]) for v in found.values())] for m in methods]


def verdicts() -> Lines:
    """Return who is nearest, a line a question: by the mean of errors, and by their median beside it."""
    asked: list[tuple[str, list[dict[str, float]], list[dict[str, float]], str]] = []
    for fact, values in errors("economies").items():
        if "fall" not in fact:
            asked.append((f"{fact}, economies", [values], [], "log %"))
    groups_off = list(errors("groups").values())
    asked.append(("trade of groups", groups_off, groups_off, "widths"))
    by_topic = errors("topics")
    for fact in by_topic:
        topic, _, how = fact.rpartition(", ")
        if how == "mean" and topic != "trade":
            both = [by_topic[fact]], [by_topic[f"{topic}, median"]]
            asked.append((f"facts on {topic}" if topic != "all" else "all facts", *both, "widths"))
    for fact, values in errors("growth").items():
        asked.append((f"growth {fact}", [values], [], "points a year"))
    for whom in ("countries alike", "by people"):
        backcasts = [v for fact, v in errors("goals").items() if fact.endswith(whom)]
        asked.append((f"Goals, {whom}", backcasts, backcasts, "points"))
    rows = []
    for title, found, beside, unit in asked:
        middle, best = _averages(found, statistics.fmean)
        ratio = middle[MODEL] / middle[best]
        by_median = ""
        if beside:
            medians, other = _averages(beside, statistics.median)
            by_median = _nearer(medians[MODEL] / medians[other], other)
        errors_of = [f"{middle[MODEL]:.3g} {unit}", f"{middle[best]:.3g}, {best}"]
        rows.append([title, _nearer(ratio, best), by_median, f"{ratio:.2f}", *errors_of])
    head = ["question", "nearer", "by medians", "ratio", "the model's error", "the best other's"]
    return head, rows


def _averages(
    found: Sequence[Mapping[str, float]], average: Callable[[Sequence[float]], float]
) -> tuple[dict[str, float], str]:
    """Return averages by rule, and the rule with the least; the model stands apart, and so does the model to beat."""
    rules = [rule for rule in found[0] if rule != NAIVE]
    middle = {rule: average([values[rule] for values in found]) for rule in rules}
    return middle, min((rule for rule in rules if rule != MODEL), key=lambda rule: middle[rule])


def _nearer(ratio: float, other: str) -> str:
    return MODEL if ratio < 1.0 else f"**{other}**"
