"""Tables of the documentation that a command writes: ``python -m tools.docs_tables`` (``make tables``) renews them.

A table stands between two comments of Markdown, ``<!-- table NAME -->`` and ``<!-- end -->``. Some say what files of
the package hold; a test compares them word by word. Others are read off runs and take a quarter of an hour; beside
their name stands a mark of the numbers that runs are held to (``tests/model/expected_run.yaml``), and a test says which
are of other numbers than today's. ``--files`` renews only those that need no run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sscsim.basis import meaning
from sscsim.calibrated import shipped_posterior
from sscsim.calibration.targets import load_targets
from sscsim.calibration.validation import load_facts, validate
from sscsim.cli.printing import number as digits
from sscsim.cli.printing import unit_of
from sscsim.cli.validating import result
from sscsim.experiments.executors import available_cores
from sscsim.model import simulate
from sscsim.resources import package_folder
from sscsim.world.institutions import (
    Bank,
    Body,
    Centre,
    Corridor,
    Fund,
    Lender,
    Partner,
    figures_of,
    load_institutions,
)
from sscsim.yamlfile import read_yaml
from tools import (
    docs_model,
    docs_neighbours,
    docs_parts,
    docs_posterior,
    docs_runs,
    docs_timings,
    docs_why,
)
from tools.docs_model import table

ROOT = Path(__file__).resolve().parents[1]
HELD = ROOT / "tests" / "model" / "expected_run.yaml"
FIT = ROOT / "benchmarks" / "institutions_fit.json"
DOCUMENTS = (
    "institutions",
    "calibration",
    "knowledge",
    "validation",
    "odd",
    "reference/variables",
    "reference/parameters",
    "reference/levers",
    "reference/indicators",
    "reference/targets",
    "reference/columns",
    "why",
    "neighbours",
    "compare",
    "cooperation-effects",
    "proportion",
    "shocks",
    "growth",
    "credit-lines",
    "banks",
    "trade",
    "investment",
    "commodity-prices",
    "goals",
    "ensembles",
)
ALSO_BY_HAND = (
    "calibration",
    "knowledge",
    "neighbours",
    "shocks",
    "growth",
    "credit-lines",
    "trade",
    "investment",
    "commodity-prices",
    "goals",
    "ensembles",
)
"""Pages of which the command writes some tables only: the others define terms, or are what a reader types."""

PROGRAMME = "UN programme"
YEARS = (2013, 2015, 2017, 2020, 2030)
LAST = 2030
BLOCK = re.compile(
    r"<!-- table (?P<name>[a-z-]+)(?:, of numbers (?P<mark>[0-9a-f]+))? -->\n(?P<text>.*?)<!-- end -->",
    re.DOTALL,
)


def number(value: float, digits: int = 2) -> str:
    """Return a number as the documentation writes it."""
    return f"{value:,.{digits}f}"


def change(value: float, digits: int = 2) -> str:
    """Return a change with its sign; none where it is rounded away."""
    text = number(abs(value), digits)
    if not text.strip("0.,"):
        return text
    return ("+" if value > 0 else "−") + text


# ------------------------------------------------------------------------------------------------ what the files say


def what_ships() -> str:
    """Return how many of each kind ship, how many of their figures a source confirms, and how many are conventions."""
    files = load_institutions()
    figures = figures_of(files)
    rows = []
    for folder, model, title in (
        ("banks", Bank, "development banks"),
        ("lenders", Lender, "lenders and national funds"),
        ("corridors", Corridor, "corridors"),
        ("partners", Partner, "triangular partners"),
        ("bodies", Body, "regional bodies and the United Nations"),
        ("funds", Fund, "trust funds"),
        ("centres", Centre, "centres of excellence"),
    ):
        here = [f for f in figures if f.path.startswith(f"institutions.{folder}.")]
        counts = (
            len(files.of(model)),
            len(here),
            sum(f.confirmed for f in here),
            sum(f.convention for f in here),
            sum(f.width > 0 for f in here),
        )
        rows.append([f"`{folder}/`", title, *(str(count) for count in counts)])
    head = ["folder", "kind", "files", "figures", "confirmed", "conventions", "drawn"]
    return table(head, rows)


def bodies() -> str:
    """Return the bodies that ship and what each does."""
    rows = []
    for body in load_institutions().of(Body):
        report, programme = body.reporting, body.programme
        rows.append(
            [
                body.code,
                str(body.since),
                "–" if body.coordination is None else f"{body.coordination.value:g}",
                "–" if report is None else f"since {report.since}, rate {report.rate:g}",
                "–" if programme is None else f"{programme.initiatives:g}",
            ]
        )
    return table(["body", "since", "coordinates", "report", "initiatives a year"], rows)


def funds() -> str:
    """Return the trust funds that ship and what each grants, million dollars a year."""
    rows = [
        [
            fund.code,
            "; ".join(f"{1e3 * money:g} from {y}" for y, money in fund.grants.by_year.items()),
            f"{1e3 * fund.project_money.value:g}",
        ]
        for fund in load_institutions().of(Fund)
    ]
    return table(["fund", "grants, million USD a year", "an average grant, million USD"], rows)


# ----------------------------------------------------------------------------------- what a benchmark has on record


def fit() -> str:
    """Return the figures of ¶44, what the priors reach, and what the tables' values give."""
    record = json.loads(FIT.read_text(encoding="utf-8"))
    figures, now = (
        record["prior_predictive"]["figures"],
        record["search"]["medians_at_the_tables_values"],
    )
    rows = []
    for key, figure in figures.items():
        name, of = key.rsplit(" ", 1)
        what = {"providers_share": "providers", "un_support_share": "supported"}[name]
        low, high = (
            ("−" if figure[end] < 0 else "") + number(abs(figure[end])) for end in ("p05", "p95")
        )
        rows.append(
            [
                f"rise of {what}" if of == "rise" else f"{what} {of}",
                "above 0"
                if of == "rise"
                else f"{figure['target']:.2f} ± {tolerance(name, int(of)):.2f}",
                f"{low} to {high}",
                number(now[key], 3),
            ]
        )
    head = ["", "report", "priors, 5 to 95 % of 200 draws", "tables' values, medians over 50 seeds"]
    return table(head, rows)


