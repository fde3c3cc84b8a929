"""Growth alone, 2013–2034, on the project's data: whether the unclipped path is sane.

Trade prices are one, FDI stays at its base share, no lever is moved. Printed are five-year means of
South, North and world, the worst and best growth by country, how well the record comes back, and
how the years 2019–2024 compare with the International Monetary Fund's forecast (World Economic
Outlook, April 2019), which nothing here is fitted to. The first year after the record is judged by
region beside persistence (the record's last year goes on), and so is the first year after each break
before it, where the record itself is the judge. With ``--draws N`` the same is asked of N
draws of parameters and shocks. The answer is no, and the exit code 1, when

- the record does not come back to 1e-10,
- the South does not grow faster than the North in some five-year mean,
- some economy whose record and forecast lie within ±10 % a year does not itself,
- or the world's growth leaves 2.5 to 3.8 % in some five-year mean.

Run: ``python benchmarks/growth_check.py [--seed 1] [--draws 200]``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, replace

from sscsim.types import Array

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import finance
from sscsim.outcomes import growth, poverty
from sscsim.parameters import Parameters, default_parameters
from sscsim.steps.growth import public_capital_ratio
from sscsim.streams import Streams
from sscsim.world.loading import load_world
from sscsim.world.tables import World

BASE, LAST = 2013, 2034
YEARS = range(BASE, LAST + 1)
SPAN = 5
LEADER = "USA"
BEYOND = 0.10  # growth beyond which a record or forecast is a place of its own
EVERYONE = "world with such places"
WORLD_GROWTH = (0.025, 0.038)


@dataclass(frozen=True)
class Path:
    """A projection; arrays ``(year, country)`` from the base year on."""

    gdp: Array
    headcount: Array
    gini: Array
    record_error: float


def grow_alone(world: World, parameters: Parameters, seed: int | None = None) -> Path:
    """Run growth and poverty alone; without a seed there are no shocks."""
    p = growth.GrowthParameters.from_parameters(parameters)
    q = poverty.PovertyParameters.from_parameters(parameters)
    base = world.base
    gdp = base["gdp_constant_2015_busd"]
    ratio, infra_ratio = base["capital_output_ratio"], public_capital_ratio(world, parameters)
    h = base["human_capital_index"]
    population = np.stack([world.population_in(year) for year in YEARS])
    labour = growth.base_labour(population, base["employment_m"], population[0])
    private, infra = growth.initial_capital(gdp, ratio, infra_ratio)
    fdi = np.maximum(base["fdi_inflow_busd"], 0.0) / world.price_level(BASE)
    rules = growth.capital_rules(
        gdp, private, infra, base["investment_share"], base["depreciation"], fdi, p
    )
    recorded = world.growth_record[:, ~world.growth_is_forecast].T[1:] / 100
    count = len(recorded)
    record = growth.record_residual(gdp, recorded, private, infra, h, labour[: count + 1], rules, p)
    frontier = growth.technology_frontier(
        base["gdp_ppp_busd"], ratio, infra_ratio, h, labour[0], world.position(LEADER), p
    )
    line = poverty.initial_line(base["poverty_headcount"], base["gini"], q)
    streams = None if seed is None else Streams(seed)
    a, y, gini = record.base_productivity, gdp, base["gini"]
    deviation = np.zeros_like(y)
    outputs, ginis = [y], [gini]
    heads = [poverty.poverty_headcount(line, gini, np.ones_like(y), q)]
    for t, year in enumerate(YEARS[:-1]):
        within = t < count
        step = growth.productivity_growth(
            growth.relative_technology(frontier, a, record.base_productivity, t, p),
            h,
            deviation,
            frontier,
            p,
            draws=None
            if within or streams is None
            else streams.normal("productivity", year, y.size),
            recorded=record.productivity_growth[t] if within else None,
        )
        capital = growth.accumulate(private, infra, y, y, rules.fdi_share * y, rules, p)
        private, infra = capital.private_capital, capital.infrastructure
        h, deviation = growth.human_capital_step(h, p), step.deviation
        a = a * np.exp(step.log_growth)
        before, y = y, growth.production(a, infra, private, h, labour[t + 1], p)
        per_head = np.log(y / before) - np.log(population[t + 1] / population[t])
        gini = poverty.gini_step(gini, base["gini"], per_head, q)
        income = (y / gdp) / (population[t + 1] / population[0])
        outputs.append(y)
        ginis.append(gini)
        heads.append(poverty.poverty_headcount(line, gini, income, q))
    path = np.array(outputs)
    error = np.abs(path[1 : count + 1] / path[:count] - 1 - recorded).max()
    return Path(path, np.array(heads), np.array(ginis), float(error))


def mean_growth(gdp: Array, who: NDArray[np.bool_], since: int, span: int = SPAN) -> float:
    """Return a group's mean growth over `span` years from the position `since`."""
    return float((gdp[since + span, who].sum() / gdp[since, who].sum()) ** (1 / span) - 1)


