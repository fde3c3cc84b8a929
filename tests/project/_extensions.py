"""Things that somebody may add, each as the files that it takes: new ones whole, others by what is put into them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Put:
    """Text that is put into a file of the package, before or behind a line that stands in it once."""

    text: str
    before: str = ""
    behind: str = ""


@dataclass(frozen=True)
class Extension:
    """What is added, by file of the package, and data files of its own, which are no part of it."""

    files: dict[str, str | tuple[Put, ...]]
    data: dict[str, str]


def one(*puts: Put) -> tuple[Put, ...]:
    """Return what is put into one file."""
    return puts


INDICATOR = Extension(
    {
        "outcomes/indicators.yaml": one(
            Put(
                "  trained_part: {title: Trained, unit: fraction, description: Trained over those supported.,"
                " groups: cooperation, how: trained over un_support, law: not negative}\n",
                before="  projects_provided: {",
            )
        )
    },
    {},
)

INDICATOR_WITH_FUNCTION = Extension(
    {
        "outcomes/indicators.yaml": one(
            Put(
                "  median_income: {title: Median, unit: thousand 2015 USD, description: Income of the member in the"
                " middle., groups: all, how: function, law: not negative}\n",
                before="  projects_provided: {",
            )
        ),
        "outcomes/indicators/definitions.py": one(
            Put(
                '''@indicator
def median_income(year: Year, rows: Rows) -> Array:
    """Income a head of the member in the middle."""
    income = year.state.gdp / year.state.population
    return np.array([np.median(income[year.members[row] > 0]) for row in rows])


''',
                before="@indicator\ndef trade_within_without_hubs(",
            )
        ),
    },
    {},
)

LEVER = Extension(
    {
        "policy/levers.yaml": one(
            Put(
                """  open_data:
    group: measurement
    description: Part of what is not yet of use to others that the country opens in the year
    unit: fraction
    scope: country
    bounds: [0.0, 1.0]
    default: 0.0
    combine: add
    moves: open_data
    paragraph: [64]
    source: A fraction by construction
""",
                before="  common_method:\n",
            )
        ),
        "steps/measurement.py": one(
            Put(
                '        variable("open_data", "country", "fraction", "Part of what is hidden that policy opens"),\n',
                before='        variable(\n            "method_policy",',
            ),
            Put(
                "            state.evidence = state.evidence + state.open_data * (1.0 - state.evidence)\n",
                before="        self._report(now)\n\n    def _report",
            ),
        ),
    },
    {},
)

SUBMODEL = Extension(
    {
        "steps/tourism.py": '''"""Travellers, who follow income."""

from __future__ import annotations

from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.world.state import State, variable


class Tourism(Submodel):
    """Arrivals grow with the income of hosts."""

    name = "tourism"
    title = "travellers arrive"
    variables = (variable("arrivals", "country", "million", "Travellers who arrive"),)
    reads = ("gdp", "arrivals")

    def __init__(self, given: Given, others: Submodels) -> None:
        self.elasticity = given.parameters["tourism_elasticity"]

    def fill(self, state: State, given: Given) -> None:
        """Set a traveller in ten of the people."""
        state.arrivals = 0.1 * given.world.base["population_m"]

    def run(self, now: Year) -> None:
        """Let arrivals follow income."""
        grown = now.state.gdp / now.opening.gdp
        now.state.arrivals = now.opening.arrivals * grown**self.elasticity
''',
        "steps/plan.py": one(
            Put(
                "from sscsim.steps.tourism import Tourism\n",
                before="from sscsim.steps.trade import",
            ),
            Put("    Tourism,\n", behind="PLAN: tuple[type[Submodel], ...] = (\n"),
            Put("    Tourism,\n", behind="OPENING: tuple[type[Submodel], ...] = (\n"),
        ),
        "parameters/tourism.yaml": """submodel: tourism
parameters:
  tourism_elasticity:
    symbol: η_t
    description: How arrivals grow with income
    unit: ratio
    value: 1.3
    bounds: [0.0, 3.0]
    prior: {distribution: uniform, low: 1.0, high: 1.6}
    source: "An example that a test adds, with no source at all"
    paragraph: 79
""",
    },
    {},
)

AGENT = Extension(
    {
        "world/institutions/agencies.py": '''"""National agencies: whose each is, and what it may spend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from sscsim.types import Array
from sscsim.world.institutions.laying import positions
from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import Country, Institution, Share, YearOfWork, Yearly

if TYPE_CHECKING:
    from sscsim.world.tables import World


class Agency(Institution):
    """An agency of a State."""

    country: Country
    since: YearOfWork
    budget: Yearly
    thrift: Share = Field(0.0, description="part of the budget that it puts aside")


KIND = Kind("agencies", "agency", Agency)


