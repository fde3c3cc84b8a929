"""The gallery of scenarios: ``python -m tools.gallery`` (``make gallery``) runs all that ship, and tells what came.

Written are ``docs/gallery.csv``, the effects that were expected of each scenario as the model shows them, and
``docs/gallery.md``, which says in words which expectations the model refuted and which scenarios contain which.
``--words`` writes the page again from the table, without a run; a test compares the two. ``--only`` runs one scenario
beside the reference, with as many draws as the others had (``--draws``).
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sscsim.choices import in_words
from sscsim.cli.printing import change
from sscsim.cli.printing import number as digits
from sscsim.experiments.expectations import contained, judge_expectations
from sscsim.experiments.pairs import compare
from sscsim.outcomes.indicators import indicator_table
from sscsim.policy import Scenario, list_scenarios, load_scenario
from sscsim.world.loading import load_world

ROOT = Path(__file__).resolve().parents[1]
TABLE, PAGE = ROOT / "docs" / "gallery.csv", ROOT / "docs" / "gallery.md"
REFERENCE = "baseline"
DRAWS = 40

SAYS = {
    "agrees": "The model agrees",
    "disagrees": "**The model disagrees**",
    "undecided": "The model cannot tell",
}

HEAD = """# Gallery of scenarios

All scenarios that ship, what was expected of each before it was run, and what the model shows against `baseline`.
Made by `make gallery`: {draws} fair pairs for each scenario, {source}; do not edit.

The model **agrees** where an effect has the expected sign in nine draws of ten or more, **disagrees** where it has the
other sign in as many, and **cannot tell** in between. Only the sign is judged: the size stands beside it, median and
90 % interval, and may be next to nothing. An expectation that the model does not share need not be wrong: it is where
to look first, at the model or at the expectation.

"""


def scenarios() -> list[Scenario]:
    """Return the scenarios that ship, the reference first."""
    names = [REFERENCE, *(name for name in list_scenarios() if name != REFERENCE)]
    return [load_scenario(name) for name in names]


def rows(
    shipped: Sequence[Scenario], draws: int, workers: int, place: Path | None = None
) -> list[dict[str, str]]:
    """Return a line for each expectation: what was expected, the effect with its interval, the verdict."""
    asked = [one for scenario in shipped for one in scenario.expects]
    with tempfile.TemporaryDirectory() as empty:
        effects = compare(
            shipped,
            draws,
            indicators=list(dict.fromkeys(one.indicator for one in asked)),
            groups=list(dict.fromkeys(one.group for one in asked)),
            years=sorted({one.year for one in asked}),
            store=place or empty,
            executor="processes" if workers > 1 else "serial",
            workers=workers if workers > 1 else None,
            end=max(one.year for one in asked),
        )
    units = {(q.indicator, q.group): q.unit for q in effects.questions}
    return [
        {
            "scenario": found.scenario,
            "indicator": found.expectation.indicator,
            "group": found.expectation.group,
            "year": str(found.expectation.year),
            "unit": units[found.expectation.indicator, found.expectation.group],
            "expected": found.expectation.moves,
            "reference": f"{found.effect.reference:.6g}",
            "median": f"{found.effect.median:.6g}",
            "low": f"{found.effect.low:.6g}",
            "high": f"{found.effect.high:.6g}",
            "positive": f"{found.effect.positive:.4g}",
            "verdict": found.verdict,
            "draws": str(found.effect.draws),
            "source": in_words("posterior"),
        }
        for found in judge_expectations(effects, shipped)
    ]


def page(shipped: Sequence[Scenario], table: Sequence[Mapping[str, str]]) -> str:
    """Return the page in Markdown."""
    holds = contained(shipped, load_world())
    titles = {name: one.title for name, one in indicator_table().indicators.items()}
    draws = table[0]["draws"] if table else "0"
    source = table[0]["source"] if table else "nothing"
    parts = [HEAD.format(draws=draws, source=source), _summary(table)]
    for one in shipped:
        title = f"*{' / '.join(one.title.values())}* {_marks(one)}".rstrip()
        parts.append(f"## {one.name}\n\n{title}\n\n")
        parts.append(" ".join(one.description.split()) + "\n\n")
        if holds[one.name]:
            parts.append(
                "It contains " + ", ".join(f"`{name}`" for name in holds[one.name]) + ".\n\n"
            )
        mine = [row for row in table if row["scenario"] == one.name]
        for expected, row in zip(one.expects, mine, strict=True):
            what = titles.get(row["indicator"], row["indicator"])
            parts.append(
                f"- Expected: **{what}**, {row['group']}, {row['year']}, goes {row['expected']}. "
                f"{' '.join(expected.because.split())} {SAYS[row['verdict']]}: {_effect(row)}.\n"
            )
        parts.append("\n" if mine else "")
    return "".join(parts).rstrip() + "\n"


def _marks(one: Scenario) -> str:
    return "(¶" + ", ".join(map(str, one.paragraphs)) + ")" if one.paragraphs else ""


def _effect(row: Mapping[str, str]) -> str:
    of_all = row["unit"] in ("fraction", "share")
    unit = "percentage points" if of_all else {"0 to 100": "points"}.get(row["unit"], row["unit"])
    ends = (float(row[name]) for name in ("median", "low", "high"))
    median, between = change(*ends, row["unit"], float(row["reference"]))
    level = f"{digits(float(row['reference']), row['unit'])}{' %' if of_all else ''}"
    interval = "" if between == "–" else f" [{between.replace(' … ', ', ')}] {unit}"
    return f"{median}{interval}, from {level}"


def _summary(table: Sequence[Mapping[str, str]]) -> str:
    counts = {verdict: sum(row["verdict"] == verdict for row in table) for verdict in SAYS}
    lines = [
        f"Of {len(table)} expectations the model agrees with {counts['agrees']}, disagrees with "
        f"{counts['disagrees']} and cannot tell of {counts['undecided']}.\n\n"
    ]
    titles = {name: one.title for name, one in indicator_table().indicators.items()}
    for verdict, says in (
        ("disagrees", "Refuted by the model"),
        ("undecided", "Not told by the model"),
    ):
        found = [row for row in table if row["verdict"] == verdict]
        if found:
            lines.append(f"{says}:\n\n")
            lines += [
                f"- [`{row['scenario']}`](#{row['scenario']}): {titles.get(row['indicator'], row['indicator'])}, "
                f"{row['group']}, {row['year']}, {row['expected']}; the model: {_effect(row)}.\n"
                for row in found
            ]
            lines.append("\n")
    return "".join(lines)


def read(path: Path | None = None) -> list[dict[str, str]]:
    """Return the table as it stands."""
    with (path or TABLE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write table and page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--words", action="store_true", help="the page alone, from the table")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--only", action="append", help="a scenario by name; the others stay")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--store", type=Path, help="where runs are kept, to go on from there")
    given = parser.parse_args(arguments)
    shipped = scenarios()
    if not given.words:
        out = io.StringIO()
        wanted = [one for one in shipped if not given.only or one.name in (REFERENCE, *given.only)]
        found = rows(wanted, given.draws, given.workers, given.store)
        if given.only:
            there = [row for row in read() if row["scenario"] not in given.only] + found
            order = [one.name for one in shipped]
            found = sorted(there, key=lambda row: order.index(row["scenario"]))
        writer = csv.DictWriter(out, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
        TABLE.write_text(out.getvalue(), encoding="utf-8")
    PAGE.write_text(page(shipped, read()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
