"""Part of step 5: credit lines between countries and the loans of funds (¶81, 106).

`prepare` turns the lenders' files into arrays and opens their book, `CreditDesk` is where a run keeps it, and `Credit`
is what finance runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import credit_lines
from sscsim.flows.credit_lines import (
    Approvals,
    CreditBook,
    CreditFlows,
    CreditParameters,
    Schedule,
)
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.parameters import Parameters
from sscsim.results.tables import RowTable
from sscsim.steps.banking import Banking
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.steps.trade import Trade
from sscsim.streams import Streams
from sscsim.types import Array, Ints, Mask
from sscsim.world.institutions import SECTORS_OF_LENDING, Corridor, InstitutionFiles, Lender
from sscsim.world.institutions.corridors import Corridors, lay_corridors
from sscsim.world.institutions.laying import kept_by_world
from sscsim.world.institutions.lenders import (
    Lenders,
    Purposes,
    lay_lenders,
    lay_purposes,
    present_lenders,
    spread_opening,
)
from sscsim.world.loans import KINDS, NONE, STATUSES, LoanTable
from sscsim.world.state import State, variable
from sscsim.world.tables import World

__all__ = ["Credit", "CreditBase", "CreditDesk", "prepare"]


SETTLED = 1e-9
"""Billions of dollars below which nothing is owed: a dollar."""

MOST_FREENESS = 3.0
"""Tied purchases triple a pair's trade at most: beyond that the base matrix holds no trade worth scaling."""


@dataclass(frozen=True)
class _Laid:
    """What the files of lenders and corridors give a world, whatever the parameters are."""

    files: tuple[Lender, ...]
    lenders: Lenders
    purposes: Purposes
    corridors: Corridors


@dataclass(frozen=True)
class CreditBase(_Laid):
    """What a run takes as given: lenders as arrays, the book at the opening, corridors."""

    parameters: CreditParameters
    infrastructure: Array
    """Part of disbursements that builds each sector of infrastructure, ``(lender, sector)``."""
    sellers: NDArray[np.intp]
    """Rows of economies that fund tied lines."""
    times: Schedule
    book: CreditBook
    """At the end of the year before the base year."""
    flows: CreditFlows
    """Payments of that year: what the base year's records already hold."""


