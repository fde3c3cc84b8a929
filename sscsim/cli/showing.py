"""`sscsim show` and `sscsim plot`: a saved run as tables and as figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.main import Choice, examples
from sscsim.cli.printing import heading, print_quantities, unit_of, years_shown
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError, OutputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.reports.bands import Bands
    from sscsim.results.run import Run

__all__ = ["bands_with_progress", "plot", "show"]

BLOCS = ("World", "South", "North")
REGIONS = (
    "Africa",
    "Arab States",
    "Asia-Pacific",
    "Latin America and the Caribbean",
    "Europe and others",
)
MILESTONES = (2020, 2030)
"""Years shown beside the first and the last of a run."""

SUMMARY = (
    "gdp",
    "gdp_growth",
    "gdp_per_head",
    "poverty_headcount",
    "exports",
    "trade_within",
    "fdi_inflow",
    "external_finance",
    "goal_index",
    "goals_on_track_share",
)
"""Indicators of the summary, where the run has them for the group."""

REGIONAL = ("gdp_share", "gdp_per_head", "exports", "fdi_inflow", "goal_index")


@click.command(
    epilog=examples(
        "sscsim show baseline-seed1",
        "sscsim show baseline-seed1 --group LDC --year 2030",
        "sscsim show baseline-seed1 --indicator trade_within --csv > trade.csv",
        "sscsim show baseline-seed1 --country BRA",
    )
)
@click.argument("run", metavar="RUN")
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Only this group; may be given several times.",
)
@click.option(
    "--indicator",
    "indicators",
    multiple=True,
    metavar="NAME",
    help="Only this indicator; may be given several times.",
)
@click.option(
    "--country", metavar="COUNTRY", help="The variables of one country instead: BRA, or Brazil."
)
@options.years
@options.csv_table("Print as CSV, every year unless --year is given.")
def show(
    run: str,
    groups: tuple[str, ...],
    indicators: tuple[str, ...],
    country: str | None,
    years: tuple[int, ...],
    as_csv: bool,
) -> None:
    """Print the tables of RUN, a folder that `sscsim run` wrote or its name in results/.

    Without options: World, South, North and the regions at the start, in 2020, in 2030 and at the
    end. What the indicators and groups mean is printed by `sscsim explain indicators` and `sscsim
    explain groups`.
    """
    from sscsim.cli.places import open_run
    from sscsim.cli.targets import beside_posterior, say_tally

    if country is not None and (groups or indicators):
        raise click.UsageError("--country goes without --group and --indicator.")
    opened = open_run(run)
    if country is not None:
        _show_country(opened, country, years, as_csv)
        return
    table = opened.indicators
    for option, names, column in (
        ("--group", groups, "group"),
        ("--indicator", indicators, "indicator"),
    ):
        for name in names:
            _check_name(option, name, [str(n) for n in table[column].unique()])
        if names:
            table = table[table[column].isin(names)]
    chosen = years_shown(table["year"], years, None if as_csv else MILESTONES)
    table = table[table["year"].isin(chosen)]
    if as_csv:
        echo_csv(table.to_csv(index=False, lineterminator="\n"))
        return
    _print_head(opened.manifest)
    if indicators and not groups:
        for name in indicators:
            part = table[table["indicator"] == name]
            heading(f"{_title(name, opened.manifest)} ({name}), {unit_of(_unit(part))}")
            _print_years(part, "group", chosen, with_unit=False)
        return
    for group in groups or BLOCS:
        part = table[table["group"] == group]
        if not indicators and not groups:
            part = part[part["indicator"].isin(SUMMARY)]
        if not part.empty:
            heading(group)
            _print_years(part, "indicator", chosen, order=None if groups else SUMMARY)
            echo()
    if not groups and not indicators:
        _print_regions(table, chosen[-1])
        results, notes = beside_posterior(opened)
        echo()
        more = " `sscsim targets --run RUN` sets the report's figures beside it."
        say_tally(results, "".join([more, *(f" {note}" for note in notes)]))


@click.command(
    epilog=examples(
        "sscsim plot baseline-seed1",
        "sscsim plot baseline-seed1 --out pictures --format pdf",
        "sscsim plot baseline-seed1 --draws 50",
        "sscsim plot baseline-seed1 --map poverty_headcount --year 2030",
        "sscsim plot baseline-seed1 full-agenda-seed1",
        "sscsim plot baseline-seed1 full-agenda-seed1 --map goal_index",
    )
)
@click.argument("runs", metavar="RUN [RUN]", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the pictures.  [default: figures/ in the run's folder; of two results/RUN-and-RUN]",
)
@click.option(
    "--format",
    "formats",
    type=Choice(("png", "svg", "pdf")),
    multiple=True,
    default=("png",),
    show_default=True,
    help="Format; may be given several times.",
)
@click.option(
    "--figure",
    "figures",
    multiple=True,
    metavar="NAME",
    help="Only this figure, named as its file is; may be given several times.",
)
@click.option(
    "--map",
    "indicators",
    multiple=True,
    metavar="INDICATOR",
    help="Only a map of this indicator by country, of two runs of the difference; may be given several times.",
)
@click.option(
    "--year",
    type=int,
    metavar="YEAR",
    help="Year of --map.  [default: 2030]",
)
@click.option(
    "--draws",
    type=click.IntRange(min=10),
    metavar="N",
    help="Draw bands over so many draws behind every line: members of the store; those that it lacks are run.",
)
@click.option(
    "--source",
    default="posterior",
    show_default=True,
    metavar="posterior|priors|FILE",
    help="Where parameters of --draws come from.",
)
@options.workers
@options.store
@options.quiet("Show no progress.")
def plot(
    runs: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    figures: tuple[str, ...],
    indicators: tuple[str, ...],
    year: int | None,
    draws: int | None,
    source: str,
    workers: int | None,
    place: Path | None,
    quiet: bool,
) -> None:
    """Draw the figures of RUN, or of two runs side by side, and print the files written.

    RUN is a folder that `sscsim run` wrote or its name in results/. Of two, main numbers are drawn over
    the years in one panel each, sums beside each other on one scale, and what the second has more or less by Goal and
    by country.
    """
    from sscsim.cli.places import RESULTS, check_folder, open_run, run_folder

    if len(runs) > 2:
        raise InputError(
            "one run is drawn, or two side by side", file="RUN", found=len(runs), allowed="1 or 2"
        )
    if year is not None and not indicators:
        raise InputError("--year is that of a map", file="--year", found=year, allowed="with --map")
    if indicators and (figures or draws is not None):
        other = "--figure" if figures else "--draws"
        raise InputError(
            "--map draws nothing but maps of a year", file=other, allowed="without --map"
        )
    folders = [run_folder(run) for run in runs]
    usual = (
        folders[0] / "figures"
        if len(runs) == 1
        else RESULTS / "-and-".join(f.name for f in folders)
    )
    folder = out or usual
    opened = [open_run(run) for run in runs]
    check_folder(folder)

    if indicators:
        paths = _maps(opened, indicators, year, folder, formats)
    else:
        bands = (
            None
            if draws is None
            else [
                bands_with_progress(run, draws, source, place, workers, quiet=quiet)
                for run in opened
            ]
        )
        paths = _figures(opened, folder, formats, figures, bands)
    if not paths:
        raise OutputError(f"{folder}: the run holds nothing that could be drawn")
    for path in paths:
        echo(str(path))


def _figures(
    runs: Sequence[Run],
    folder: Path,
    formats: Sequence[str],
    figures: Sequence[str],
    bands: Sequence[Bands] | None,
) -> list[Path]:
    """Draw the figures of one run or of two, those that are named or all that can be drawn."""
    from sscsim.reports.figures import save_figures
    from sscsim.reports.side_by_side import save_beside

    def skipped(name: str, reason: str) -> None:
        echo(f"{name} is left out: {reason}", err=True)

    names = figures or None
    if len(runs) == 1:
        band = bands[0] if bands else None
        return save_figures(runs[0], folder, formats, names=names, bands=band, on_skip=skipped)
    both = (bands[0], bands[1]) if bands else None
    return save_beside(runs[0], runs[1], folder, formats, names=names, bands=both, on_skip=skipped)


def bands_with_progress(
    run: Run,
    draws: int,
    source: str = "posterior",
    place: Path | None = None,
    workers: int | None = None,
    *,
    quiet: bool = False,
) -> Bands:
    """Return bands over draws of a run's scenario, with progress while members are run."""
    from sscsim.cli.ensembles import watched
    from sscsim.reports.bands import bands_of

    with watched(quiet, place) as note:
        return bands_of(
            run,
            draws,
            source=source,
            store=place,
            executor="processes",
            workers=workers,
            progress=note,
        )


