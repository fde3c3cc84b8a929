"""Every point of a review of the science as a number: what the review printed, and what the model gives now.

A review of an earlier version found errors and doubtful mechanisms, A1 to D. Beside each stand the figure it printed,
the same measured on this version, the figure of record where there is one, and the decision or test that closes the
point. Figures of record are written here with their source; sizes come from one or a few seeds, as in the review, so a
digit is no more than an indication. What cannot be measured says why.

Run: from the top folder, ``python -m benchmarks.review_points [--points A1 B3 ...] [--seeds 2] [--panel FILE]``; all of
them take some minutes on one processor. `--panel` is the file of Goals that `benchmarks.goal_backcast` reads.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy import stats

from sscsim.calibrated import shipped_posterior
from sscsim.calibration import compare
from sscsim.choices import chosen
from sscsim.errors import UserError
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.model import SouthSouthModel, simulate
from sscsim.outcomes.goals import GoalParameters
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting, Where
from sscsim.results.run import Run
from sscsim.steps.banking import Banking
from sscsim.world.loading import load_world

SEEDS = 2
"""Seeds behind a mean, unless asked otherwise."""

Lines = Iterator[tuple[str, str, str]]
"""What is measured, what the review printed, what it is now."""


@dataclass(frozen=True)
class Point:
    """A point of the review."""

    name: str
    what: str
    closed: str
    """Decision or test that closes it, or why it is open."""
    measure: Callable[[Asked], Lines]


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    seeds: int = SEEDS
    panel: Path | None = None


POINTS: dict[str, Point] = {}


def point(name: str, what: str, closed: str) -> Callable[[Callable[[Asked], Lines]], None]:
    """Enter a point, measured by the function."""

    def enter(measure: Callable[[Asked], Lines]) -> None:
        POINTS[name] = Point(name, what, closed, measure)

    return enter


# ------------------------------------------------------------------------------------------- runs, each made once


@cache
def run(
    scenario: str = "baseline",
    seed: int = 1,
    changes: tuple[tuple[str, float], ...] = (),
    end: int = 2034,
    off: tuple[str, ...] = (),
    parameters: str = "central",
) -> Run:
    """Return a run, made once: at the posterior's central draw, where users stand, unless another point is named."""
    return simulate(scenario, seed=seed, parameters=parameters, set=dict(changes), end=end, off=off)


def over_seeds(seeds: int, value: Callable[[Run], float], **options: object) -> float:
    """Return the mean of what runs of several seeds give."""
    return float(np.mean([value(run(seed=s, **options)) for s in range(1, seeds + 1)]))  # type: ignore[arg-type]


def indicator(found: Run, name: str, group: str, year: int) -> float:
    """Return an indicator of a group."""
    return float(found.value(name, group, year=year))


def country(found: Run, iso3: str, year: int) -> pd.Series:
    """Return a country's row."""
    table = found.countries
    return table[(table["iso3"] == iso3) & (table["year"] == year)].iloc[0]


def in_year(found: Run, year: int) -> pd.DataFrame:
    """Return the rows of a year, indexed by economy."""
    table = found.countries
    return table[table["year"] == year].set_index("iso3")


def asking(name: str, value: float, where: Where | None = None, since: int = 2019) -> Scenario:
    """Return a scenario with one lever moved."""
    setting = Setting(value=value, where=where, **{"from": since})
    return Scenario(name="one-lever", title={"en": "One lever"}, levers={name: (setting,)})


@cache
def with_lever(name: str, value: float, seed: int, since: int = 2019, group: str = "") -> Run:
    """Return a run with one lever moved."""
    where = Where(group=group) if group else None
    return simulate(asking(name, value, where, since), seed=seed)


def percent(value: float, digits: int = 1) -> str:
    """Return a fraction in per cent."""
    return f"{100 * value:.{digits}f} %"


# ----------------------------------------------------------------------------------------------- A: publication


@point(
    "A1",
    "draws over the priors are independent, nested and stable when a parameter is added",
    "decision 0120; tests/experiments/test_design.py::test_no_pair_is_correlated_beyond_chance",
)
def a1(asked: Asked) -> Lines:
    names = drawn_parameters(default_parameters())
    pairs = len(names) * (len(names) - 1) // 2
    before = {50: "1,164", 200: "214", 1000: "–"}
    for draws, printed in before.items():
        quantiles = Design.independent(names, draws, 1).quantiles
        r = np.corrcoef(quantiles.T)[np.triu_indices(len(names), 1)]
        # The largest of so many independent pairs lies below this in 999 of 1,000 samples.
        t = stats.t.ppf(1 - 0.0005 / pairs, draws - 2)
        bound = t / np.sqrt(draws - 2 + t**2)
        yield (
            f"pairs with abs(r) over 0.7, {draws} draws",
            printed,
            str(int((np.abs(r) > 0.7).sum())),
        )
        yield (
            f"largest abs(r), {draws} draws",
            "–",
            f"{np.abs(r).max():.3f} (99.9 % bound {bound:.3f})",
        )
    full, less = (Design.independent(n, 50, 1) for n in (names, names[1:]))
    moved = float(np.abs(full.quantiles[:, 1:] - less.quantiles).max())
    yield "others' draws moved by one parameter more", "all", f"{moved:g}"