@dataclass
class CreditDesk:
    """Where a run keeps its lenders' book."""

    base: CreditBase
    projects: LoanTable
    affinity: Array
    """What lasts between a lender and a borrower and the model does not see, ``(lender, country)``."""
    book: CreditBook = field(init=False)
    flows: CreditFlows = field(init=False)
    reference: CreditFlows = field(init=False)
    """Payments of the base year, which its trade and its building already hold."""
    built: Array = field(init=False)
    """How far each corridor is built, ``(corridor,)``."""
    cut: Array = field(init=False)
    """Trade cost that corridors take off as far as they are built, ``(exporter, importer)``."""
    history: dict[int, dict[str, Array]] = field(default_factory=dict)
    """What each year leaves for the table of lenders, ``(lender,)`` by name."""

    def __post_init__(self) -> None:
        """Open the book, and enter the lines of the years before as one row for each lender and borrower."""
        self.book = self.base.book
        self.flows = self.base.flows
        self.reference = self.base.flows
        self.built = np.zeros(len(self.base.corridors.files))
        self.cut = self._corridor_cut()
        self.first_lender = len(self.projects.lenders)
        self.projects.lenders.extend(self.base.lenders.codes)
        before = self.book.entered
        lender, country = np.nonzero(before)
        if lender.size:
            until = np.array([f.opening.until if f.opening else 0 for f in self.base.files])
            self._enter(lender, country, before[lender, country], until[lender])

    def _enter(
        self, lender: Ints, country: Ints, amount: Array, year: Ints | int, **columns: Any
    ) -> None:
        lenders = self.base.lenders
        self.projects.append(
            kind=KINDS.index("credit_line"),
            lender=self.first_lender + lender,
            receiver=country,
            year_approved=year,
            first_disbursement=year,
            grace=lenders.grace[lender, country],
            maturity=lenders.maturity[lender, country],
            margin=lenders.rate[lender, country],
            amount=amount,
            **columns,
        )

    def enter(self, approvals: Approvals, year: int, sector: Ints, renewable: Mask) -> None:
        """Enter a year's lines into the table of projects."""
        if approvals.lender.size:
            self._enter(
                approvals.lender,
                approvals.country,
                approvals.size,
                year,
                sector=sector,
                renewable=renewable,
            )

    def build(self, planned: Array, effort: Array) -> None:
        """Build corridors on, ``(corridor,)``; what they cut is worked out where one has moved."""
        built = credit_lines.corridor_progress(self.built, planned, effort)
        if not np.array_equal(built, self.built):
            self.built = built
            self.cut = self._corridor_cut()

    def _corridor_cut(self) -> Array:
        corridors, countries = self.base.corridors, self.base.lenders.eligible.shape[1]
        part = self.base.parameters.corridor_cut * corridors.size * self.built
        return credit_lines.corridor_cut(corridors.ends, part, countries)

    def remember(self, year: int) -> None:
        """Keep the year for the table of lenders."""
        book, paid = self.book, self.flows
        self.history[year] = {
            "approvals": book.cohorts[year - book.first_cohort].sum(axis=1),
            "cancellations": paid.cancelled.sum(axis=1),
            "disbursements": paid.disbursed.sum(axis=1),
            "repayments": paid.repaid.sum(axis=1),
            "interest": paid.interest.sum(axis=1),
            "write_offs": paid.written_off.sum(axis=1),
            "outstanding": book.debt.sum(axis=1),
            "arrears": book.arrears.sum(axis=1),
            "undisbursed": book.undisbursed.sum(axis=1),
            "partners": (book.entered > 0.0).sum(axis=1).astype(float),
        }

    def settle(self, year: int) -> None:
        """Write into each line's row what has been paid, as its cohort's book has it.

        Lines of one lender, borrower and year share their cohort's payments by size; what a borrower is behind with is
        shared by what has fallen due.
        """
        table, book, first = self.projects, self.book, self.book.first_cohort
        rows = np.flatnonzero(table.kind == KINDS.index("credit_line"))
        if not rows.size:
            return
        lender = table.lender[rows].astype(np.intp) - self.first_lender
        country = table.receiver[rows].astype(np.intp)
        cohort = table.year_approved[rows].astype(np.intp) - first
        ages = self.base.times.drawn.shape[1]
        drawn = self.base.times.drawn[:, ::-1, 0].cumsum(axis=1)
        cancelled = self.base.times.cancelled[:, ::-1, 0].cumsum(axis=1)
        age = np.clip(year - first - np.arange(ages), 0, None)
        old = table.year_approved[rows] < FIRST_YEAR
        # A row for the lines before the base year stands for several cohorts.
        split = FIRST_YEAR - first
        by_cohort = book.approved
        every = by_cohort[:, :split]
        paid = np.where(
            old,
            (every * drawn[:, age[:split], None]).sum(axis=1)[lender, country],
            table.amount[rows] * drawn[lender, age[cohort]],
        )
        given_up = np.where(
            old,
            (every * cancelled[:, age[:split], None]).sum(axis=1)[lender, country],
            table.amount[rows] * cancelled[lender, age[cohort]],
        )
        approved = by_cohort[lender, cohort, country]
        part = np.divide(table.amount[rows], approved, out=np.zeros(rows.size), where=approved > 0)
        waiting = np.where(
            old,
            book.outstanding[:, :split].sum(axis=1)[lender, country],
            part * book.outstanding[lender, cohort, country],
        )
        fallen = np.maximum(paid - waiting, 0.0)
        total = np.zeros_like(book.arrears)
        np.add.at(total, (lender, country), fallen)
        share = np.divide(fallen, total[lender, country], out=np.zeros(rows.size), where=fallen > 0)
        behind, lost = (
            share * book.arrears[lender, country],
            share * book.written_off[lender, country],
        )
        table.disbursed[rows] = paid
        table.cancelled[rows] = given_up
        table.arrears[rows] = behind
        table.written_off[rows] = lost
        table.repaid[rows] = np.maximum(fallen - behind - lost, 0.0)
        over = year - table.year_approved[rows] >= self.base.lenders.years[lender]
        repaid = paid - table.repaid[rows] - lost < SETTLED
        status = np.select(
            [over & repaid & (lost > SETTLED), over & repaid, behind > SETTLED, over],
            [
                STATUSES.index("written_off"),
                STATUSES.index("closed"),
                STATUSES.index("arrears"),
                STATUSES.index("repaying"),
            ],
            default=STATUSES.index("disbursing"),
        )
        table.status[rows] = status
        table.completed[rows] = np.where(
            over, table.year_approved[rows] + self.base.lenders.years[lender], NONE
        )

    @classmethod
    def open(cls, base: CreditBase, streams: Streams, projects: LoanTable) -> CreditDesk:
        """Return the desk of a run with this luck."""
        countries = base.lenders.eligible.shape[1]
        draws = [
            streams.normal(f"credit affinity {code}", FIRST_YEAR, countries)
            for code in base.lenders.codes
        ]
        return cls(base, projects, np.array(draws).reshape(len(draws), countries))


