"""Questions of analysts, answered: ``make questions`` runs the commands that answer them.

Written are ``docs/questions.json``, what each command printed and its table, and ``docs/questions.md``: the question,
one or two commands, the answer in numbers, intervals, names and reasons read off the tables, and what is printed. What
the search found stands in ``docs/packages.md``, too, with its picture. ``--words`` writes the pages again from the
file, without a run; a test compares them, and runs the commands with two draws each.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import math
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from sscsim.choices import in_words
from sscsim.cli.main import cli
from sscsim.cli.printing import NO_CHANGE, change, signed
from sscsim.cli.printing import number as digits
from sscsim.experiments.noticeable import LEAST_TOLD, NOTICED_INCOME, NOTICED_POINTS, is_named
from sscsim.experiments.questions import group_title, indicator_title
from sscsim.experiments.why.channels import TITLES
from sscsim.reports.words import in_text
from sscsim.world.loading import load_world
from tools.docs_tables import table

ROOT = Path(__file__).resolve().parents[1]
HELD, PAGE = ROOT / "docs" / "questions.json", ROOT / "docs" / "questions.md"
SEARCH, FRONT = ROOT / "docs" / "packages.md", ROOT / "docs" / "images" / "search_front.png"

Rows = list[dict[str, str]]

HEAD = """# Questions, and how to ask them

Questions of those who work with South-South cooperation, each one or two commands. Answers are medians over draws
with the interval that holds nine in ten of them, {source}. Made by `make questions`; do not edit.

What a number is worth is said on the pages on [comparisons](compare.md), [asking for an outcome](seek.md),
[costs](costs.md) and [futures](futures.md).