def _maps(
    runs: Sequence[Run],
    indicators: Sequence[str],
    year: int | None,
    folder: Path,
    formats: Sequence[str],
) -> list[Path]:
    """Draw maps of indicators by country, of two runs of their difference."""
    from sscsim.reports.country_maps import country_map, difference_map, year_kept
    from sscsim.reports.figures import write_figures
    from sscsim.reports.style import DPI

    when = year_kept(runs[0], year)
    drawn = {}
    for name in indicators:
        if len(runs) == 1:
            drawn[f"map_{name}_{when}"] = country_map(runs[0], name, when)
        else:
            drawn[f"difference_{name}_{when}"] = difference_map(runs[0], runs[1], name, when)
    return write_figures(drawn, folder, list(dict.fromkeys(formats)), DPI)


# ------------------------------------------------------------------------------------------- tables


def _print_head(manifest: Any) -> None:
    from sscsim.provenance import marks

    scenario = manifest.get("scenario", {})
    name = scenario.get("name") if isinstance(scenario, dict) else str(scenario)
    parts = [f"scenario {name}", f"seed {manifest.get('seed')}"]
    parts += marks(manifest)
    echo("; ".join(parts), "")


def _print_years(
    table: pd.DataFrame,
    rows: str,
    years: Sequence[int],
    *,
    order: Sequence[str] | None = None,
    with_unit: bool = True,
) -> None:
    values: dict[str, dict[int, float]] = {}
    units: dict[str, str] = {}
    for name, year, value, unit in zip(
        table[rows], table["year"], table["value"], table["unit"], strict=True
    ):
        values.setdefault(str(name), {})[int(year)] = float(value)
        units[str(name)] = str(unit)
    titled = rows == "indicator" and order
    print_quantities(
        rows,
        years,
        [
            (
                _title(name) if titled else name,
                units[name],
                [values[name].get(year, math.nan) for year in years],
            )
            for name in order or values
            if name in values
        ],
        with_unit=with_unit,
    )


