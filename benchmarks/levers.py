"""Every lever that ships: what it moves first, and how far, at the ends of its range.

A lever is held from 2019 on, for all countries, pairs or banks, at each end of its bounds, beside a run that holds
none, with the same seeds. Printed is the first outcome of each – where it enters the model, not the Goals at the end
of the chain – without it, and the change at either end, mean over seeds; "moves" says whether every seed agrees on a
change of one per cent or more. A study beside it asks whether what lets countries see each other could move what is
arranged under other numbers of sight and of the cost of arranging. Last stands what the full agenda's gain of the least
developed rests on. ``--write`` writes ``docs/levers.md``, with a mark of the numbers (`tools.docs_tables`).

Run: from the top folder: ``python -m benchmarks.levers [--seeds 2] [--end 2023] [--only LEVER ...] [--write]``; some
minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from sscsim.model import simulate
from sscsim.parameters.table import default_parameters
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting, load_scenario
from sscsim.results.run import Run
from tools.docs_tables import mark

PAGE = Path(__file__).resolve().parents[1] / "docs" / "levers.md"
SINCE = 2019
GOAL_YEAR = 2030
VISIBLE = 0.01
"""Part of the outcome without the lever; where that is zero, any change."""

WIDE = (0.01, 0.5, 0.99)
"""Points of the priors of the study of sight."""

SEEING = {"platform": "reach_platform", "catalogues": "reach_catalogue"}
"""Levers that let countries see each other, and the parameter that says how much one brings to light."""

LEARNING = (0.025, 0.5, 0.84, 0.975, 0.999)
"""Points of the prior of `learning_rate` at which the frontier is looked at."""

Measure = tuple[str, Callable[[Run], float]]


def indicator(name: str, group: str = "South") -> Measure:
    """Return an indicator of a group in a run's last year."""
    return f"{name} of {group}", lambda run: float(run.value(name, group))


def mean_of(name: str) -> Measure:
    """Return a variable's mean over countries in a run's last year."""

    def found(run: Run) -> float:
        table = run.countries
        return float(table.loc[table["year"] == table["year"].max(), name].mean())

    return f"{name}, mean of countries", found


def since(table: str, name: str) -> Measure:
    """Return what banks or lenders did in all from 2019 on."""

    def found(run: Run) -> float:
        rows = run.table(table)
        return float(rows.loc[rows["year"] >= SINCE, name].sum())

    return f"{name} of {table} since {SINCE}", found


def last(table: str, name: str) -> Measure:
    """Return a stock of banks or lenders in a run's last year."""

    def found(run: Run) -> float:
        rows = run.table(table)
        return float(rows.loc[rows["year"] == rows["year"].max(), name].sum())

    return f"{name} of {table}", found


def begun(run: Run) -> float:
    """Return projects begun from 2019 on."""
    return float((run.projects["start"] >= SINCE).sum())


def joined(run: Run) -> float:
    """Return those of them with a third party."""
    rows = run.projects
    return float(((rows["start"] >= SINCE) & (rows["partner"].notna())).sum())


def reverse(run: Run) -> float:
    """Return those of them in which a bank's money links two countries."""
    rows = run.projects
    return float(((rows["start"] >= SINCE) & (rows["modality"] == "reverse linkage")).sum())


def mobilised(run: Run) -> float:
    """Return what others put beside loans of banks approved from 2019 on."""
    rows = run.loans
    return float(rows.loc[rows["year_approved"] >= SINCE, "mobilised"].sum())


PROJECTS: Measure = (f"projects begun since {SINCE}", begun)
TRIANGULAR: Measure = (f"projects with a third party begun since {SINCE}", joined)
REVERSE: Measure = (f"reverse-linkage projects begun since {SINCE}", reverse)
COFINANCED: Measure = (f"money of others beside banks' loans since {SINCE}", mobilised)

