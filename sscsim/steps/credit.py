"""Part of step 5: credit lines between countries and the loans of funds (¶81, 106).

`prepare` turns the lenders' files into arrays and opens their book, `CreditDesk` is where a run keeps it, and `Credit`
is what finance runs.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import credit_lines
from sscsim.flows.credit_lines import (
    Approvals,
    Cohorts,
    CorridorPairs,
    CreditBook,
    CreditFlows,
    CreditParameters,
    Schedule,
)
from sscsim.means import part
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
from sscsim.world.keeping import kept_with_parameters
from sscsim.world.loans import COLUMNS, KINDS, NONE, STATUSES, LoanTable
from sscsim.world.state import State, variable
from sscsim.world.tables import World

__all__ = ["Credit", "CreditBase", "CreditDesk", "prepare"]


SETTLED = 1e-9
"""Billions of dollars below which nothing is owed: a dollar."""

MOST_FREENESS = 3.0
"""Tied purchases triple a pair's trade at most: beyond that the base matrix holds no trade worth scaling."""

TABLED = (
    "approvals",
    "cancellations",
    "disbursements",
    "repayments",
    "interest",
    "write_offs",
    "outstanding",
    "arrears",
    "undisbursed",
    "partners",
)
"""Columns of the table of lenders."""


@dataclass(frozen=True)
class _Laid:
    """What the files of lenders and corridors give a world, whatever the parameters are."""

    files: tuple[Lender, ...]
    lenders: Lenders
    purposes: Purposes
    corridors: Corridors
    pairs: CorridorPairs
    """Of the corridors."""


@dataclass(frozen=True)
class CreditBase(_Laid):
    """What a run takes as given: lenders as arrays, the book at the opening, corridors."""

    parameters: CreditParameters
    infrastructure: Array
    """Part of disbursements that builds each sector of infrastructure, ``(lender, sector)``."""
    renewable: Array
    """Part of lines before the base year that builds renewable power, ``(lender,)``."""
    depreciation: float
    """Of infrastructure, a year."""
    sellers: NDArray[np.intp]
    """Rows of economies that fund tied lines."""
    times: Schedule
    book: CreditBook
    """At the end of the year before the base year."""
    flows: CreditFlows
    """Payments of that year: what the base year's records already hold."""


@dataclass(frozen=True)
class _Lines:
    """Lines that are approved together, ``(line,)``, and how many loans of banks stood before them."""

    after: int
    year: Ints
    lender: Ints
    country: Ints
    amount: Array
    sector: Ints
    renewable: Mask


def _status(over: Mask, repaid: Mask, behind: Array, lost: Array) -> Ints:
    """Return where lines stand, ``(line,)``: the place in `STATUSES`."""
    status = np.select(
        [over & repaid & (lost > SETTLED), over & repaid, behind > SETTLED, over],
        [STATUSES.index(name) for name in ("written_off", "closed", "arrears", "repaying")],
        default=STATUSES.index("disbursing"),
    )
    return np.asarray(status)