@dataclass(frozen=True)
class Verdict:
    """What is asked of a path."""

    lead: float
    """Least lead of the South over the North in all five-year means."""
    world: tuple[float, float]
    """Least and greatest world growth of all five-year means."""
    beyond: tuple[str, ...]
    """Economies beyond ±10 % whose record and forecast are not."""


def judge(world: World, path: Path) -> Verdict:
    """Judge one path."""
    south = world.membership("south_unctad_2014", 2014)
    everyone = np.ones_like(south)
    starts = range(len(path.gdp) - SPAN)
    leads = [mean_growth(path.gdp, south, s) - mean_growth(path.gdp, ~south, s) for s in starts]
    means = [mean_growth(path.gdp, everyone, s) for s in starts]
    rates = path.gdp[1:] / path.gdp[:-1] - 1
    calm = np.abs(world.growth_record[:, 1:] / 100).max(axis=1) <= BEYOND
    wild = calm & (np.abs(rates).max(axis=0) > BEYOND)
    return Verdict(
        min(leads), (min(means), max(means)), tuple(world.iso3[i] for i in np.flatnonzero(wild))
    )


def against_forecast(world: World, path: Path) -> dict[str, float]:
    """Compare mean growth 2019–2024 by country with the forecast, where that is within ±10 %."""
    forecast = world.growth_record[:, world.growth_is_forecast].T / 100
    first = int(world.growth_years[world.growth_is_forecast][0]) - BASE
    rates = (path.gdp[1:] / path.gdp[:-1] - 1)[first - 1 : first - 1 + len(forecast)]
    calm = np.abs(forecast).max(axis=0) <= BEYOND
    ours, theirs = rates.mean(axis=0)[calm], forecast.mean(axis=0)[calm]
    # No-change: the mean of the record goes on.
    record = (world.growth_record[:, ~world.growth_is_forecast].T[1:] / 100).mean(axis=0)[calm]
    weight = path.gdp[first - 1][calm]
    return {
        "economies": float(calm.sum()),
        "correlation": float(np.corrcoef(ours, theirs)[0, 1]),
        "mean error": float((ours - theirs).mean()),
        "mean error by GDP": float(np.average(ours - theirs, weights=weight)),
        "root mean square error": float(np.sqrt(((ours - theirs) ** 2).mean())),
        "the same of no change": float(np.sqrt(((record - theirs) ** 2).mean())),
        "correlation of no change": float(np.corrcoef(record, theirs)[0, 1]),
    }


@dataclass(frozen=True)
class FirstYear:
    """How far growth of the first year after a break lies from what judges it, in points, economies by GDP."""

    year: int
    model: dict[str, float]
    persistence: dict[str, float]
    root_mean_square: tuple[float, float]
    """Over economies, the model's and persistence's."""