FIRST: dict[str, Measure] = {
    "trade_cost": indicator("exports", "World"),
    "trade_facilitation": indicator("exports", "World"),
    "investment_agreement": indicator("fdi_inflow", "LDC"),
    "guarantee_capacity": indicator("fdi_inflow", "LDC"),
    "entry_cost": indicator("fdi_inflow", "LDC"),
    "outward_investment": indicator("fdi_outflow"),
    "aid_volume": indicator("oda_received"),
    "credit_volume": since("lenders", "approvals"),
    "credit_focus": since("lenders", "approvals"),
    "credit_green": mean_of("renewable_capital"),
    "productivity_growth": indicator("gdp"),
    "commodity_price": mean_of("terms_of_trade"),
    "commodity_price_energy": mean_of("terms_of_trade"),
    "commodity_price_metals": mean_of("terms_of_trade"),
    "commodity_price_agriculture": mean_of("terms_of_trade"),
    "sudden_stop": indicator("fdi_inflow", "LDC"),
    "capital_loss": indicator("gdp"),
    "goal_loss": indicator("goal_index"),
    "cooperation": PROJECTS,
    "suspension": indicator("projects_received"),
    "platform": PROJECTS,
    "catalogues": PROJECTS,
    "centres": PROJECTS,
    "technology_bank": PROJECTS,
    "practices": indicator("documented_practices", "World"),
    "frontier": mean_of("capability_science_technology_innovation"),
    "partner_budget": TRIANGULAR,
    "reverse_linkage": REVERSE,
    "third_party_cost": TRIANGULAR,
    "agencies": indicator("agency_share"),
    "training": indicator("trained_countries"),
    "coordination": indicator("coordination"),
    "other_actors": mean_of("supply_factor"),
    "reporting": indicator("reporting_share"),
    "common_method": mean_of("reporting_error"),
    "funds": indicator("fund_grant"),
    "un_country_teams": indicator("un_support_share"),
    "bank_capital": last("banks", "subscribed"),
    "bank_ramp_up": since("banks", "approvals"),
    "bank_statutory_limit": last("banks", "statutory_limit"),
    "bank_membership": last("banks", "members"),
    "bank_governors": last("banks", "subscribed"),
    "bank_funding_cost": since("banks", "bond_interest"),
    "bank_lending": since("banks", "approvals"),
    "bank_proposals": since("banks", "proposals"),
    "bank_cancellations": since("banks", "cancellations"),
    "bank_cofinance": COFINANCED,
    "bank_focus_ldc": last("banks", "loans_ldc"),
    "bank_focus_sids": last("banks", "loans_sids"),
    "bank_focus_renewable": mean_of("renewable_capital"),
    "debt_settlement": mean_of("distress"),
    "debt_forgiveness": mean_of("debt_other_ratio"),
    "debt_distress": mean_of("distress"),
}
"""Where each lever enters; a lever that is not here stops the benchmark."""

NEXT: dict[str, Measure] = {
    "agencies": indicator("provider_share", "UN programme"),
    "un_country_teams": PROJECTS,
    "reporting": indicator("reported_provider_share", "UN programme"),
    "training": indicator("cooperation_capacity"),
    "coordination": indicator("fragmentation"),
    "other_actors": PROJECTS,
    "funds": PROJECTS,
    "frontier": mean_of("technology_adjusting"),
    "practices": PROJECTS,
}
"""What comes after it, where the review asked for that."""


HOSTS = {
    "investment_agreement": {"destination": "LDC"},
    "guarantee_capacity": {"group": "LDC"},
    "entry_cost": {"group": "LDC"},
    "sudden_stop": {"group": "LDC"},
}
"""Where levers are held that move no world total, but which host has which part of it."""


def holding(name: str, value: float) -> Scenario:
    """Return a scenario that holds one lever from 2019 on, for all or for some hosts."""
    where = {"where": HOSTS[name]} if name in HOSTS else {}
    setting = Setting.model_validate({"from": SINCE, "value": value, **where})
    return Scenario(name="one-lever", title={"en": "One lever"}, levers={name: (setting,)})


