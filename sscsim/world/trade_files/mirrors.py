"""Make one value of what two partners report of the same trade.

The rule: what an importer reports is taken, less the freight and insurance that it holds, since customs look harder at
what comes in; where the importer reports nothing, what the exporter reports. Where both report and are apart by more
than a factor of ten, one of them has a slip of unit or of partner: then the geometric mean is taken, and the pair is
named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FAR", "FREIGHT", "Mirrors", "reconcile"]

FREIGHT = 0.06
"""Freight and insurance in the value of imports, as the IMF takes it off in its direction of trade (Marini, Dippelsman
and Stanger 2018, IMF Working Paper 18/16; the share by memory)."""
FAR = 10.0
"""A factor between two reports of one flow that no freight, lag or hub explains."""


@dataclass(frozen=True)
class Mirrors:
    """How reports of the two partners agree.

    Attributes
    ----------
    both, importer, exporter
        Pairs reported by both, by the importer alone, by the exporter alone.
    ratio
        Median of the importer's report, freight taken off, over the exporter's; NaN where no pair has both.
    spread
        Median factor between the two, whichever is larger.
    far
        Pairs apart by more than `FAR`: exporter, importer, the two reports.
    """

    both: int
    importer: int
    exporter: int
    ratio: float
    spread: float
    far: tuple[tuple[str, str, float, float], ...]


def reconcile(reports: pd.DataFrame) -> tuple[pd.DataFrame, Mirrors]:
    """Return one value for each pair, and how reports agree.

    Parameters
    ----------
    reports
        ``exporter``, ``importer``, ``flow`` and ``value``, each pair at most once a flow.

    Returns
    -------
    DataFrame
        ``exporter``, ``importer``, ``value``.
    """
    table = reports.pivot_table(
        index=["exporter", "importer"], columns="flow", values="value", aggfunc="sum"
    )
    for flow in ("exports", "imports", "imports_fob"):
        if flow not in table:
            table[flow] = np.nan
    sent = table["exports"].where(table["exports"] > 0.0)
    taken = table["imports_fob"].where(table["imports_fob"] > 0.0)
    taken = taken.fillna(table["imports"].where(table["imports"] > 0.0) / (1.0 + FREIGHT))
    both = sent.notna() & taken.notna()
    ratio = taken[both] / sent[both]
    apart = ratio.where(ratio >= 1.0, 1.0 / ratio)
    value = taken.fillna(sent)
    far = apart[apart > FAR].index
    value.loc[far] = np.sqrt(taken.loc[far] * sent.loc[far])
    value = value.dropna()
    found = Mirrors(
        both=int(both.sum()),
        importer=int((taken.notna() & ~both).sum()),
        exporter=int((sent.notna() & ~both).sum()),
        ratio=float(ratio.median()) if both.any() else float("nan"),
        spread=float(apart.median()) if both.any() else float("nan"),
        far=tuple((o, d, float(sent[(o, d)]), float(taken[(o, d)])) for o, d in far),
    )
    return value.rename("value").reset_index(), found