def tolerance(target: str, year: int) -> float:
    """Return by how much a figure of the report may be missed."""
    for check in next(t for t in load_targets() if t.id == target).checks:
        if check.year == year and not str(check.observable).endswith("_rise"):
            low, high = check.within.limits(check.value)
            return (high - low) / 2
    raise LookupError(f"{target} has no check of {year}")


# ------------------------------------------------------------------------------------------- what is read off runs


@dataclass(frozen=True)
class Look:
    """An indicator of a group in a year."""

    indicator: str
    group: str
    year: int


def _values(looks: Sequence[Look], task: tuple[str, int]) -> dict[Look, float]:
    scenario, seed = task
    run = simulate(scenario, seed=seed, end=LAST, keep="indicators")
    return {look: run.value(look.indicator, look.group, look.year) for look in looks}


def _runs(
    scenarios: Sequence[str], seeds: Sequence[int], looks: Sequence[Look]
) -> dict[tuple[str, int], dict[Look, float]]:
    tasks = [(scenario, seed) for scenario in scenarios for seed in seeds]
    with ProcessPoolExecutor() as pool:
        return dict(zip(tasks, pool.map(partial(_values, looks), tasks), strict=True))


def by_year() -> str:
    """Return shares and levels of programme countries in the baseline, medians of seeds 1 to 12."""
    rows_of: dict[str, tuple[str, ...]] = {
        "provide / on record": ("provider_share", "reported_provider_share"),
        "supported / on record": ("un_support_share", "reported_un_support_share"),
        "with an agency": ("agency_share",),
        "that report": ("reporting_share",),
        "evidence": ("evidence",),
        "fragmentation": ("fragmentation",),
        "transaction cost": ("transaction_cost",),
    }
    looks = [Look(i, PROGRAMME, y) for names in rows_of.values() for i in names for y in YEARS]
    runs = _runs(["baseline"], range(1, 13), looks)

    def median(indicator: str, year: int) -> str:
        look = Look(indicator, PROGRAMME, year)
        return number(statistics.median(values[look] for values in runs.values()))

    rows = [
        [title, *(" / ".join(median(i, year) for i in names) for year in YEARS)]
        for title, names in rows_of.items()
    ]
    head = "baseline, UN programme countries, medians of seeds 1 to 12"
    return table([head, *map(str, YEARS)], rows)


