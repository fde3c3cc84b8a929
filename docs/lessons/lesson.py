"""What the four notebooks share: effects over draws, and how a number is said."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

DATA = Path(__file__).parent / "data"
EFFECTS = pd.read_csv(DATA / "effects.csv").set_index(["scenario", "indicator", "group"])
COUNTRIES = pd.read_csv(DATA / "countries.csv")


def effect(scenario, indicator, group):
    """Return the effect of a scenario by 2034 over twenty draws of parameters and luck.

    Fields: `reference` (without the measure), `median`, `low` and `high` (nine draws in ten lie between them), `unit`;
    `relative`, `relative_low` and `relative_high` are the same as shares of the reference.
    """
    return EFFECTS.loc[(scenario, indicator, group)]


def countries(scenario):
    """Return the effect on the real income of each country by 2034, in per cent, the largest first."""
    found = COUNTRIES[COUNTRIES.scenario == scenario].set_index("country")
    table = found[["relative", "relative_low", "relative_high"]] * 100
    return table.set_axis(["effect", "low", "high"], axis=1).sort_values("effect", ascending=False)


def number(value):
    """Return a number with its sign, to three digits."""
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.3g}"


def band(found):
    """Return an effect in its unit, with the ends of its interval."""
    ends = f"{number(found['low'])} to {number(found['high'])}"
    unit = {"0 to 100": "points"}.get(found["unit"], found["unit"])
    return f"{number(found['median'])} {unit} ({ends})"


def percent(found):
    """Return an effect as a share of what it would be without the measure, with the ends of its interval."""
    low, middle, high = (
        number(100 * found[name]) for name in ("relative_low", "relative", "relative_high")
    )
    return f"{middle} % ({low} to {high})"


def sign(found):
    """Return 1 or -1 where nine draws in ten and more agree, and 0 where the interval holds zero."""
    return int(found["low"] > 0) - int(found["high"] < 0)


def show(wanted, xlabel, share=False):
    """Draw effects with their intervals, one line each: `wanted` maps a label to an effect."""
    names = ("relative_low", "relative", "relative_high") if share else ("low", "median", "high")
    figure, axes = plt.subplots(figsize=(7, 0.6 + 0.45 * len(wanted)), layout="constrained")
    for place, found in enumerate(wanted.values()):
        low, middle, high = ((100 if share else 1) * found[name] for name in names)
        axes.plot([low, high], [place, place], color="#0072b2", linewidth=3)
        axes.plot(middle, place, "o", color="#0072b2")
    axes.axvline(0, color="#555555", linewidth=1)
    axes.set_yticks(range(len(wanted)), list(wanted))
    axes.invert_yaxis()
    axes.set_xlabel(xlabel)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def lines(runs, indicator, group, ylabel):
    """Draw an indicator of several runs over the years: `runs` maps a label to a run."""
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for (label, run), style in zip(runs.items(), ("-", "--", ":"), strict=False):
        series = run.series(indicator, group)
        axes.plot(series.index, series.values, style, linewidth=2, label=label)
    axes.set_ylabel(ylabel)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
