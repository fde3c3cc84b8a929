"""What titles, feet and axes of figures have in common: words, numbers, years."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sscsim import choices
from sscsim.errors import InputError
from sscsim.provenance import MOST_LISTED, marks
from sscsim.reports.style import GREY, INK, NO_BREAK

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = [
    "RECORD_ENDS",
    "RECORD_NOTE",
    "TRADE_DATA",
    "band_note",
    "first_and_last",
    "in_full",
    "in_text",
    "mark_record",
    "moves",
    "names_of",
    "percent",
    "region_in_text",
    "signed",
    "source_line",
    "time_axis",
    "version_of",
    "year_of",
    "year_ticks",
]


TRADE_DATA = "World Bank; USITC, ITPD-E; CIA World Factbook; UNCTAD"
"""Whose figures the base year's goods trade rests on."""


RECORD_ENDS = 2018
"""Last year that the model knows a record of, that of the report: what comes after it is projected."""


def source_line(run: Run, data: str, bands: Bands | None = None) -> str:
    """Say which run is drawn, with which parameters and changes, and whose data stand behind it."""
    model = version_of(run)
    beside = f"; bands: {bands.words}" if bands is not None else ""
    return f"Source: {model}, run {in_full(run)}{beside}; data: {data}."


def band_note(bands: Bands | None, whose: str = "") -> str:
    """Return what a subtitle says of bands; nothing where there are none."""
    return "" if bands is None else f". Bands: {whose}90{NO_BREAK}% of {bands.draws} draws"


def version_of(run: Run) -> str:
    """Return the name of the model and the version that a run is of."""
    version = run.manifest.get("version")
    return f"sscsim {version}" if version else "sscsim"


def names_of(one: Run, other: Run) -> tuple[str, str]:
    """Return short names of two runs that tell them apart: scenario, and in brackets in what else they differ."""
    differ = one.seed != other.seed, marks(one.manifest) != marks(other.manifest)

    def named(run: Run, place: str) -> str:
        parts = [f"seed {run.seed}"] if differ[0] else []
        parts += marks(run.manifest) if differ[1] else []
        if not parts and one.scenario == other.scenario:
            parts = ["unchanged" if differ[1] else place]
        return f"{run.scenario} ({', '.join(parts)})" if parts else run.scenario

    return named(one, "first"), named(other, "second")


def in_full(run: Run) -> str:
    """Return a run's scenario and seed, its parameters, and all in which it is not the plain one."""
    given = run.manifest.get("parameters_from") or {}
    usual = str(given.get("asked", given.get("source"))) == choices.USUAL
    plain = [choices.in_words(choices.USUAL)] if usual else []
    parts = [run.scenario, f"seed {run.seed}", *plain]
    return ", ".join([*parts, *marks(run.manifest, MOST_LISTED)])


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


def in_text(title: str) -> str:
    """Return a title as it stands within a sentence; abbreviations keep their capitals."""
    if title[1:2].isupper():
        return title
    article = "the " if title.split(" ")[1:2] == ["of"] else ""
    return article + title[:1].lower() + title[1:]


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


RECORD_NOTE = f"dotted: {RECORD_ENDS}, where the record ends"
"""For a subtitle, where panels are too narrow for the words beside the line."""


def time_axis(ax: Axes, first: int, last: int, *, named: bool = True) -> None:
    """Set ticks of years, and draw a line where the record ends and projections begin.

    Parameters
    ----------
    ax
        Axes whose horizontal axis is years.
    first, last
        Years of the run.
    named
        Whether the line has its words over it; they take some 14 points over the axes.
    """
    year_ticks(ax, first, last)
    if not first < RECORD_ENDS < last:
        return
    mark_record(ax, RECORD_ENDS, named=named)


def mark_record(ax: Axes, at: float, *, named: bool = True) -> None:
    """Draw the line where the record ends, with its words over it where they are wanted."""
    styles: tuple[tuple[str, Any, float], ...] = (
        ("white", "-", 1.4),
        (INK, (0, (1.0, 2.0)), 0.9),
    )
    for colour, style, wide in styles:
        ax.axvline(
            at,
            color=colour,
            linestyle=style,
            linewidth=wide,
            alpha=0.6 if colour == "white" else 1.0,
            solid_capstyle="butt",
            zorder=5.5,
            gid="record" if colour == INK else None,
        )
    if named:
        ax.annotate(
            f"record ends {RECORD_ENDS}",
            (at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-2, 2),
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontsize=6.5,
            color=GREY,
        )
