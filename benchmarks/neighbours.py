"""The same questions to this model, to its neighbours that can be run, and to plain rules, on the same facts.

Asked out of sample: trade of economies and of groups up to 2018 from the matrix of 2013, all facts of
``calibration/validation.yaml``, growth of economies from a record that breaks off, and the Goals by the backcasts of
``docs/goal_backcast.csv``. Asked of a change that nobody has seen: what a regional agreement does to trade. Beside the
model stand gravity of several kinds (by size; estimated by Poisson pseudo maximum likelihood; structural, as the
package gegravity solves it), persistence, own trend and a drift in common.

gegravity is installed with ``pip install 'sscsim[test]'``. Without it everything else is printed and its answers are
named as missing; ``--write``, which renews ``docs/neighbours.csv``, ``docs/neighbours.json`` and the tables of
``docs/neighbours.md``, then refuses, since it would leave a page with holes.

Run: from the top folder: ``python -m benchmarks.neighbours [--draws 20] [--write]``; about a minute on one processor.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from sscsim.calibrated import shipped_posterior
from sscsim.calibration.validation import Fact, load_facts, validate
from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.model import simulate
from sscsim.outcomes.indicators import group_members
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.steps.submodel import Given, Submodels
from sscsim.steps.trade import Trade, TradeBase
from sscsim.types import Array, Mask
from sscsim.world.loading import load_world
from sscsim.world.tables import World

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tools" / "world_data" / "observations"
BACKCAST = ROOT / "docs" / "goal_backcast.csv"
FOUND = ROOT / "docs" / "neighbours.csv"
ABOUT = ROOT / "docs" / "neighbours.json"

BASE, LAST = 2013, 2018
JUDGED = 2015
"""The year after the base year of which the package holds exports and imports of single economies."""
FELL = 0.75
"""Share of world trade relative to 2013 below which an economy lost what no rule here knows: the price of its oil."""
SMALLEST = 1e-4
"""Share of world trade below which a record is too rough to judge by."""

MODEL = "sscsim"
SIZE = "gravity by size"
CHANGES = "gravity, estimated"
LEVELS = "gravity, fitted flows"
STRUCTURAL = "structural gravity"
OWN = "own size"
NAIVE = "sscsim --naive"
DRIFT = "world trend"
STAYS = "as it was"
RULES = (MODEL, SIZE, CHANGES, LEVELS, STRUCTURAL, OWN, DRIFT, STAYS)
"""Who answers the questions on trade; the page says what each is."""

DIRECT = "gravity's direct effect alone"
EQUILIBRIUM = "sscsim's equilibrium"
GEGRAVITY = "gegravity, 50 economies"
RUN_AT_ONCE, RUN_2030 = "sscsim, at once in 2014", "sscsim, the scenario that ships, 2030"
APART = "largest difference of prices from the model's equilibrium"
AGREEMENT, CUT = "AfCFTA", 0.06
"""Whose agreement, and what it takes off the cost of trade among members (scenario african-continental-area)."""
NEXT_TO_NOTHING = 1e-20
LARGEST = 24
"""Members, and economies beside them, that stand alone where gegravity answers: it takes seconds for fifty in all."""


@dataclass(frozen=True)
class Found:
    """One number: what is asked, of what, who answers, and what came or what it is judged by."""

    question: str
    fact: str
    method: str
    value: float
    unit: str
    record: float | None = None
    width: float | None = None
    cases: int | None = None


# ------------------------------------------------------------------------------------------------- trade by each rule


@dataclass(frozen=True)
class Flows:
    """Trade of the base year and of a later one, ``(origin, destination)``, bn USD; imports by another matrix."""

    before: Array
    exports: Array
    imports: Array


def opening(world: World) -> TradeBase:
    """Return the matrix of the base year at the posterior's central draw, as runs take it."""
    return Trade(Given(world, shipped_posterior().central_point, BASE), Submodels()).base


