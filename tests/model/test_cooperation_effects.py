"""Cooperation in fair pairs: what its equations assume must come out of whole runs, with its interval.

These are tests of the implementation and no evidence for an effect. In each pair both runs have the same seed, and one
thing is different; where a choice could stand in for the mechanism, the choice is made blind in both. Effects are
measured on what comes of projects - success, capability, Goals - as `sscsim.experiments` measures them. A few pairs run
by default; thirty, and the table of ``docs/cooperation-effects.md``, with

    python -m pytest -m slow -rP tests/model/test_cooperation_effects.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from sscsim.experiments.effects import COVERED, PairedEffect, paired_effect
from sscsim.flows import knowledge as flows
from sscsim.flows.knowledge import Projects
from sscsim.model import SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.world.state import DOMAINS

Pairs = list[tuple[float, float]]
"""A number without and with what is different, pair by pair."""

FEW, THIRTY = 6, 30
PAIRS = pytest.mark.parametrize("pairs", [FEW, pytest.param(THIRTY, marks=pytest.mark.slow)])

END = 2020
"""Last year in which projects are looked at."""
GOALS, LAST = 2024, 2030
"""Years in which the Goals are compared, and up to which reports are."""

SELDOM = ("trade", "investment", "finance")
"""Steps that projects do not look at."""

# A technology that is learned comes into use over years, and its frontier moves: learning is read in the other domains.
LEARNED = np.arange(len(DOMAINS)) != DOMAINS.index("science_technology_innovation")

GAP = default_parameters()["absorption_gap"]

NARROW = {"similarity_income_scale": 0.2, "similarity_latitude_scale": 5.0}
WIDE = {"similarity_income_scale": 4.0, "similarity_latitude_scale": 60.0}
"""Likeness of contexts at the two ends of its bounds: nobody is like anybody, and most are like most."""


def fair(
    seed: int,
    end: int = END,
    off: Sequence[str] = SELDOM,
    set: dict[str, float] | None = None,
    scenario: str = "baseline",
    look: Callable[[SouthSouthModel], None] | None = None,
    **levers: float,
) -> SouthSouthModel:
    """Run one side of a pair; ``look`` sees the model after every year."""
    chosen: Scenario | str = scenario
    if levers:
        chosen = Scenario(
            "moved",
            {"en": "Moved"},
            levers={name: (Setting(value=value),) for name, value in levers.items()},
        )
    model = SouthSouthModel(
        chosen,
        seed=seed,
        end=end,
        off=off,
        keep="indicators",
        parameters=default_parameters().replace(set or {}),
    )
    while model.running:
        model.step()
        if look is not None:
            look(model)
    return model


def closed(model: SouthSouthModel, last: int = END) -> tuple[Projects, np.ndarray]:
    """Return projects of pairs that closed in the years of the run after the first, and which succeeded."""
    projects, outcome = model.submodels["knowledge"].cooperation.all()
    rows = (projects.receiver >= 0) & (projects.end > 2013) & (projects.end <= last)
    assert (outcome[rows] != flows.RUNNING).all()
    return projects.take(rows), outcome[rows] == flows.SUCCEEDED


def lead(model: SouthSouthModel, projects: Projects) -> np.ndarray:
    """Return how far providers were ahead as the base year opened."""
    known = model.opening.capability
    ahead: np.ndarray = (
        known[projects.provider, projects.domain] - known[projects.receiver, projects.domain]
    )
    return ahead


def learned(model: SouthSouthModel, who: np.ndarray | None = None) -> float:
    """Return the mean rise of capability since the base year in the South, or in some of its cells."""
    rise = (model.state.closing_capability - model.opening.capability)[:, LEARNED]
    cells = model.submodels["institutions"].base.south[:, None] if who is None else who[:, LEARNED]
    return float(rise[np.broadcast_to(cells, rise.shape)].mean())


def third(values: np.ndarray, upper: bool) -> np.ndarray:
    """Return which values belong to the lower or the upper third."""
    cut = np.quantile(values, 2 / 3 if upper else 1 / 3)
    chosen: np.ndarray = values >= cut if upper else values <= cut
    return chosen


def mean_interval(pairs: Pairs) -> tuple[float, float]:
    """Return the 90 % confidence interval of the mean effect, by Student's t."""
    change = np.diff(np.array(pairs), axis=1)[:, 0]
    error = change.std(ddof=1) / np.sqrt(len(change))
    half = float(student.ppf(0.5 + COVERED / 2, len(change) - 1)) * float(error)
    return float(change.mean()) - half, float(change.mean()) + half


