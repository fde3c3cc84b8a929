"""`sscsim data`: the figures of countries, where they come from, whether they hold together."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.main import LazyGroup, examples
from sscsim.cli.printing import fields, heading, number, print_table, say, unit_of
from sscsim.cli.terminal import echo, echo_csv, echo_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["data"]


@click.group(
    cls=LazyGroup,
    lazy={
        "fetch": (
            "sscsim.cli.importing",
            "fetch_file",
            "Download a publisher's own file into a cache.",
        ),
        "import": (
            "sscsim.cli.importing",
            "import_file",
            "Make a trade matrix of a publisher's table.",
        ),
    },
    epilog=examples(
        "sscsim data show BRA",
        "sscsim data sources",
        "sscsim data check --data mine.csv",
        "sscsim data import BACI_HS12_Y2013_V202401b.csv --out trade.parquet",
    ),
)
def data() -> None:
    """Show, check and replace the figures of countries that the model starts from."""


@data.command(
    "show",
    epilog=examples(
        "sscsim data show BRA",
        'sscsim data show "Viet Nam"',
        "sscsim data show BRA --data mine.csv --csv",
    ),
)
@click.argument("country")
@options.data
@options.csv_table()
def show(country: str, data: Path | None, as_csv: bool) -> None:
    """Print every figure of COUNTRY, an ISO code or a name: value, unit, year, publisher.

    An imputed figure is marked with *. Publishers are named in short; --csv adds their full names,
    editions and licences, what each figure is, and how it was imputed.
    """
    from sscsim.cli.countries import find_country
    from sscsim.world.loading import load_world
    from sscsim.world.sources import describe_country, memberships_of

    world = load_world(data)
    names = dict(zip(world.iso3, world.attributes["name"].tolist(), strict=True))
    code = find_country(country, names)
    table = describe_country(world, code)
    if as_csv:
        _print_csv(table)
        return
    heading(f"{names[code]} ({code})")
    texts = []
    rows = []
    for line in table.itertuples(index=False):
        value = line.value
        if not isinstance(value, float):
            texts.append((str(line.column), str(value)))
            continue
        unit = short_unit(str(line.unit))
        if unit.endswith("USD") and not unit.startswith("bn") and abs(value) >= 1e7:
            value, unit = value / 1e9, f"bn {unit}"
        rows.append(
            (
                str(line.column),
                number(value, unit) + ("*" if line.imputed else ""),
                unit_of(unit),
                str(line.year),
                short_publisher(str(line.publisher)),
            )
        )
    fields(texts)
    echo()
    print_table(["figure|", "value>", "unit", "year|", "publisher"], rows)
    echo()
    say(f"Member of: {', '.join(memberships_of(world, code))}")
    imputed = int(table["imputed"].sum())
    if imputed:
        what = "figure is" if imputed == 1 else "figures are"
        say(f"* {imputed} {what} imputed: --csv says how.")
    say("Publishers in full, editions and licences: --csv, or `sscsim data sources`.")


@data.command(
    "sources",
    epilog=examples(
        "sscsim data sources", "sscsim data sources --notices", "sscsim data sources --csv"
    ),
)
@click.option(
    "--notices",
    "with_notices",
    is_flag=True,
    help="Print the notice of every source instead: edition, licence, what to pass on.",
)
@options.csv_table()
def sources(with_notices: bool, as_csv: bool) -> None:
    """Print where every column of the world's tables comes from.

    Whoever passes the data on passes the notices on with them; they are the file DATA-LICENSES.md
    beside the tables.
    """
    from sscsim.world.sources import notices, sources_table

    if with_notices:
        echo_text(notices())
        return
    table = sources_table()
    if as_csv:
        _print_csv(table)
        return
    for name, part in table.groupby("table", sort=False):
        heading(str(name))
        print_table(
            ["column|", "unit", "year", "publisher, edition (licence)", "imputed>"],
            [
                (
                    str(line.column),
                    str(line.unit),
                    str(line.year),
                    ", ".join((str(line.publisher), str(line.edition))) + f" ({line.spdx!s})",
                    f"{line.imputed_cells!s} cells" if line.imputed_cells else "–",
                )
                for line in part.itertuples(index=False)
            ],
        )
        echo()
    say("What each licence asks for, to pass on with the data: sscsim data sources --notices")


@data.command(
    "check",
    epilog=examples(
        "sscsim data check", "sscsim data check --data mine.csv --trade-matrix trade.csv"
    ),
)
@options.own_figures
@click.option("--notes", is_flag=True, help="Print notes too, not only errors and warnings.")
def check(data: Path | None, trade_matrix: Path | None, drop_unknown: bool, notes: bool) -> None:
    """Check keys, ranges, totals, groups and mirrors of the world's figures, your own included.

    Errors make the figures unusable and end the command with exit code 2; warnings are figures to
    look at.
    """
    from sscsim.world.loading import load_world
    from sscsim.world.validation import check as find

    world = load_world(data, trade_matrix, drop_unknown=drop_unknown)
    for line in world.dropped:
        say(f"Note: {line}")
    findings = find(world)
    shown = [f for f in findings if notes or f.level != "note"]
    if shown:
        print_table(
            ["level", "check", "subject", "finding"],
            [(f.level, f.check, f.subject, f.message) for f in shown],
        )
        echo()
    count = {
        level: sum(f.level == level for f in findings) for level in ("error", "warning", "note")
    }
    echo(
        f"{count['error']} errors, {count['warning']} warnings, {count['note']} notes"
        + ("" if notes or not count["note"] else " (--notes prints them)")
    )
    if count["error"]:
        sys.stdout.flush()
        raise click.exceptions.Exit(2)


@data.command(
    "trust",
    epilog=examples(
        "sscsim data trust",
        "sscsim data trust --draws 100 --top 40",
        "sscsim data trust --all --csv > trust.csv",
    ),
)
@click.option(
    "--draws",
    type=click.IntRange(min=10),
    default=200,
    show_default=True,
    metavar="N",
    help="Runs, each with other figures; 200 find one that makes a tenth of a result's variance.",
)
@click.option(
    "--end",
    type=int,
    default=2030,
    show_default=True,
    metavar="YEAR",
    help="Last year simulated.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Figures that are printed; --csv has all.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Rank confirmed figures too, as if no source confirmed them.",
)
@options.workers
@options.csv_table()
def trust(
    draws: int, end: int, top: int, everything: bool, workers: int | None, as_csv: bool
) -> None:
    """Rank unconfirmed figures of institutions by how much they move the headline results.

    Each run draws every figure that no source confirms within its width; parameters and luck stay
    the same. A figure's share is the part of the variance of headline results that it takes, on
    average over them: look up the first ones first. Some minutes; what it costs is said first.
    """
    from sscsim.cli.ensembles import duration
    from sscsim.experiments.executors import available_cores
    from sscsim.experiments.trust import trust as rank_figures
    from sscsim.world.institutions import figures_of, load_institutions

    figures = figures_of(load_institutions())
    told = sum(f.confirmed for f in figures)
    conventions = sum(f.convention for f in figures)
    echo(
        f"{len(figures):,} figures under a source: {told} confirmed, {conventions} conventions of this model, "
        f"{len(figures) - told - conventions} from memory.",
        err=True,
    )
    at_once = workers or available_cores()

    def began(count: int, seconds: float) -> None:
        left = duration(seconds * (count - 1) / at_once)
        echo(f"{count} runs, {at_once} at once: about {left} left.", err=True)

    found = rank_figures(draws, end=end, everything=everything, workers=workers, began=began)
    if as_csv:
        _print_csv(found.table)
        return
    print_table(
        ["rank>", "figure", "value>", "width>", "share, %>", "moves|", "of it, %>"],
        [
            (
                str(one.rank),
                one.figure.path.removeprefix("institutions.")
                + ("" if one.figure.confirmed else "*"),
                f"{one.figure.value:g}",
                f"{one.width:g}",
                f"{100 * one.share:.1f}",
                HEADINGS.get(one.moves, one.moves.removeprefix("approvals of "))
                if one.share
                else "–",
                f"{100 * one.part:.0f}" if one.share else "–",
            )
            for one in found.ranked[:top]
        ],
    )
    echo()
    for name, part in found.explained.items():
        say(
            f"{name}: varies by {100 * found.spread[name]:.2g} % with these figures; {100 * part:.0f} % of"
            " that is told."
        )
    say("* not confirmed. A share of 0 is not above chance; more draws see more.")
    echo()
    heading("What their files say")
    for one in found.ranked[:top]:
        say(f"{one.rank}. {one.figure.source}")


HEADINGS = {
    "Goal index of the South": "Goals",
    "South-South trade": "trade",
    "credit lines": "lines",
}
"""Headline results by one word."""


def short_unit(unit: str) -> str:
    """Return a unit of the world's tables in the short form of the other commands."""
    for long, short in (
        ("billion ", "bn "),
        (" of the publisher's base year", ""),
        ("international dollars of 2014", "intl USD of 2014"),
        ("US dollars", "USD"),
        ("dollars", "USD"),
        ("dollar", "USD"),
        ("square kilometres", "km²"),
        ("percent", "%"),
        ("applications", "number"),
    ):
        unit = unit.replace(long, short)
    return re.sub(r"^(score|index) (?=[-0-9])", "", unit)  # a scale says enough: 0-100


def short_publisher(publisher: str) -> str:
    """Return publishers by the short names they go by."""
    return ", ".join(SHORT.get(one, one) for one in publisher.split("; "))


SHORT = {
    "Bertelsmann Stiftung and Sustainable Development Solutions Network (Sachs and others)": "SDSN",
    "Central Intelligence Agency": "CIA",
    "Groningen Growth and Development Centre, University of Groningen": "GGDC",
    "International Monetary Fund": "IMF",
    "United Nations, Department of Economic and Social Affairs, Population Division": "UN DESA",
    "United Nations Development Programme": "UNDP",
    "United Nations Statistics Division": "UNSD",
    "United States International Trade Commission": "USITC",
    "OECD, Development Assistance Committee": "OECD",
    "This project": "sscsim",
}
"""Short names of publishers whose own name would fill a line."""


def _print_csv(table: pd.DataFrame) -> None:
    echo_csv(table.to_csv(index=False, lineterminator="\n"))