def first_year(world: World, path: Path, last: int) -> FirstYear:
    """Judge growth of the year after `last`: by the forecast where that is 2018, else by the record.

    Economies are those whose growth on record and in the year judged lies within ±10 %; and once all (`EVERYONE`), such
    as Venezuela, which lost 18 % in 2018 and was to lose 25 in 2019.
    """
    at = last - BASE
    judge, before = world.growth_record[:, at + 1] / 100, world.growth_record[:, at] / 100
    ours = path.gdp[at + 1] / path.gdp[at] - 1
    calm = np.abs(world.growth_record[:, : at + 2] / 100).max(axis=1) <= BEYOND
    names = world.attributes["report_region"].astype(str)
    groups = {"world": calm, EVERYONE: np.ones_like(calm)}
    groups |= {name: calm & (names == name) for name in np.unique(names)}

    def errors(guess: Array) -> dict[str, float]:
        return {
            name: float(100 * np.average((guess - judge)[who], weights=path.gdp[at][who]))
            for name, who in groups.items()
            if who.any()
        }

    spread = [float(100 * np.sqrt(((g - judge)[calm] ** 2).mean())) for g in (ours, before)]
    return FirstYear(last + 1, errors(ours), errors(before), (spread[0], spread[1]))


def first_years(world: World, parameters: Parameters) -> list[FirstYear]:
    """Judge the first year after breaks of the record from 2014 on, without shocks."""
    found = []
    for last in range(BASE + 1, int(world.growth_years[~world.growth_is_forecast].max()) + 1):
        known = replace(world, growth_is_forecast=world.growth_years > last)
        found.append(first_year(world, grow_alone(known, parameters), last))
    return found


def external_finance(world: World, path: Path, parameters: Parameters, year: int = 2017) -> str:
    """Return the external flows and FDI's part of them in a year, FDI at its base share of GDP."""
    base = world.base
    rich = world.attributes["income_group"] == "HIC"
    flows = finance.external_flows(
        finance.FinanceBase(
            base["oda_received_busd"],
            base["remittances_received_busd"],
            parameters["other_finance_to_gdp"]
            * base["gdp_current_busd"]
            * world.membership("developing_wir_2018"),
            base["gdp_constant_2015_busd"],
            base["gdp_current_busd"],
            world.population_in(BASE),
            rich & world.membership("developed_wir_2018"),
            rich,
            rich,
        ),
        path.gdp[year - BASE],
        world.gdp_in_dollars[year],
        world.population_in(year),
        world.price_level(year) / world.price_level(BASE),
        finance.FinanceParameters.from_parameters(parameters),
    )
    grown = world.gdp_in_dollars[year] / base["gdp_current_busd"]
    fdi = np.maximum(base["fdi_inflow_busd"], 0.0) * grown
    share = finance.fdi_share_of_external_finance(
        fdi, flows, world.membership("developing_wir_2018")
    )
    return (
        f"{year}: aid {flows.oda_received.sum():.0f}, remittances "
        f"{flows.remittances_received.sum():.0f}, other {flows.other_received.sum():.0f} bn USD; "
        f"FDI is {share:.2f} of developing economies' external finance (0.39 ± 0.04, a check)"
    )


