"""`sscsim data`: the figures of countries, where they come from, whether they hold together."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli.main import LazyGroup, examples
from sscsim.cli.printing import fields, heading, number, print_table, unit_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["data"]

overlay_option = click.option(
    "--data",
    "overlay",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Own figures laid over the world's.",
)
csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV.")


@click.group(
    cls=LazyGroup,
    epilog=examples(
        "sscsim data show BRA", "sscsim data sources", "sscsim data check --data mine.csv"
    ),
)
def data() -> None:
    """Show and check the figures of countries that the model starts from."""


@data.command(
    "show", epilog=examples("sscsim data show BRA", "sscsim data show BRA --data mine.csv --csv")
)
@click.argument("country")
@overlay_option
@csv_option
def show(country: str, overlay: Path | None, as_csv: bool) -> None:
    """Print every figure of COUNTRY, an ISO code such as BRA: value, unit, year, publisher.

    An imputed figure is marked with *; --csv adds how it was imputed, edition and licence.
    """
    from sscsim.world.sources import describe_country, memberships_of
    from sscsim.world.tables import load_world

    world = load_world(overlay)
    code = country.upper()
    table = describe_country(world, code)
    if as_csv:
        _print_csv(table)
        return
    name = str(world.countries["name"][code])
    heading(f"{name} ({code})")
    texts = []
    rows = []
    for line in table.itertuples(index=False):
        value = line.value
        if not isinstance(value, float):
            texts.append((str(line.column), str(value)))
            continue
        unit = short_unit(str(line.unit))
        rows.append(
            (
                str(line.column),
                number(value, unit) + ("*" if line.imputed else ""),
                unit_of(unit),
                str(line.year),
                str(line.publisher),
            )
        )
    fields(texts)
    click.echo()
    print_table(["figure|", "value>", "unit", "year", "publisher"], rows)
    click.echo(f"\nMember of: {', '.join(memberships_of(world, code))}")
    imputed = int(table["imputed"].sum())
    if imputed:
        click.echo(f"* {imputed} figures are imputed: --csv says how.")


@data.command("sources", epilog=examples("sscsim data sources", "sscsim data sources --csv"))
@csv_option
def sources(as_csv: bool) -> None:
    """Print where every column of the world's tables comes from."""
    from sscsim.world.sources import sources_table

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
                    ", ".join((str(line.publisher), str(line.edition))) + f" ({line.licence!s})",
                    f"{line.imputed_cells!s} cells" if line.imputed_cells else "–",
                )
                for line in part.itertuples(index=False)
            ],
        )
        click.echo()


@data.command(
    "check",
    epilog=examples(
        "sscsim data check", "sscsim data check --data mine.csv --trade-matrix trade.csv"
    ),
)
@overlay_option
@click.option(
    "--trade-matrix",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Own bilateral trade: exporter, importer, value (bn USD).",
)
@click.option("--notes", is_flag=True, help="Print notes too, not only errors and warnings.")
def check(overlay: Path | None, trade_matrix: Path | None, notes: bool) -> None:
    """Check keys, ranges, totals, groups and mirrors of the world's figures, your own included.

    Errors make the figures unusable and end the command with exit code 2; warnings are figures to
    look at.
    """
    from sscsim.world.tables import load_world
    from sscsim.world.validation import check as find

    findings = find(load_world(overlay, trade_matrix))
    shown = [f for f in findings if notes or f.level != "note"]
    if shown:
        print_table(
            ["level", "check", "subject", "finding"],
            [(f.level, f.check, f.subject, f.message) for f in shown],
        )
        click.echo()
    count = {
        level: sum(f.level == level for f in findings) for level in ("error", "warning", "note")
    }
    click.echo(
        f"{count['error']} errors, {count['warning']} warnings, {count['note']} notes"
        + ("" if notes or not count["note"] else " (--notes prints them)")
    )
    if count["error"]:
        sys.stdout.flush()
        raise click.exceptions.Exit(2)


def short_unit(unit: str) -> str:
    """Return a unit of the world's tables in the short form of the other commands."""
    for long, short in (
        ("billion US dollars", "bn USD"),
        ("billion 2015 US dollars", "bn 2015 USD"),
        ("billion ", "bn "),
        ("dollars", "USD"),
        ("square kilometres", "km²"),
    ):
        unit = unit.replace(long, short)
    return unit


def _print_csv(table: pd.DataFrame) -> None:
    click.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