@point(
    "A2",
    "the record is one realisation: standard deviation of a run over the tolerance's half width",
    "a property of the world, which the likelihood holds:"
    " tests/calibration/test_posterior.py::test_a_record_that_luck_may_have_made_says_little",
)
def a2(asked: Asked) -> Lines:
    printed = {
        "fdi_in_developed": "2.7", "ndb_lending_2034": "2.7", "fdi_in_bra": "2.0", "fdi_in_chn": "1.5",
        "fdi_in_developing": "1.4", "fdi_in_ind": "1.4", "lac_triangular": "1.1",
    }  # fmt: skip
    seen: dict[str, list[float]] = {}
    widths: dict[str, float] = {}
    for seed in range(1, max(asked.seeds, 4) + 1):
        for item in compare(run(seed=seed)):
            if item.target.id in printed and item.check is not None:
                low, high = item.check.within.limits(item.check.value)
                widths[item.target.id] = (high - low) / 2
                seen.setdefault(item.target.id, []).append(item.observed)
    for name, before in printed.items():
        if name in seen:
            ratio = float(np.std(seen[name], ddof=1)) / widths[name]
            yield name, before, f"{ratio:.1f} ({len(seen[name])} seeds)"


def _quantile_of(name: str, value: float) -> float:
    """Return where a value stands in its prior, truncation left aside."""
    prior = default_parameters().definition(name).entry.prior
    goal = default_parameters().definition(name).goal

    def number(key: str) -> float:
        found = getattr(prior, key)
        return float(found[goal or 1] if isinstance(found, dict) else found)

    if prior.distribution == "uniform":
        return (value - number("low")) / (number("high") - number("low"))
    if prior.distribution == "normal":
        return float(stats.norm.cdf(value, number("mean"), number("sd")))
    if prior.distribution == "lognormal":
        return float(stats.norm.cdf(np.log(value / number("median")) / number("sigma")))
    return 0.5


@point(
    "A3",
    "a calibrated point moves only what the figures inform",
    "the posterior keeps the prior of what no figure informs:"
    " tests/calibration/test_shipped.py::test_what_no_figure_informs_keeps_its_prior",
)
def a3(asked: Asked) -> Lines:
    shipped = shipped_posterior()
    middle = dict(zip(shipped.names, np.median(shipped.values, axis=0), strict=True))
    ends = [
        name for name in shipped.fitted if not 0.015 <= _quantile_of(name, middle[name]) <= 0.985
    ]
    yield "parameters that the fit moves", "56", str(len(shipped.fitted))
    yield (
        "of these, median beyond 1.5 and 98.5 % of the prior",
        "6",
        f"{len(ends)} {' '.join(ends)}",
    )
    for label, printed, parameters in (
        ("calibrated", "2/2/6", "central"),
        ("tables'", "8/7/11", "tables"),
    ):
        counts = [
            over_seeds(
                asked.seeds,
                lambda r, y=year: float(in_year(r, y)["distress"].sum()),
                parameters=parameters,
            )
            for year in (2018, 2024, 2030)
        ]
        now = "/".join(f"{count:.1f}" for count in counts)
        yield f"in distress 2018/2024/2030, {label} values", printed, now


@point(
    "A4",
    "only what banks lend beyond the base year adds infrastructure",
    "decision 0138; tests/model/test_banks.py::test_an_old_bank_that_goes_on_as_before_adds_nothing",
)
def a4(asked: Asked) -> Lines:
    model = SouthSouthModel(seed=1, end=2018, keep="indicators")
    banking = model.submodels.of(Banking)
    kept = {}
    inner = banking.year_of_banks

    def watching(now):
        kept[now.year] = inner(now)
        return kept[now.year]

    banking.year_of_banks = watching  # type: ignore[method-assign]
    while model.running:
        model.step()
    additional = banking.base.parameters.infrastructure_additionality
    built = float(kept[2018].infrastructure.sum()) * model.deflator[2018] / additional
    paid = float(model.state.bank_disbursements.sum())
    yield "payments of 2018 that count as additional", "90 %", percent(built / paid, 0)
    banks = run(seed=1).table("banks")
    isdb = banks[banks["bank"].str.contains("ISDB|IsDB", case=False)].set_index("year")["loans"]
    yield "loans of IsDB 2034 over 2013", "run away", f"{isdb[2034] / isdb[2013]:.1f}"