def runs(
    scenario: Scenario | str, seeds: int, end: int, changes: dict[str, float] | None = None
) -> list[Run]:
    """Return runs of some seeds."""
    return [simulate(scenario, seed=s + 1, end=end, set=changes or {}) for s in range(seeds)]


def lines(names: list[str], seeds: int, end: int) -> Iterator[str]:
    """Yield a line of the table for each lever, two where a second outcome is asked for."""
    plain = runs("baseline", seeds, end)
    for name in names:
        lever = lever_table()[name]
        low, high = lever.bounds
        moved = {
            value: runs(holding(name, value), seeds, end)
            for value in (low, high)
            if value != lever.default
        }
        for what, measure in [FIRST[name], *([NEXT[name]] if name in NEXT else [])]:
            without = np.array([measure(run) for run in plain])
            cells, visible = [], False
            for value in (low, high):
                if value == lever.default:
                    cells.append("neutral")
                    continue
                change = np.array([measure(run) for run in moved[value]]) - without
                enough = np.abs(change) >= np.maximum(VISIBLE * np.abs(without), 1e-12)
                visible |= bool(enough.all() and abs(np.sign(change).sum()) == seeds)
                cells.append(f"{change.mean():+.3g}")
            yield (
                f"| `{name}` | {low:g} to {high:g} | {what} | {without.mean():.4g} | {cells[0]} | {cells[1]} "
                f"| {'yes' if visible else 'no'} |"
            )


def sight(name: str, end: int) -> Iterator[str]:
    """Yield how much what lets countries see each other adds to projects begun, over wide priors of sight and cost."""
    table = default_parameters()
    for at in WIDE:
        cells = []
        for cost in WIDE:
            changes = {
                "reach_base": table.definition("reach_base").quantile(at),
                "arranging_cost": table.definition("arranging_cost").quantile(cost),
                SEEING[name]: table.definition(SEEING[name]).quantile(0.99),
            }
            plain, with_it = (
                begun(simulate(s, seed=1, end=end, set=changes))
                for s in ("baseline", holding(name, lever_table()[name].bounds[1]))
            )
            cells.append(f"{100 * (with_it / plain - 1):+.1f} % of {plain:.0f}")
        yield f"| {changes['reach_base']:.3g} | " + " | ".join(cells) + " |"


def frontier(end: int) -> Iterator[str]:
    """Yield what the fastest frontier adds to capability in technology, over the prior of what a success teaches."""
    rate = default_parameters().definition("learning_rate")
    measure = FIRST["frontier"][1]
    for at in LEARNING:
        changes = {"learning_rate": rate.quantile(at)}
        plain, faster = (
            measure(simulate(s, seed=1, end=end, set=changes))
            for s in ("baseline", holding("frontier", lever_table()["frontier"].bounds[1]))
        )
        yield f"| {100 * at:g} % | {changes['learning_rate']:.2g} | {100 * (faster / plain - 1):+.2g} % |"


def agenda(seeds: int) -> Iterator[str]:
    """Yield what the full agenda's gain of the least developed rests on."""
    full = load_scenario("full-agenda")
    levers = {name: value for name, value in full.levers.items() if name != "cooperation"}

    def index(scenario: Scenario | str, changes: dict[str, float]) -> float:
        found = runs(scenario, seeds, GOAL_YEAR, changes)
        return float(np.mean([run.value("goal_index", "LDC", year=GOAL_YEAR) for run in found]))

    nothing = {"goal_cooperation_response": 0.0}
    plain = index("baseline", {})
    gain = index(full, {}) - plain
    without = index(replace(full, name="rest", levers=levers), {}) - plain
    still = index(full, nothing) - index("baseline", nothing)
    yield f"- the whole agenda: {gain:+.2f} points of the Goal index of the LDCs in {GOAL_YEAR}"
    yield f"- without its lever `cooperation` (half as much cooperation again for LDCs, LLDCs and SIDS): {without:+.2f}"
    yield f"- with it, where Goals do not respond to cooperation (`goal_cooperation_response` at 0): {still:+.2f}"