SCENARIOS = (
    "institutions-first",
    "harmonised-reporting",
    "leave-no-one-behind",
    "full-agenda",
    "no-cooperation",
)


def by_scenario() -> str:
    """Return what scenarios change by 2030 against the baseline of the same seed, means of seeds 1 to 10."""
    columns = {
        "providers": (Look("provider_share", PROGRAMME, LAST), 2),
        "on record": (Look("reported_provider_share", PROGRAMME, LAST), 2),
        "evidence": (Look("evidence", PROGRAMME, LAST), 2),
        "cost": (Look("transaction_cost", PROGRAMME, LAST), 2),
        "projects": (Look("projects_received", "South", LAST), 0),
        "projects on record": (Look("reported_projects_received", "South", LAST), 0),
        "Goals, LDC": (Look("goal_index", "LDC", LAST), 2),
    }
    seeds = range(1, 11)
    runs = _runs(["baseline", *SCENARIOS], seeds, [look for look, _ in columns.values()])

    def mean(scenario: str, look: Look) -> float:
        return statistics.fmean(runs[scenario, seed][look] for seed in seeds)

    rows = [
        [
            name,
            *(change(mean(name, look) - mean("baseline", look), d) for look, d in columns.values()),
        ]
        for name in SCENARIOS
    ]
    base = ["baseline", *(number(mean("baseline", look), d) for look, d in columns.values())]
    return table(["", *columns], [base, *rows])


# ------------------------------------------------------------------------------------------- facts that no fit has seen

FACT_DRAWS = 100


def sources() -> str:
    """Return where the facts of the validation are printed."""
    facts = load_facts()
    used = Counter(fact.source for fact in facts.facts)
    rows = [
        [
            source.citation,
            str(used[code]),
            source.read,
            source.licence,
            f"<{source.address.split()[0]}>",
        ]
        for code, source in facts.sources.items()
    ]
    return table(["source", "facts", "read", "licence", "address"], rows)


def validation() -> str:
    """Return hits and misses: one line, a table by topic, and every fact beside what the model says of it."""
    verdicts = validate(load_facts(), FACT_DRAWS, workers=available_cores())
    topics = dict.fromkeys(j.fact.topic for j in verdicts.judged)
    rows = []
    for topic in [*topics, ""]:
        here = replace(
            verdicts, judged=tuple(j for j in verdicts.judged if topic in ("", j.fact.topic))
        )
        naive, before = here.count("naive"), here.count("before")
        rows.append(
            [
                topic or "all",
                str(len(here.judged)),
                str(here.hits),
                str(sum(j.inside for j in here.judged)),
                str(sum(j.within for j in here.judged)),
                f"{here.unseen.hits} of {len(here.unseen.judged)}",
                f"{naive['nearer']} / {naive['as near']} / {naive['farther']}",
                f"{before['nearer']} / {before['as near']} / {before['farther']}",
            ]
        )
    head = [
        "",
        "facts",
        "hit",
        "in the interval",
        "in the width",
        "unheard of",
        "than the model to beat",
        "than before",
    ]
    facts = [
        [
            j.fact.title
            + (f" ({unit_of(j.fact.unit)})" if j.fact.unit != "ratio" else "")
            + (" \\*" if j.fact.partly_seen else ""),
            j.fact.when,
            f"{digits(j.fact.value, j.fact.unit)} ± {digits(j.fact.scale, j.fact.unit)}",
            digits(j.median, j.fact.unit),
            f"{digits(j.low, j.fact.unit)} to {digits(j.high, j.fact.unit)}",
            result(j),
            number(j.distance, 1),
            digits(j.naive, j.fact.unit),
            digits(j.fact.before.value, j.fact.unit),
        ]
        for j in verdicts.judged
    ]
    titles = ["fact", "year", "value ± width", "median", "90 %", "hit", "off", "to beat", "before"]
    said = f"{verdicts.draws} draws of {verdicts.source}. {verdicts.summary}"
    return f"{said}\n\n{table(head, rows)}\n{table(titles, facts)}"