def lay_budgets(agencies: Sequence[Agency], world: World, year: int) -> Array:
    """Return what agencies may spend in a year by country, bn USD."""
    budgets = np.zeros(len(world.iso3))
    for at, agency in zip(positions([a.country for a in agencies], world), agencies, strict=True):
        if at >= 0 and agency.since <= year:
            budgets[at] += agency.budget.at(year)
    return budgets
''',
        "agents/agency.py": '''"""A national agency of cooperation."""

from __future__ import annotations

from typing import Any

from sscsim.agents.base import SscAgent
from sscsim.world.institutions.agencies import Agency


class NationalAgency(SscAgent):
    """It spends what it does not put aside."""

    def __init__(self, model: Any, index: int, file: Agency) -> None:
        super().__init__(model, index)
        self.file = file

    def spend(self, budget: float) -> float:
        """Decide what of a budget it spends, bn USD."""
        return budget * (1.0 - self.file.thrift)
''',
        "steps/agencies.py": '''"""National agencies spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sscsim.results.tables import RowTable
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.world.institutions.agencies import Agency
from sscsim.world.institutions.laying import positions
from sscsim.world.state import variable


class Agencies(Submodel):
    """What national agencies spend."""

    name = "agencies"
    title = "national agencies spend"
    variables = (variable("agency_spending", "country", "bn USD", "Spent by national agencies"),)

    def __init__(self, given: Given, others: Submodels) -> None:
        self.files = given.files.of(Agency)
        self.rows: list[tuple[str, int, float]] = []

    def agents(self, model: Any) -> Mapping[str, Sequence[Any]]:
        """Return an agent for each file."""
        from sscsim.agents.agency import NationalAgency

        at = positions([file.country for file in self.files], model.world)
        self.who = [NationalAgency(model, int(i), f) for i, f in zip(at, self.files, strict=True)]
        return {"agencies": self.who}

    def run(self, now: Year) -> None:
        """Let each spend."""
        spending = np.zeros(len(now.world.iso3))
        for agent in self.who:
            if agent.index >= 0 and agent.file.since <= now.year:
                spending[agent.index] += agent.spend(agent.file.budget.at(now.year))
        now.state.agency_spending = spending

    def remember(self, now: Year) -> None:
        """Keep what each could spend."""
        self.rows += [(a.file.code, now.year, a.file.budget.at(now.year)) for a in self.who]

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return agencies by year."""
        codes = tuple(a.file.code for a in self.who)
        columns = {
            "agency": np.array([codes.index(row[0]) for row in self.rows], dtype=np.int64),
            "year": np.array([row[1] for row in self.rows], dtype=np.int64),
            "budget": np.array([row[2] for row in self.rows]),
        }
        return {"agencies": RowTable("agencies", columns, {"agency": codes})}
''',
        "steps/plan.py": one(
            Put(
                "from sscsim.steps.agencies import Agencies\n",
                before="from sscsim.steps.finance import",
            ),
            Put("    Agencies,\n", behind="PLAN: tuple[type[Submodel], ...] = (\n"),
            Put("    Agencies,\n", behind="OPENING: tuple[type[Submodel], ...] = (\n"),
        ),
        "results/schema.py": one(
            Put(
                '    Declared("agencies", "national agencies by year", RowTable, {"agency": str, "year": int}),\n',
                before=')\n"""Every table, in the order in which a run lists them."""',
            )
        ),
    },
    {
        "agencies/help.yaml": """code: HELP
name: Agência Brasileira de Cooperação
country: BRA
since: 1987
budget: {by_year: {2013: 0.03, 2014: 0.02}, source: An example of a test}
thrift: 0.25
"""
    },
)

FORMAT = Extension(
    {
        "results/formats/jsonlines.py": '''"""JSON, a line a row."""

from __future__ import annotations

import json
from typing import ClassVar

from sscsim.results.formats import Format
from sscsim.results.tables import Coded, Columns


class JsonLines(Format):
    """A row a line, by the names of the columns."""

    name: ClassVar[str] = "jsonlines"
    suffix: ClassVar[str] = ".jsonl"

    def write(self, columns: Columns) -> bytes:
        """Return the file of one table; see `Format.write`."""
        cells = {
            name: (held.texts() if isinstance(held, Coded) else held).tolist()
            for name, held in columns.held.items()
        }
        rows = zip(*cells.values(), strict=True)
        lines = [json.dumps(dict(zip(cells, row, strict=True))) + "\\n" for row in rows]
        return "".join(lines).encode()
'''
    },
    {},
)

EXTENSIONS = {
    "an indicator": INDICATOR,
    "an indicator with a function of its own": INDICATOR_WITH_FUNCTION,
    "a lever": LEVER,
    "a submodel": SUBMODEL,
    "an agent type with files and a table": AGENT,
    "an output format": FORMAT,
}
"""By the name that ``CONTRIBUTING.md`` gives them."""