class Credit(Submodel):
    """Credit lines between countries and the loans of funds; a part of finance."""

    name = "credit"
    title = "lines are approved, paid out and served; tied purchases and corridors move trade"
    needs = (Trade, Banking)
    variables = (
        variable("credit_approved", "country", "bn USD", "Credit lines approved to the country"),
        variable("credit_disbursed", "country", "bn USD", "Credit lines paid out to the country"),
        variable(
            "credit_service",
            "country",
            "bn USD",
            "Principal and interest the country pays on credit lines",
        ),
        variable("credit_lent", "country", "bn USD", "Credit lines the country pays out to others"),
        variable(
            "credit_collected",
            "country",
            "bn USD",
            "Principal and interest the country receives on credit lines",
        ),
        variable(
            "credit_debt",
            "country",
            "bn USD",
            "Debt on credit lines at the end of the year, arrears included",
        ),
        variable(
            "tied_freeness",
            "origin destination",
            "ratio",
            "Freeness of trade that tied credit lines add, next year's",
            neutral=1.0,
        ),
        variable(
            "corridor_cut",
            "origin destination",
            "fraction",
            "Trade cost that corridors take off, next year's",
        ),
    )
    policy = (
        variable(
            "credit_factor",
            "country",
            "ratio",
            "Credit lines that the country approves relative to plan",
            neutral=1.0,
        ),
        variable(
            "credit_focus",
            "country",
            "log",
            "Weight its credit lines add for least developed countries and small islands",
        ),
        variable(
            "credit_green",
            "country",
            "fraction",
            "Renewable part added to the energy lines that the country approves",
        ),
    )
    reads = (
        "gdp_current",
        "population",
        "trade",
        "imports",
        "credit_disbursed",
        "credit_service",
        "credit_lent",
        "credit_collected",
        "credit_debt",
        "distress",
        "gdp",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.banking = others.of(Banking)
        self.base = prepare(given.world, given.parameters, others.of(Trade).base.flows, given.files)
        self.desk: CreditDesk
        self._tied_before: Array | None = None
        """What tied lines bought in the base year."""

    def fill(self, state: State, given: Given) -> None:
        """Set the payments and debts of the year before the base year."""
        lines, funders = self.base.flows, self.base.lenders.funders
        state.credit_disbursed = lines.disbursed.sum(axis=0)
        state.credit_service = lines.service.sum(axis=0)
        state.credit_lent = lines.disbursed.sum(axis=1) @ funders
        state.credit_collected = lines.service.sum(axis=1) @ funders
        state.credit_debt = self.base.book.debt.sum(axis=0)

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes: the base, and the years that are over."""
        return (*super().fixed(), *self.desk.history.values())

    def open(self, now: Year) -> None:
        """Open the lenders' book and enter it into the table of loans."""
        self.desk = CreditDesk.open(self.base, now.luck, self.banking.loans)

    def year_of_lines(self, now: Year) -> Array:
        """Approve, disburse and collect; what tied lines buy and corridors save is traded next year.

        Returns
        -------
        ndarray
            What lines add to infrastructure, ``(country, sector)``, bn 2015 USD.
        """
        state, desk, base = now.state, self.desk, self.base
        funders = base.lenders.funders
        effort = funders @ state.credit_factor
        draws = _draw(now.luck, base.lenders.codes, now.year, len(now.world.iso3))
        approvals = credit_lines.approve(
            base.lenders,
            desk.book,
            self._weights(now),
            state.gdp_current,
            draws.luck,
            base.parameters,
            year=now.year,
            volume_factor=effort,
        )
        desk.book, desk.flows = credit_lines.serve(
            credit_lines.enter(desk.book, approvals.amount),
            base.lenders,
            base.times,
            state.distress,
            base.parameters,
        )
        green = funders @ state.credit_green
        desk.enter(approvals, now.year, *_purpose(base, approvals, draws.sector, now.year, green))
        if now.year == now.base_year:
            desk.reference = desk.flows
        disbursed, service = desk.flows.disbursed, desk.flows.service
        state.credit_approved = approvals.amount.sum(axis=0)
        state.credit_disbursed = disbursed.sum(axis=0)
        state.credit_service = service.sum(axis=0)
        state.credit_lent = disbursed.sum(axis=1) @ funders
        state.credit_collected = service.sum(axis=1) @ funders
        state.credit_debt = desk.book.debt.sum(axis=0)
        state.tied_freeness = self._tied_freeness(now)
        desk.build(
            base.corridors.planned(now.year), base.corridors.lenders @ np.minimum(effort, 1.0)
        )
        state.corridor_cut = desk.cut
        return self._built(now)

    def _weights(self, now: Year) -> Array:
        """Return the part of each lender's volume that it plans for each borrower, ``(lender, country)``."""
        state, lenders = now.state, self.base.lenders
        poorest = now.world.membership("LDC", now.year) | now.world.membership("SIDS", now.year)
        return credit_lines.borrower_weights(
            lenders,
            state.gdp_current,
            state.population,
            relative_ties(lenders.funders, state.trade, state.imports),
            self.desk.affinity,
            self.desk.book.entered > 0.0,
            state.distress,
            self.base.parameters,
            focus=np.outer(lenders.funders @ state.credit_focus, poorest.astype(float)),
        )

    def _tied_freeness(self, now: Year) -> Array:
        """Return how much freer trade is next year for what tied lines buy, ``(exporter, importer)``."""
        base, sellers = self.base, self.base.sellers
        additionality = base.parameters.tied_additionality
        if self._tied_before is None or now.year == now.base_year:
            self._tied_before = credit_lines.tied_purchases(
                base.lenders, self.desk.reference, additionality
            )
        tied = credit_lines.tied_purchases(base.lenders, self.desk.flows, additionality)
        freeness = np.ones_like(now.state.trade)
        freeness[sellers] = credit_lines.tied_freeness(
            tied,
            now.state.trade[sellers],
            self._tied_before,
            now.opening.trade[sellers],
            MOST_FREENESS,
        )
        return freeness

    def _built(self, now: Year) -> Array:
        """Return what lines add to infrastructure, ``(country, sector)``, bn 2015 USD.

        What they built in the base year is in the country's own share of investment, and stays there if they dry up.
        """
        grown = now.state.gdp / now.opening.gdp
        more = (self.desk.flows.disbursed - self.desk.reference.disbursed * grown).T
        volume = (
            self.banking.base.parameters.infrastructure_additionality
            * (more @ self.base.infrastructure)
            / now.deflator[now.year]
        )
        return np.maximum(volume, 0.0)

    def remember(self, now: Year) -> None:
        """Keep the year for the table of lenders."""
        self.desk.remember(now.year)

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the table of lenders by year; the lines themselves are settled into the table of loans."""
        if not self.desk.history:
            return {}
        self.desk.settle(now.year)
        desk = self.desk
        codes, years = desk.base.lenders.codes, list(desk.history)
        columns: dict[str, NDArray[Any]] = {
            "lender": np.repeat(np.arange(len(codes)), len(years)),
            "year": np.tile(np.array(years, dtype=np.int64), len(codes)),
        }
        for name in desk.history[years[0]]:
            by_year = np.array([desk.history[year][name] for year in years])
            columns[name] = by_year.T.reshape(-1)
        return {"lenders": RowTable("lenders", columns, {"lender": codes})}


def prepare(
    world: World, parameters: Parameters, trade: Array, files: InstitutionFiles
) -> CreditBase:
    """Return the lenders of a world under these parameters.

    Parameters
    ----------
    trade
        Goods trade of the base year, ``(exporter, importer)``, bn USD.
    files
        Files of lenders and corridors.
    """
    rules = CreditParameters.from_parameters(parameters)
    shipped = _lay(files, world)
    lenders, those = shipped.lenders, shipped.files
    weights = credit_lines.borrower_weights(
        lenders,
        world.base["gdp_current_busd"],
        world.base["population_m"],
        relative_ties(lenders.funders, trade, trade.sum(axis=0)),
        np.zeros_like(lenders.funders),
        np.ones(lenders.funders.shape, dtype=np.bool_),
        np.zeros(len(world.iso3)),
        rules,
    )
    first = min((f.opening.since for f in those if f.opening), default=FIRST_YEAR - 1)
    before = FIRST_YEAR - 1
    approved = np.array(
        [
            spread_opening(lender, world.iso3, weights[i], first, before)
            for i, lender in enumerate(those)
        ]
    ).reshape(len(those), before - first + 1, len(world.iso3))
    times = credit_lines.schedule(lenders, rules, LAST_YEAR - first + 1)
    book, flows = credit_lines.open_book(lenders, approved, first, times, rules)
    return CreditBase(
        **vars(shipped),
        parameters=rules,
        infrastructure=shipped.purposes.infrastructure,
        sellers=credit_lines.tied_sellers(lenders),
        times=times,
        book=book,
        flows=flows,
    )


@kept_by_world
def _lay(files: InstitutionFiles, world: World) -> _Laid:
    lenders = present_lenders(files.of(Lender), world)
    codes = [lender.code for lender in lenders]
    return _Laid(
        files=lenders,
        lenders=lay_lenders(lenders, world),
        purposes=lay_purposes(lenders, world),
        corridors=lay_corridors(files.of(Corridor), world, codes),
    )


def relative_ties(funders: Array, trade: Array, imports: Array) -> Array:
    """Return the funders' share in each country's imports over their share in all imports, ``(lender, country)``.

    Parameters
    ----------
    imports
        Columns' sums of `trade`, ``(country,)``.
    """
    sold = funders @ trade
    share = np.divide(sold, imports, out=np.zeros_like(sold), where=imports > 0.0)
    everywhere = sold.sum(axis=1, keepdims=True) / max(float(imports.sum()), np.finfo(float).tiny)
    ties: Array = np.divide(share, everywhere, out=np.zeros_like(share), where=everywhere > 0.0)
    return ties


@dataclass(frozen=True)
class _Draws:
    luck: credit_lines.Luck
    sector: Array
    """Uniform, ``(lender, country, place)``."""


def _draw(streams: Streams, codes: Sequence[str], year: int, countries: int) -> _Draws:
    """Draw a year's luck: a stream a lender, so that one more lender leaves the others theirs."""
    most = credit_lines.MOST_LINES
    count = len(codes)
    volume, size = np.empty(count), np.empty((count, countries, most))
    uniform = np.empty((count, countries, 1 + most))
    for i, code in enumerate(codes):
        normal = streams.generator(f"credit volume and sizes {code}", year)
        volume[i] = normal.standard_normal()
        normal.standard_normal(out=size[i])
        streams.generator(f"credit lines {code}", year).random(out=uniform[i])
    return _Draws(credit_lines.Luck(volume, uniform[:, :, 0], size), uniform[:, :, 1:])


def _purpose(
    base: CreditBase, approvals: Approvals, draw: Array, year: int, energy: Array
) -> tuple[Ints, Mask]:
    """Return the sector of each line and whether it is renewable energy, ``(line,)``.

    One uniform decides both: where it falls among the sectors, and where within its sector's part.
    """
    lender, country = approvals.lender, approvals.country
    purposes = base.purposes
    allied = purposes.allied[lender, country] & (year >= purposes.allied_since[lender])
    upper = np.where(allied[:, None], purposes.allied_sectors[lender], purposes.sectors[lender])
    luck = draw[lender, country, approvals.place]
    sector = (luck[:, None] >= upper[:, :-1]).sum(axis=1)
    line = np.arange(len(lender))
    top = upper[line, sector]
    bottom = np.where(sector > 0, upper[line, sector - 1], 0.0)
    within = (luck - bottom) / (top - bottom)
    part = np.minimum(purposes.renewable[allied.astype(int), lender] + energy[lender], 1.0)
    return sector, (sector == SECTORS_OF_LENDING.index("energy")) & (within < part)
