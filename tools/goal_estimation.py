"""Estimate how Goals move from the panel of 2000-2013, and test it on what was not used.

    python -m tools.goal_estimation --panel FILE [--out FILE] [--trends FILE]

prints the numbers that ``sscsim/parameters/goals.yaml`` carries, writes them to a csv file, and
prints the backcast 2007 to 2013. What is estimated, and what cannot be, is said in
``docs/goals.md``. The panel is of the 2023 edition of the Sustainable Development Report and is
used for moves only: its levels are never mixed with those of the 2018 edition, the model's state.

The panel may not be passed on with the program (CC BY-NC-SA 4.0): whoever estimates anew downloads
it from the publisher (`WHERE`). What ships are the estimates made from it, ``goal_trends.csv``,
which ``--trends`` writes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.outcomes.goals import (
    FULL,
    INEQUALITY_GOAL,
    POVERTY_GOAL,
    Drivers,
    GoalParameters,
    goal_moves,
    persistent_trend,
    trend_deviation,
    trend_moves,
)
from sscsim.outcomes.interlinkages import GOAL_COUNT, default_interlinkages
from sscsim.parameters.table import Parameters, default_parameters
from sscsim.resources import package_folder
from sscsim.types import Array

__all__ = [
    "Backcast",
    "Disturbances",
    "Panel",
    "Pooled",
    "backcast",
    "disturbances",
    "drift",
    "estimate",
    "income_response",
    "load_panel",
    "main",
    "panel_file",
    "partial_pooling",
    "population_of",
    "region_of",
    "trend_reliability",
    "trend_table",
    "write_trends",
]


MOVING_SHARE = 0.1
"""A year counts for a Goal if at least this share of countries moved in it.

Series are carried back to years before they begin, which would pass for standstill.
"""

LIFE_BELOW_WATER = 13
"""Position of Goal 14, which does not apply to landlocked countries."""

LOGIT_MARGIN = 0.01
"""Scores are kept this far from 0 and 1 before a logit is taken."""

WINSOR = 0.01
"""Tails cut off before a variance is taken: revisions of 20 to 30 points are no disturbances."""

BACKCAST_BREAK, BACKCAST_END = 2007, 2013


@dataclass(frozen=True)
class Panel:
    """Scores by country, year and Goal.

    Attributes
    ----------
    iso3
        ``(country,)``, codes in order.
    years
        ``(year,)``, consecutive.
    scores
        ``(country, year, 17)``, points; NaN where missing.
    """

    iso3: tuple[str, ...]
    years: tuple[int, ...]
    scores: Array

    def until(self, year: int) -> Panel:
        """Return the years up to and including `year`."""
        count = self.years.index(year) + 1
        return Panel(self.iso3, self.years[:count], self.scores[:, :count])


@dataclass(frozen=True)
class Pooled:
    """Estimates by Goal before and after partial pooling, with the spread between Goals."""

    estimate: Array
    standard_error: Array
    mean: Array
    sd: Array
    centre: float
    spread: float


PANEL_VARIABLE = "SSCSIM_GOAL_PANEL"
"""Environment variable that names the panel's file where none is given."""

WHERE = (
    "the yearly scores of the Sustainable Development Report 2023 (database, sheet of backdated "
    "scores, at dashboards.sdgindex.org/downloads), saved as CSV with country_code, year and "
    "goal_1_score to goal_17_score"
)
"""What the panel is and where it is had."""

FIRST_YEAR, LAST_YEAR = 2000, 2013
TREND_DIGITS = 3


def panel_file(path: Path | None = None) -> Path | None:
    """Return the panel's file: the one given, else the one that the environment names, else None."""
    named = os.environ.get(PANEL_VARIABLE)
    return path or (Path(named) if named else None)


