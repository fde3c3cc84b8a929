"""What developing economies receive from abroad, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from sscsim.reports.figures.parts import (
    marks_of,
    named_stack,
)
from sscsim.reports.style import (
    COLOURS,
    quantity,
    sheet,
    styled,
)
from sscsim.reports.words import (
    band_note,
    first_and_last,
    moves,
    percent,
    source_line,
)

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["FINANCE", "external_finance"]


FINANCE = (
    ("fdi_inflow", "Direct investment", COLOURS["vermilion"]),
    ("remittances_received", "Remittances", COLOURS["orange"]),
    ("other_finance_received", "Portfolio and loans", COLOURS["sky"]),
    ("oda_received", "Official aid (ODA)", COLOURS["blue"]),
)


@styled
def external_finance(run: Run, *, bands: Bands | None = None) -> Figure:
    """Draw what developing economies receive from abroad, by kind (¶80).

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
    group = "WIR developing"
    table = pd.DataFrame({name: run.series(key, group) for key, name, _ in FINANCE})
    share = run.series("fdi_share_external_finance", group)
    first, last = first_and_last(run)
    total = table.sum(axis=1)
    mark = marks_of("fdi_share_external_finance").get(group)
    at = mark.year if mark is not None and first <= mark.year <= last else first
    beside = f" (report: {percent(mark.value)})" if mark is not None and at == mark.year else ""
    title = (
        "External finance of developing economies "
        f"{moves(total.iloc[0], total.iloc[-1], quantity)} in {first}–{last}; "
        f"direct investment is {percent(share[at])} of it in {at}{beside}"
    )
    page = sheet(
        title,
        "Received by developing economies (World Investment Report 2018), bn current USD a year"
        + band_note(bands, "the total's "),
        source_line(run, "UNCTAD; World Bank; OECD; UN", bands),
        2.9,
    )
    ax = page.axes(left=0.45, right=1.6, bottom=0.25, top=0.2)
    draws = None if bands is None else bands.total([(key, group) for key, *_ in FINANCE])
    named_stack(ax, table, {name: colour for _, name, colour in FINANCE}, draws)
    return page.figure
