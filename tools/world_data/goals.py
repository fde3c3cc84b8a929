"""Scores of the 17 Goals: the state of 2016."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import Marks, Observations
from .imputation import dummies

GOALS = [f"goal_{g}" for g in range(1, 18)]
LIFE_BELOW_WATER = "goal_14"
RIDGE = 2.0  # shrinks region and income effects that few economies inform
METHOD = "ridge regression on report region, income group and human development index"


def state_2016(
    observations: Observations, countries: pd.DataFrame, hdi: pd.Series, marks: Marks
) -> pd.DataFrame:
    """Scores of the 2018 edition (state of 2016); Goal 14 is empty for landlocked economies."""
    table = pd.DataFrame({g: observations.get(f"{g}_edition_2018", 2016) for g in GOALS})
    groups = dummies(countries["report_region"], countries["income_group"])
    design = pd.concat([pd.Series(1.0, index=table.index), hdi, groups], axis=1).to_numpy(float)
    penalty = np.diag([0.0, 0.0] + [RIDGE] * groups.shape[1])
    landlocked = countries["landlocked"] == 1
    for goal in GOALS:
        known = table[goal].notna().to_numpy()
        if goal == LIFE_BELOW_WATER:
            known = known & ~landlocked.to_numpy()
        x, y = design[known], table[goal].to_numpy(float)[known]
        beta = np.linalg.solve(x.T @ x + penalty, x.T @ y)
        predicted = pd.Series(np.clip(design @ beta, y.min(), y.max()), index=table.index)
        fallback = predicted.where(~landlocked) if goal == LIFE_BELOW_WATER else predicted
        table[goal] = marks.fill("goals_2016", goal, table[goal], fallback, METHOD)
    # The edition carries a number for landlocked States too; there is nothing for it to measure.
    table.loc[landlocked, LIFE_BELOW_WATER] = np.nan
    return table
