"""What the page on why shows of the model: headings and lines of its tables, which `tools.docs_tables` writes.

All are of the first `DRAWS` draws of the posterior that ships, in 2030.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

from sscsim.experiments.why import (
    effect_chains,
    goal_channels,
    lever_shares,
    mechanism_worths,
    sentence,
)
from sscsim.experiments.why.asked import spread
from sscsim.experiments.why.channels import PARTS, TITLES
from sscsim.experiments.why.mechanisms import MECHANISMS

__all__ = ["DRAWS", "chains", "channels", "levers", "mechanisms", "worths"]

DRAWS = 4
"""Few, so that the page is made anew in minutes; what it shows is how to read the tables."""

Lines = tuple[Sequence[str], Sequence[Sequence[str]]]

COUNTRIES = (
    ("triangular-scale-up", "Kenya"),
    ("bank-expansion", "Bangladesh"),
    ("full-agenda", "Nepal"),
    ("no-cooperation", "Ethiopia"),
)
"""Whose chain is shown, under what."""


def _how() -> dict[str, Any]:
    return {"draws": DRAWS, "executor": "processes", "years": (2030,)}


def _signed(value: float, digits: int) -> str:
    text = f"{abs(value):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    return ("−" if value < 0 else "+") + text


def _between(low: float, high: float, digits: int) -> str:
    return f"{_signed(low, digits)} to {_signed(high, digits)}"


def mechanisms() -> Lines:
    """Return the mechanisms that may be switched off."""
    return ["mechanism", "what others no longer see"], [
        [f"`{name}`", one.title] for name, one in MECHANISMS.items()
    ]


def channels() -> Lines:
    """Return what moved the Goals of the least developed countries, in the baseline and in two effects."""
    baseline = goal_channels("baseline", groups=["LDC"], **_how())
    effects = [
        goal_channels("baseline", name, groups=["LDC"], **_how())
        for name in ("full-agenda", "no-cooperation")
    ]
    rows = []
    for place, part in enumerate(PARTS):
        moved = [one.effects[0, place] for one in (baseline, *effects)]
        if all(abs(values.mean()) < 5e-5 for values in moved):
            continue
        rows.append(
            [TITLES[part], _signed(moved[0].mean(), 2), *(_signed(m.mean(), 4) for m in moved[1:])]
        )
    whole = [one.effects[0].sum(axis=0).mean() for one in (baseline, *effects)]
    rows.append(["together", _signed(whole[0], 2), *(_signed(w, 4) for w in whole[1:])])
    return [f"LDC, 2030, points, {DRAWS} draws", "baseline", "full-agenda", "no-cooperation"], rows


def levers() -> Lines:
    """Return the shares of levers in what the least developed countries gain where nobody is left behind."""
    with tempfile.TemporaryDirectory() as store:
        found = lever_shares(
            "baseline",
            "leave-no-one-behind",
            indicators=["projects_received", "goal_index"],
            groups=["LDC"],
            store=store,
            **_how(),
        )
    rows = []
    for group in [*found.levers, None]:
        row = [group or "together"]
        for place, digits in ((0, 1), (1, 4)):
            if group is None:
                one = spread(found.effects[place])
                row += [_signed(one["mean"], digits), _between(one["low"], one["high"], digits)]
                row += ["", ""]
                continue
            shares, i = found.shares[place], list(found.levers).index(group)
            one = spread(shares.values[i])
            row += [_signed(one["mean"], digits), _between(one["low"], one["high"], digits)]
            row += [_signed(ends[i].mean(), digits) for ends in (shares.alone, shares.last)]
        rows.append(row)
    each = ["90 %", "alone", "last"]
    head = ["leave-no-one-behind, LDC, 2030", "projects", *each, "Goals, points", *each]
    return head, rows


def worths() -> Lines:
    """Return what mechanisms are worth to effects on output and Goals."""
    asked = (
        ("full-agenda", "goal_index", "LDC", 4),
        ("trade-integration", "gdp", "South", 1),
    )
    tables = [
        mechanism_worths(
            "baseline", scenario, indicators=[indicator], groups=[group], **_how()
        ).table.set_index("mechanism")
        for scenario, indicator, group, _ in asked
    ]
    rows = [
        [name, *(_signed(t.loc[name, "mean"], a[3]) for t, a in zip(tables, asked, strict=True))]
        for name in [*MECHANISMS, "direct"]
    ]
    whole = [_signed(t.loc["together", "mean"], a[3]) for t, a in zip(tables, asked, strict=True)]
    head = ["worth", *(f"{s}: {i}, {g}" for s, i, g, _ in asked)]
    return head, [*rows, ["whole effect", *whole]]


def chains() -> Lines:
    """Return the largest way to the Goal that moved most, in some countries."""
    rows = []
    for scenario, country in COUNTRIES:
        how = _how()
        del how["years"]
        for chain in effect_chains("baseline", scenario, country, year=2030, **how):
            goal = chain.links[-1]
            rows.append(
                [
                    scenario,
                    chain.title,
                    sentence(chain),
                    _between(goal.low, goal.high, 4),
                    f"{TITLES[chain.driver]}, {100 * chain.share:.0f} %",
                ]
            )
    return ["scenario", "country", "chain", "the Goal, 90 %", "driver, of the effect"], rows