@dataclass
class CreditDesk:
    """Where a run keeps its lenders' book."""

    base: CreditBase
    loans: LoanTable
    """Banks' loans, among whose rows the lines of each year stand in a run's table."""
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
    history: dict[int, Array] = field(default_factory=dict)
    """What each year leaves for the table of lenders, ``(column, lender)``, columns as in `TABLED`."""

    entered: list[_Lines] = field(default_factory=list)
    """Lines as they were approved, a year's together."""
    green: Cohorts = field(init=False)
    """Renewable part of each cohort: of lines before the base year what their lenders' files say."""
    renewable_before: Array = field(init=False)
    """What was spent on renewable power in the base year, ``(country,)``, bn USD."""

    def __post_init__(self) -> None:
        """Open the book, and enter the lines of the years before as one row for each lender and borrower."""
        self.book = self.base.book
        self.flows = self.base.flows
        self.reference = self.base.flows
        self.built = np.zeros(len(self.base.corridors.files))
        self.cut = self._corridor_cut()
        self.green = Cohorts(
            self.base.renewable[:, None, None] * self.book.approved, self.book.count
        )
        before = self.book.entered
        lender, country = np.nonzero(before)
        if lender.size:
            until = np.array([f.opening.until if f.opening else 0 for f in self.base.files])
            unknown, fossil = np.full(lender.size, NONE), np.zeros(lender.size, dtype=np.bool_)
            self.entered.append(
                _Lines(
                    len(self.loans),
                    until[lender],
                    lender,
                    country,
                    before[lender, country],
                    unknown,
                    fossil,
                )
            )

    def enter(self, approvals: Approvals, year: int, sector: Ints, renewable: Mask) -> None:
        """Enter a year's lines."""
        if approvals.lender.size:
            self.entered.append(
                _Lines(
                    len(self.loans),
                    np.full(approvals.lender.size, year),
                    approvals.lender,
                    approvals.country,
                    approvals.size,
                    sector,
                    renewable,
                )
            )
        shape = self.book.entered.shape
        cell = approvals.lender * shape[1] + approvals.country
        size = approvals.size * renewable
        green = np.bincount(cell, weights=size, minlength=self.book.entered.size)
        self.green = self.green.and_one(self.green.used, green.astype(np.float64).reshape(shape))

    def renewable_disbursed(self) -> Array:
        """Return what the year's payments spend on renewable power, ``(country,)``, bn USD."""
        count = self.green.used
        drawn = self.base.times.drawn[:, None, -count:]
        spent: Array = (drawn @ self.green.amounts[:, :count]).sum(axis=(0, 1))
        return spent

    def build(self, planned: Array, effort: Array) -> None:
        """Build corridors on, ``(corridor,)``; what they cut is worked out where one has moved."""
        built = credit_lines.corridor_progress(self.built, planned, effort)
        if not np.array_equal(built, self.built):
            self.built = built
            self.cut = self._corridor_cut()

    def _corridor_cut(self) -> Array:
        corridors, countries = self.base.corridors, self.base.lenders.eligible.shape[1]
        cut = self.base.parameters.corridor_cut * corridors.size * self.built
        return credit_lines.corridor_cut(self.base.pairs, cut, countries)

    def remember(self, year: int) -> None:
        """Keep the year for the table of lenders."""
        book, paid = self.book, self.flows
        by_borrower = (
            book.approved[:, year - book.first_cohort],
            paid.cancelled,
            paid.disbursed,
            paid.repaid,
            paid.interest,
            paid.written_off,
            book.debt,
            book.arrears,
            book.undisbursed,
            book.partner,
        )
        self.history[year] = np.array([one.sum(axis=1) for one in by_borrower], np.float64)

    def as_it_stands(self) -> CreditDesk:
        """Return a desk of today's loans and lines, which years to come leave alone."""
        twin = copy.copy(self)
        twin.loans, twin.entered = copy.copy(self.loans), list(self.entered)
        return twin

    def lines(self) -> LoanTable:
        """Return a table with a row for each line in the order of approval, nothing paid yet."""
        lenders, first = self.base.lenders, len(self.loans.lenders)
        count = sum(len(lines.lender) for lines in self.entered)
        table = LoanTable([*self.loans.lenders, *lenders.codes], room=count)
        if not self.entered:
            return table
        lender, country, year, amount, sector, renewable = (
            np.concatenate([getattr(lines, name) for lines in self.entered])
            for name in ("lender", "country", "year", "amount", "sector", "renewable")
        )
        table.append(
            kind=KINDS.index("credit_line"),
            lender=first + lender,
            receiver=country,
            year_approved=year,
            first_disbursement=year,
            grace=lenders.grace[lender, country],
            maturity=lenders.maturity[lender, country],
            margin=lenders.rate[lender, country],
            amount=amount,
            sector=sector,
            renewable=renewable,
        )
        return table

    def settled(self, year: int) -> LoanTable:
        """Return each line with what has been paid on it, as its cohort's book has it.

        Lines of one lender, borrower and year share their cohort's payments by size; what a borrower is behind with is
        shared by what has fallen due.
        """
        table, book, times = self.lines(), self.book, self.base.times
        if not len(table):
            return table
        first, amount, approved = book.first_cohort, table.amount, book.approved
        lender, country = table.lender - len(self.loans.lenders), table.receiver
        pair = lender * approved.shape[2] + country
        cohort = table.year_approved - first
        ages = times.drawn.shape[1]
        drawn = times.drawn[:, ::-1].cumsum(axis=1)
        cancelled = times.cancelled[:, ::-1].cumsum(axis=1)
        age = np.clip(year - first - np.arange(ages), 0, None)
        outstanding = approved * times.outstanding(approved.shape[1])
        # A row for the lines before the base year stands for several cohorts.
        split = FIRST_YEAR - first
        old = table.year_approved < FIRST_YEAR
        every = approved[:, :split]

        def either(before: Array, since: Array) -> Array:
            return np.where(old, before.reshape(-1).take(pair), since)

        paid = either(
            (every * drawn[:, age[:split], None]).sum(axis=1), amount * drawn[lender, age[cohort]]
        )
        given_up = either(
            (every * cancelled[:, age[:split], None]).sum(axis=1),
            amount * cancelled[lender, age[cohort]],
        )
        whole = approved[lender, cohort, country]
        part = np.divide(amount, whole, out=np.zeros(len(table)), where=whole > 0)
        waiting = either(
            outstanding[:, :split].sum(axis=1), part * outstanding[lender, cohort, country]
        )
        fallen = np.maximum(paid - waiting, 0.0)
        total = np.bincount(pair, weights=fallen, minlength=book.arrears.size)[pair]
        share = np.divide(fallen, total, out=np.zeros(len(table)), where=fallen > 0)
        behind = share * book.arrears.reshape(-1).take(pair)
        lost = share * book.written_off.reshape(-1).take(pair)
        table.disbursed = paid
        table.cancelled = given_up
        table.arrears = behind
        table.written_off = lost
        table.repaid = np.maximum(fallen - behind - lost, 0.0)
        years = self.base.lenders.years[lender]
        over = year - table.year_approved >= years
        table.status = _status(over, paid - table.repaid - lost < SETTLED, behind, lost)
        table.completed = np.where(over, table.year_approved + years, NONE)
        return table

    def among_loans(self, year: int) -> LoanTable:
        """Return banks' loans and lines in one table, in the order in which they were approved."""
        order, loan, line = [], 0, len(self.loans)
        for lines in self.entered:
            order += [np.arange(loan, lines.after), np.arange(line, line + len(lines.lender))]
            loan, line = lines.after, line + len(lines.lender)
        order.append(np.arange(loan, len(self.loans)))
        return self.loans.joined(self.settled(year), np.concatenate(order))

    @classmethod
    def open(cls, base: CreditBase, streams: Streams, loans: LoanTable) -> CreditDesk:
        """Return the desk of a run with this luck."""
        countries = base.lenders.eligible.shape[1]
        draws = [
            streams.normal(f"credit affinity {code}", FIRST_YEAR, countries)
            for code in base.lenders.codes
        ]
        return cls(base, loans, np.array(draws).reshape(len(draws), countries))


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
        variable(
            "renewable_capital",
            "country",
            "bn 2015 USD",
            "Renewable power that banks and lines built beyond the lending of the base year",
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
        "renewable_capital",
        "renewable_lending",
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
        desk = self.desk
        return (*super().fixed(), *desk.history.values(), *desk.entered)

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
        codes, countries = base.lenders.codes, len(now.world.iso3)
        draws = now.luck.once(
            ("credit lines", codes, countries),
            now.year,
            lambda luck: _draw(luck, codes, now.year, countries),
        )
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
        sector, renewable = _purpose(base, approvals, draws.sector, now.year, green)
        desk.enter(approvals, now.year, sector, renewable)
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
        self._renew(now)
        return self._built(now)

    def _weights(self, now: Year) -> Array:
        """Return the part of each lender's volume that it plans for each borrower, ``(lender, country)``."""
        state, lenders = now.state, self.base.lenders
        return credit_lines.borrower_weights(
            lenders,
            state.gdp_current,
            state.population,
            relative_ties(lenders, state.trade, state.imports),
            self.desk.affinity,
            self.desk.book.partner,
            state.distress,
            self.base.parameters,
            focus=self._focus(now),
        )

    def _focus(self, now: Year) -> Array | float:
        """Return what policy adds to lenders' focus on the poorest, ``(lender, country)``, if anything."""
        factor = now.state.credit_focus
        if not factor.any():
            return 0.0
        poorest = now.world.membership("LDC", now.year) | now.world.membership("SIDS", now.year)
        return np.outer(self.base.lenders.funders @ factor, poorest.astype(float))

    def _tied_freeness(self, now: Year) -> Array:
        """Return how much freer trade is next year for what tied lines buy, ``(exporter, importer)``."""
        if self._tied_before is None or now.year == now.base_year:
            self._tied_before = self._tied_rise(self.desk.reference, now.opening)
        rise = self._tied_rise(self.desk.flows, now.state)
        freeness = np.ones(now.state.trade.shape)
        freeness[self.base.sellers] = credit_lines.tied_freeness(
            rise, self._tied_before, MOST_FREENESS
        )
        return freeness

    def _tied_rise(self, flows: CreditFlows, state: State) -> Array:
        """Return by what tied lines multiply what their lenders would sell, ``(seller, importer)``."""
        base = self.base
        tied = credit_lines.tied_purchases(base.lenders, flows, base.parameters.tied_additionality)
        return credit_lines.tied_rise(tied, state.trade[base.sellers])

    def _built(self, now: Year) -> Array:
        """Return what lines add to infrastructure, ``(country, sector)``, bn 2015 USD.

        What they built in the base year is in the country's own share of investment, and stays there if they dry up.
        """
        # Lines are paid in dollars of the year: what they were in the base year grows with output in these.
        grown = now.state.gdp_current / now.opening.gdp_current
        more = (self.desk.flows.disbursed - self.desk.reference.disbursed * grown).T
        built = self.banking.base.parameters.infrastructure_additionality * now.volumes(
            more @ self.base.infrastructure
        )
        return np.maximum(built, 0.0)

    def _renew(self, now: Year) -> None:
        """Let renewable power wear out as infrastructure does, and add what the year's lending built of it.

        Like all that lending builds it is what moves beyond the base year (`_built`).
        """
        state, desk = now.state, self.desk
        spent = desk.renewable_disbursed()
        if now.year == now.base_year:
            desk.renewable_before = spent
        grown = state.gdp_current / now.opening.gdp_current
        more = now.volumes(spent - desk.renewable_before * grown)
        additional = self.banking.base.parameters.infrastructure_additionality
        state.renewable_capital = (
            (1.0 - self.base.depreciation) * state.renewable_capital
            + state.renewable_lending
            + additional * np.maximum(more, 0.0)
        )

    def remember(self, now: Year) -> None:
        """Keep the year for the table of lenders."""
        self.desk.remember(now.year)

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the table of lenders by year, and the one of loans and lines, laid out when it is asked for."""
        if not self.desk.history:
            return {}
        desk, stands = self.desk, self.desk.as_it_stands()
        iso3, year = now.world.iso3, now.year
        codes, years = desk.base.lenders.codes, list(desk.history)
        columns: dict[str, NDArray[Any]] = {
            "lender": np.repeat(np.arange(len(codes)), len(years)),
            "year": np.tile(np.array(years, dtype=np.int64), len(codes)),
        }
        values = np.stack(list(desk.history.values()), axis=2)
        for name, by_lender in zip(TABLED, values, strict=True):
            columns[name] = by_lender.reshape(-1)
        return {
            "lenders": RowTable("lenders", columns, {"lender": codes}),
            "loans": RowTable.later("loans", lambda: _loan_table(stands, iso3, year)),
        }


def _loan_table(desk: CreditDesk, iso3: Sequence[str], year: int) -> RowTable:
    """Return every loan and line, a row each."""
    table = desk.among_loans(year)
    texts = {
        "lender": tuple(table.lenders),
        "kind": KINDS,
        "receiver": tuple(iso3),
        "sector": SECTORS_OF_LENDING,
        "status": STATUSES,
    }
    # The table is made for this: its columns are handed on, and not copied.
    held = table.held()
    columns: dict[str, NDArray[Any]] = {c.name: held[c.name] for c in COLUMNS if c.shown}
    for name in ("kind", "status"):
        columns[name] = columns[name].astype(np.int64)
    columns["outstanding"] = table.outstanding
    return RowTable("loans", columns, texts)


@kept_with_parameters
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
        relative_ties(lenders, trade, trade.sum(axis=0)),
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
        renewable=shipped.purposes.infrastructure[:, SECTORS_OF_LENDING.index("energy")]
        * shipped.purposes.renewable[0],
        depreciation=parameters["infrastructure_depreciation"],
        sellers=lenders.sellers[0],
        times=times,
        book=book,
        flows=flows,
    )


@kept_by_world
def _lay(files: InstitutionFiles, world: World) -> _Laid:
    lenders = present_lenders(files.of(Lender), world)
    codes = [lender.code for lender in lenders]
    corridors = lay_corridors(files.of(Corridor), world, codes)
    return _Laid(
        files=lenders,
        lenders=lay_lenders(lenders, world),
        purposes=lay_purposes(lenders, world),
        corridors=corridors,
        pairs=CorridorPairs.along(corridors.ends, len(world.iso3)),
    )


def relative_ties(lenders: Lenders, trade: Array, imports: Array) -> Array:
    """Return the funders' share in each country's imports over their share in all imports, ``(lender, country)``.

    Parameters
    ----------
    imports
        Columns' sums of `trade`, ``(country,)``.
    """
    there, funders = lenders.home
    sold = funders @ trade[there]
    everywhere = sold.sum(axis=1, keepdims=True) / max(float(imports.sum()), sys.float_info.min)
    return part(part(sold, imports), everywhere)


@dataclass(frozen=True)
class _Draws:
    luck: credit_lines.Luck
    sector: Array
    """Uniform, ``(lender, country, place)``."""


def _draw(streams: Streams, codes: Sequence[str], year: int, countries: int) -> _Draws:
    """Draw a year's luck: a stream a lender, so that one more lender leaves the others theirs."""
    most = credit_lines.MOST_LINES
    count = len(codes)
    # The volume's first, and then those of sizes.
    normal = np.empty((count, 1 + countries * most))
    uniform = np.empty((count, countries, 1 + most))
    for i, code in enumerate(codes):
        sizes = streams.generator(f"credit volume and sizes {code}", year)
        sizes.standard_normal(out=normal[i])
        streams.generator(f"credit lines {code}", year).random(out=uniform[i])
    size = normal[:, 1:].reshape(count, countries, most)
    return _Draws(credit_lines.Luck(normal[:, 0], uniform[:, :, 0], size), uniform[:, :, 1:])


def _purpose(
    base: CreditBase, approvals: Approvals, draw: Array, year: int, energy: Array
) -> tuple[Ints, Mask]:
    """Return the sector of each line and whether it is renewable energy, ``(line,)``.

    One uniform decides both: where it falls among the sectors, and where within its sector's part.
    """
    lender, purposes = approvals.lender, base.purposes
    cell = lender * draw.shape[1] + approvals.country
    allied = purposes.allied.reshape(-1).take(cell) & (year >= purposes.allied_since)[lender]
    # Sectors laid end to end, those of lenders and then those for their allies.
    # Lenders outside their alliances, and then inside.
    either = lender + len(purposes.sectors) * allied
    upper = purposes.ends.take(either, axis=1)
    luck = draw[lender, approvals.country, approvals.place]
    sector = (luck >= upper[:-1]).sum(axis=0)
    # Of energy the lower part is renewable.
    place = SECTORS_OF_LENDING.index("energy")
    bottom = upper[place - 1] if place else 0.0
    within = (luck - bottom) / (upper[place] - bottom)
    part = np.minimum(purposes.renewable.reshape(-1).take(either) + energy[lender], 1.0)
    return sector, (sector == place) & (within < part)
