"""The figures of a run, each a function from a run to a Matplotlib figure, in a file of its own.

A title says what is seen, with numbers computed from the run that is drawn; the subtitle says what
is measured; the foot says which run and whose data. Where the report A/73/383 gives a figure, its
mark stands beside the run's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sscsim.reports.figures.finance import external_finance
from sscsim.reports.figures.income import growth
from sscsim.reports.figures.investment import foreign_direct_investment
from sscsim.reports.figures.learning import cooperation_flows
from sscsim.reports.figures.network import cooperation_network
from sscsim.reports.figures.on_record import cooperation_reported
from sscsim.reports.figures.poor_people import poverty
from sscsim.reports.figures.regions import region_matrix
from sscsim.reports.figures.saving import FORMATS, draw_figures, known, write_figures
from sscsim.reports.figures.scores import goals
from sscsim.reports.figures.trade import south_south_trade
from sscsim.reports.figures.trade_flows import trade_map
from sscsim.reports.style import DPI

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = [
    "FIGURES",
    "FORMATS",
    "OVER_TIME",
    "cooperation_flows",
    "cooperation_network",
    "cooperation_reported",
    "external_finance",
    "foreign_direct_investment",
    "goals",
    "growth",
    "poverty",
    "region_matrix",
    "save_figures",
    "south_south_trade",
    "trade_map",
    "write_figures",
]


FIGURES: dict[str, Callable[..., Figure]] = {
    "south_south_trade": south_south_trade,
    "trade_map": trade_map,
    "foreign_direct_investment": foreign_direct_investment,
    "growth": growth,
    "goals": goals,
    "poverty": poverty,
    "external_finance": external_finance,
    "cooperation_flows": cooperation_flows,
    "cooperation_network": cooperation_network,
    "cooperation_reported": cooperation_reported,
}
"""Every figure by the name of its file."""

OVER_TIME = (
    "south_south_trade",
    "foreign_direct_investment",
    "growth",
    "poverty",
    "external_finance",
    "cooperation_reported",
)
"""Figures with years below, which take bands of draws."""


def save_figures(
    run: Run,
    folder: str | Path,
    formats: Iterable[str] = ("png",),
    *,
    names: Iterable[str] | None = None,
    bands: Bands | None = None,
    dpi: int = DPI,
    on_skip: Callable[[str, str], None] | None = None,
) -> list[Path]:
    """Draw the figures of a run and write them to a folder.

    All are drawn and written aside first, then moved to their names: an error or an interruption
    leaves no half file.

    Parameters
    ----------
    run
        The run.
    folder
        Where to; made if it does not exist.
    formats
        ``png``, ``svg`` or ``pdf``.
    names
        Which of `FIGURES`; None for all.
    bands
        Of draws, for those of `OVER_TIME`; None for the run alone.
    dpi
        Dots per inch of a PNG.
    on_skip
        Called with the name of a figure that the run's tables do not allow, and the reason. Only
        where figures are not named: a figure that is asked for and cannot be drawn is an error.

    Returns
    -------
    list of Path
        The files, in the order of `FIGURES`.

    Raises
    ------
    InputError
        For an unknown figure or format, and when nothing can be drawn.
    OutputError
        When the folder cannot be written.
    """
    endings = known(formats, FORMATS, "there is no such format of figures")
    beside = {} if bands is None else {name: {"bands": bands} for name in OVER_TIME}
    drawn = draw_figures(FIGURES, (run,), names, beside, on_skip)
    return write_figures(drawn, Path(folder), endings, dpi)