@point(
    "A5",
    "Goals 1 and 10 follow headcount and Gini",
    "decision 0143; tests/model/test_baseline.py::test_nobody_who_is_poor_has_reached_goal_1",
)
def a5(asked: Asked) -> Lines:
    rows = [in_year(run(seed=s), 2030) for s in range(1, asked.seeds + 1)]
    high = np.mean([float((r["goal_1"] >= 99.5).mean()) for r in rows])
    poor = [r[(r["goal_1"] >= 99.0) & (r["extreme_poverty"] > 0.03)] for r in rows]
    yield "economies at 99.5 or more in Goal 1, 2030", "63 %", percent(float(high), 0)
    yield (
        "at 99 or more with over 3 % under 1.90",
        "some, up to 30 % poor",
        f"{np.mean([len(p) for p in poor]):.1f}",
    )


@point(
    "A6",
    "effects that no figure observes may have either sign",
    "decisions 0146 and 0151; tests/parameters/test_tables.py::test_effects_that_nobody_measured_may_have_either_sign;"
    " sscsim identify prints what the report does not inform",
)
def a6(asked: Asked) -> Lines:
    table = default_parameters()
    for name in (
        "goal_cooperation_response",
        "learning_rate",
        "tie_trade_response",
        "goal_capability_response",
    ):
        for one in (name, f"{name}.5"):
            if one in table:
                definition = table.definition(one)
                values = [definition.quantile(float(u)) for u in np.linspace(0.001, 0.999, 999)]
                above = float(np.mean(np.array(values) > 0.0))
                yield f"prior P({one} > 0)", "1.00" if "tie" not in name else "0.84", f"{above:.2f}"
                break


# ------------------------------------------------------------------------------------------- B: economics and units


@point(
    "B1",
    "credit lines' base-year dollars grow with output in dollars",
    "tests/steps/test_credit.py::test_what_went_on_in_the_base_year_grows_with_output_in_dollars",
)
def b1(asked: Asked) -> Lines:
    # What the old scale would make of the base year's payments, and what they are: lines of the base year are netted.
    found = run(seed=1)
    first = in_year(found, 2013)
    weights = first["credit_disbursed"] / first["credit_disbursed"].sum()
    for year, printed in ((2015, "+13 %"), (2034, "−15 %")):
        now = in_year(found, year)
        real = float((weights * now["gdp"] / first["gdp"]).sum())
        dollars = float((weights * now["gdp_current"] / first["gdp_current"]).sum())
        yield (
            f"borrowers' output {year}/2013, real scale against dollars (now dollars are used)",
            f"infrastructure off by {printed}",
            f"{real:.2f} against {dollars:.2f}",
        )


RECORD_2018 = {"USA": 20.66, "BRA": 1.92, "RUS": 1.66, "TUR": 0.78, "JPN": 5.04}
"""GDP of 2018, trn current USD: World Bank, World Development Indicators, NY.GDP.MKTP.CD (CC BY 4.0)."""


@point(
    "B2",
    "one valuation of the dollar, the record to 2018",
    "decision 0130; tests/model/test_dollars.py::test_output_in_dollars_is_the_records",
)
def b2(asked: Asked) -> Lines:
    printed = {"USA": "18.0", "BRA": "2.30", "RUS": "+40 %", "TUR": "+50 %", "JPN": "6.7 in 2024"}
    found = run(seed=1)
    for iso3, before in printed.items():
        value = country(found, iso3, 2018)["gdp_current"] / 1000
        off = value / RECORD_2018[iso3] - 1
        yield (
            f"GDP of {iso3} 2018, trn USD (record {RECORD_2018[iso3]})",
            before,
            f"{value:.2f} ({100 * off:+.0f} %)",
        )
    japan = country(found, "JPN", 2024)["gdp_current"] / 1000
    yield "GDP of JPN 2024, trn USD", "6.7", f"{japan:.1f}"


@point(
    "B3",
    "deficits stay with the money that pays for them",
    "docs/trade.md; tests/model/test_trade_gain.py::test_a_deficit_stays_with_the_remittances_that_pay_for_it",
)
def b3(asked: Asked) -> Lines:
    for iso3, printed in (("NPL", "13 → 6 %"), ("SLV", "–"), ("TJK", "–")):
        ratios, paid = [], []
        for year in (2013, 2034):
            row = country(run(seed=1), iso3, year)
            ratios.append((row["imports"] - row["exports"]) / row["gdp_current"])
            paid.append(
                (row["remittances_received"] - row["remittances_paid"]) / row["gdp_current"]
            )
        yield (
            f"goods deficit of {iso3} over GDP, 2013 → 2034",
            f"{printed} of output" if printed != "–" else printed,
            f"{percent(ratios[0])} → {percent(ratios[1])} (remittances {percent(paid[0])} → {percent(paid[1])})",
        )


