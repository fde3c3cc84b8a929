"""`sscsim cost`: what scenarios cost against a reference, and what a unit of their effects costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.ensembles import draws_of, how_run, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.printing import fields, heading, number, print_table, say, say_notes, signed
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError

if TYPE_CHECKING:
    from sscsim.costs.comparing import Costs, Gain, Priced
    from sscsim.costs.table import LeverCost, Own, Quantity
    from sscsim.settings import RunSettings
    from sscsim.types import Array

__all__ = ["cost", "print_beside_effects", "print_cost_notes", "print_costs", "print_prices"]

MILLIONS = 1000.0
"""Costs are kept in billions and printed in millions of dollars."""

WHAT = {
    "goal_point": "a Goal point of a country",
    "person_year": "a year of a person out of poverty",
}
"""What a unit of each effect is."""


@click.command(
    epilog=examples(
        "sscsim cost --prices",
        "sscsim cost --prices platform",
        "sscsim cost baseline triangular-scale-up",
        "sscsim cost baseline full-agenda reverse-linkage --draws 100 --group LDC",
        "sscsim cost baseline full-agenda --csv > costs.csv",
    )
)
@click.argument("scenarios", metavar="[REFERENCE SCENARIO...]", nargs=-1)
@click.option(
    "--prices",
    is_flag=True,
    help="Print the price of every lever with its source, or why there is none; of those that are named.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Whose Goals and poverty; may be given several times.  [default: LDC and South]",
)
@click.option(
    "--year",
    type=int,
    metavar="YEAR",
    help="Year up to which costs are added up.  [default: 2030]",
)
@member_options(least_draws=2)
@click.option("--sources", is_flag=True, help="Also print where each price comes from.")
@options.csv_table("Print what was counted and gained as CSV.")
@options.quiet("Show no progress.")
@options.gathered
def cost(
    settings: RunSettings,
    scenarios: tuple[str, ...],
    prices: bool,
    groups: tuple[str, ...],
    year: int | None,
    draws: int | None,
    sources: bool,
    as_csv: bool,
    quiet: bool,
    **given: Any,
) -> None:
    """Say what SCENARIOs cost against REFERENCE, who pays, and what a unit of effect costs.

    What both did in fair pairs is counted – projects, agencies, capital paid in – and the
    difference priced; each price is drawn from its range. A country's point of the Goal index and a
    year of a person out of poverty are held against what they cost elsewhere. Levers that nobody
    can price are named, and the sum is then of the rest.
    """
    if prices:
        print_prices(scenarios)
        return
    if len(scenarios) < 2:
        raise InputError(
            "a cost needs a reference and another scenario",
            key="scenario",
            found=", ".join(scenarios) or "none",
            allowed="such as: sscsim cost baseline triangular-scale-up",
        )
    from sscsim.costs import comparing
    from sscsim.results.schema import GOAL_YEAR

    if not quiet:
        say_notes(settings.world())
    how = how_run(settings, given)
    with watched(quiet, how["store"]) as note:
        found = comparing.cost(
            scenarios[0],
            scenarios[1:],
            draws_of(draws, how["source"]),
            year=min(GOAL_YEAR, settings.end) if year is None else year,
            groups=groups or comparing.GROUPS,
            progress=note,
            **how,
        )
    if as_csv:
        from sscsim.costs.keeping import costs_table

        echo_csv(costs_table(found).to_csv(index=False, lineterminator="\n"))
        return
    for one in found:
        print_costs(one, sources=sources)
    print_foot(found[0])


def print_costs(one: Costs, *, sources: bool = False) -> None:
    """Print what a scenario costs, what has no price, and what is gained."""
    heading(f"{one.scenario} against {one.reference}, to {one.last}: {one.title}")
    if not one.known:
        say("Nothing of it has a price.")
    else:
        print_table(
            ["million USD", "cost>", "90 % interval>", "more>", "counted", "who pays"],
            [
                *[_item_row(item) for item in one.items],
                ("together", *_cost(one.total), "", "", ""),
            ],
        )
    _print_unpriced(one)
    if sources:
        fields((item.title, f"{_price(item)}. {item.source}") for item in one.items)
    echo()
    _print_gains(one)
    echo()


def print_beside_effects(one: Costs) -> None:
    """Print in a few lines what a scenario costs, and what a unit of its effects does."""
    heading(f"What {one.scenario} costs against {one.reference}, to {one.last}")
    if one.known:
        usual, ends = _cost(one.total)
        say(f"{usual} million USD (90 % of draws and prices: {ends}), of what has a price.")
    else:
        say("Nothing of it has a price.")
    _print_unpriced(one)
    _print_gains(one)
    echo()


def print_cost_notes() -> None:
    """Say below a comparison what its costs are, and what the columns beside them."""
    say(
        "Costs: dollars of the day, added up without discount, each gain against the whole cost. in: share of draws "
        "with a gain; no gain: money spent, nothing gained; saves: a gain and money saved; worth it: share of draws "
        "in which the gain, at the price elsewhere, is worth more than the cost. Who pays for what: sscsim cost."
    )


def _print_unpriced(one: Costs) -> None:
    if not one.unpriced:
        return
    reasons = "; ".join(
        f"{', '.join(levers)} – {why[0].lower()}{why[1:]}"
        for why, levers in _by_reason(one).items()
    )
    say(f"Without a price, or not in all: {reasons}.")


def _print_gains(one: Costs) -> None:
    if one.known:
        print_table(
            ["gain", "gained>", "in>", "one costs>", "90 % interval>", "elsewhere>", "worth it>"],
            [_gain_row(gain) for gain in one.gains],
        )
        for gain in one.gains:
            if gain.ratio.given_up > 0.05:
                say(
                    f"In {_share(gain.ratio.given_up)} of draws money is saved and something of "
                    f"{WHAT[gain.name]}, {gain.group}, is lost: these are in no price."
                )


def print_foot(one: Costs) -> None:
    """Say what the numbers are and what they leave out."""
    from sscsim.choices import in_words

    lines = [
        f"Intervals hold 90 % of {one.draws} pairs ({in_words(one.source)}), each at 200 draws of the prices.",
        f"Dollars of the day, added up to {one.last} without discount; each gain stands against the whole cost.",
        "in: share of draws with a gain · no gain: money spent, nothing gained · saves: a gain and money saved",
        "worth it: share of draws in which the gain, at the price elsewhere, is worth more than the cost",
        "Prices, who says so and which are from memory: sscsim cost --prices",
    ]
    for line in lines:
        say(line)
    echo(
        f"{one.tally.total} members: {one.tally.stored} were in the store, {one.tally.run} run now."
    )


def print_prices(names: tuple[str, ...] = ()) -> None:
    """Print what each lever costs and where that comes from.

    Raises
    ------
    InputError
        For a lever that there is not.
    """
    from sscsim.costs.table import cost_table
    from sscsim.policy import unknown_lever

    table = cost_table()
    for name in names:
        if name not in table.levers:
            raise unknown_lever(name)
    if not names:
        rows = [(name, *_lever_row(one)) for name, one in table.levers.items()]
        print_table(["lever|", "what has a price", "price", "without"], rows)
        say(
            "without: nothing of it, or not all, has a price. Why, and sources: sscsim cost --prices LEVER"
        )
        return
    for name in names:
        one = table.levers[name]
        heading(name)
        counted = [(table.quantities[q].title, table.quantities[q]) for q in one.counts]
        fields(
            [
                *((title, _in_words(each)) for title, each in counted),
                *((own.what, _in_words(own)) for own in one.own),
                ("without a price", one.none or ""),
            ]
        )


def _in_words(each: Quantity | Own) -> str:
    from sscsim.costs.table import Own

    low, high = each.price
    per = f" for {each.per:g} of the lever" if isinstance(each, Own) and each.per != 1.0 else ""
    memory = "; from memory" if each.from_memory else ""
    return (
        f"{low:g} to {high:g} {each.unit}{per} ({each.counted}{memory}), paid by {each.payer}. "
        f"{each.source}"
    )


def _lever_row(one: LeverCost) -> tuple[str, str, str]:
    from sscsim.costs.table import cost_table

    priced = (*(cost_table().quantities[q] for q in one.counts), *one.own)
    return (
        "; ".join(each.counted for each in priced) or "–",
        "; ".join(f"{each.price[0]:g} – {each.price[1]:g} {each.unit}" for each in priced) or "–",
        "" if one.none is None else "some" if one.priced else "all",
    )


def _item_row(item: Priced) -> tuple[str, ...]:
    import numpy as np

    amount = float(np.median(item.amount))
    return (item.title, *_cost(item.cost), _signed(amount), item.counted, item.payer)


def _cost(values: Array) -> tuple[str, str]:
    import numpy as np

    low, median, high = np.quantile(values * MILLIONS, [0.05, 0.5, 0.95]).tolist()
    return _round(median), f"{_round(low)} … {_round(high)}"


def _gain_row(gain: Gain) -> tuple[str, ...]:
    import numpy as np

    # In billions a point and in thousands of dollars a person-year: millions and dollars are read more easily.
    unit = "million USD" if gain.name == "goal_point" else "USD"
    counted = "points" if gain.name == "goal_point" else "million years"
    one = gain.ratio
    low, high = (_round(MILLIONS * end) for end in gain.outside)
    return (
        f"{WHAT[gain.name]}, {gain.group} ({counted}; {unit})",
        _signed(float(np.median(gain.effect))),
        _share(one.gains),
        _of_one(one.median),
        f"{_of_one(one.low)} … {_of_one(one.high)}",
        f"{low} … {high}",
        _share(one.worth),
    )


def _of_one(value: float) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "no gain" if value > 0 else "saves"
    return _round(MILLIONS * value)


def _round(value: float) -> str:
    """Return a number with two or three significant digits: prices are known to no more."""
    return number(_rounded(value)).replace("-", "−")


def _rounded(value: float) -> float:
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, 2 - math.floor(math.log10(abs(value))))


def _signed(value: float) -> str:
    return signed(_rounded(value))


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _price(item: Priced) -> str:
    low, high = item.price
    return f"{low:g} to {high:g} {item.unit}{', from memory' if item.from_memory else ''}"


def _by_reason(one: Costs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for lever, why in one.unpriced.items():
        found.setdefault(why, []).append(lever)
    return found