def poisson(world: World, flows: Array, year: int) -> tuple[Array, Array]:
    """Estimate plain gravity on the base year by Poisson pseudo maximum likelihood (Santos Silva & Tenreyro 2006).

    Returns
    -------
    tuple of Array
        Trade that it expects in the year and what it expects that year over the base year, ``(origin, destination)``.
    """

    def columns(when: int) -> Array:
        size = np.log(world.gdp_in_dollars[when])
        ones = np.ones_like(flows)
        distance = np.log(np.where(np.eye(len(size)), 1.0, world.distance))
        fixed = (world.contiguity, world.common_language, world.colonial_tie)
        sizes = ones * size[:, None], ones * size[None, :]
        return np.stack([ones, *sizes, distance, *fixed, world.agreement_in_force(when)], axis=-1)

    abroad = ~np.eye(len(flows), dtype=bool)
    x, y = columns(BASE)[abroad], flows[abroad]
    expected = (y + y.mean()) / 2.0
    log = np.log(expected)
    beta = np.zeros(x.shape[1])
    for _ in range(100):
        weighted = x * expected[:, None]
        step = np.linalg.solve(x.T @ weighted, weighted.T @ (log + (y - expected) / expected))
        moved, beta = float(np.abs(step - beta).max()), step
        log = x @ beta
        expected = np.exp(log)
        if moved < 1e-10:
            break
    else:
        raise ArithmeticError("the gravity equation was not found in 100 steps")
    first, later = (np.where(abroad, np.exp(columns(when) @ beta), 0.0) for when in (BASE, year))
    return later, np.divide(later, first, out=np.zeros_like(later), where=first > 0.0)


def structural(world: World, base: TradeBase, year: int) -> Array:
    """Return trade that keeps all trade costs of the base year and clears at the sizes of a later one.

    Output and spending of each economy move with its dollars; flows that keep the base year's cross-ratios and add up
    to both are structural gravity with the multilateral resistances of that year (Anderson & van Wincoop 2003), which
    is what gegravity solves for.
    """
    sales = base.flows + np.diag(base.economy.home_sales)
    grown = world.gdp_in_dollars[year] / world.gdp_in_dollars[BASE]
    sold, bought = sales.sum(axis=1) * grown, sales.sum(axis=0) * grown
    cleared = balance(sales, sold, bought * sold.sum() / bought.sum(), tolerance=1e-10)
    np.fill_diagonal(cleared, 0.0)
    return cleared


def by_rules(world: World, years: Sequence[int]) -> dict[str, dict[int, Flows]]:
    """Return trade of some years by every rule."""
    base = opening(world)
    found: dict[str, dict[int, Flows]] = {rule: {} for rule in RULES}
    runs = {
        MODEL: simulate("baseline", seed=1, end=LAST, keep="full"),
        SIZE: simulate("baseline", seed=1, end=LAST, keep="full", naive=True),
    }
    for year in years:
        for rule, run in runs.items():
            later = run.trade(year).to_numpy()
            found[rule][year] = Flows(run.trade(BASE).to_numpy(), later, later)
        before = base.flows
        grown = world.gdp_in_dollars[year] / world.gdp_in_dollars[BASE]
        together = float(world.gdp_in_dollars[year].sum() / world.gdp_in_dollars[BASE].sum())
        fitted, change = poisson(world, before, year)
        guesses = {
            CHANGES: before * change,
            LEVELS: fitted,
            STRUCTURAL: structural(world, base, year),
            DRIFT: before * together,
            STAYS: before,
        }
        for rule, later in guesses.items():
            found[rule][year] = Flows(before, later, later)
        found[OWN][year] = Flows(before, before * grown[:, None], before * grown[None, :])
    return found


# --------------------------------------------------------------------------------------------------- single economies