@point(
    "B4",
    "growth earns no gain from policy",
    "tests/model/test_trade_gain.py::test_without_policy_there_is_no_gain",
)
def b4(asked: Asked) -> Lines:
    found = country(run(seed=1), "VNM", 2034)["trade_gain"]
    yield "gain of VNM in the baseline 2034, agreements included", "+0.6 %", percent(found, 2)
    still = run(seed=1, off=("institutions", "knowledge"))
    gain = float(still.countries["trade_gain"].abs().max())
    yield "largest gain with no lever and no agreement moved", "–", f"{gain:.1e}"


@point(
    "B5",
    "ζ is a dynamic gain beyond real income's, its prior has its mode at 0",
    "trade_gain_pass_through in growth.yaml;"
    " tests/model/test_trade_gain.py::test_without_dynamic_gains_policy_leaves_productivity_alone",
)
def b5(asked: Asked) -> Lines:
    prior = default_parameters().definition("trade_gain_pass_through").entry.prior
    mode = prior.mean if prior.distribution == "normal" else prior.low
    yield "mode of the prior of ζ", "above 0", f"{mode} ({prior.distribution})"


@point(
    "B6",
    "interest reaches national income",
    "decision 0131; tests/model/test_national_income.py::test_who_borrows_pays_and_who_lends_receives",
)
def b6(asked: Asked) -> Lines:
    from sscsim.outcomes import growth

    passed: list[bool] = []
    inner = growth.gross_national_income

    def watching(*given, **named):
        interest = named.get("net_interest", given[6] if len(given) > 6 else 0.0)
        passed.append(bool(np.any(np.asarray(interest) != 0.0)))
        return inner(*given, **named)

    growth.gross_national_income = watching
    try:
        simulate(seed=1, end=2015, keep="indicators")
    finally:
        growth.gross_national_income = inner
    yield (
        "years in which GNI is told of interest, 2013–2015",
        "0 of 3",
        f"{sum(passed)} of {len(passed)}",
    )


@point(
    "B7",
    "persistence and noise of Goals pass (I − W) as drift does",
    "tests/outcomes/test_goals.py::test_what_was_seen_in_scores_is_met_again_with_spillovers",
)
def b7(asked: Asked) -> Lines:
    model = SouthSouthModel(seed=1, end=2024, keep="indicators")
    direct, arrived = [], []
    goals = model.submodels["goals"]
    scale = goals.base.parameters.noise_scale
    while model.running:
        before = model.state.goals.copy()
        model.step()
        if model.state.year > 2018:
            own = model.state.goal_noise * scale * np.sqrt(before * (100 - before)) / 50
            direct.append(np.nanmean(own, axis=1))
            arrived.append(np.nanmean(goals.contributions["noise"], axis=1))
    ratio = float(np.nanstd(arrived) / np.nanstd(direct))
    yield (
        "spread of what noise moves in the mean of Goals, over noise itself",
        "1.15",
        f"{ratio:.2f}",
    )


@point(
    "B8",
    "cooperation of the base year is off the drift of Goals",
    "decision 0103; tests/outcomes/test_goals.py"
    "::test_cooperation_of_the_years_that_the_drift_was_seen_in_does_not_count_twice",
)
def b8(asked: Asked) -> Lines:
    # Were the drift to hold cooperation and cooperation to count beside it, a stronger response would add to the
    # baseline all that it does. Where nothing of a Goal's rise is left once income is off it, there is none to take
    # cooperation off.
    name = "goal_cooperation_response"
    stronger = ((name, chosen("central")[name] + 0.001),)
    drift = GoalParameters.from_parameters(chosen("central")).drift
    without_rise = [g for g in range(1, 18) if drift[g - 1] < 0.0]

    def moved(scenario: str, goal: int) -> float:
        with_it, without = (run(scenario, changes=changes) for changes in (stronger, ()))
        return indicator(with_it, f"goal_{goal}", "World", 2030) - indicator(
            without, f"goal_{goal}", "World", 2030
        )

    for what, goals in (
        ("Goals with a drift upward", [g for g in range(1, 18) if g not in without_rise]),
        (f"Goals {' and '.join(map(str, without_rise))}, without", without_rise),
    ):
        adds, ends = (
            float(np.mean([moved(scenario, goal) for goal in goals]))
            for scenario in ("baseline", "no-cooperation")
        )
        yield (
            f"response +0.001: {what}, world 2030, baseline; what cooperation does in all",
            "all of it",
            f"{adds:+.3f} of {adds - ends:+.3f}",
        )