@dataclass(frozen=True)
class Table:
    """How a table is written, and whether that takes runs."""

    write: Callable[[], str]
    runs: bool = False
    shocks: bool = False
    """Whether what is drawn with shocks is in it, which the runs that numbers are held to have not."""


TABLES = {
    "what-ships": Table(what_ships),
    "bodies": Table(bodies),
    "funds": Table(funds),
    "institutions-fit": Table(fit),
    "institutions-by-year": Table(by_year, runs=True),
    "institutions-by-scenario": Table(by_scenario, runs=True),
    "validation-sources": Table(sources),
    "validation": Table(validation, runs=True, shocks=True),
    "posterior-figures": Table(lambda: table(*docs_posterior.figures())),
    "posterior-knowledge": Table(lambda: table(*docs_posterior.knowledge())),
    "posterior-credit": Table(lambda: table(*docs_posterior.credit())),
    "posterior-parameters": Table(lambda: table(*docs_posterior.parameters())),
    "posterior-roads": Table(lambda: table(*docs_posterior.roads())),
    "posterior-coverage": Table(lambda: table(*docs_posterior.coverage())),
    "entities": Table(docs_model.entities),
    "decisions": Table(docs_model.decisions),
    "sets": Table(docs_model.sets),
    "plan": Table(docs_model.plan),
    "opening": Table(docs_model.opening),
    "roles": Table(docs_model.roles),
    "state-variables": Table(docs_model.state_variables),
    "parameters": Table(docs_model.parameters),
    "levers": Table(docs_model.levers),
    "indicators": Table(docs_model.indicators),
    "groups": Table(docs_model.groups),
    "targets": Table(docs_model.targets),
    "columns": Table(docs_model.data),
    "publishers": Table(docs_model.publishers),
    "priors-reach": Table(lambda: table(*docs_runs.reach()), runs=True),
    "in-proportion": Table(lambda: table(*docs_runs.in_proportion()), runs=True),
    "cooperation-effects": Table(lambda: table(*docs_runs.cooperation()), runs=True),
    "shocks": Table(lambda: table(*docs_runs.shocks()), runs=True, shocks=True),
    "lending": Table(lambda: table(*docs_runs.lending()), runs=True),
    "bank-approvals": Table(lambda: table(*docs_runs.banks()), runs=True),
    "china": Table(lambda: table(*docs_runs.china()), runs=True),
    "dated-shocks": Table(lambda: table(*docs_runs.dated_shocks()), runs=True),
    "positions": Table(lambda: table(*docs_runs.positions()), runs=True),
    "growth-alone": Table(lambda: table(*docs_runs.growth_alone()), runs=True),
    "pairing": Table(lambda: table(*docs_runs.pairing()), runs=True),
    "trade-pairs-hidden": Table(lambda: table(*docs_parts.pairs_hidden()), runs=True),
    "trade-lists-completed": Table(lambda: table(*docs_parts.lists_completed()), runs=True),
    "trade-lists-won": Table(lambda: table(*docs_parts.lists_won()), runs=True),
    "trade-south": Table(lambda: table(*docs_parts.south_alone()), runs=True),
    "timings-trade": Table(lambda: table(*docs_timings.trade())),
    "timings-solved": Table(lambda: table(*docs_timings.solved())),
    "timings-ensembles": Table(lambda: table(*docs_timings.ensembles())),
    "timings-ratios": Table(lambda: table(*docs_timings.ratios())),
    "inflows": Table(lambda: table(*docs_parts.inflows()), runs=True),
    "slump": Table(lambda: table(*docs_parts.slump()), runs=True),
    "goal-breaks": Table(lambda: table(*docs_parts.goal_breaks())),
    "goal-regions": Table(lambda: table(*docs_parts.goal_regions())),
    "world-moves": Table(lambda: table(*docs_parts.world_moves()), runs=True),
    "neighbours-verdicts": Table(lambda: table(*docs_neighbours.verdicts())),
    "neighbours-economies": Table(lambda: table(*docs_neighbours.economies())),
    "neighbours-groups": Table(lambda: table(*docs_neighbours.groups())),
    "neighbours-topics": Table(lambda: table(*docs_neighbours.topics())),
    "neighbours-growth": Table(lambda: table(*docs_neighbours.growth())),
    "neighbours-goals": Table(lambda: table(*docs_neighbours.goals())),
    "neighbours-agreement": Table(lambda: table(*docs_neighbours.agreement())),
    "why-mechanisms": Table(lambda: table(*docs_why.mechanisms())),
    "why-channels": Table(lambda: table(*docs_why.channels()), runs=True),
    "why-levers": Table(lambda: table(*docs_why.levers()), runs=True),
    "why-worths": Table(lambda: table(*docs_why.worths()), runs=True),
    "why-chains": Table(lambda: table(*docs_why.chains()), runs=True),
}