def load_panel(path: Path | None = None) -> Panel:
    """Return the scores of 2000-2013 from a file that the user has downloaded.

    A series that is exactly zero in every year stands for a missing one in this edition's yearly
    file (a Gini coefficient or a poverty line that was never surveyed, the sea of a landlocked
    country) and becomes NaN: it holds no move either way.

    Parameters
    ----------
    path
        The file; the one that the environment variable ``SSCSIM_GOAL_PANEL`` names if left out.

    Raises
    ------
    InputError
        If there is no file, or it is not the panel.
    """
    file = panel_file(path)
    if file is None:
        raise InputError(
            "no panel of Goal scores is given, and none ships",
            key=f"--panel, or the variable {PANEL_VARIABLE}",
            allowed=WHERE,
        )
    if not file.is_file():
        raise InputError("there is no such file", file=file, allowed=WHERE)
    try:
        table = pd.read_csv(file, keep_default_na=False, na_values=[""])
    except (ValueError, UnicodeDecodeError) as failure:
        raise InputError("this is not a table", file=file, found=str(failure)[:80]) from None
    columns = [f"goal_{goal}_score" for goal in range(1, GOAL_COUNT + 1)]
    for name in ("country_code", "year", *columns):
        if name not in table.columns:
            raise InputError("a column is missing", file=file, key=name, allowed=WHERE)
    countries = _table("countries.csv").set_index("iso3")
    table = table[
        table["country_code"].isin(countries.index) & table["year"].between(FIRST_YEAR, LAST_YEAR)
    ].sort_values(["country_code", "year"])
    iso3 = tuple(sorted(table["country_code"].unique()))
    years = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
    once = not table.duplicated(["country_code", "year"]).any()
    if not iso3 or not once or len(table) != len(iso3) * len(years):
        raise InputError(
            "not every country has every year once",
            file=file,
            key="year",
            found=f"{len(table)} rows of {len(iso3)} countries",
            allowed=f"{FIRST_YEAR} to {LAST_YEAR}",
        )
    scores = table[columns].to_numpy(dtype=np.float64).reshape(len(iso3), len(years), GOAL_COUNT)
    never = (scores == 0).all(axis=1)
    never[countries.loc[list(iso3), "landlocked"].to_numpy() == 1, LIFE_BELOW_WATER] = True
    return Panel(iso3, years, np.where(never[:, None, :], np.nan, scores))


def trend_table(panel: Panel) -> pd.DataFrame:
    """Return what ships of a panel: each country's and Goal's own move and trend, points a year."""
    shape = (len(panel.iso3), GOAL_COUNT)
    room = default_parameters()["goal_drift_room"]
    table = pd.DataFrame(
        {
            "iso3": np.repeat(panel.iso3, GOAL_COUNT),
            "goal": np.tile(np.arange(1, GOAL_COUNT + 1), shape[0]),
            "deviation": trend_deviation(panel.scores, room).ravel().round(TREND_DIGITS),
            "trend": trend_moves(panel.scores).ravel().round(TREND_DIGITS),
        }
    )
    return table.dropna(subset=["deviation", "trend"])