def shown(what: str, pairs: Pairs, sign: int, *, in_most: bool = True) -> PairedEffect:
    """Hold an effect to its sign: the interval of the mean leaves zero out, and nine tenths of the pairs do."""
    found = paired_effect(*np.array(pairs).T)
    low, high = mean_interval(pairs)
    print(
        f"| {what} | {found.reference:.4g} | {found.median:+.3g} |"
        f" {found.low:+.3g} to {found.high:+.3g} | {low:+.3g} to {high:+.3g} |"
    )
    assert sign * found.median > 0.0, what
    assert min(sign * low, sign * high) > 0.0, what
    assert found.seen or not in_most, what
    return found


# ------------------------------------------------------------------------------- who has much in common learns better


@cache
def likeness(seed: int) -> dict[str, tuple[float, float]]:
    """Compare runs in which contexts are unlike and alike; nobody looks at that when choosing, no third party helps."""
    found: dict[str, list[float]] = {"success": [], "learned": []}
    meetings = []
    for scales in (NARROW, WIDE):
        model = fair(seed, set={"preference_similarity": 0.0, **scales}, partner_budget=0.0)
        projects, good = closed(model)
        found["success"].append(good.mean())
        found["learned"].append(1e3 * learned(model))
        meetings.append(set(zip(projects.provider, projects.receiver, projects.luck, strict=True)))
    # The choice is blind indeed: nearly all of them meet in both.
    assert len(meetings[0] & meetings[1]) > 0.9 * len(meetings[0])
    return {name: (low, high) for name, (low, high) in found.items()}


@PAIRS
def test_similar_contexts_learn_better(pairs: int) -> None:
    each = [likeness(seed) for seed in range(1, pairs + 1)]
    shown("success, contexts alike", [one["success"] for one in each], +1)
    shown("capability learned (thousandths), contexts alike", [one["learned"] for one in each], +1)


@PAIRS
def test_of_pairs_with_the_same_lead_the_more_alike_succeed_more(pairs: int) -> None:
    each = [whole(seed)["alike"] for seed in range(1, pairs + 1)]
    shown("success at the same lead, upper third of likeness", each, +1)


# ------------------------------------------------------------------------------------- what is too far is not absorbed


@cache
def tolerance(seed: int) -> dict[str, tuple[float, float]]:
    """Compare runs in which large and in which only small leads are absorbed; choice does not look at absorption."""
    found: dict[str, list[float]] = {"far": [], "part": []}
    for gap in (0.35, 0.1):
        model = fair(
            seed, set={"preference_absorption": 0.0, "absorption_gap": gap}, partner_budget=0.0
        )
        known, south = model.opening.capability, model.submodels["institutions"].base.south
        far = south[:, None] & (known <= np.quantile(known[south], 1 / 3, axis=0))
        found["far"].append(1e3 * learned(model, far))
        found["part"].append(found["far"][-1] / (1e3 * learned(model)) / 3.0)
    return {name: (wide, small) for name, (wide, small) in found.items()}


@PAIRS
def test_a_lead_that_is_too_large_is_not_absorbed(pairs: int) -> None:
    each = [tolerance(seed) for seed in range(1, pairs + 1)]
    shown("learned by those far behind, small leads absorbed", [one["far"] for one in each], -1)
    # And it is the far that lose: not all learning shrinks alike.
    shown(
        "part of all learning that is theirs, small leads absorbed", [o["part"] for o in each], -1
    )


@PAIRS
def test_a_success_closes_less_of_a_lead_that_is_too_large(pairs: int) -> None:
    each = [whole(seed) for seed in range(1, pairs + 1)]
    shown("part of the lead closed (thousandths), lead too large", [o["part"] for o in each], -1)
    shown("capability learned (thousandths), lead too large", [o["amount"] for o in each], -1)


# --------------------------------------------------------------------- fragmentation without coordination costs success


@cache
def actors(seed: int) -> dict[str, float]:
    """Return success with actors as they are, with many uncoordinated ones, and with as many under coordination."""
    many = {"other_actors": 0.5}
    return {
        "few": whole(seed)["success"],
        "many": closed(fair(seed, off=(), **many))[1].mean(),
        "coordinated": closed(fair(seed, off=(), coordination=0.9, **many))[1].mean(),
    }


