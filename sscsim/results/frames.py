"""Tables as data frames, for the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscsim.results.tables import Coded, Columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame"]


def frame(columns: Columns) -> pd.DataFrame:
    """Return columns as a data frame: made in one piece, so that a column can be added to it without a warning."""
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.Series(held.texts(), dtype="str") if isinstance(held, Coded) else held
            for name, held in columns.held.items()
        }
    )