def write_trends(panel: Panel, path: Path) -> None:
    """Write ``goal_trends.csv``, the same bytes for the same panel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    trend_table(panel).to_csv(
        path, index=False, float_format=f"%.{TREND_DIGITS}f", lineterminator="\n"
    )


def _table(name: str) -> pd.DataFrame:
    path = package_folder() / "world" / "data" / name
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def partial_pooling(estimate: Array, standard_error: Array) -> Pooled:
    """Shrink estimates of one quantity for several Goals to their common mean.

    Normal-normal empirical Bayes with the moment estimator of the spread between Goals (DerSimonian
    & Laird 1986, Controlled Clinical Trials 7). An infinite standard error means that a Goal tells
    nothing: it gets the common mean.

    Parameters
    ----------
    estimate, standard_error
        ``(17,)``.

    Returns
    -------
    pooled
        Posterior means and standard deviations, the latter with the spread for a Goal that tells
        nothing.
    """
    known = np.isfinite(standard_error)
    weight = np.where(known, 1 / np.where(known, standard_error, 1.0) ** 2, 0.0)
    value = np.where(known, estimate, 0.0)
    fixed = (weight * value).sum() / weight.sum()
    excess = (weight * (value - fixed) ** 2).sum() - (known.sum() - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    spread2 = max(0.0, excess / scale)
    random_weight = np.where(known, 1 / (np.where(known, standard_error, 1.0) ** 2 + spread2), 0.0)
    centre = (random_weight * value).sum() / random_weight.sum()
    if spread2 == 0:
        shrunk, variance = np.full(GOAL_COUNT, centre), np.full(GOAL_COUNT, 1 / weight.sum())
    else:
        precision = weight + 1 / spread2
        shrunk = (weight * value + centre / spread2) / precision
        variance = 1 / precision
    return Pooled(
        estimate, standard_error, shrunk, np.sqrt(variance), float(centre), float(np.sqrt(spread2))
    )


def _within(pooled: Pooled, low: float, high: float) -> Pooled:
    """Return the pooled estimates given that the truth lies within bounds (truncated normal)."""
    from scipy.stats import truncnorm

    posterior = truncnorm(
        (low - pooled.mean) / pooled.sd, (high - pooled.mean) / pooled.sd, pooled.mean, pooled.sd
    )
    return replace(pooled, mean=np.asarray(posterior.mean()), sd=np.asarray(posterior.std()))


def informative_years(scores: Array) -> NDArray[np.bool_]:
    """Return ``(year - 1, 17)``: the yearly moves that hold news of a Goal."""
    moves = np.diff(scores, axis=1)
    known = np.isfinite(moves)
    moved = (known & (moves != 0)).sum(axis=0)
    return np.asarray(moved >= MOVING_SHARE * np.maximum(known.sum(axis=0), 1))


def drift(scores: Array, *, by_room: bool = True) -> Pooled:
    """Estimate the common drift of each Goal in points a year.

    The mean yearly move in the years that hold news, partially pooled over Goals with the sampling
    variance between countries and between years. What is pooled is the share of the room left that
    closes in a year, so that a Goal with much room, as Goal 9, is not held to the points of those
    with little. The standard deviation then adds half the difference between the two halves of the
    period, which is what another period may differ by.

    Parameters
    ----------
    scores
        ``(country, year, 17)``.
    by_room
        Whether shares of the room are pooled; points if not, which pulls the fastest Goal most.

    Returns
    -------
    pooled
        Points a year.
    """
    news = informative_years(scores)
    estimate, error = np.zeros(GOAL_COUNT), np.full(GOAL_COUNT, np.inf)
    between_periods = np.zeros(GOAL_COUNT)
    for goal in range(GOAL_COUNT):
        use = news[:, goal]
        if use.sum() < 2:
            continue
        known = np.isfinite(scores[:, :, goal]).all(axis=1)
        moves = np.diff(scores[known, :, goal], axis=1)[:, use]
        by_country, by_year = moves.mean(axis=1), moves.mean(axis=0)
        half = len(by_year) // 2
        between_periods[goal] = (by_year[half:].mean() - by_year[:half].mean()) / 2
        variance = by_country.var(ddof=1) / len(by_country) + by_year.var(ddof=1) / len(by_year)
        estimate[goal], error[goal] = moves.mean(), np.sqrt(variance)
    room = FULL - np.nanmean(scores, axis=(0, 1)) if by_room else np.ones(GOAL_COUNT)
    pooled = partial_pooling(estimate / room, error / room)
    return replace(
        pooled,
        estimate=estimate,
        standard_error=error,
        mean=pooled.mean * room,
        sd=np.hypot(pooled.sd * room, between_periods),
    )


def trend_reliability(scores: Array) -> Array:
    """Estimate which share of a country's deviation from the common drift lasts.

    Correlation between countries' deviations in the two halves of the period, stepped up to the
    whole period (Spearman-Brown), zero where it is negative.

    Parameters
    ----------
    scores
        ``(country, year, 17)``.

    Returns
    -------
    reliability
        ``(17,)``, in [0, 1].
    """
    moves = np.diff(scores, axis=1)
    half = moves.shape[1] // 2
    result = np.zeros(GOAL_COUNT)
    for goal in range(GOAL_COUNT):
        known = np.isfinite(moves[:, :, goal]).all(axis=1)
        level = scores[known, :, goal].mean(axis=1)
        design = np.column_stack([np.ones_like(level), level])
        halves = [
            moves[known][:, part, goal].mean(axis=1) for part in (slice(0, half), slice(half, None))
        ]
        residuals = [y - design @ np.linalg.lstsq(design, y, rcond=None)[0] for y in halves]
        if min(residual.std() for residual in residuals) < 1e-9:
            continue
        correlation = float(np.corrcoef(residuals)[0, 1])
        result[goal] = max(0.0, 2 * correlation / (1 + correlation))
    return result


def income_response(scores: Array, log_income: Array, growth: Array) -> tuple[Array, Array, Pooled]:
    """Estimate the points of each Goal that a log point of income a head is worth.

    The gradient of the logit of a score on log income a head between countries says how far a Goal
    can rise or fall with income in the long run; how much of it shows within a year is estimated by
    Goal from one cross-section, the moves of the last year on the growth of that year, pooled over
    Goals, and held between nothing and all of it. Goals 1 and 10 have channels of their own
    (poverty, inequality) and get none.

    Parameters
    ----------
    scores
        ``(country, year, 17)``.
    log_income
        ``(country,)``, log GDP a head in the last year; NaN where unknown.
    growth
        ``(country,)``, log growth of real GDP a head in the last year; NaN where unknown.

    Returns
    -------
    response
        ``(17,)``, points for a log point of income a head, at the mean of S (100 − S).
    sd
        ``(17,)``, its standard deviation.
    passed
        The share of the gradient that shows within a year, by Goal.
    """
    share = scores / FULL
    full_gradient = np.zeros(GOAL_COUNT)
    passed, error = np.zeros(GOAL_COUNT), np.full(GOAL_COUNT, np.inf)
    for goal in range(GOAL_COUNT):
        last, before = share[:, -1, goal], share[:, -2, goal]
        known = (
            np.isfinite(last) & np.isfinite(before) & np.isfinite(log_income) & np.isfinite(growth)
        )
        s = last[known]
        inner = np.clip(s, LOGIT_MARGIN, 1 - LOGIT_MARGIN)
        logit = np.log(inner / (1 - inner))
        slope = np.polyfit(log_income[known], logit, 1)[0]
        full_gradient[goal] = FULL * slope * (s * (1 - s)).mean()
        expected = slope * s * (1 - s) * growth[known]
        design = np.column_stack([np.ones_like(s), before[known], expected])
        move = s - before[known]
        inverse = np.linalg.inv(design.T @ design)
        coefficient = inverse @ design.T @ move
        residual = move - design @ coefficient
        # Robust to unequal variances (MacKinnon & White 1985, HC1).
        scaled = design * residual[:, None]
        covariance = inverse @ (scaled.T @ scaled) @ inverse * len(s) / (len(s) - 3)
        passed[goal], error[goal] = coefficient[2], np.sqrt(covariance[2, 2])
    pooled = _within(partial_pooling(passed, error), 0.0, 1.0)
    response, sd = pooled.mean * full_gradient, pooled.sd * np.abs(full_gradient)
    own_channel = [POVERTY_GOAL, INEQUALITY_GOAL]
    response[own_channel] = 0.0
    return response, sd, pooled


@dataclass(frozen=True)
class Disturbances:
    """What is left of the moves, and what it is made of.

    Attributes
    ----------
    scale
        ``(17,)``, points a year of one standard deviation at mid-scale, lasting ones only.
    persistence
        Autocorrelation from one year to the next, over all Goals, not below zero.
    regional_share
        Share of the variance that a region's countries have in common in a year.
    size_elasticity
        Elasticity of a country's standard deviation to its population, with a minus sign.
    """

    scale: Array
    persistence: float
    regional_share: float
    size_elasticity: float


def disturbances(scores: Array, region: NDArray[np.intp], population: Array) -> Disturbances:
    """Estimate the disturbances that are left.

    A score is read with an error, drifts at a country's own pace, and is disturbed. The variance
    between countries of the change over n years is then 2 e² + t² n² + s² n: a variogram, fitted by
    non-negative least squares. Its s is the scale, so that neither revisions and survey steps that
    come and go nor lasting trends, which have a term of their own, count as disturbances.

    Parameters
    ----------
    scores
        ``(country, year, 17)``.
    region
        ``(country,)``, position of each country's region.
    population
        ``(country,)``, in any unit.
    """
    from scipy.optimize import minimize_scalar, nnls

    news = informative_years(scores)
    scale, lagged, common = np.zeros(GOAL_COUNT), [], []
    variances, sizes = [], []
    least = 2 * np.sqrt(LOGIT_MARGIN * (1 - LOGIT_MARGIN))
    for goal in range(GOAL_COUNT):
        first = int(np.argmax(news[:, goal]))
        known = np.isfinite(scores[:, :, goal]).all(axis=1)
        level = np.clip(scores[:, first:, goal].mean(axis=1) / FULL, 0, 1)
        middle = 2 * np.sqrt(level * (1 - level))
        inside = known & (middle > least)
        path = scores[inside, first:, goal] / middle[inside, None]

        spans = np.arange(1, path.shape[1])
        variogram = np.empty(len(spans))
        for place, span in enumerate(spans):
            change = path[:, span:] - path[:, :-span]
            variogram[place] = _winsorised(change - change.mean(axis=0)).var()
        # Changes over long spans overlap more and scatter more.
        weight = 1.0 / spans
        terms = np.column_stack([np.full(len(spans), 2.0), spans**2.0, spans])
        parts, _norm = nnls(terms * weight[:, None], variogram * weight)
        scale[goal] = np.sqrt(parts[2])

        change = np.diff(path, axis=1)
        unit = _winsorised(change - change.mean(axis=1, keepdims=True))
        variances.append((unit**2).mean(axis=1))
        sizes.append(np.log(population[inside]))
        unit = unit / unit.std()
        lagged.append(float((unit[:, 1:] * unit[:, :-1]).mean()))
        regions = region[inside]
        between, pairs = 0.0, 0
        for place in np.unique(regions):
            group = unit[regions == place] - unit.mean(axis=0)
            count = len(group)
            between += float((group.sum(axis=0) ** 2 - (group**2).sum(axis=0)).mean())
            pairs += count * (count - 1)
        common.append(between / max(pairs, 1))

    def deviance(elasticity: float) -> float:
        """Poisson pseudo-likelihood of variances with a level for each Goal."""
        total = 0.0
        for variance, size in zip(variances, sizes, strict=True):
            shape = np.exp(-2 * elasticity * (size - size.mean()))
            mean = shape * variance.sum() / shape.sum()
            total += float((mean - variance * np.log(mean)).sum() / variance.mean())
        return total

    fit = minimize_scalar(deviance, bounds=(0.0, 0.5), method="bounded")
    return Disturbances(
        scale, max(0.0, float(np.mean(lagged))), max(0.0, float(np.mean(common))), float(fit.x)
    )


def _winsorised(values: Array) -> Array:
    low, high = np.quantile(values, [WINSOR, 1 - WINSOR])
    return np.asarray(np.clip(values, low, high))


@dataclass(frozen=True)
class Backcast:
    """What was predicted for the end of the panel from its first part, and how far off it was.

    Attributes
    ----------
    table
        A row a Goal and one for all: mean absolute error in points of the model, of every country
        moving by its Goal's mean (mean drift), of no change, and of every country's own trend.
    predicted, observed
        ``(country, 17)``, moves from the break to the end.
    misses
        ``(country, 17)`` for each column of the table, absolute errors.
    """

    table: pd.DataFrame
    predicted: Array
    observed: Array
    misses: dict[str, Array]


def backcast(
    panel: Panel,
    parameters: Parameters | None = None,
    last_fitted: int = BACKCAST_BREAK,
    *,
    by_room: bool = True,
) -> Backcast:
    """Fit on the years up to a break only and predict the panel's end, 2013.

    No driver of 2007-2013 is used: growth, poverty and the rest are as they were on average in the
    years of the fit.

    Parameters
    ----------
    panel
        Scores of 2000-2013.
    parameters
        Those whose spillovers and retention of trends are used; the defaults if left out.
    last_fitted
        The break.
    by_room
        How drifts are pooled over Goals (`drift`).
    """
    parameters = default_parameters() if parameters is None else parameters
    first = panel.until(last_fitted)
    drifts = drift(first.scores, by_room=by_room).mean
    fitted = _fitted(first.scores, drifts, parameters)
    matrix = default_interlinkages().matrix
    start = first.scores[:, -1]
    steps = BACKCAST_END - last_fitted
    trend = persistent_trend(
        trend_deviation(first.scores, fitted.drift_room), population_of(panel), fitted
    )
    score = start
    # Headcount and Gini are not in the panel: the mean move of the years fitted stands in for theirs.
    for _ in range(steps):
        trend = trend * fitted.trend_retention
        room = (100.0 - score) / (100.0 - fitted.reference_score)
        score, _parts = goal_moves(
            score,
            Drivers(
                trend=trend,
                poverty_move=(drifts * room)[:, POVERTY_GOAL],
                inequality_move=(drifts * room)[:, INEQUALITY_GOAL],
            ),
            fitted,
            matrix,
        )
    observed = panel.scores[:, panel.years.index(BACKCAST_END)] - start
    mean_move = np.nanmean(np.diff(first.scores, axis=1), axis=(0, 1))
    guesses = {
        "model": score - start,
        "mean_drift": np.broadcast_to(steps * mean_move, start.shape),
        "no_change": np.zeros_like(start),
        "own_trend": steps * trend_moves(first.scores),
    }
    misses = {name: np.abs(guess - observed) for name, guess in guesses.items()}
    rows = pd.DataFrame({name: np.nanmean(miss, axis=0) for name, miss in misses.items()})
    rows.insert(0, "goal", [str(goal) for goal in range(1, GOAL_COUNT + 1)])
    rows.insert(1, "countries", np.isfinite(observed).sum(axis=0))
    everything = {name: float(np.nanmean(miss)) for name, miss in misses.items()}
    total = {"goal": "all", "countries": int(np.isfinite(observed).any(axis=1).sum()), **everything}
    return Backcast(
        pd.concat([rows, pd.DataFrame([total])], ignore_index=True),
        guesses["model"],
        observed,
        misses,
    )


def population_of(panel: Panel) -> Array:
    """Return the population of the panel's countries, ``(country,)``, million."""
    return _covariates().reindex(panel.iso3)["population"].to_numpy(dtype=np.float64)


