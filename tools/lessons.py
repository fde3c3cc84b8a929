"""The four lessons: ``python -m tools.lessons`` (``make lessons``) renews what a command makes of them.

Titles, goals, minutes, questions and settings of the sliders come from ``sscsim/page/lessons.yaml``, so that notebooks
in ``docs/lessons`` and the page teach the same. The command writes

- the cells of a notebook that say so (``sscsim`` in their metadata),
- ``scenarios/NAME.yaml``, each a setting of the page's sliders,
- ``data``: effects of these scenarios over twenty draws, which notebooks read, and
- on the teacher's sheets what the cells tagged ``finding`` print, from an execution.

Some ten minutes on one core, a minute with ``--findings``, which leaves the effects as they are; ``--files`` runs
nothing. ``--check`` writes nothing and says what is not as it would be written.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from sscsim.page.sliders import read_setting, sliders
from sscsim.yamlfile import read_yaml
from tools.docs_tables import mark

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "docs" / "lessons"
PAGE = ROOT / "sscsim" / "page" / "lessons.yaml"
DATA = LESSONS / "data"

KEYS = ("trade", "banks", "partners", "unknown")
"""Lessons in their order, as the page calls them."""

SCENARIOS = {
    "cheaper-trade": ("trade_cost=-10", "Trade within the South costs a tenth less"),
    "dearer-trade": ("trade_cost=10", "Trade within the South costs a tenth more"),
    "faster-customs": ("facilitation=10", "All trade of the South costs a tenth less"),
    "twice-the-capital": ("banks=2", "Twice the capital and projects of Southern banks"),
    "half-the-capital": ("banks=0.5", "Half the capital and projects of Southern banks"),
    "credit-lines": ("credit=4", "Four times the credit lines"),
    "agreed-aid": ("aid=2.3", "Aid at 0.7 per cent of donors' income"),
    "green-lending": ("green=100", "Banks and credit lines prefer renewable energy"),
    "partners-pay": ("partner_budget=3", "Third parties pay three times as much"),
    "less-trouble": ("third_party_cost=0.6", "Working in threes costs six tenths"),
    "money-and-ease": ("partner_budget=3 third_party_cost=0.6", "More money and less trouble"),
    "agencies": ("institutions=50", "Agencies and trained managers"),
    "more-projects": ("cooperation=1.5", "Countries ask for half as many projects again"),
    "many-at-once": (
        "cooperation=2 aid=0.5 partner_budget=4 third_party_cost=0.4 growth=-0.5 institutions=100 reporting=100 "
        "trade_cost=15 commodity_price=2 credit=4 banks=0.5 un=100",
        "Many sliders at their ends",
    ),
    "slower-growth": ("growth=-0.5", "The world grows half a point a year less"),
    "both-together": ("cooperation=1.5 credit=4", "More projects and more credit lines"),
}
"""Scenarios of the lessons: the setting of the page's sliders, and a title."""

DRAWS = 20
YEAR = 2034
"""The page tells of the last year, and so do the lessons."""

INDICATORS = (
    "bank_approvals",
    "bank_lending_received",
    "bank_outstanding",
    "exports",
    "external_finance",
    "goal_7",
    "goal_13",
    "goal_index",
    "poverty_headcount",
    "projects_received",
    "real_income",
    "trade_within",
    "transaction_cost",
)
GROUPS = ("World", "South", "LDC", "LLDC", "SIDS", "AIIB", "CAF", "ISDB", "NDB")
RELATIVE = ("relative", "relative_low", "relative_high")
COLUMNS = (
    "scenario",
    "indicator",
    "group",
    "year",
    "unit",
    "reference",
    "median",
    "low",
    "high",
    *RELATIVE,
)
COUNTRY = (
    "scenario",
    "iso3",
    "country",
    "year",
    "unit",
    "reference",
    "median",
    "low",
    "high",
    *RELATIVE,
)
BY_COUNTRY = ("cheaper-trade", "slower-growth")
"""Scenarios of which the lessons show countries."""

FINDING = re.compile(r"<!-- finding (\d+) -->\n.*?<!-- end -->", re.DOTALL)


# ------------------------------------------------------------------------------------------------------------- files


def number_of(key: str) -> int:
    """Return the number of a lesson."""
    return KEYS.index(key) + 1


def notebook(key: str) -> Path:
    """Return a lesson's notebook."""
    return LESSONS / f"lesson-{number_of(key)}-{key}.ipynb"


def sheet(key: str) -> Path:
    """Return a lesson's sheet for the teacher."""
    return LESSONS / f"teacher-{number_of(key)}.md"


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Any]:
    """Return what the page says of each lesson, by its key."""
    found: Mapping[str, Any] = read_yaml(PAGE).mapping("lessons")
    return found