@point(
    "B9",
    "ties move trade in proportion to what cooperation is",
    "decision 0151, docs/proportion.md;"
    " tests/model/test_posterior_runs.py::test_projects_move_trade_in_proportion_to_what_they_cost",
)
def b9(asked: Asked) -> Lines:
    seeds = range(1, asked.seeds + 1)
    lost = [
        indicator(run(seed=s), "exports", "World", 2030)
        - indicator(with_lever("cooperation", 0.0, s, 2014), "exports", "World", 2030)
        for s in seeds
    ]
    spent = [
        float(r.projects.loc[r.projects["start"] == 2030, "cost"].sum())
        for r in map(_seeded, seeds)
    ]
    unit = 1e-3 if np.mean(spent) > 100 else 1.0
    yield (
        "world trade lost in 2030 without cooperation, bn USD",
        "205 for 0.4–0.5 bn a year",
        f"{np.mean(lost):.1f} (projects begun in 2030 cost {unit * np.mean(spent):.2f} bn)",
    )


def _seeded(seed: int) -> Run:
    return run(seed=seed)


FDI_OVER_OUTPUT = "1.7–3.9 % in 2005–2019"
"""World inflow over world GDP: UNCTAD, World Investment Report 2020, and World Bank; from memory, rounded."""


@point(
    "B10",
    "investment keeps to what it was of output; disinvestment is a flow of its own",
    "decisions 0159 and 0160; tests/model/test_posterior_runs.py"
    "::test_the_worlds_investment_over_output_stays_within_the_record",
)
def b10(asked: Asked) -> Lines:
    inflow = over_seeds(asked.seeds, lambda r: indicator(r, "fdi_inflow", "WIR developing", 2030))
    yield "inflows of developing economies 2030, bn USD", "1,400", f"{inflow:,.0f}"
    ratio = over_seeds(
        asked.seeds,
        lambda r: (
            indicator(r, "fdi_inflow", "World", 2030) / indicator(r, "gdp_current", "World", 2030)
        ),
    )
    yield (
        f"world inflow over output 2030 (record {FDI_OVER_OUTPUT})",
        "beyond the record",
        percent(ratio, 2),
    )
    angola = over_seeds(asked.seeds, lambda r: float(country(r, "AGO", 2016)["fdi_inflow"]))
    yield "inflow of Angola 2016, bn USD", "floored at 0", f"{angola:.1f}"


@point(
    "B11",
    "renewable energy reaches Goals 7 and 13; banks have a demand side",
    "decisions 0140 and 0145; tests/outcomes/test_goals.py::test_renewable_power_reaches_goals_7_and_13_and_wears_out;"
    " tests/model/test_banks.py::test_members_ask_for_so_much_and_no_more",
)
def b11(asked: Asked) -> Lines:
    for goal in ("goal_7", "goal_13"):
        moved = [
            indicator(run("green-banks", seed=s), goal, "South", 2034)
            - indicator(run(seed=s), goal, "South", 2034)
            for s in range(1, asked.seeds + 1)
        ]
        yield f"green-banks on {goal} of the South 2034, points", "0", f"{np.mean(moved):+.4f}"
    banks = run(seed=1).table("banks")
    later = banks[banks["year"] >= 2019]
    bound = (later["approvals"] > 0.9 * later["envelope"]).groupby(later["bank"]).mean()
    now = ", ".join(f"{bank} {percent(float(share), 0)}" for bank, share in bound.items())
    yield "years from 2019 in which the envelope binds", "NDB always", now


@point(
    "B12",
    "signed loans reserve headroom; approvals neither hump nor collapse",
    "decision 0139; tests/model/test_posterior_runs.py::test_approvals_neither_hump_nor_collapse",
)
def b12(asked: Asked) -> Lines:
    paths = []
    for seed in range(1, max(asked.seeds, 3) + 1):
        banks = run(seed=seed).table("banks")
        paths.append(banks[banks["bank"] == "AIIB"].set_index("year")["approvals"])
    path = pd.concat(paths, axis=1).median(axis=1)
    later = path.loc[2024:2034]
    least = min(float(path[y] / path.loc[y - 5 : y - 1].mean()) for y in later.index)
    yield (
        "AIIB's approvals, largest of 2019–2034, bn USD",
        "15.5 (2023)",
        f"{path.loc[2019:].max():.1f} ({path.loc[2019:].idxmax()})",
    )
    yield "AIIB's approvals in 2033, bn USD", "5.6", f"{path[2033]:.1f}"
    yield (
        "least year of 2024–2034 over the five before",
        "collapse",
        f"{least:.2f} (70 % asked for)",
    )