"""


TABLES = {"compare": ("effects", "countries"), "why": ("parts", "chains")}
"""What `--csv` is asked for, command by command; without a name where there is one table alone."""

NAMED = ("goal_index", "real_income")
"""Indicators by which countries are named."""

MOST_NAMED, MOST_REASONS = 5, 4

LEAST_SAID = {
    "goal_index": f"{NOTICED_POINTS:g} points",
    "real_income": f"{100 * NOTICED_INCOME:g} per cent",
}
"""How much a country gains or loses at least to be named, see `sscsim.experiments.noticeable`."""


@dataclass(frozen=True)
class Asked:
    """What a command printed, and its tables by name."""

    command: str
    text: str
    tables: dict[str, Rows]

    def rows_of(self, table: str, /, **wanted: str) -> Rows:
        """Return the rows of a table with these values."""
        rows = self.tables[table]
        return [row for row in rows if all(row[k] == v for k, v in wanted.items())]

    def said(self, pattern: str) -> str:
        """Return what a pattern takes out of what was printed."""
        found = re.search(pattern, " ".join(self.text.split()))
        if found is None:
            raise ValueError(f"`{self.command}` does not say {pattern!r}")
        return found[1]


@dataclass(frozen=True)
class Question:
    """A question, the commands that answer it, and what makes an answer of their tables, in Markdown.

    `reason` is one more command, of which the reasons are, where the others do not say them.
    """

    name: str
    title: str
    commands: tuple[str, ...]
    answer: Callable[[Sequence[Asked]], str]
    reason: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------------- numbers in words


def effect(row: dict[str, str], mean: bool = False) -> str:
    """Return an effect with its interval and unit."""
    keys = ("mean" if mean else "median", "low", "high")
    level = math.nan if mean else float(row["reference"])
    value, between = change(*(float(row[key]) for key in keys), row["unit"], level)
    unit = "" if value == NO_CHANGE else f" {_unit(row['unit'])}"
    return f"{value}{unit}" + ("" if between == "–" else f" [{between.replace(' … ', ', ')}]")


def _unit(unit: str) -> str:
    return {
        "fraction": "percentage points",
        "share": "percentage points",
        "0 to 100": "points",
    }.get(unit, unit)


def _dollars(billions: float) -> str:
    """Return dollars as millions or billions."""
    if billions == float("inf"):
        return "no gain"
    return (
        f"{digits(billions)} bn USD"
        if billions >= 1.0
        else f"{digits(1000.0 * billions)} million USD"
    )


def _is_sure(row: dict[str, str]) -> bool:
    share = row["positive"]  # of the draws; none where no draw has any effect
    return share != "" and abs(2.0 * float(share) - 1.0) >= SURE


def _effects(one: Asked, wanted: Sequence[tuple[str, str]]) -> str:
    """Say what a comparison shows of some numbers, in a list."""
    lines = []
    for indicator, group in wanted:
        [row] = one.rows_of("effects", indicator=indicator, group=group)
        sure = _is_sure(row)
        told = "" if sure else "; of either sign" if row["positive"] else "; the same in every draw"
        level = digits(float(row["reference"]), row["unit"])
        percent = " %" if row["unit"] in ("fraction", "share") else ""
        lines.append(
            f"- {indicator_title(indicator)}, {_whom(group)}, {row['year']}: {effect(row)}, from "
            f"{level}{percent}{told}\n"
        )
    return "".join(lines)


def _whom(group: str) -> str:
    """Return what a group or a country is called."""
    world = load_world()
    if group in world.iso3:
        return str(world.attributes["name"][list(world.iso3).index(group)])
    return group_title(group)


def _named(one: Asked, indicator: str) -> str:
    """Say which countries gain and which lose most by a number, of those for whom that is noticeable."""
    key = "median" if indicator == "goal_index" else "relative"
    rows = [
        row
        for row in one.rows_of("countries", indicator=indicator)
        if is_named(float(row["gains"])) or is_named(float(row["loses"]))
    ]
    title = indicator_title(indicator)
    if not rows:
        return f"By {in_text(title)} no country gains or loses noticeably, by {LEAST_SAID[indicator]} or more."

    def listed(found: Rows) -> str:
        return ", ".join(
            f"{row['country']} ({signed(100 * float(row[key]))} %)"
            if key == "relative"
            else f"{row['country']} ({signed(float(row[key]))})"
            for row in found[:MOST_NAMED]
        )

    rows.sort(key=lambda row: -float(row[key]))
    up = [row for row in rows if float(row[key]) > 0]
    down = [row for row in rows if float(row[key]) < 0][::-1]
    parts = [f"most gain {listed(up)}"] if up else ["no country gains noticeably"]
    parts.append(f"most lose {listed(down)}" if down else "none loses noticeably")
    return f"By {in_text(title)} {'; '.join(parts)}."


def _reasons(one: Asked) -> str:
    """Say what moved the Goals, driver by driver, and the chain of a country where there is one."""
    said = []
    titles = list(dict.fromkeys((r["indicator"], r["group"]) for r in one.tables["parts"]))
    for indicator, group in titles:
        rows = one.rows_of("parts", indicator=indicator, group=group)
        whole = abs(float(rows[-1]["mean"]))
        told = [r for r in rows[:-1] if not effect(r, mean=True).startswith(NO_CHANGE)]
        if not told:
            said.append(
                f"Nothing moves {in_text(indicator_title(indicator))}, {_whom(group)}, by {LEAST_TOLD}."
            )
            continue
        rows = [r for r in told if abs(float(r["mean"])) >= 0.05 * whole > 0.0]
        rows.sort(key=lambda row: -abs(float(row["mean"])))
        drivers = "; ".join(
            f"{TITLES.get(row['driver'], row['driver'])} {effect(row, mean=True)}"
            for row in rows[:MOST_REASONS]
        )
        said.append(
            f"What moved it ({indicator_title(indicator)}, {_whom(group)}; means): {drivers}."
        )
    if "chains" in one.tables:
        said.append(
            f"The largest way: {one.said(r'largest way to each Goal (.*? of the effect[)])')}."
        )
    return " ".join(said)


def _triples(found: Sequence[Asked]) -> str:
    sought, compared, reasons = found
    return (
        f"It takes {sought.said(r'partner_budget at ([0-9.]+)')} times the money of partners from 2019 on "
        f"(nine in ten draws: {sought.said(r'single draws take (.*?)[.] ')}). Then\n\n"
        + _effects(compared, OUTCOMES)
        + f"\n{_named(compared, 'goal_index')} {_reasons(reasons)}"
    )


def _lends(found: Sequence[Asked]) -> str:
    sought, compared, reasons = found
    return (
        f"{sought.said(r'((?:bank_capital at|Not reached:) .*? in baseline[.])')} With it\n\n"
        + _effects(compared, (("bank_disbursements", "World"), *OUTCOMES))
        + f"\n{_named(compared, 'real_income')} {_reasons(reasons)}"
    )


def _reports(found: Sequence[Asked]) -> str:
    compared, reasons = found
    return (
        "Countries are brought to report at a fifth a year, and a fifth of the way to one method:\n\n"
        + _effects(compared, (("reporting_share", "South"), *OUTCOMES))
        + f"\n{_named(compared, 'goal_index')} {_reasons(reasons)}"
    )


def _kenya(found: Sequence[Asked]) -> str:
    compared, reasons = found
    rows = compared.tables["effects"]
    wanted = [(row["indicator"], row["group"]) for row in rows if _is_sure(row)]
    return (
        "What is of one sign in nine draws of ten, for Kenya itself:\n\n"
        + _effects(compared, wanted)
        + f"\n{_reasons(reasons)}"
    )


def _searched(one: Asked, robust: Asked) -> str:
    """Say what a search for packages found, and whether any is robust."""
    tried = one.said(r"([0-9,]+) packages were tried")
    futures = one.said(r"packages were tried in (\d+) futures")
    if "No package within the budget" in one.text:
        return f"Of {tried} packages within 5 bn USD none gains more than doing nothing in half of {futures} futures."
    best = one.said(r"most for a dollar: package (\d+)")
    rows = {line.split()[0]: line.split() for line in one.text.splitlines() if line[:1].isdigit()}
    said = " ".join(rows[best])
    gain, low, high = re.findall(r"[+−]?[0-9][0-9.e−]*", said)[1:4]
    levers = _levers_of(one, best)
    surely = (
        "In nine futures of ten none of those that were tried gains more than doing nothing: whether cooperation "
        "moves the Goals of the poorest at all is what the report does not inform, and no package escapes it."
        if "No package within the budget" in robust.text
        else f"In nine futures of ten: {robust.said(r'In nine futures of ten: (.*?)[.] ')}."
    )
    return (
        f"A search among the levers of the full agenda for 5 bn USD, {tried} packages in {futures} futures, finds most "
        f"for a dollar in package {best}: {levers}; it gains {gain} points of the index [{low}, {high}] in as "
        f"many other futures. {surely}"
    )


def _levers_of(one: Asked, package: str) -> str:
    """Return what is in a package: levers, with how much of them."""
    lines = one.text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("lever "))
    place = lines[at].split().index(package)
    found = []
    for line in lines[at + 1 :]:
        if not line.strip():
            break
        cells = line.replace(" %", "%").split()
        if cells[place] != "–":
            found.append(f"`{cells[0]}` {cells[place].replace('%', ' %')}")
    return ", ".join(found)


def _per_dollar(found: Sequence[Asked]) -> str:
    """Say which package gives most for a dollar: by the price of a country's point of the Goal index."""
    one, searched, robust, reasons = found
    points = sorted(
        one.rows_of("", kind="gain", name="goal_point", group="LDC"),
        key=lambda row: float(row["median"]),
    )
    totals = {row["scenario"]: float(row["median"]) for row in one.rows_of("", kind="total")}

    first, *others = points
    apart = [f"`{row['scenario']}`" for row in others if float(row["low"]) > float(first["high"])]
    told = (
        f"Sure is that it is cheaper than {', '.join(apart)}."
        if apart
        else "Intervals of all others overlap with its own: the order is likely, not sure."
    )
    payers = "; ".join(
        dict.fromkeys(
            row["payer"] for row in one.rows_of("", kind="item", scenario=first["scenario"])
        )
    )
    # With few draws another package may come first: then these are not its reasons.
    because = _reasons(reasons) if f" {first['scenario']} " in reasons.command else ""
    low, high = (_dollars(float(first[key])) for key in ("low", "high"))
    told = (
        f"`{first['scenario']}`: a point of the Goal index of one least developed country costs "
        f"{_dollars(float(first['median']))} [{low} to {high}]; elsewhere it costs "
        f"{_dollars(float(first['elsewhere_low']))} to {_dollars(float(first['elsewhere_high']))}. {told} It is paid "
        f"by {payers}. {because}\n\n"
    )
    return f"{told}{_prices(points, totals, first['to'])}\n\n{_searched(searched, robust)}"