def recorded(iso3: Sequence[str], variable: str, year: int) -> Array:
    """Return exports or imports on record, bn USD, NaN where there are none."""
    place = {code: k for k, code in enumerate(iso3)}
    values = np.full(len(iso3), np.nan)
    with (RECORD / "world_bank_series.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["variable"] == variable and row["year"] == str(year) and row["iso3"] in place:
                values[place[row["iso3"]]] = float(row["value"])
    return values


def of_economies(world: World, flows: Mapping[str, Mapping[int, Flows]]) -> Iterator[Found]:
    """Yield how far growth of exports and imports to the year on record is missed, by economy, in logarithms."""
    for what, axis in (("exports", 1), ("imports", 0)):
        first, last = (recorded(world.iso3, f"goods_{what}_busd", year) for year in (BASE, JUDGED))
        known = (first > 0.0) & (last > 0.0)
        shares = [np.where(known, v, 0.0) / v[known].sum() for v in (first, last)]
        judged = known & (shares[0] > SMALLEST) & (shares[1] > SMALLEST)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved, kept = np.log(last / first), np.log(shares[1] / shares[0])
        steady = judged & (kept > np.log(FELL))
        for rule in RULES:
            one = flows[rule][JUDGED]
            before = one.before.sum(axis=axis)
            later = (one.exports if axis else one.imports).sum(axis=axis)
            with np.errstate(divide="ignore", invalid="ignore"):
                guess = np.log(later / before)
                part = guess - np.log(later[known].sum() / before[known].sum())
            for fact, miss, who in (
                (f"{what}, dollars", guess - moved, judged),
                (f"{what}, share of the world", part - kept, judged),
                (f"{what}, share, no great fall", part - kept, steady),
            ):
                error = 100.0 * float(np.abs(miss[who]).mean())
                yield Found("economies", fact, rule, error, "log %", cases=int(who.sum()))


# ------------------------------------------------------------------------------------------------------------ groups


def observed(world: World, fact: Fact, flows: Flows) -> float:
    """Return what trade shows of a fact on trade, as `sscsim.calibration.observables` has it of a run."""
    members = group_members(world)
    of = str(fact.of)
    mask: Mask = members[of] if of in members else np.array(world.iso3) == of
    if fact.observable == "exports_since_base":
        return float(flows.exports[mask].sum() / flows.before[mask].sum())
    if fact.observable == "imports_since_base":
        return float(flows.imports[:, mask].sum() / flows.before[:, mask].sum())
    sold = flows.exports[mask]
    if fact.observable == "export_share":
        return float(sold.sum() / flows.exports.sum())
    if fact.observable == "intra_export_share":
        return float(sold[:, mask].sum() / sold.sum())
    raise LookupError(f"{fact.observable} is read off no matrix of trade here")


def of_groups(world: World, flows: Mapping[str, Mapping[int, Flows]]) -> Iterator[Found]:
    """Yield what every rule says of each fact on trade."""
    for fact in trade_facts():
        assert fact.year is not None
        for rule in RULES:
            value = observed(world, fact, flows[rule][fact.year])
            if rule == STAYS:
                value = (
                    fact.before.value
                )  # the last figure known, and not the matrix of the base year
            title = f"{fact.title}, {fact.year}"
            yield Found("groups", title, rule, value, fact.unit, fact.value, fact.scale, 1)


def trade_facts() -> tuple[Fact, ...]:
    """Return the facts on trade that no fit has seen."""
    return tuple(fact for fact in load_facts().facts if fact.topic == "trade")


# ------------------------------------------------------------------------------------------------------ every topic


def of_topics(draws: int) -> Iterator[Found]:
    """Yield how many widths medians of the model, of the model to beat and persistence are off, by topic."""
    verdicts = validate(load_facts(), draws)
    for topic in [*dict.fromkeys(j.fact.topic for j in verdicts.judged), "all"]:
        here = [j for j in verdicts.judged if topic in ("all", j.fact.topic)]
        for rule, guesses in (
            (MODEL, [j.median for j in here]),
            (NAIVE, [j.naive for j in here]),
            (STAYS, [j.fact.before.value for j in here]),
        ):
            off = [abs(g - j.fact.value) / j.fact.scale for g, j in zip(guesses, here, strict=True)]
            for how, average in (("mean", np.mean), ("median", np.median)):
                fact = f"{topic}, {how}"
                yield Found("topics", fact, rule, float(average(off)), "widths", cases=len(here))


# ------------------------------------------------------------------------------------------------------------ growth

OWN_TREND, COMMON = "own trend", "drift in common"


def of_growth(world: World) -> Iterator[Found]:
    """Yield how far growth a year from a break of the record to 2018 is missed, by economy, in points."""
    from benchmarks.growth_check import grow_alone

    record = world.growth_record / 100.0
    years = world.growth_years
    first = int(np.flatnonzero(years == BASE)[0])
    counted = ~world.is_imputed("growth", f"growth_pct.{LAST}")
    for last in range(BASE + 1, LAST):
        at = first + last - BASE
        after = slice(at + 1, first + LAST - BASE + 1)
        came = np.log1p(record[:, after]).mean(axis=1)
        known = replace(world, growth_is_forecast=years > last)
        path = grow_alone(known, default_parameters()).gdp
        mean = np.log1p(record[:, first + 1 : at + 1]).mean(axis=1)
        guesses = {
            MODEL: np.log(path[LAST - BASE] / path[last - BASE]) / (LAST - last),
            STAYS: np.log1p(record[:, at]),
            OWN_TREND: mean,
            COMMON: np.full_like(mean, mean[counted].mean()),
        }
        for rule, guess in guesses.items():
            error = 100.0 * float(np.abs(guess - came)[counted].mean())
            fact = f"{last + 1}–{LAST}" if last + 1 < LAST else str(LAST)
            yield Found("growth", fact, rule, error, "points a year", cases=int(counted.sum()))


# ------------------------------------------------------------------------------------------------------------- Goals


def of_goals() -> Iterator[Found]:
    """Yield the errors of the backcasts of Goals, which need a panel that does not ship, from their table."""
    names = {
        "model": MODEL,
        "own_trend": OWN_TREND,
        "mean_drift": COMMON,
        "no_change": STAYS,
    }
    with BACKCAST.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["countries"] == "all"]
    for row in rows:
        alike = "countries alike" if row["weight"] == "none" else "by people"
        for column, rule in names.items():
            fact = f"from {row['break']}, {alike}"
            yield Found("goals", fact, rule, float(row[column]), "points")


