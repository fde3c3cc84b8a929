"""What titles, feet and axes of figures have in common: words, numbers, years."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sscsim.errors import InputError
from sscsim.provenance import marks
from sscsim.reports.style import NO_BREAK

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = [
    "TRADE_DATA",
    "first_and_last",
    "moves",
    "percent",
    "region_in_text",
    "signed",
    "source_line",
    "year_of",
    "year_ticks",
]


TRADE_DATA = "World Bank; USITC, ITPD-E; CIA World Factbook; UNCTAD"
"""Whose figures the base year's goods trade rests on."""


def source_line(run: Run, data: str) -> str:
    """Say which run is drawn, and whose data stand behind it."""
    version = run.manifest.get("version")
    model = f"sscsim {version}" if version else "sscsim"
    own = "".join(f", {one}" for one in marks(run.manifest))
    return f"Source: {model}, run {run.scenario}, seed {run.seed}{own}; data: {data}."


def moves(first: float, last: float, write: Callable[[float], str]) -> str:
    """Say in words where a number goes: ``grows from 5.0 to 9.8 trn USD``."""
    start, end = write(first), write(last)
    if start == end:
        return f"stays at {end}"
    # One unit is enough where both ends have the same.
    head, _, unit = start.partition(NO_BREAK)
    start = head if unit and end.endswith(NO_BREAK + unit) else start
    return f"{'grows' if last > first else 'falls'} from {start} to {end}"


def percent(value: float) -> str:
    """Write a fraction as whole per cent."""
    return f"{100.0 * value:.0f}{NO_BREAK}%"


_YEAR_INCHES = 0.4  # room that the name of a year takes, with the space beside it


def signed(value: float) -> str:
    """Write a number with its sign and one digit."""
    return f"{value:+.1f}".replace("-", "−")


def region_in_text(region: str) -> str:
    """Write a region as it stands after a preposition."""
    return f"the {region}" if region == "Arab States" else region


def first_and_last(run: Run) -> tuple[int, int]:
    """Return the first and the last year of a run that a figure over time can show.

    Raises
    ------
    InputError
        When the run has a single year.
    """
    years = run.years
    if len(years) < 2:
        raise InputError("a figure over time needs a run of two years or more", found=years)
    return years[0], years[-1]


def year_of(run: Run, year: int | None) -> int:
    """Return the year to draw: the one named, else 2030, else the last.

    Raises
    ------
    InputError
        For a year that the run does not have.
    """
    years = run.years
    if year is None:
        return 2030 if 2030 in years else years[-1]
    if year not in years:
        raise InputError(
            "the run does not have this year",
            key="year",
            found=year,
            allowed=f"{years[0]} to {years[-1]}",
        )
    return year


def year_ticks(ax: Axes, first: int, last: int) -> None:
    """Set ticks: first year, last year and round years between, as near as their names allow."""
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    if first == last:
        ax.set_xticks([first])
        ax.set_xlim(first - 1, first + 1)
        return
    inches = float(ax.get_position().width * figure.get_size_inches()[0])
    apart = _YEAR_INCHES * (last - first) / inches
    step = 1 if apart <= 1 else 5
    ticks = [first]
    for year in range(first + 1, last):
        if year % step == 0 and year - ticks[-1] >= apart and last - year >= apart:
            ticks.append(year)
    ax.set_xticks([*ticks, last])
    ax.set_xlim(first, last)