def _prices(points: Rows, totals: dict[str, float], last: str) -> str:
    """Return what a point costs in each package as a table."""
    return table(
        [
            "package",
            "a point costs",
            "90 % interval",
            "points gained",
            f"cost to {last}",
            "worth it",
        ],
        [
            (
                f"`{row['scenario']}`",
                _dollars(float(row["median"])),
                f"{_dollars(float(row['low']))} to {_dollars(float(row['high']))}",
                signed(float(row["amount"])),
                _dollars(totals[row["scenario"]]),
                f"{100 * float(row['worth']):.0f} %",
            )
            for row in points
        ],
    )


SURE = 0.8
"""Of the draws, how many more have one sign than the other from which on it is taken for known."""

OUTCOMES = (("goal_index", "South"), ("goal_index", "LDC"), ("gdp", "South"))
"""What every answer says."""

SOUGHT = (
    'sscsim search --goal "goal_index LDC 2030" --budget "5 bn" --steps 2 --draws 8 --population 20'
)

QUESTIONS: tuple[Question, ...] = (
    Question(
        "triangular",
        "What if triangular cooperation triples?",
        (
            'sscsim seek "projects_received_triangular World 2030 = 3x" --lever partner_budget --save triples.yaml',
            "sscsim compare baseline triples.yaml",
        ),
        _triples,
        ("sscsim why baseline triples.yaml --group LDC",),
    ),
    Question(
        "bank",
        "What if the Asian Infrastructure Investment Bank lends 15 billion dollars a year?",
        (
            'sscsim seek "bank_approvals AIIB 2026 = 15" --lever bank_capital --where bank=AIIB --save aiib-15.yaml',
            "sscsim compare baseline aiib-15.yaml",
        ),
        _lends,
        ("sscsim why baseline aiib-15.yaml --group South",),
    ),
    Question(
        "reporting",
        "What if every country reports by one method?",
        (
            "sscsim compare baseline harmonised-reporting",
            "sscsim why baseline harmonised-reporting --group South",
        ),
        _reports,
    ),
    Question(
        "kenya",
        "What does Kenya gain from the African area?",
        (
            "sscsim compare baseline african-continental-area --country Kenya",
            "sscsim why baseline african-continental-area --country Kenya",
        ),
        _kenya,
    ),
    Question(
        "per-dollar",
        "Which package helps least developed countries most per dollar?",
        (
            "sscsim cost baseline technology-bank institutions-first knowledge-platform leave-no-one-behind "
            "triangular-scale-up full-agenda --group LDC",
            f"{SOUGHT} --evaluations 60 --save packages --figure search_front.png",
        ),
        _per_dollar,
        (
            f"{SOUGHT} --evaluations 40 --robust",
            "sscsim why baseline technology-bank --group LDC",
        ),
    ),
)
"""In the order of the page."""