@PAIRS
def test_fragmentation_without_coordination_lowers_success(pairs: int) -> None:
    each = [actors(seed) for seed in range(1, pairs + 1)]
    shown("success, many more actors", [(one["few"], one["many"]) for one in each], -1)
    shown("success, the same actors coordinated", [(o["many"], o["coordinated"]) for o in each], +1)


# -------------------------------------------------------------------- a common method raises what is seen, then is done


SEEN, DONE = "reported_projects_received", "projects_received"


@cache
def method(seed: int) -> dict[tuple[str, int], tuple[float, float]]:
    """Return cooperation received as reported and as it was, without and with one method from 2019 on, by year."""
    run = fair(seed, LAST, (), scenario="harmonised-reporting").recorded()
    before = whole(seed)["received"]
    return {
        (name, year): (before[name, year], run.value(name, "South", year))
        for name in (SEEN, DONE)
        for year in range(2018, LAST + 1)
    }


@PAIRS
def test_a_common_method_raises_what_is_seen_before_what_is_done(pairs: int) -> None:
    each = [method(seed) for seed in range(1, pairs + 1)]

    def of(name: str, year: int) -> Pairs:
        return [one[name, year] for one in each]

    def first(name: str) -> int:
        """Return from which year on the mean effect is above zero in all years that follow."""
        return 1 + max(y for y in range(2018, LAST) if not mean_interval(of(name, y))[0] > 0.0)

    for year in (2021, LAST):
        shown(f"projects on record {year}, one method", of(SEEN, year), +1)
    if pairs == THIRTY:  # what is done changes so little that a few pairs do not show it
        shown(f"projects in truth {LAST}, one method", of(DONE, LAST), +1, in_most=False)
        print(f"Seen from {first(SEEN)} on, done from {first(DONE)} on.")
    assert first(SEEN) == 2019
    assert first(DONE) > 2019
    # A project or two among thousands may fall to one side in all of a few pairs; what is done has not begun to follow.
    assert abs(paired_effect(*np.array(of(DONE, 2021)).T).relative) < 0.001
    for year in (2021, LAST):
        seen, done = (paired_effect(*np.array(of(name, year)).T) for name in (SEEN, DONE))
        assert seen.relative > 20 * abs(done.relative)


# -------------------------------------------------------------------------------- a third party helps weak pairs most


@cache
def lift(seed: int) -> dict[str, tuple[float, float]]:
    """Compare the same triangular projects with partners who bring money alone, and who also bring what pairs lack.

    Who joins does not look at what could be lifted. Strong pairs stand first.
    """
    tables = []
    for size in (0.0, default_parameters()["third_party_lift"]):
        model = fair(
            seed,
            set={"third_party_value": 0.0, "third_party_lift": size},
            third_party_cost=0.5,
            partner_budget=3.0,
        )
        projects, good = closed(model)
        joined = projects.partner >= 0
        p = projects.take(joined)
        names = zip(
            p.provider, p.receiver, p.partner, p.domain, p.start, p.end, p.luck, strict=True
        )
        values = zip(p.quality, p.chance, good[joined].astype(float), strict=True)
        tables.append(dict(zip(names, values, strict=True)))
    alone, helped = tables
    same = [key for key in alone if key in helped]
    assert len(same) > 0.9 * len(alone)
    before, after = (np.array([table[key] for key in same]) for table in tables)
    fit, gain = before[:, 0], after - before
    weak, strong = third(fit, upper=False), third(fit, upper=True)
    return {
        name: (gain[strong, column].mean(), gain[weak, column].mean())
        for column, name in enumerate(("fit", "chance", "success"))
    }


@PAIRS
def test_a_third_party_helps_weak_pairs_most(pairs: int) -> None:
    each = [lift(seed) for seed in range(1, pairs + 1)]
    shown("lift of the chance of success, weak pairs", [one["chance"] for one in each], +1)
    shown("lift of success, weak pairs", [one["success"] for one in each], +1)


@cache
def cheaper(seed: int) -> tuple[float, float]:
    """Return by how much a third party at half its cost joins more of the strong and of the weak pairs."""
    before = whole(seed)["joined"]
    fit, joined = fit_alone(fair(seed, off=(), third_party_cost=0.5))
    low, high = np.quantile(before[0], [1 / 3, 2 / 3])
    rise = [
        joined[(a <= fit) & (fit <= b)].mean()
        - before[1][(a <= before[0]) & (before[0] <= b)].mean()
        for a, b in ((high, 1.0), (0.0, low))
    ]
    return rise[0], rise[1]