@point(
    "B13",
    "schedules give the figures that they cite",
    "decision 0142; tests/model/test_banks.py::test_a_lenders_schedule_gives_what_its_source_says;"
    " tests/model/test_banks.py::test_a_banks_schedule_gives_what_its_record_shows",
)
def b13(asked: Asked) -> Lines:
    found = run(seed=1)
    loans = found.table("loans")
    india = loans[
        (loans["lender"].str.contains("IND|india", case=False)) & (loans["year_approved"] <= 2019)
    ]
    lenders = found.table("lenders")
    mine = lenders[(lenders["lender"].isin(india["lender"].unique())) & (lenders["year"] <= 2019)]
    before = india.loc[india["year_approved"] < 2013]
    share = (mine["disbursements"].sum() + _disbursed_before(before, mine)) / india["amount"].sum()
    yield (
        "India's lines, disbursed by January 2020 (7.7 of 30.64 by their source: 25 %)",
        "38 %",
        percent(float(share), 0),
    )
    banks = found.table("banks")
    aiib = banks[(banks["bank"] == "AIIB") & (banks["year"] <= 2018)]
    part = aiib["disbursements"].sum() / aiib["approvals"].sum()
    yield (
        "AIIB, disbursed of approvals to end-2018 (its source: 19 %)",
        "13–14 %",
        percent(float(part), 0),
    )


def _disbursed_before(lines: pd.DataFrame, lender: pd.DataFrame) -> float:
    """Return what lines of the years before the base year had disbursed when it opened."""
    if lines.empty or lender.empty:
        return 0.0
    first = lender[lender["year"] == lender["year"].min()].iloc[0]
    open_now = float(first["outstanding"] + first["repayments"] - first["disbursements"])
    return max(open_now, 0.0)


@point(
    "B14",
    "revolving windows: what is repaid can be lent again",
    "decision 0141; tests/model/test_banks.py"
    "::test_revolving_lines_come_back_within_a_year_and_are_lent_again",
)
def b14(asked: Asked) -> Lines:
    model = SouthSouthModel(seed=1, end=2013, keep="indicators")
    rules = model.submodels.of(Banking).base.rules
    caf = next(one for one in rules if one.bank.code == "CAF")
    window = caf.bank.windows["corporate"]
    said = {n: getattr(window, n) for n in ("maturity", "grace", "revolving") if hasattr(window, n)}
    yield (
        "CAF's corporate window",
        "five years, not revolving",
        ", ".join(f"{k} {v}" for k, v in said.items()),
    )


FUEL_EXPORTERS = (  # noqa: SIM905
    "AGO ARE AZE BHR BOL BRN CMR COG COL DZA ECU GAB IRN IRQ KAZ KWT NGA NOR OMN QAT RUS SAU TTO VEN YEM"
).split()
"""Economies whose goods exports of 2013 were fuel by more than half: World Bank, TX.VAL.FUEL.ZS.UN."""


@point(
    "B15",
    "commodity prices move what exporters earn",
    "decisions 0135, 0136 and 0137, docs/commodity-prices.md;"
    " tests/model/test_commodities.py::test_shares_of_exports_fall_as_they_did",
)
def b15(asked: Asked) -> Lines:
    found = run(seed=1)
    # World Bank, TX.VAL.MRCH.CD.WT, sums over the model's economies: 13.6 % and 8.7 %, 3.17 % and 2.28 %.
    for label, members, record in (
        ("fuel exporters", FUEL_EXPORTERS, "13.6 → 8.7 %"),
        ("Africa", None, "3.17 → 2.28 %"),
    ):
        shares = []
        for year in (2013, 2016):
            rows = in_year(found, year)
            if members is None:
                part = indicator(found, "exports", "Africa (continent)", year)
            else:
                part = float(rows.loc[rows.index.intersection(members), "exports"].sum())
            shares.append(part / float(rows["exports"].sum()))
        yield (
            f"share of {label} in world goods exports 2013 → 2016 (record {record})",
            "keeps the value of 2013",
            f"{percent(shares[0])} → {percent(shares[1])}",
        )


@point(
    "B16",
    "growth after the record is not too fast",
    "decision 0132, benchmarks/growth_check.py;"
    " tests/outcomes/test_growth.py::test_the_first_year_after_the_record_beats_persistence_in_the_world",
)
def b16(asked: Asked) -> Lines:
    world = load_world()
    years = [int(y) for y in world.growth_years[world.growth_is_forecast]]
    forecast = pd.DataFrame(
        world.growth_record[:, world.growth_is_forecast], index=list(world.iso3), columns=years
    )
    # Nothing is fitted to the forecast: International Monetary Fund, World Economic Outlook, April 2019.
    regions = {
        "World": None,
        "South Asia": world.membership("SAARC"),
        "Latin America": world.membership("CELAC"),
        "Arab States": world.membership("LAS"),
    }
    for name, members in regions.items():
        mine = list(np.array(world.iso3)[slice(None) if members is None else members])
        off = pd.DataFrame(
            [_over_forecast(run(seed=s), mine, forecast) for s in range(1, max(asked.seeds, 3) + 1)]
        ).mean()
        last = world.growth_record[:, list(world.growth_years).index(years[0] - 1)]
        before = in_year(run(seed=1), years[0] - 1)["gdp"].reindex(world.iso3)
        who = np.isin(world.iso3, mine)
        goes_on = np.average(last[who] - forecast[years[0]].to_numpy()[who], weights=before[who])
        printed = "about 0.3" if name == "World" else "more"
        yield (
            f"growth of {name} over the forecast, {years[0]} (persistence) and mean to {years[-1]}",
            printed,
            f"{off[years[0]]:+.2f} ({goes_on:+.2f}), {off[years].mean():+.2f}",
        )


