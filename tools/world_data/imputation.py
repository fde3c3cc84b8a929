"""Rules by which a gap is filled: plain functions of columns; the caller marks the cell."""

from __future__ import annotations

import numpy as np
import pandas as pd


def group_median(values: pd.Series, *keys: pd.Series, least: int = 3) -> pd.Series:
    """Median of the known values among economies that share all ``keys``.

    Keys are dropped from the right while fewer than ``least`` values are known; the world's
    median comes last.
    """
    result = pd.Series(np.nan, index=values.index)
    for depth in range(len(keys), 0, -1):
        label = pd.concat([k.astype(str) for k in keys[:depth]], axis=1).agg("|".join, axis=1)
        grouped = values.groupby(label)
        median = label.map(grouped.median()).where(label.map(grouped.count()) >= least)
        result = result.fillna(median)
    return result.fillna(values.median())


def least_squares(values: pd.Series, *predictors: pd.Series) -> pd.Series:
    """Prediction of ``values`` for every economy by least squares on the predictors."""
    x = pd.concat([pd.Series(1.0, index=values.index), *predictors], axis=1).to_numpy(float)
    known = values.notna().to_numpy() & np.isfinite(x).all(axis=1)
    coefficients, *_ = np.linalg.lstsq(x[known], values.to_numpy(float)[known], rcond=None)
    return pd.Series(x @ coefficients, index=values.index)


def logit(share: pd.Series) -> pd.Series:
    """Log odds of a share, kept away from 0 and 1 by half a tenth of a percent."""
    kept = share.clip(0.0005, 0.9995)
    return np.log(kept / (1.0 - kept))


def expit(odds: pd.Series) -> pd.Series:
    """Return the share whose log odds are given."""
    return 1.0 / (1.0 + np.exp(-odds))


def dummies(*keys: pd.Series) -> pd.DataFrame:
    """Return indicator columns of categorical keys, the first level of each left out."""
    return pd.get_dummies(pd.concat(keys, axis=1), drop_first=True).astype(float)