# --------------------------------------------------------------------------------------------------------- running


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Work in a folder: what one command saves the next finds by its name."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def ask(command: str, *more: str, store: str = "store") -> str:
    """Return what a command prints.

    Raises
    ------
    RuntimeError
        When it fails.
    """
    program, *words = shlex.split(command)
    assert program == "sscsim", command
    result = CliRunner().invoke(cli, [*words, *more, "--quiet", "--store", store])
    if result.exit_code:
        raise RuntimeError(f"{command}: {result.output}")
    return result.stdout


def asked(
    question: Question, *more: str, sought: Sequence[str] = (), store: str = "store"
) -> list[Asked]:
    """Run the commands of a question; their tables come from the store.

    Parameters
    ----------
    question
        What is asked.
    *more
        Options of every command but searches, which say themselves in how many draws they look.
    sought
        Options of searches.
    store
        Where runs are kept.
    """
    found = []
    for command in (*question.commands, *question.reason):
        search = command.split()[1] == "search"
        options = [*(sought if search else more)]
        text = ask(command, *options, store=store)
        tables = {}
        for name in TABLES.get(command.split()[1], ("",)):
            if name == "chains" and "--country" not in command:
                continue
            if search:
                break  # what it found again elsewhere is what it printed
            table = ask(command, *options, *(["--csv", name] if name else ["--csv"]), store=store)
            tables[name] = _shorter(name, list(csv.DictReader(io.StringIO(table))))
        found.append(Asked(command, text, tables))
    return found


