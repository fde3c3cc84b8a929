"""A development bank or a lender of credit lines in a run: what its books show, and its figure.

The tables are `run.banks`, `run.lenders` (a line a year) and `run.loans` (a line a loan or credit line).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sscsim.errors import InputError, nearest
from sscsim.reports.figures.parts import dashes, draw_band
from sscsim.reports.figures.saving import write_figures
from sscsim.reports.style import (
    COLOURS,
    DPI,
    GREY,
    INK,
    NO_BREAK,
    PALE,
    label_line_ends,
    quantity,
    sheet,
    styled,
    tidy,
)
from sscsim.reports.words import band_note, source_line, time_axis

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = [
    "Lending",
    "balance_sheet",
    "lending",
    "lending_figure",
    "mix",
    "names",
    "ratios",
    "save_lending_figure",
]

FLOWS = (
    ("approvals", "Approvals"),
    ("cancellations", "Cancellations"),
    ("disbursements", "Disbursements"),
    ("repayments", "Principal repaid"),
    ("interest", "Interest from borrowers"),
    ("write_offs", "Written off"),
    ("capital_received", "Capital paid in by members"),
    ("bonds_sold", "Bonds sold"),
    ("bonds_repaid", "Bonds repaid"),
    ("bond_interest", "Interest on bonds"),
    ("expenses", "Expenses"),
)
"""Columns of a year's flows and their names for people; those that a table lacks are left out."""

_ASSETS = (("liquid_assets", "Liquid assets"), ("loans", "Loans outstanding"))
_CLAIMS = (
    ("borrowings", "Bonds"),
    ("payable", "Owed to former members"),
    ("paid_in", "Paid-in capital"),
    ("reserves", "Reserves"),
)


@dataclass(frozen=True)
class Lending:
    """One lender in a run.

    Attributes
    ----------
    code
        Its code.
    bank
        Whether it keeps a bank's books, or lends credit lines.
    years
        Its year by year, indexed by year; for a bank from its first year on.
    loans
        Its loans or lines, a line each.
    """

    code: str
    bank: bool
    years: pd.DataFrame
    loans: pd.DataFrame