def report(world: World, path: Path) -> None:
    """Print one path."""
    south = world.membership("south_unctad_2014", 2014)
    print(f"record 2014–2018 comes back to {path.record_error:.1e}")
    print("mean growth, % a year     South  North  world")
    for start in (2013, 2018, 2023, 2028, 2029):
        means = [
            100 * mean_growth(path.gdp, who, start - BASE)
            for who in (south, ~south, np.ones_like(south))
        ]
        print(f"  {start + 1}–{start + SPAN}             " + "  ".join(f"{m:5.2f}" for m in means))
    rates = 100 * (path.gdp[1:] / path.gdp[:-1] - 1)[SPAN:]
    cited = world.growth_record[:, 1:]
    for title, best in (("lowest", np.argsort(rates.min(axis=0))), ("highest", None)):
        order = np.argsort(-rates.max(axis=0)) if best is None else best
        pick = (rates.min, rates.argmin) if best is not None else (rates.max, rates.argmax)
        values, when = pick[0](axis=0), pick[1](axis=0)
        extreme = cited.min(axis=1) if best is not None else cited.max(axis=1)
        print(f"{title} growth of a year from 2019 (in brackets record and forecast):")
        print(
            "  "
            + ", ".join(
                f"{world.iso3[i]} {values[i]:.1f} in {BASE + SPAN + 1 + when[i]} ({extreme[i]:.1f})"
                for i in order[:8]
            )
        )
    late = 100 * ((path.gdp[-1] / path.gdp[-1 - SPAN]) ** (1 / SPAN) - 1)
    order = np.argsort(late)
    for title, chosen in (("slowest", order[:8]), ("fastest", order[:-9:-1])):
        names = ", ".join(f"{world.iso3[i]} {late[i]:.1f}" for i in chosen)
        print(f"{title} of 2030–2034: {names}")
    print("2019–2024 against the forecast of April 2019, by country:")
    for name, value in against_forecast(world, path).items():
        print(f"  {name}: {value:.4g}")
    print(
        "first year after a break less what came (2019: the forecast), points; persistence in brackets:"
    )
    for one in first_years(world, default_parameters()):
        means = ", ".join(f"{n} {v:+.2f} ({one.persistence[n]:+.2f})" for n, v in one.model.items())
        ours, theirs = one.root_mean_square
        print(f"  {one.year}: {means}; root mean square {ours:.2f} ({theirs:.2f})")
    people = np.stack([world.population_in(year) for year in YEARS])
    heads = (path.headcount * people).sum(axis=1) / people.sum(axis=1)
    print(
        "world below 3.00 dollars a day: "
        + ", ".join(f"{year} {heads[year - BASE]:.1%}" for year in (2013, 2018, 2024, 2030, 2034))
    )


def main() -> int:
    """Print the check; return 1 when an answer is no."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=0)
    options = parser.parse_args()
    world, parameters = load_world(), default_parameters()
    start = time.process_time()
    path = grow_alone(world, parameters, options.seed)
    spent = time.process_time() - start
    report(world, path)
    print(external_finance(world, path, parameters))
    verdict = judge(world, path)
    print(f"South leads by at least {100 * verdict.lead:.2f} points in every five-year mean")
    print(f"world growth lies within {100 * verdict.world[0]:.2f} and {100 * verdict.world[1]:.2f}")
    print(f"beyond ±10 % though record and forecast are not: {verdict.beyond or 'none'}")
    print(f"CPU: {1000 * spent / (LAST - BASE):.2f} ms a year with poverty")
    good = (
        path.record_error < 1e-10
        and verdict.lead > 0
        and not verdict.beyond
        and WORLD_GROWTH[0] <= verdict.world[0]
        and verdict.world[1] <= WORLD_GROWTH[1]
    )
    if options.draws:
        names = [d.name for d in parameters.definitions() if d.submodel == "growth" and d.drawn] + [
            "fdi_capital_share"
        ]
        uniforms = np.random.default_rng(options.seed).random((options.draws, len(names)))
        verdicts = []
        for draw, u in enumerate(uniforms):
            drawn = parameters.draw(dict(zip(names, u.tolist(), strict=True)))
            verdicts.append(judge(world, grow_alone(world, drawn, draw + 1)))
        leads = [v.lead for v in verdicts]
        low, high = (np.array([v.world[k] for v in verdicts]) for k in (0, 1))
        beyond = sum(bool(v.beyond) for v in verdicts)
        print(f"{options.draws} draws from the priors:")
        print(
            f"  South leads in every five-year mean in {np.mean(np.array(leads) > 0):.1%} of them"
        )
        print(
            f"  world growth, lowest and highest five-year mean: median {np.median(low):.2%} and "
            f"{np.median(high):.2%}, 90 % of draws within {np.quantile(low, 0.05):.2%} and "
            f"{np.quantile(high, 0.95):.2%}"
        )
        print(f"  an economy beyond ±10 % on its own account in {beyond / options.draws:.1%}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