def _over_forecast(found: Run, mine: list[str], forecast: pd.DataFrame) -> dict[int, float]:
    """Return growth of a group less its forecast, points, by year."""
    off = {}
    for year in map(int, forecast.columns):
        before, now = (in_year(found, y).loc[mine, "gdp"] for y in (year - 1, year))
        expected = float(np.average(forecast.loc[mine, year], weights=before))
        off[year] = 100 * float(now.sum() / before.sum() - 1) - expected
    return off


@point(
    "B17",
    "drift of Goals is judged out of sample, by region and by people",
    "decision 0144, benchmarks/goal_backcast.py; tests/outcomes/test_goals.py"
    "::test_the_printed_backcast_wins_alike_and_by_people_and_in_no_region_is_worse",
)
def b17(asked: Asked) -> Lines:
    if asked.panel is None:
        yield (
            "backcast against plain rules",
            "Africa too fast",
            "needs --panel FILE (it does not ship)",
        )
        return
    from tools.goal_estimation import backcast, load_panel

    world = load_world()
    panel = load_panel(asked.panel)
    place = [world.position(code) for code in panel.iso3]
    people, region = world.population_in(2013)[place], world.attributes["report_region"][place]
    rules = ("model", "mean_drift", "own_trend")
    for year in range(2004, 2011):
        found = backcast(panel, last_fitted=year)
        plain = {rule: float(np.nanmean(found.misses[rule])) for rule in rules}
        weighed = {rule: _by_people(found.misses[rule], people) for rule in rules}
        yield (
            f"fitted to {year}: error of model, mean drift, own trend, points; weighed by people",
            "–",
            f"{_three(plain)}; {_three(weighed)}",
        )
        if year == 2007:
            for name in np.unique(region):
                here = region == name
                bias = float(np.nanmean((found.predicted - found.observed)[here]))
                yield (
                    f"fitted to 2007: {name}, predicted less observed, points",
                    "Africa too fast" if name == "Africa" else "–",
                    f"{bias:+.2f}",
                )


def _by_people(misses: np.ndarray, people: np.ndarray) -> float:
    weights = np.where(np.isfinite(misses), people[:, None], 0.0)
    return float(np.nansum(misses * weights) / weights.sum())


def _three(errors: Mapping[str, float]) -> str:
    return " ".join(f"{error:.2f}" for error in errors.values())


@point(
    "B18",
    "projects last as long as is known of them",
    "decision 0150, which says that the fall of 2015 to 2017 is not met;"
    " tests/flows/test_knowledge.py::test_all_but_actions_touch_a_second_year",
)
def b18(asked: Asked) -> Lines:
    projects = pd.concat([run(seed=s).projects for s in range(1, asked.seeds + 1)])
    begun = projects[(projects["start"] >= 2013) & (projects["start"] <= 2028)]
    single = float((begun["end"] <= begun["start"]).mean())
    yield "projects that touch a single year", "42 %", percent(single, 0)
    counts = {
        y: ((projects["start"] <= y) & (projects["end"] >= y)).sum() for y in (2015, 2016, 2017)
    }
    either = ((projects["start"] <= 2016) & (projects["end"] >= 2015)).sum()
    yield "under way in 2015 or 2016, over one year's count", "1.5", f"{either / counts[2015]:.2f}"
    yield (
        "projects under way 2016, 2017 against 2015 (Ibero-America's fell by 8 and 11 %)",
        "rise",
        ", ".join(f"{100 * (counts[y] / counts[2015] - 1):+.0f} %" for y in (2016, 2017)),
    )