def region_of(panel: Panel) -> NDArray[np.str_]:
    """Return the region in which the report counts each of the panel's countries, ``(country,)``."""
    return _covariates().reindex(panel.iso3)["region"].to_numpy(dtype=str)


def _fitted(scores: Array, drifts: Array, parameters: Parameters) -> GoalParameters:
    changes = {
        "goal_infrastructure_share": 0.0,
        **{f"goal_income_response.{goal}": 0.0 for goal in range(1, GOAL_COUNT + 1)},
    }
    for name, values in (
        ("goal_drift", drifts),
        ("goal_reference_score", np.nanmean(scores, axis=(0, 1))),
        ("goal_trend_reliability", trend_reliability(scores)),
    ):
        changes |= {f"{name}.{goal + 1}": float(value) for goal, value in enumerate(values)}
    return GoalParameters.from_parameters(parameters.replace(changes, source="estimation"))


def spillover_evidence(scores: Array) -> tuple[float, float]:
    """Return the slope of countries' moves on what the interlinkages send them, and its error.

    Both sides are deviations from the Goal's mean move, over five years or more so that measurement
    error averages out. Moves that share a cause correlate too, so the slope is more an upper bound
    than an estimate.
    """
    moves = trend_moves(scores)
    deviation = moves - np.nanmean(moves, axis=0)
    known = np.isfinite(deviation)
    sent = np.where(known, deviation, 0.0) @ default_interlinkages().matrix.T
    # Goals have very different spreads; each is given the same weight.
    scale = np.nanstd(moves, axis=0)
    y, x = (deviation / scale)[known], (sent / scale)[known]
    slope = float((x * y).sum() / (x * x).sum())
    country = np.broadcast_to(np.arange(len(moves))[:, None], moves.shape)[known]
    score = np.bincount(country, weights=x * (y - slope * x))
    return slope, float(np.sqrt((score**2).sum()) / (x * x).sum())


