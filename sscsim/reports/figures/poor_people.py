"""People in poverty by group and by region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sscsim.reports.figures.parts import (
    dashes,
    draw_band,
    named_stack,
)
from sscsim.reports.style import (
    COLOURS,
    INK,
    REGION_COLOURS,
    label_line_ends,
    sheet,
    styled,
    tidy,
)
from sscsim.reports.words import (
    band_note,
    first_and_last,
    moves,
    percent,
    region_in_text,
    source_line,
    time_axis,
)

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["poverty"]


@styled
def poverty(run: Run, *, bands: Bands | None = None) -> Figure:
    """Draw the share of people in poverty by group, and their number by region (¶126).

    Parameters
    ----------
    run
        The run.
    bands
        Of draws; None for the run alone.

    Raises
    ------
    InputError
        When the run lacks the indicators, or has a single year.
    """
    groups = {
        "LDC": ("Least developed", COLOURS["green"]),
        "LLDC": ("Landlocked developing", COLOURS["purple"]),
        "SIDS": ("Small island States", COLOURS["sky"]),
        "World": ("World", INK),
    }
    shares = {g: run.series("poverty_headcount", g) for g in groups}
    people = pd.DataFrame({r: run.series("poverty_people", r) for r in REGION_COLOURS})
    people = people[people.iloc[-1].sort_values(ascending=False).index]
    first, last = first_and_last(run)
    world, total = shares["World"], people.sum(axis=1)
    where = str(people.columns[0])
    title = (
        f"Poverty {moves(world.iloc[0], world.iloc[-1], percent)} of people "
        f"between {first} and {last}; "
        f"in {last}, {percent(people[where].iloc[-1] / total.iloc[-1])} of the poor live in "
        f"{region_in_text(where)}"
    )
    page = sheet(
        title,
        "People below 3.00 dollars a day (2021 PPP). Left: share of the group's people. "
        "Right: millions, by region of the report" + band_note(bands),
        source_line(run, "World Bank; UN World Population Prospects 2019", bands),
        2.85,
    )
    left = page.axes(left=0.42, right=1.45, bottom=0.25, top=0.38, span=(0.0, 0.52))
    right = page.axes(left=0.45, right=1.2, bottom=0.25, top=0.38, span=(0.52, 1.0))
    tidy(left)
    ends = []
    top = max(float(s.max()) for s in shares.values())
    for k, (group, (name, colour)) in enumerate(groups.items()):
        if bands is not None:
            values = bands.values("poverty_headcount", group)
            top = max(top, draw_band(left, bands.years, values, colour)[1])
        left.plot(shares[group].index, shares[group], color=colour, linestyle=dashes(k))
        ends.append(
            (float(shares[group].iloc[-1]), f"{name} {percent(shares[group].iloc[-1])}", colour)
        )
    left.set_ylim(0, 1.08 * top)
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    left.set_title("Share of people", pad=14)
    time_axis(left, first, last)
    label_line_ends(left, last, ends, size=7.5)
    pairs = [("poverty_people", str(region)) for region in people.columns]
    named_stack(right, people, REGION_COLOURS, None if bands is None else bands.total(pairs))
    right.set_title("Millions of people", pad=14)
    return page.figure