# ----------------------------------------------------------------------------------------------------- the documents


DRAWN = ("flows/shocks.py", "flows/swings.py", "parameters/shocks.yaml", "parameters/swings.yaml")
"""What says how shocks and swings are drawn."""


def mark(shocks: bool = False) -> str:
    """Return a mark of the numbers that runs are held to, and of the posterior whose draws they take.

    With shocks it is also one of how they are drawn.
    """
    held = read_yaml(HELD).data["runs"]
    numbers = {name: run["numbers"] for name, run in held.items()}
    numbers["posterior"] = shipped_posterior().sha256
    for place in DRAWN if shocks else ():
        kind = "priors" if place.endswith(".yaml") else "model"
        numbers[place] = meaning(kind, package_folder() / place)
    return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()[:12]


def document(name: str) -> Path:
    """Return a page of the documentation."""
    return ROOT / "docs" / f"{name}.md"


def renewed(text: str, runs: bool) -> str:
    """Return a page with its tables written anew, those read off runs only where asked for."""

    def write(found: re.Match[str]) -> str:
        one = TABLES[found["name"]]
        if one.runs and not runs:
            return found[0]
        of = f", of numbers {mark(one.shocks)}" if one.runs else ""
        return f"<!-- table {found['name']}{of} -->\n\n{one.write()}\n<!-- end -->"

    return BLOCK.sub(write, text)


def stale(text: str) -> list[str]:
    """Return the names of tables that are no longer what the command would write, as far as no run is needed."""
    found = []
    for block in BLOCK.finditer(text):
        one = TABLES[block["name"]]
        if one.runs and block["mark"] != mark(one.shocks):
            found.append(block["name"])
        if not one.runs and block["text"].strip() != one.write().strip():
            found.append(block["name"])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew tables and say which have changed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", action="store_true", help="only tables that need no run")
    parser.add_argument("--only", choices=DOCUMENTS, help="only the tables of this page")
    options = parser.parse_args(arguments)
    for name in [options.only] if options.only else DOCUMENTS:
        path = document(name)
        old = path.read_text(encoding="utf-8")
        new = renewed(old, runs=not options.files)
        path.write_text(new, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'renewed' if new != old else 'as it was'}")
    return 0


if __name__ == "__main__":
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        sys.exit(main())