def _print_regions(table: pd.DataFrame, year: int) -> None:
    part = table[(table["year"] == year) & table["indicator"].isin(REGIONAL)]
    values = {
        (str(g), str(i)): float(v)
        for g, i, v in zip(part["group"], part["indicator"], part["value"], strict=True)
    }
    units = dict(zip(part["indicator"], part["unit"], strict=True))
    rows = [
        (_title(name), str(units[name]), [values.get((r, name), math.nan) for r in REGIONS])
        for name in REGIONAL
        if any((r, name) in values for r in REGIONS)
    ]
    if rows:
        heading(f"Regions in {year}")
        short = [r.replace("Latin America and the Caribbean", "Latin America") for r in REGIONS]
        print_quantities("indicator", short, rows)


def _show_country(run: Run, country: str, years: tuple[int, ...], as_csv: bool) -> None:
    from sscsim.cli.countries import find_country
    from sscsim.steps.plan import variables
    from sscsim.world.loading import load_world

    table = run.countries
    if table.empty or "iso3" not in table.columns:
        raise InputError(
            "this run kept no table of countries",
            file="--country",
            found=country,
            allowed="a run with --keep standard or --keep full",
        )
    named = load_world().countries["name"].items()
    there = set(table["iso3"])
    names = {str(code): str(name) for code, name in named if code in there}
    iso3 = find_country(country, names)
    table = table[table["iso3"] == iso3]
    chosen = years_shown(table["year"], years, None if as_csv else MILESTONES)
    table = table[table["year"].isin(chosen)]
    if as_csv:
        echo_csv(table.to_csv(index=False, lineterminator="\n"))
        return
    _print_head(run.manifest)
    units = {v.name: v.unit for v in variables()}
    for one in (run.manifest.get("plugins") or {}).values():
        units |= {name: said["unit"] for name, said in one["variables"].items()}
    parts = [v for v in variables() if v.axes[0] == "country" and len(v.axes) > 1]
    by_year = {
        int(year): row
        for year, row in zip(table["year"], table.itertuples(index=False), strict=True)
    }
    heading(f"{names[iso3]} ({iso3})")
    lines = []
    for i, column in enumerate(table.columns):
        if column in ("iso3", "year"):
            continue
        # A variable by sector is a column a sector, the Goals are goal_1 to goal_17.
        whole = next((v.name for v in parts if str(column).startswith(f"{v.name}_")), "")
        unit = units.get(column) or units.get(whole) or units["goals"]
        lines.append((str(column), unit, [float(by_year[year][i]) for year in chosen]))
    print_quantities("variable", chosen, lines)


# ------------------------------------------------------------------------------------------ choices


def _check_name(option: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise InputError(
            f"the run has no {option.removeprefix('--')} of this name",
            file=option,
            found=name,
            allowed=names,
            suggestion=nearest(name, names),
        )


def _title(name: str, manifest: Mapping[str, Any] | None = None) -> str:
    from sscsim.outcomes.indicators import indicator_table

    indicator = indicator_table().indicators.get(name)
    if indicator is not None:
        return indicator.title
    for one in ((manifest or {}).get("plugins") or {}).values():
        if name in one["indicators"]:
            return str(one["indicators"][name]["title"])
    return name


def _unit(table: pd.DataFrame) -> str:
    return str(table["unit"].iloc[0]) if len(table) else ""