def names(run: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of the banks and of the lenders in a run."""
    return (
        tuple(str(code) for code in run.banks["bank"].unique()),
        tuple(str(code) for code in run.lenders["lender"].unique()),
    )


def lending(run: Run, code: str) -> Lending:
    """Return what a run shows of one bank or lender.

    Raises
    ------
    InputError
        For an unknown code, and when the run did not keep the tables.
    """
    banks, lenders = names(run)
    if code not in banks + lenders:
        raise InputError(
            "the run has no bank or lender of this code",
            key="bank",
            found=code,
            allowed=[*banks, *lenders],
            suggestion=nearest(code, banks + lenders),
        )
    bank = code in banks
    table, column = (run.banks, "bank") if bank else (run.lenders, "lender")
    years = table[table[column] == code].drop(columns=column).set_index("year")
    loans = run.loans
    return Lending(code, bank, years, loans[loans["lender"] == code])


def balance_sheet(one: Lending) -> pd.DataFrame:
    """Return assets, liabilities and equity at the end of each year, bn USD; a column a year.

    A lender's line is its loans and what of it is behind.
    """
    years = one.years
    if not one.bank:
        rows = {"Loans outstanding": years["outstanding"], "of which in arrears": years["arrears"]}
        return pd.DataFrame(rows).T
    rows = {name: years[column] for column, name in _ASSETS}
    rows["Assets"] = sum(rows.values())  # type: ignore[assignment]
    rows |= {name: years[column] for column, name in _CLAIMS if column in years}
    rows["Liabilities and equity"] = sum(  # type: ignore[assignment]
        years[column] for column, _ in _CLAIMS if column in years
    )
    return pd.DataFrame(rows).T


def flows(one: Lending) -> pd.DataFrame:
    """Return the year's flows, bn USD; a column a year."""
    return pd.DataFrame(
        {name: one.years[column] for column, name in FLOWS if column in one.years}
    ).T


def ratios(one: Lending) -> pd.DataFrame:
    """Return ratios as fractions; a column a year.

    Cumulated disbursements are over cumulated approvals of the run, less cancellations.
    """
    years = one.years
    taken = (years["approvals"] - years["cancellations"]).cumsum()
    rows = {"Disbursed of approved since 2013": _over(years["disbursements"].cumsum(), taken)}
    if one.bank:
        assets = years["liquid_assets"] + years["loans"]
        equity = years["paid_in"] + years["reserves"]
        rows |= {
            "Loans over statutory limit": _over(years["loans"], years["statutory_limit"]),
            "Headroom over statutory limit": _over(years["headroom"], years["statutory_limit"]),
            "Equity over assets": _over(equity, assets),
            "Bonds over equity": _over(years["borrowings"], equity),
            "Liquid assets over assets": _over(years["liquid_assets"], assets),
            "Arrears over loans": _over(years["arrears"], years["loans"]),
        }
    else:
        rows["Arrears over loans"] = _over(years["arrears"], years["outstanding"])
    return pd.DataFrame(rows).T


def _over(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return part / whole.where(whole > 0.0)


def mix(one: Lending, column: str, *, first: int = 2013) -> pd.Series[float]:
    """Return shares of approvals since a year by a column of the loans, largest first."""
    chosen = one.loans[one.loans["year_approved"] >= first]
    amounts = chosen.groupby(column)["amount"].sum().sort_values(ascending=False)
    return amounts / amounts.sum()


def borrowers(one: Lending, most: int = 10) -> pd.DataFrame:
    """Return the largest borrowers at the end of the run: receiver, outstanding, approved since 2013."""
    table = one.loans.assign(new=one.loans["amount"].where(one.loans["year_approved"] >= 2013, 0.0))
    sums = table.groupby("receiver")[["outstanding", "new"]].sum()
    return sums.sort_values("outstanding", ascending=False).head(most)


# -------------------------------------------------------------------------------------------- figure


@styled
def lending_figure(run: Run, code: str, *, bands: Bands | None = None) -> Figure:
    """Draw approvals, disbursements and repayments of a lender, and what is outstanding under its limit.

    Parameters
    ----------
    run
        The run.
    code
        Of the bank or lender.
    bands
        Of draws, for a bank's approvals, disbursements and what is outstanding; None for the run alone.

    Raises
    ------
    InputError
        For an unknown code, a run that did not keep the tables, or a lender that never lent.
    """
    one = lending(run, code)
    active = one.years[one.years["approvals"].cumsum() > 0.0]
    if len(active) < 2:
        raise InputError(
            "there is nothing to draw: it lends in fewer than two years of the run", found=code
        )
    outstanding = active["loans"] if one.bank else active["outstanding"]
    first, last = int(active.index[0]), int(active.index[-1])
    mean, end = float(active["approvals"].mean()), float(outstanding.iloc[-1])
    title = (
        f"{code} approves {quantity(mean)} a year on average in {first}–{last}; "
        f"{quantity(end)} are outstanding in {last}"
    )
    if one.bank:
        title += f", {100.0 * end / float(active['statutory_limit'].iloc[-1]):.0f}{NO_BREAK}% of its limit"
    beneath = "under its statutory limit" if one.bank else "and lines not yet drawn"
    page = sheet(
        title,
        f"A year's flows; outstanding at the end of the year {beneath}; bn current USD"
        + band_note(bands),
        source_line(run, "files of the institutions", bands),
        2.9,
    )
    left = page.axes(left=0.4, right=1.05, bottom=0.25, top=0.2, span=(0.0, 0.52))
    right = page.axes(left=0.4, right=1.05, bottom=0.25, top=0.2, span=(0.52, 1.0))
    if bands is not None and ("bank_approvals", code) not in bands.table:
        raise InputError("draws have bands of development banks, not of other lenders", found=code)
    ends: list[tuple[float, str, str]] = []
    reach = [float(active[["approvals", "disbursements", "repayments"]].max().max())]
    for column, name, colour in (
        ("approvals", "Approvals", COLOURS["vermilion"]),
        ("disbursements", "Disbursed", COLOURS["blue"]),
        ("repayments", "Repaid", COLOURS["green"]),
    ):
        if bands is not None and column != "repayments":
            reach.append(_band(left, bands, f"bank_{column}", code, first, colour))
        left.plot(active.index, active[column], color=colour, linestyle=dashes(len(ends)))
        ends.append(
            (float(active[column].iloc[-1]), f"{name} {active[column].iloc[-1]:,.1f}", colour)
        )
    left.set_ylim(0.0, 1.08 * max(reach))

    right.fill_between(active.index, 0.0, outstanding, color=COLOURS["sky"], linewidth=0)
    marks = [
        (float(outstanding.iloc[-1]), f"Outstanding\n{outstanding.iloc[-1]:,.0f}", COLOURS["blue"])
    ]
    if one.bank:
        top = active["statutory_limit"]
        right.fill_between(
            active.index, outstanding, np.maximum(top, outstanding), color=PALE, linewidth=0
        )
        right.plot(active.index, top, color=INK, linewidth=1.2)
        marks.append((float(top.iloc[-1]), f"Limit {top.iloc[-1]:,.0f}", INK))
    else:
        top = outstanding + active["undisbursed"]
        right.fill_between(active.index, outstanding, top, color=PALE, linewidth=0)
        marks.append((float(top.iloc[-1]), f"with lines\nnot drawn {top.iloc[-1]:,.0f}", GREY))
    reach = [float(np.maximum(top, outstanding).max())]
    if bands is not None:
        reach.append(_band(right, bands, "bank_outstanding", code, first, INK, edges=True))
    right.set_ylim(0.0, 1.08 * max(reach))
    for ax, names_ in ((left, ends), (right, marks)):
        tidy(ax)
        time_axis(ax, first, last)
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,g}"))
        label_line_ends(ax, last, names_, size=7.5)
    return page.figure


def _band(
    ax: Axes,
    bands: Bands,
    indicator: str,
    code: str,
    first: int,
    colour: str,
    *,
    edges: bool = False,
) -> float:
    """Draw the band of a bank's indicator from a year on; return how high it reaches."""
    since = [k for k, year in enumerate(bands.years) if year >= first]
    draws = bands.values(indicator, code)[:, since]
    return draw_band(ax, [bands.years[k] for k in since], draws, colour, edges=edges)[1]


def save_lending_figure(
    run: Run,
    code: str,
    folder: str | Path,
    formats: Iterable[str] = ("png",),
    *,
    bands: Bands | None = None,
) -> list[Path]:
    """Draw a lender's figure and write it to a folder as ``bank_CODE``.

    Raises
    ------
    InputError
        As `lending_figure`.
    OutputError
        When the folder cannot be written.
    """
    return write_figures(
        {f"bank_{code}": lending_figure(run, code, bands=bands)}, Path(folder), list(formats), DPI
    )