# ------------------------------------------------------------------------------------------------------ an agreement


@dataclass(frozen=True)
class Asked:
    """Sales of the base year, home sales on the diagonal, and who is a member of the agreement."""

    sales: Array
    members: Mask
    theta: float

    @property
    def freeness(self) -> Array:
        """What the cut of cost does to the freeness of trade among members."""
        both = np.outer(self.members, self.members) & ~np.eye(len(self.members), dtype=bool)
        return np.where(both, (1.0 - CUT) ** -self.theta, 1.0)

    def gathered(self) -> Asked:
        """Return the same with the small ones gathered into one member and one that is none."""
        size = self.sales.sum(axis=1)
        groups: list[list[int]] = []
        for inside in (self.members, ~self.members):
            order = [int(k) for k in np.argsort(-size, kind="stable") if inside[k]]
            groups += [[k] for k in order[:LARGEST]]
            groups.append(order[LARGEST:])
        lay = np.zeros((len(groups), len(size)))
        for row, group in enumerate(groups):
            lay[row, group] = 1.0
        return Asked(
            lay @ self.sales @ lay.T,
            np.array([bool(self.members[group[0]]) for group in groups]),
            self.theta,
        )

    def told(self, sales: Array) -> dict[str, float]:
        """Return percentage changes of trade; both sides are shares of the world's sales."""
        return changes(self.members, self.sales / self.sales.sum(), sales / sales.sum())

    def solved(self, *, shares_at_base: bool = False) -> trade.Equilibrium:
        """Return the model's own equilibrium, without commodities."""
        ones = np.ones(len(self.members))
        output, spent = self.sales.sum(axis=1), self.sales.sum(axis=0)
        return trade.solve_equilibrium(
            trade.Markets(self.sales / spent, output, self.theta),
            trade.Hats(ones, self.freeness, spent / output - 1.0),
            shares_at_base=shares_at_base,
            deficit_floor=-0.99 if shares_at_base else -0.6,
            tolerance=1e-12,
        )