def settings_of(key: str) -> list[dict[str, float]]:
    """Return the settings of the sliders that a lesson of the page names."""
    return [
        step[which]
        for step in lessons()[key]["steps"]
        for which in ("setting", "against")
        if step.get(which)
    ]


# --------------------------------------------------------------------------------------------------- written cells


def minutes_of(step: Mapping[str, Any]) -> str:
    """Return how long a step takes, in words."""
    return f"{step['minutes']} minutes"


def plan(key: str) -> str:
    """Return the plan of a lesson, a line a step."""
    steps = lessons()[key]["steps"]
    lines = ["| step | minutes |", "|---|---|"]
    lines += [
        f"| {i}. {step['title']['en']} | {step['minutes']} |"
        for i, step in enumerate(steps, start=1)
    ]
    return "\n".join(lines)


def head(key: str) -> str:
    """Return the first cell of a lesson."""
    lesson = lessons()[key]
    paragraphs = ", ".join(f"¶{one}" for one in lesson["paragraphs"])
    return (
        f"# Lesson {number_of(key)}: {lesson['title']['en']}\n\n"
        f"*{lesson['title']['zh']}*\n\n"
        f"**When it is over:** {lesson['goal']['en']}\n\n"
        f"{lesson['goal']['zh']}\n\n"
        f"Report A/73/383, {paragraphs}.\n\n"
        f"{plan(key)}"
    )


def cell_text(key: str, part: str) -> str:
    """Return the text of a cell that the page's lesson gives: ``head``, ``step 2``, ``talk 2``."""
    if part == "head":
        return head(key)
    kind, _, place = part.partition(" ")
    step = lessons()[key]["steps"][int(place) - 1]
    if kind == "step":
        return f"## {place}. {step['title']['en']} ({minutes_of(step)})"
    if kind == "talk":
        return f"**Why.** {step['why']['en']}\n\n**Talk about.** {step['question']['en']}"
    raise ValueError(f"no such part of a lesson: {part!r}")


def parts_of(key: str) -> list[str]:
    """Return the parts that a notebook must hold, in their order."""
    steps = range(1, len(lessons()[key]["steps"]) + 1)
    return ["head", *(f"{kind} {i}" for i in steps for kind in ("step", "talk"))]


def read(key: str) -> nbformat.NotebookNode:
    """Return a lesson's notebook."""
    return nbformat.read(notebook(key), as_version=4)


DRAWN = {
    "lines": "Lines over the years: {what} – {labels}",
    "show": "Medians with the ends between which nine draws in ten lie: {what} – {labels}",
}
"""What the functions that draw for a lesson draw, in words."""


def picture_in_words(source: str) -> str:
    """Return for readers who do not see it what a cell's picture shows; empty for a cell that draws none."""
    called: dict[str, ast.Call] = {}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = node.func
            name = named.id if isinstance(named, ast.Name) else getattr(named, "attr", "")
            called[name] = node

    def texts(nodes: Iterable[ast.expr | None]) -> list[str]:
        return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]

    dicts = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Dict)
    }
    for name in DRAWN.keys() & called.keys():
        first, *rest = called[name].args
        held = dicts.get(first.id) if isinstance(first, ast.Name) else first
        labels = "; ".join(texts(held.keys if isinstance(held, ast.Dict) else []))
        return DRAWN[name].format(what=texts(rest)[-1], labels=labels)
    if {"set_xlabel", "set_ylabel"} <= called.keys():
        down, across = (texts(called[f"set_{axis}label"].args)[0] for axis in "yx")
        return f"Points: {down}, against {across}"
    return ""


def renewed(key: str) -> nbformat.NotebookNode:
    """Return a notebook with its written cells as the page's lesson has them, and without outputs."""
    book = read(key)
    for cell in book.cells:
        part = cell.metadata.get("sscsim")
        if part:
            cell.source = cell_text(key, part)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)
            cell.metadata.pop("mystnb", None)
            if text := picture_in_words(cell.source):
                cell.metadata["mystnb"] = nbformat.from_dict({"image": {"alt": text}})
    # What an editor adds differs from one to the next.
    book.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return book


def as_text(book: nbformat.NotebookNode) -> str:
    """Return a notebook as its file holds it."""
    return nbformat.writes(book) + "\n"


# --------------------------------------------------------------------------------------------- scenarios, effects


def scenario_text(name: str) -> str:
    """Return the file of a lesson's scenario."""
    setting, title = SCENARIOS[name]
    written = sliders().as_yaml(read_setting(setting), name)
    said = f'# sscsim page --setting "{setting}" --save {name}.yaml\n'
    return said + re.sub(r"title:\n  en: .*\n", f"title: {title}\n", written)