def fit_alone(model: SouthSouthModel) -> tuple[np.ndarray, np.ndarray]:
    """Return the fit that each pair has by itself, and whether a third party joined."""
    projects, _ = model.submodels["knowledge"].cooperation.all()
    rows = (projects.receiver >= 0) & (projects.start >= 2014) & (projects.start <= END)
    projects = projects.take(rows)
    base = model.submodels["knowledge"].cooperation.base
    joined = projects.partner >= 0
    skill = np.where(joined, base.partners.skill[projects.partner, projects.domain], 0.0)
    part = base.parameters.third_party_lift * skill
    return (projects.quality - part) / (1.0 - part), joined


@PAIRS
def test_cheaper_third_parties_join_weak_pairs_most(pairs: int) -> None:
    each = [cheaper(seed) for seed in range(1, pairs + 1)]
    shown("more triangular at half the cost, weak pairs", each, +1)


# ----------------------------------------------------------------------- without learning from one another, Goals lag


@cache
def without(seed: int) -> dict[str, float]:
    """Return the Goals of a run without the step."""
    run = fair(seed, GOALS, ("knowledge",)).recorded()
    return {group: run.value("goal_index", group, GOALS) for group in ("South", "LDC")}


@PAIRS
def test_with_the_step_off_goals_grow_slower(pairs: int) -> None:
    for group in ("South", "LDC"):
        shown(
            f"Goals {GOALS}, {group}, the step off",
            [(whole(s)["goals"][group], without(s)[group]) for s in range(1, pairs + 1)],
            -1,
        )


# --------------------------------------------------------------------------------------------- the run as it is


@cache
def whole(seed: int) -> dict[str, Any]:
    """Return what tests need of the baseline, in numbers."""
    parts: list[tuple[np.ndarray, np.ndarray]] = []

    def look(model: SouthSouthModel) -> None:
        if model.year > END:
            return
        # Cells in which one project of two countries has succeeded this year, and none beside it.
        projects = model.submodels["knowledge"].cooperation.succeeding(model.year)
        project, taker = projects.takers()
        domain = projects.domain[project]
        size = model.state.capability.shape
        number = np.bincount(taker * size[1] + domain, minlength=size[0] * size[1]).reshape(size)
        alone = LEARNED[domain] & (number[taker, domain] == 1)
        project, taker, domain = project[alone], taker[alone], domain[alone]
        now = model.state.capability
        ahead = now[projects.provider[project], domain] - now[taker, domain]
        rise = (model.state.closing_capability - now)[taker, domain]
        parts.append((ahead[ahead > 0.0], rise[ahead > 0.0]))

    model = fair(seed, LAST, (), look=look)
    run = model.recorded()
    ahead, rise = (np.concatenate(column) for column in zip(*parts, strict=True))
    best = (ahead > 0.75 * GAP) & (ahead < 1.25 * GAP)
    much, far = (ahead > 1.5 * GAP) & (ahead < 2.5 * GAP), ahead > 3.0 * GAP
    projects, good = closed(model)
    alone = projects.partner < 0
    pairs, success = projects.take(alone), good[alone]
    alike = model.submodels["knowledge"].cooperation.base.similarity[pairs.receiver, pairs.provider]
    order = np.array_split(np.argsort(lead(model, pairs), kind="stable"), 10)
    by_lead = [
        [success[rows[third(alike[rows], upper)]].mean() for upper in (False, True)]
        for rows in order
    ]
    return {
        "success": good.mean(),
        "alike": tuple(np.mean(by_lead, axis=0)),
        "part": tuple(1e3 * (rise / ahead)[rows].mean() for rows in (best, far)),
        "amount": tuple(1e3 * rise[rows].mean() for rows in (much, far)),
        "far": int(far.sum()),
        "joined": fit_alone(model),
        "received": {
            (name, year): run.value(name, "South", year)
            for name in (SEEN, DONE)
            for year in range(2018, LAST + 1)
        },
        "goals": {group: run.value("goal_index", group, GOALS) for group in ("South", "LDC")},
    }


@PAIRS
def test_there_is_enough_to_look_at(pairs: int) -> None:
    """A mean over a handful of projects would show nothing."""
    assert sum(whole(seed)["far"] for seed in range(1, pairs + 1)) > 20 * pairs
