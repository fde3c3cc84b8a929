"""Figures of a run as methods: ``run.plot.growth()``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sscsim.errors import nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sscsim.results import Run

__all__ = ["Plots"]


class Plots:
    """The figures of `sscsim.reports.figures.FIGURES`, each a method that takes what its function takes besides.

    Parameters
    ----------
    run
        The run to draw.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Callable[..., Figure]:
        from sscsim.reports.figures import FIGURES

        if name not in FIGURES:
            near = nearest(name, FIGURES)
            hint = f"; did you mean {near!r}?" if near else ""
            raise AttributeError(
                f"there is no figure {name!r}{hint} There are {', '.join(FIGURES)}"
            )
        return partial(FIGURES[name], self._run)

    def __dir__(self) -> list[str]:
        from sscsim.reports.figures import FIGURES

        return sorted(FIGURES)