def gegravity_answer(asked: Asked) -> tuple[Array, Array]:
    """Return the sales and the prices of sellers that gegravity finds."""
    import pandas as pd

    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        import gegravity

        n = len(asked.members)
        names = [f"C{i:03d}" for i in range(n)]
        made, spent = asked.sales.sum(axis=1), asked.sales.sum(axis=0)
        # It takes logarithms of what it is given; a pair without trade trades next to nothing.
        cost = np.maximum(asked.sales * made.sum() / np.outer(made, spent), NEXT_TO_NOTHING)
        frame = pd.DataFrame(
            {
                "exporter": np.repeat(names, n),
                "importer": np.tile(names, n),
                "year": str(BASE),
                "trade": asked.sales.ravel(),
                "Y": np.repeat(made, n),
                "E": np.tile(spent, n),
                "log_cost": np.log(cost).ravel(),
                "shock": 0.0,
            }
        )
        keys = {f"{end}_var_name": f"{end}orter" for end in ("imp", "exp")}
        sums = {"expend_var_name": "E", "output_var_name": "Y"}
        data = gegravity.BaselineData(
            frame, year_var_name="year", trade_var_name="trade", **keys, **sums
        )
        ones = pd.DataFrame({"v": ["log_cost", "shock"], "b": [1.0, 1.0], "s": [0.1, 0.1]})
        model = gegravity.OneSectorGE(
            data,
            year=str(BASE),
            cost_coeff_values=gegravity.CostCoeffs(
                estimates=ones, identifier_col="v", coeff_col="b", stderr_col="s"
            ),
            cost_variables=["log_cost", "shock"],
            reference_importer=names[0],
            sigma=asked.theta + 1.0,
            quiet=True,
            **sums,
        )
        model.build_baseline(mr_tolerance=1e-12)
        model.define_experiment(frame.assign(shock=np.log(asked.freeness).ravel()))
        model.simulate(ge_tolerance=1e-12, ge_max_iter=5000)
        column = model.bilateral_trade_results[model.labels.experiment_trade]
        sales = column.unstack().loc[names, names].to_numpy(float)
        return sales, model.factory_gate_prices.iloc[:, 0].loc[names].to_numpy(float)


PARTS = (
    "trade among members",
    "exports of members to others",
    "imports of members from others",
    "trade of the world",
)


def parts(members: Mask) -> dict[str, Mask]:
    """Return whose trade is looked at, ``(origin, destination)``, nobody's with itself."""
    abroad = ~np.eye(len(members), dtype=bool)
    pairs = (
        np.outer(members, members) & abroad,
        np.outer(members, ~members),
        np.outer(~members, members),
        abroad,
    )
    return dict(zip(PARTS, pairs, strict=True))


def changes(members: Mask, before: Array, after: Array) -> dict[str, float]:
    """Return changes of trade in per cent."""
    return {
        what: 100.0 * float(after[who].sum() / before[who].sum() - 1.0)
        for what, who in parts(members).items()
    }


def whole_run(members: Mask, scenario: Scenario | str, year: int) -> dict[str, float]:
    """Return what a scenario changes in runs of the whole model, in per cent."""
    before, after = (
        simulate(one, seed=1, end=year, keep="full").trade(year).to_numpy()
        for one in ("baseline", scenario)
    )
    return changes(members, before, after)