def rounded(value: float) -> str:
    """Return a number as the tables of the lessons hold it."""
    return f"{value:.5g}"


def renew_effects() -> None:
    """Compare all scenarios with the baseline, and write what notebooks read."""
    from sscsim.experiments import compare

    files = [LESSONS / "scenarios" / f"{name}.yaml" for name in SCENARIOS]
    found = compare(
        ["baseline", *files], draws=DRAWS, indicators=INDICATORS, groups=GROUPS, years=[YEAR]
    )
    DATA.mkdir(exist_ok=True)
    table = found.table
    table = table[
        table.group.isin(("World", "South", "LDC", "LLDC", "SIDS"))
        | table.indicator.str.startswith("bank_")
    ]
    columns = list(COLUMNS)
    table[columns].to_csv(
        DATA / "effects.csv", index=False, float_format=rounded, lineterminator="\n"
    )
    each = found.by_country("real_income")
    each = each[each.scenario.isin(BY_COUNTRY) & (each.year == YEAR)]
    each[list(COUNTRY)].to_csv(
        DATA / "countries.csv", index=False, float_format=rounded, lineterminator="\n"
    )
    said = "Effects of the lessons' scenarios over draws of the posterior: make lessons"
    (DATA / "made.yaml").write_text(
        f"# {said}\ndraws: {DRAWS}\nnumbers: {mark()}\n", encoding="utf-8"
    )


# ------------------------------------------------------------------------------------------------------- execution


def execute(path: Path, timeout: float = 300.0) -> nbformat.NotebookNode:
    """Run a notebook from its own folder, and return it with what it printed.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        Where a cell fails: a finding that does not hold is one.
    """
    from nbclient import NotebookClient

    book = nbformat.read(path, as_version=4)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), before]))
    try:
        NotebookClient(
            book,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return book


def findings(book: nbformat.NotebookNode) -> list[str]:
    """Return what the cells tagged ``finding`` of an executed notebook print, in their order."""
    return [
        "".join(
            out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stdout"
        ).strip()
        for cell in book.cells
        if "finding" in cell.metadata.get("tags", [])
    ]


def filled(text: str, found: Sequence[str]) -> str:
    """Return a teacher's sheet with findings in their places.

    Raises
    ------
    ValueError
        Where the sheet does not hold each finding once.
    """
    places = [int(one[1]) for one in FINDING.finditer(text)]
    if places != list(range(1, len(found) + 1)):
        raise ValueError(f"{len(found)} findings, places for {places}")

    def put(one: re.Match[str]) -> str:
        lines = "\n".join(f"> {line}" for line in found[int(one[1]) - 1].splitlines())
        return f"<!-- finding {one[1]} -->\n{lines}\n<!-- end -->"

    return FINDING.sub(put, text)


def sheet_text(key: str, found: Sequence[str] | None = None) -> str:
    """Return a teacher's sheet with the page's plan, and with findings where some are given."""
    text = sheet(key).read_text(encoding="utf-8")
    lesson = lessons()[key]
    top = f"# Lesson {number_of(key)}, for the teacher: {lesson['title']['en']}"
    text = re.sub(r"\A# .*", lambda _: top, text)
    block = f"<!-- plan -->\n{plan(key)}\n<!-- end -->"
    text = re.sub(r"<!-- plan -->\n.*?<!-- end -->", lambda _: block, text, flags=re.DOTALL)
    return text if found is None else filled(text, found)


# ------------------------------------------------------------------------------------------------------ the command


def made(run: bool) -> Iterator[tuple[Path, str]]:
    """Yield files that the command writes, with their texts; what rests on an execution only where asked for."""
    for key in KEYS:
        yield notebook(key), as_text(renewed(key))
        yield sheet(key), sheet_text(key, findings(execute(notebook(key))) if run else None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew the lessons, or say what is not as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--files", action="store_true", help="only what needs no run")
    which.add_argument("--findings", action="store_true", help="all but the effects over draws")
    which.add_argument("--check", action="store_true", help="write nothing, say what is stale")
    options = parser.parse_args(arguments)
    stale = []

    def put(path: Path, text: str) -> None:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        stale.append(path)
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'stale' if options.check else 'renewed'}")

    for name in SCENARIOS:
        put(LESSONS / "scenarios" / f"{name}.yaml", scenario_text(name))
    if not (options.files or options.findings or options.check):
        renew_effects()
        print(f"{DATA.relative_to(ROOT)}: renewed")
    for path, text in made(run=not options.files):
        put(path, text)
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