def _shorter(name: str, rows: Rows) -> Rows:
    """Return of a table of countries those that an answer may name, of other tables all."""
    if name != "countries":
        return rows
    found = []
    for indicator in NAMED:
        seen = [row for row in rows if row["indicator"] == indicator and row["seen"] == "True"]
        seen.sort(key=lambda row: float(row["median" if indicator == "goal_index" else "relative"]))
        ends = {id(row): row for row in (*seen[:MOST_NAMED], *seen[-MOST_NAMED:])}
        found += list(ends.values())
    return found


# ------------------------------------------------------------------------------------------------------------- page


def page(held: dict[str, Any]) -> str:
    """Return the page in Markdown."""
    parts = [HEAD.format(source=held["source"])]
    for question in QUESTIONS:
        if question.name not in held["answers"]:
            continue  # asked for with --only, others are still to come
        answers = [Asked(**one) for one in held["answers"][question.name]]
        commands = "\n".join(one.command for one in answers)
        parts.append(f"## {question.title}\n\n```sh\n{commands}\n```\n\n")
        parts.append(question.answer(answers).strip() + "\n\n")
        for one in answers:
            parts.append(f"<details><summary><code>{_short(one.command)}</code></summary>\n\n")
            parts.append(f"```text\n{one.text.strip()}\n```\n\n</details>\n\n")
    return "".join(parts).rstrip() + "\n"


def search_page(text: str, held: dict[str, Any]) -> str:
    """Return the page on searches with what the one of the questions found."""
    _, searched, robust, _ = (Asked(**one) for one in held["answers"]["per-dollar"])
    told = "\n".join(
        [
            "",
            f"```sh\n{searched.command}\n```",
            "",
            f"```text\n{searched.text.strip()}\n```",
            "",
            "With `--robust` the same is sought in nine futures of ten:",
            "",
            f"```text\n{robust.text.strip()}\n```",
            "",
        ]
    )
    place = re.compile("(<!-- found: begin -->\n).*?(<!-- found: end -->)", re.DOTALL)
    found, times = place.subn(lambda m: m[1] + told + m[2], text)
    if times != 1:
        raise ValueError(f"{times} places for what was found in {SEARCH}")
    return found


def _short(command: str) -> str:
    return " ".join(command.split()[:2]) + " …"


def read() -> dict[str, Any]:
    """Return what was asked, as it stands."""
    held: dict[str, Any] = json.loads(HELD.read_text(encoding="utf-8"))
    return held


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what was asked, and the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--words", action="store_true", help="the page alone, from the file")
    parser.add_argument("--only", action="append", help="a question by name; the others stay")
    parser.add_argument("--store", default="store", help="where runs are kept, to go on from there")
    parser.add_argument("--draws", help="draws of every command; its own number without it")
    given = parser.parse_args(arguments)
    if not given.words:
        before = read()["answers"] if given.only else {}
        place = str(Path(given.store).resolve()) if given.store != "store" else given.store
        with tempfile.TemporaryDirectory() as folder, working_in(Path(folder)):
            more = ("--draws", given.draws) if given.draws else ()
            answers = {
                one.name: [vars(part) for part in asked(one, *more, store=place)]
                for one in QUESTIONS
                if not given.only or one.name in given.only
            }
            if (front := Path(FRONT.name)).exists():
                FRONT.write_bytes(front.read_bytes())
        held = {"source": in_words("posterior"), "answers": {**before, **answers}}
        text = json.dumps(held, ensure_ascii=False, indent=1)
        HELD.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(page(read()), encoding="utf-8")
    SEARCH.write_text(search_page(SEARCH.read_text(encoding="utf-8"), read()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