@lru_cache(maxsize=1)
def _covariates() -> pd.DataFrame:
    """Return by country: log income and growth a head, population, region."""
    base = _table("base_year.csv").set_index("iso3")
    growth, people, countries = (
        _table(name) for name in ("growth.csv", "population.csv", "countries.csv")
    )
    by_year = growth.pivot(index="iso3", columns="year", values="growth_pct")
    population = people.pivot(index="iso3", columns="year", values="population_m")
    people_growth = np.log(population[2014] / population[2013])
    return pd.DataFrame(
        {
            "log_income": np.log(base["gdp_constant_2015_busd"] / base["population_m"]),
            # Population growth of 2013-14 stands for that of 2012-13, which the tables do not hold.
            "growth": np.log1p(by_year[2013] / 100) - people_growth,
            "population": population[2013],
            "region": countries.set_index("iso3")["report_region"],
        }
    )


def estimate(panel: Panel) -> pd.DataFrame:
    """Return all estimates: quantity, Goal (0 for all of them), value, standard deviation."""
    covariates = _covariates().reindex(panel.iso3)
    region = pd.factorize(covariates["region"], sort=True)[0].astype(np.intp)
    rows: list[tuple[str, int, float, float]] = []

    def add(name: str, values: Array, sds: Array) -> None:
        rows.extend(
            (name, goal, float(value), float(sd))
            for goal, value, sd in zip(range(1, GOAL_COUNT + 1), values, sds, strict=True)
        )

    none = np.full(GOAL_COUNT, np.nan)
    drifts = drift(panel.scores)
    add("goal_drift", drifts.mean, drifts.sd)
    add("goal_drift_unpooled", drifts.estimate, drifts.standard_error)
    add("goal_reference_score", np.nanmean(panel.scores, axis=(0, 1)), none)
    add("mean_move", np.nanmean(np.diff(panel.scores, axis=1), axis=(0, 1)), none)
    response, response_sd, passed = income_response(
        panel.scores, covariates["log_income"].to_numpy(), covariates["growth"].to_numpy()
    )
    add("goal_income_response", response, response_sd)
    add("income_gradient_passed_unpooled", passed.estimate, passed.standard_error)
    add("income_gradient_passed", passed.mean, passed.sd)
    add("goal_trend_reliability", trend_reliability(panel.scores), none)
    left = disturbances(panel.scores, region, covariates["population"].to_numpy())
    add("goal_noise_scale", left.scale, none)
    slope, error = spillover_evidence(panel.scores)
    rows += [
        ("goal_noise_persistence", 0, left.persistence, np.nan),
        ("goal_noise_regional_share", 0, left.regional_share, np.nan),
        ("goal_noise_size_elasticity", 0, left.size_elasticity, np.nan),
        ("spillover_slope", 0, slope, error),
        ("income_gradient_passed_centre", 0, passed.centre, passed.spread),
        ("income_growth_2013_mean", 0, float(covariates["growth"].mean()), np.nan),
    ]
    return pd.DataFrame(rows, columns=["quantity", "goal", "value", "sd"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and write the estimates and the backcast; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.goal_estimation",
        description=__doc__.splitlines()[0] if __doc__ else None,
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("results") / "goal_estimation.csv",
        help="csv file to write",
    )
    parser.add_argument("--panel", type=Path, help=f"CSV file: {WHERE}")
    parser.add_argument("--trends", type=Path, help="write countries' trends to this CSV file")
    options = parser.parse_args(arguments)
    try:
        panel = load_panel(options.panel)
    except InputError as failure:
        print(failure, file=sys.stderr)
        return 2
    if options.trends is not None:
        write_trends(panel, options.trends)
        print(f"written: {options.trends}")
    table = estimate(panel)
    by_goal = table[table["goal"] > 0]
    print(by_goal.pivot(index="goal", columns="quantity", values="value").round(4).to_string())
    print(
        by_goal.pivot(index="goal", columns="quantity", values="sd")
        .dropna(axis=1)
        .round(4)
        .to_string()
    )
    print(table[table["goal"] == 0].round(4).to_string(index=False))
    print(backcast(panel).table.round(3).to_string(index=False))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False, float_format="%.6g", lineterminator="\n")
    print(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
