"""`sscsim compare`: scenarios against a reference in fair pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.attributing import chain_links, print_chains, print_parts
from sscsim.cli.costing import print_beside_effects, print_cost_notes
from sscsim.cli.effects import (
    print_beside,
    print_by_country,
    print_effects,
    print_foot,
    print_gains,
    print_method,
    print_ranking,
    print_uninformed,
)
from sscsim.cli.ensembles import draws_of, how_run, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.places import check_output
from sscsim.cli.printing import say_notes
from sscsim.cli.terminal import echo, echo_csv

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.costs.comparing import Costs
    from sscsim.experiments.pairs import Effects
    from sscsim.experiments.why import Chain, Channels
    from sscsim.settings import RunSettings

__all__ = ["compare"]

GAINS = ("goal_index", "poverty_people", "poverty_headcount")
"""Indicators whose groups are those that costs are held against."""


@click.command(
    epilog=examples(
        "sscsim compare baseline trade-integration",
        "sscsim compare baseline trade-integration --source results/fit",
        "sscsim compare baseline trade-integration private-partnership --draws 200",
        "sscsim compare baseline african-continental-area --country Kenya",
        "sscsim compare baseline african-continental-area --group EAC --by-country",
        "sscsim compare baseline no-cooperation full-agenda --figure effects.png --map map.png",
        "sscsim compare baseline leave-no-one-behind --cost --why --out results/behind",
        "sscsim compare baseline global-slowdown --year 2025 --year 2030 --csv > effects.csv",
    )
)
@click.argument("scenarios", metavar="REFERENCE SCENARIO...", nargs=-1, required=True)
@click.option(
    "--indicator",
    "indicators",
    multiple=True,
    metavar="NAME",
    help="What to compare; may be given several times.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="For whom: a group or list of countries, a body or a country; may be given several times.",
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="NAME",
    help="The same for a country by its name or code; may be given several times.",
)
@click.option(
    "--year",
    "years",
    type=int,
    multiple=True,
    metavar="YEAR",
    help="When; may be given several times.  [default: 2030]",
)
@click.option(
    "--by-country", is_flag=True, help="Print the effects on every country of the group, too."
)
@click.option(
    "--beside",
    metavar="SOURCE",
    help="Print the effects with parameters of another source beside them, such as priors.",
)
@click.option(
    "--cost",
    "with_cost",
    is_flag=True,
    help="Also print what each scenario costs, and what a point of the Goals and a year of a person out of poverty do.",
)
@click.option(
    "--why",
    "with_why",
    is_flag=True,
    help="Also print what moved the Goals, driver by driver, and for --country link by link; twice the runs.",
)
@click.option(
    "--method",
    is_flag=True,
    help="Print how well the effects are known: what pairs narrowed, how many more draws it takes.",
)
@click.option(
    "--precision",
    type=click.FloatRange(min=0.0, min_open=True),
    default=0.05,
    show_default=True,
    metavar="P",
    help="How exactly the median effect is wanted, as a share of it.",
)
@click.option("--absolute", is_flag=True, help="--precision is a number in the indicator's unit.")
@member_options(least_draws=2)
@click.option(
    "--csv",
    "as_csv",
    type=click.Choice(
        ["effects", "yardsticks", "ranking", "countries", "gainers", "losers", "costs"]
    ),
    is_flag=False,
    flag_value="effects",
    help="Print a table as CSV; effects without a word.",
)
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw the effects: a file that ends in .png, .svg or .pdf.",
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw the effects on countries, a map a scenario: a file that ends so.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also save the comparison, for `sscsim export`.",
)
@options.quiet("Show no progress.")
@options.gathered
def compare(
    settings: RunSettings,
    scenarios: tuple[str, ...],
    draws: int | None,
    indicators: tuple[str, ...],
    groups: tuple[str, ...],
    countries: tuple[str, ...],
    years: tuple[int, ...],
    by_country: bool,
    beside: str | None,
    with_cost: bool,
    with_why: bool,
    method: bool,
    precision: float,
    absolute: bool,
    as_csv: str | None,
    figure: Path | None,
    map_file: Path | None,
    out: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Say what SCENARIOs change against REFERENCE, how surely, how much that is, who gains and who loses.

    Each draw fixes parameters and seed for all scenarios, so that two members of a draw differ by
    policy alone: a fair pair. Members are kept in the store and never run twice. Without
    --indicator and --group: the Goals, poverty, output, trade, investment, development banks,
    cooperation projects and reporting. Names are listed by `sscsim explain indicators`, `sscsim
    explain groups` and `sscsim explain countries`.
    """
    for file in (figure, map_file):
        if file is not None:
            from sscsim.reports.effects import figure_file

            figure_file(file)  # what cannot be written is said before the runs
    if out is not None:
        check_output(out)
    from sscsim.experiments.pairs import compare
    from sscsim.results.schema import GOAL_YEAR

    if not quiet:
        say_notes(settings.world())

    how = how_run(settings, given)
    source = how.pop("source")

    def compared(parameters: str) -> Effects:
        with watched(quiet, how["store"]) as note:
            return compare(
                scenarios,
                draws_of(draws, parameters),
                source=parameters,
                indicators=indicators,
                groups=(*groups, *countries),
                years=years or (min(GOAL_YEAR, settings.end),),
                precision=precision,
                absolute=absolute,
                progress=note,
                **how,
            )

    effects = compared(source)
    other = None if beside is None else compared(beside)
    priced = with_cost or as_csv == "costs"
    costs = (
        _costs(effects, scenarios, draws=draws_of(draws, source), source=source, **how)
        if priced
        else []
    )
    reasons = (
        _reasons(effects, scenarios, countries, draws=draws_of(draws, source), source=source, **how)
        if with_why
        else {}
    )
    _write(effects, costs, reasons, figure, map_file, out)
    if as_csv is not None:
        echo_csv(_table(effects, costs, as_csv).to_csv(index=False, lineterminator="\n"))
        return
    for name in effects.scenarios:
        print_effects(effects, name)
        for one in costs:
            if one.scenario == name:
                print_beside_effects(one)
        if name in reasons:
            print_parts(reasons[name].channels)
            print_chains(reasons[name].chains)
        print_uninformed(effects, name)
        if other is not None:
            print_beside(effects, other, name)
        if method:
            print_method(effects, name)
        print_gains(effects, name)
        if by_country:
            print_by_country(effects, name)
    print_ranking(effects)
    if costs:
        print_cost_notes()
    print_foot(effects, method=method)