def at_once() -> Scenario:
    """Return a scenario in which members cut the cost of trade at once after the base year."""
    cut = Setting.model_validate(
        {"from": BASE + 1, "value": -CUT, "where": {"agreement": AGREEMENT}}
    )
    return Scenario(
        name="agreement-at-once", title={"en": "At once"}, levers={"trade_cost": (cut,)}
    )


def of_agreement(world: World, *, with_gegravity: bool) -> Iterator[Found]:
    """Yield what members of the agreement and the world trade more, by everybody who has an answer."""
    base = opening(world)
    sales = base.flows + np.diag(base.economy.home_sales)
    members = world.agreement_members(AGREEMENT)
    everyone = Asked(sales, members, base.markets.trade_elasticity)
    few = everyone.gathered()
    closed = few.solved(shares_at_base=True)
    answers = {
        DIRECT: everyone.told(everyone.sales * everyone.freeness),
        EQUILIBRIUM: everyone.told(everyone.solved().flows),
        f"{EQUILIBRIUM}, closed as gegravity": everyone.told(
            everyone.solved(shares_at_base=True).flows
        ),
        f"{EQUILIBRIUM}, closed as gegravity, 50 economies": few.told(closed.flows),
        RUN_AT_ONCE: whole_run(members, at_once(), BASE + 1),
        RUN_2030: whole_run(members, "african-continental-area", 2030),
    }
    if with_gegravity:
        theirs, prices = gegravity_answer(few)
        answers[GEGRAVITY] = few.told(theirs)
        ratio = prices / closed.wage
        apart = float(ratio.max() / ratio.min() - 1.0)
        yield Found("agreement", APART, GEGRAVITY, apart, "ratio", cases=len(prices))
    for method, told in answers.items():
        for fact, value in told.items():
            cases = len(few.members) if "50" in method else len(world.iso3)
            yield Found("agreement", fact, method, value, "%", cases=cases)


# ----------------------------------------------------------------------------------------------------------- the table


def everything(draws: int, *, with_gegravity: bool) -> list[Found]:
    """Ask everything."""
    world = load_world()
    years = sorted({JUDGED, *(fact.year or JUDGED for fact in trade_facts())})
    flows = by_rules(world, years)
    return [
        *of_economies(world, flows),
        *of_groups(world, flows),
        *of_topics(draws),
        *of_growth(world),
        *of_goals(),
        *of_agreement(world, with_gegravity=with_gegravity),
    ]


def write(found: Sequence[Found], draws: int) -> None:
    """Write the table, and what it was made with."""
    from tools.docs_tables import mark

    with FOUND.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([field.name for field in fields(Found)])
        for one in found:
            table.writerow(
                f"{v:.6g}" if isinstance(v, float) else ("" if v is None else v)
                for v in asdict(one).values()
            )
    about = {
        "command": "python -m benchmarks.neighbours --write",
        "numbers": mark(),
        "draws": draws,
        "gegravity": version("gegravity"),
        "years": {"base": BASE, "judged": JUDGED, "last": LAST},
        "agreement": {"of": AGREEMENT, "cut": CUT},
    }
    ABOUT.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print everything; write it where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20, metavar="N", help="of all facts; 20")
    parser.add_argument("--write", action="store_true", help="renew the page and its files")
    given = parser.parse_args(arguments)
    there = importlib.util.find_spec("gegravity") is not None
    if not there:
        print(
            "gegravity is not installed: its answers are left out (pip install 'sscsim[test]').",
            file=sys.stderr,
        )
        if given.write:
            return 1
    found = everything(given.draws, with_gegravity=there)
    for one in found:
        record = "" if one.record is None else f"  record {one.record:.4g} ± {one.width:.2g}"
        print(f"{one.question:10} {one.fact:60.60} {one.method:32} {one.value:9.4g}{record}")
    if given.write:
        write(found, given.draws)
        from tools import docs_tables

        return docs_tables.main(["--files", "--only", "neighbours"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