HEAD = """# What each lever moves first

<!-- of numbers {mark} -->

Written by `python -m benchmarks.levers --write` at the posterior's central draw; seeds 1 to {seeds}, runs to {end},
levers held for all from {since}, those that only move investment between hosts for the LDCs alone. "Moves": every
seed agrees on a change of one per cent of the outcome or more at an end of the range. Whether a lever reaches the
Goals is another question, and the chain from here to there is made of responses that the report does not inform
([cooperation-effects.md](cooperation-effects.md)).

| lever | range | first outcome | without | change at the low end | at the high end | moves |
|---|---|---|---|---|---|---|
"""

STUDY = """
## Does sight bind?

Projects that each lever of sight adds at its upper end from {since} on, one seed, with what it brings to light at the
99 % point of its prior. Down: the hazard that strangers see each other (`reach_base`), across: the cost of arranging
(`arranging_cost`), each at the 1, 50 and 99 % points of its prior. Where arranging is cheap, who looks finds somebody
anyway, and one more whom it sees changes with whom and not whether; where it is dear, many find nobody, and sight
decides.
"""

SEEN = """
### `{name}`, with `{parameter}` at {value:.2g}

| `reach_base` | {costs} |
|---|---|---|---|
"""

SLOW = """
## What a moving frontier does

`frontier` lets technology run ahead; cooperation spreads it as fast as a success teaches (`learning_rate`), and that is
little beside what countries know
([decision 0151](decisions/0151-effects-that-nobody-measured-have-either-sign.md)). Capability in science and technology
in {end}, mean of countries, with the lever at its upper end from {since} on, one seed, at points of that parameter's
prior:

| point of the prior | `learning_rate` | change of capability |
|---|---|---|
"""

AGENDA = """
## What the full agenda's gain of the least developed rests on

The lever `cooperation` of `leave-no-one-behind` is a dose, half as much cooperation again, times a response of Goals
that is assumed (`goal_cooperation_response`, either sign): a size of the scenario and of a prior, no finding. What is
left without either stands beside the whole.

"""


def main(arguments: list[str] | None = None) -> int:
    """Print the page, or write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, metavar="N")
    parser.add_argument("--end", type=int, default=2023, metavar="YEAR")
    parser.add_argument("--only", nargs="+", metavar="LEVER", choices=list(FIRST))
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    given = parser.parse_args(arguments)
    unknown = sorted(set(lever_table()) ^ set(FIRST))
    if unknown:
        print(f"No first outcome, or no lever: {', '.join(unknown)}.", file=sys.stderr)
        return 1
    text = HEAD.format(seeds=given.seeds, end=given.end, since=SINCE, mark=mark())
    print(text, end="")
    for line in lines(given.only or list(FIRST), given.seeds, given.end):
        print(line, flush=True)
        text += line + "\n"
    if given.only:
        return 0
    table = default_parameters()
    dear = table.definition("arranging_cost")
    costs = " | ".join(f"cost {dear.quantile(p):.2g}" for p in WIDE)
    parts = (
        (STUDY.format(since=SINCE), iter(())),
        *(
            (
                SEEN.format(
                    name=name,
                    parameter=parameter,
                    value=table.definition(parameter).quantile(0.99),
                    costs=costs,
                ),
                sight(name, given.end),
            )
            for name, parameter in SEEING.items()
        ),
        (SLOW.format(since=SINCE, end=given.end), frontier(given.end)),
        (AGENDA, agenda(given.seeds)),
    )
    for head, body in parts:
        print(head, end="")
        text += head
        for line in body:
            print(line, flush=True)
            text += line + "\n"
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