def _costs(effects: Effects, scenarios: tuple[str, ...], **how: Any) -> list[Costs]:
    """Return what the scenarios cost: the members are those of the comparison, and none is run again."""
    from sscsim.costs import comparing
    from sscsim.outcomes.indicators import group_members

    known = group_members(how["settings"].world())
    asked = dict.fromkeys(q.group for q in effects.questions if q.indicator in GAINS)
    groups = tuple(g for g in asked if g in known) or comparing.GROUPS
    return comparing.cost(
        scenarios[0],
        scenarios[1:],
        year=max(question.year for question in effects.questions),
        groups=groups,
        **how,
    )


@dataclass(frozen=True)
class Reasons:
    """What moved the Goals in a scenario: driver by driver, and in single countries link by link."""

    channels: Channels
    chains: list[Chain]


def _reasons(
    effects: Effects, scenarios: tuple[str, ...], countries: tuple[str, ...], **how: Any
) -> dict[str, Reasons]:
    """Return what moved the Goals by scenario; members are run again, both of a pair side by side."""
    from sscsim.experiments.why import effect_chains, goal_channels
    from sscsim.experiments.why.asked import goal_of

    def is_goal(indicator: str) -> bool:
        plain = indicator.removesuffix("_people")
        return plain == "goal_index" or goal_of(plain) is not None

    asked = [q for q in effects.questions if is_goal(q.indicator)]
    years = tuple(dict.fromkeys(q.year for q in effects.questions))
    found = {}
    for name, scenario in zip(effects.scenarios, scenarios[1:], strict=True):
        channels = goal_channels(
            scenarios[0],
            scenario,
            indicators=tuple(dict.fromkeys(q.indicator for q in asked)) or ("goal_index",),
            groups=tuple(dict.fromkeys(q.group for q in asked)),
            years=years,
            **how,
        )
        chains = [
            chain
            for country in countries
            for chain in effect_chains(scenarios[0], scenario, country, year=max(years), **how)
        ]
        found[name] = Reasons(channels, chains)
    return found


def _reason_tables(effects: Effects, reasons: Mapping[str, Reasons]) -> dict[str, pd.DataFrame]:
    """Return what moved the Goals as tables, all scenarios under one another."""
    import pandas as pd

    parts: dict[str, list[pd.DataFrame]] = {"channels": [], "chains": []}
    for name, one in reasons.items():
        for kind, table in (("channels", one.channels.table), ("chains", chain_links(one.chains))):
            if len(table):
                whose = {"scenario": name, "against": effects.reference}
                parts[kind].append(table.assign(**whose)[[*whose, *table.columns]])
    return {kind: pd.concat(each, ignore_index=True) for kind, each in parts.items() if each}


def _write(
    effects: Effects,
    costs: Sequence[Costs],
    reasons: Mapping[str, Reasons],
    figure: Path | None,
    map_file: Path | None,
    out: Path | None,
) -> None:
    """Write what was asked for beside the tables."""
    if figure is not None:
        from sscsim.reports.effects import save_comparison

        echo(f"Figure: {save_comparison(effects, figure)}", err=True)
    if map_file is not None:
        from sscsim.reports.effects_map import save_map

        echo(f"Map: {save_map(effects, map_file)}", err=True)
    if out is not None:
        from sscsim.costs.keeping import costs_table

        more = {"costs": costs_table(costs), **_reason_tables(effects, reasons)}
        echo(f"Comparison: {effects.kept(more).save(out)}", err=True)


def _table(effects: Effects, costs: Sequence[Costs], name: str) -> pd.DataFrame:
    """Return a table of a comparison by its name."""
    from sscsim.costs.keeping import costs_table

    if name == "effects":
        return effects.table
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "gainers": effects.by_side,
        "yardsticks": effects.yardsticks,
        "ranking": effects.ranking,
        "countries": effects.by_country,
        "losers": effects.losers,
        "costs": lambda: costs_table(costs),
    }
    return tables[name]()