@point(
    "B19",
    "cooperation as a lever scales what begins; projects can be suspended; shocks are drawn and dated",
    "decisions 0148, 0155 and 0156; tests/model/test_knowledge.py"
    "::test_cooperation_at_a_half_begins_a_half_at_once_and_later;"
    " tests/model/test_shocks.py::test_a_pandemic_suspends_projects_which_go_on",
)
def b19(asked: Asked) -> Lines:
    falls = []
    for seed in range(1, asked.seeds + 1):
        plain, half = run(seed=seed).projects, with_lever("cooperation", 0.5, seed).projects
        falls.append(1 - (half["start"] == 2024).sum() / (plain["start"] == 2024).sum())
    yield (
        "fall of projects begun in 2024 at half the cooperation",
        "65 %",
        percent(float(np.mean(falls)), 0),
    )
    suspending = [name for name in lever_table() if "suspen" in name]
    yield "levers that suspend projects", "none", ", ".join(suspending) or "none"
    hit = run("pandemic", seed=1).projects
    running = hit[(hit["start"] < 2020) & (hit["end"] >= 2020)]
    rested = float((running["suspended_years"] > 0).mean())
    yield "projects under way in 2020 that the scenario pandemic suspends", "0", percent(rested, 0)
    struck = simulate(seed=1, shocks=True).table("shocks")
    kinds = struck.groupby("shock").size()
    yield (
        "shocks drawn 2019–2034, seed 1",
        "none: dated levers alone",
        ", ".join(f"{n} {k}" for k, n in kinds.items()),
    )


# ------------------------------------------------------------------------------------- C: levers, D: who teaches

LEVERS = {
    "platform": (1.0, "+0.0006"),
    "catalogues": (1.0, "+0.0003"),
    "centres": (3.0, "+0.0005"),
    "reporting": (1.0, "+0.003"),
    "other_actors": (1.0, "−0.002"),
    "reverse_linkage": (10.0, "+0.001"),
    "un_country_teams": (2.0, "+0.003"),
    "agencies": (1.0, "+0.10"),
    "frontier": (2.0, "+0.011"),
}
"""Values at which levers are tried, and what the review printed: Goal index of LDCs in 2030, one seed."""


@point(
    "C",
    "levers do something, or a study shows why not",
    "docs/levers.md: first outcomes, and studies of sight and of the frontier over wide priors; decisions 0151, 0152",
)
def c(asked: Asked) -> Lines:
    plain = indicator(run(seed=1), "goal_index", "LDC", 2030)
    for name, (value, printed) in LEVERS.items():
        if name in lever_table():
            moved = indicator(with_lever(name, value, 1), "goal_index", "LDC", 2030)
            yield f"{name} at {value:g}: Goal index of LDCs 2030", printed, f"{moved - plain:+.4f}"
    green = indicator(run("green-banks", seed=1), "goal_index", "LDC", 2030)
    yield "green-banks: the same", "0", f"{green - plain:+.4f}"
    share = [
        indicator(r, "provider_share", "UN programme", 2030)
        for r in (run(seed=1), with_lever("agencies", 1.0, 1))
    ]
    yield "agencies: share of providers 2030", "+0.000", f"{share[1] - share[0]:+.3f}"


@point(
    "D",
    "who teaches most is who is known for it",
    "decision 0149; tests/model/test_posterior_runs.py::test_who_is_known_to_teach_is_among_the_first_of_its_region",
)
def d(asked: Asked) -> Lines:
    projects = pd.concat([run(seed=s).projects for s in range(1, asked.seeds + 1)])
    during = projects[(projects["start"] >= 2014) & (projects["start"] <= 2018)]
    ranks = during["provider"].value_counts()
    yield (
        "who provides most, 2014–2018",
        "CHL BRA KOR; SGP QAT CRI above IND",
        " ".join(ranks.index[:12]),
    )
    place = {
        code: int(ranks.index.get_loc(code)) + 1 if code in ranks.index else 0
        for code in ("IND", "CHN", "TUR", "CUB", "BRA", "MEX")
    }
    yield (
        "rank of India, China, Turkey, Cuba, Brazil, Mexico",
        "CUB none",
        " ".join(f"{k} {v or 'none'}" for k, v in place.items()),
    )


# ----------------------------------------------------------------------------------------------------- printing


def show(one: Point, asked: Asked) -> None:
    """Print a point."""
    began = time.perf_counter()
    print(f"\n{one.name}  {one.what}")
    try:
        for what, before, now in one.measure(asked):
            print(f"    {what}: {before}  →  {now}")
    except (LookupError, AttributeError, TypeError, UserError) as failure:
        # A later version may have taken away what a point is measured by.
        print(f"    cannot be measured here: {type(failure).__name__}: {failure}")
    print(f"    closed by: {one.closed}  ({time.perf_counter() - began:.0f} s)")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--points", nargs="+", metavar="POINT", choices=list(POINTS), default=list(POINTS)
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N")
    parser.add_argument("--panel", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    print("What the review printed  →  what it is now")
    for name in given.points:
        show(POINTS[name], Asked(given.seeds, given.panel))
    return 0


if __name__ == "__main__":
    sys.exit(main())
