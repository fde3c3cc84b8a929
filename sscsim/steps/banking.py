"""The banks' part of step 5: capital comes in, borrowers pay, projects are approved and paid out, governors decide.

It is a part of the step of finance, which runs it and joins what banks pay with what others pay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.counts import whole
from sscsim.flows import banking, books
from sscsim.flows.banking import BankingBase, BankingParameters, Portfolio
from sscsim.flows.books import Payments, Sheet
from sscsim.means import over_mean, part, shares
from sscsim.parameters import Parameters
from sscsim.results.tables import RowTable
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.streams import Streams
from sscsim.types import Array, Index, Mask
from sscsim.world.institutions import (
    INFRASTRUCTURE,
    SECTORS_OF_LENDING,
    Bank,
    InstitutionFiles,
)
from sscsim.world.institutions.banks import BankRules, lay_banks
from sscsim.world.keeping import kept_with_parameters
from sscsim.world.loans import NONE, LoanTable
from sscsim.world.state import State, variable
from sscsim.world.tables import World

if TYPE_CHECKING:
    from sscsim.agents import DevelopmentBank  # Mesa takes a second, and the plan needs none of it

__all__ = ["AuditFailed", "BankReceipts", "Banking"]


TABLED = (
    "bank_proposals",
    "bank_envelope",
    "bank_approvals",
    "bank_cancellations",
    "bank_disbursements",
    "bank_withheld",
    "bank_repayments",
    "bank_interest",
    "bank_write_offs",
    "bank_treasury_income",
    "bank_bonds_sold",
    "bank_bonds_repaid",
    "bank_bond_interest",
    "bank_expenses",
    "bank_capital_received",
    "bank_capital_returned",
    "bank_liquid_assets",
    "bank_loans",
    "bank_borrowings",
    "bank_reserves",
    "bank_subscribed",
    "bank_undisbursed",
    "bank_arrears",
    "bank_statutory_limit",
    "bank_headroom",
    "bank_headroom_years",
    "bank_reverse_linkage",
    "bank_decision",
)
"""Columns of the table of banks that are state variables by bank."""

ADDED_UP = ("paid_in", "payable", "equity", "members", "loans_ldc", "loans_sids")
"""Columns that are sums over countries."""

FURTHEST = 100.0
"""Years of headroom beyond which nobody looks."""

SIZES_AT_PRICES_OF = 2017
"""Sizes of projects in banks' files are those of 2016 to 2018."""


class AuditFailed(AssertionError):
    """The books of a year do not hold: a mistake of the model, never of the user."""


@dataclass(frozen=True)
class BankReceipts:
    """What a year of banks means for economies, ``(country,)`` unless said otherwise.

    Attributes
    ----------
    net
        Received from banks less paid to them, bn USD.
    infrastructure
        What they pay out beyond the lending that the base year holds already adds to infrastructure,
        ``(country, sector)``, bn 2015 USD.
    debt, service
        External debt to banks and others, credit lines apart, and what is paid on it, bn USD.
    interest
        Interest that passes through banks, received less paid, bn USD.
    """

    net: Array
    infrastructure: Array
    debt: Array
    service: Array
    interest: Array


@dataclass(frozen=True)
class _Position:
    """Where banks stand once borrowers have paid, before anything is paid out, ``(bank,)``."""

    owed: banking.Obligations
    cash: Array
    treasury: Array
    """Income from liquid assets."""
    loans: Array
    commitments: Array
    """Approved and not yet paid out."""
    promised: Array
    """What each country owes and is promised, ``(bank, country)``."""
    subscribed: Array
    paid_in: Array
    reserves: Array


@dataclass(frozen=True)
class _Limits:
    """What binds banks in a year, ``(bank,)``."""

    statutory: Array
    borrowing: Array
    target: Array
    """Liquid assets that the liquidity rule asks for."""
    headroom: Array
    allowed: Array
    """What may be approved."""
    funds: Array
    """What loans can be financed with once capital is paid in."""


@dataclass(frozen=True)
class _Choice:
    """What members proposed and banks approved, ``(bank,)``, and the loans that come of it, ``(loan,)``."""

    proposed: Array
    approved: Array
    bank: Index
    window: Index
    amount: Array


@dataclass(frozen=True)
class _Account:
    """What a year of banks came to."""

    members: banking.Membership
    capital: banking.Capital
    service: banking.Served
    position: _Position
    limits: _Limits
    choice: _Choice
    wanted: Array
    """Due to be paid out, ``(bank,)``."""
    funded: banking.Borrowing
    called: Array
    """Callable capital that members have to pay, ``(bank, country)``."""
    payables: Array
    """Owed to former members before the year's payments, ``(bank, country)``."""
    payments: Payments
    closing: Sheet


@dataclass(frozen=True)
class _Done:
    """What a year of banks means for economies, ``(country,)``; `built` is ``(country, sector)``."""

    net: Array
    served: Array
    received: Array
    built: Array
    """Paid out for infrastructure, bn USD."""
    renewable: Array
    """Of this for renewable energy."""
    interest: Array


class Banking(Submodel):
    """Development banks with real books; a part of finance."""

    name = "banking"
    title = "capital comes in, borrowers pay, projects are approved and paid out, governors decide"
    variables = (
        variable("bank_liquid_assets", "bank", "bn USD", "Liquid assets of a bank"),
        variable("bank_loans", "bank", "bn USD", "Loans outstanding of a bank"),
        variable("bank_borrowings", "bank", "bn USD", "Bonds that a bank owes"),
        variable("bank_reserves", "bank", "bn USD", "Reserves and retained earnings of a bank"),
        variable("bank_paid_in", "bank country", "bn USD", "Capital a member has paid in"),
        variable("bank_called", "bank country", "bn USD", "Callable capital a member had to pay"),
        variable(
            "bank_payable", "bank country", "bn USD", "Owed to a former member for its shares"
        ),
        variable("bank_outstanding", "bank country", "bn USD", "Owed to a bank by a country"),
        variable("bank_member", "bank country", "0 or 1", "Whether a country is a member"),
        variable("bank_joined", "bank country", "year", "When a member joined, zero for others"),
        variable("bank_subscribed", "bank", "bn USD", "Capital subscribed, paid in or callable"),
        variable(
            "bank_capital_multiple",
            "bank",
            "ratio",
            "Capital subscribed over that of the opening, by the governors' increases",
            neutral=1.0,
        ),
        variable(
            "bank_capital_voted",
            "bank",
            "ratio",
            "The same once all that was voted is subscribed",
            neutral=1.0,
        ),
        variable("bank_capital_step", "bank", "ratio", "What a year adds to it"),
        variable("bank_limit_ratio", "bank", "ratio", "Statutory limit over its base"),
        variable(
            "bank_limit_voted", "bank", "ratio", "The same once all that was voted is taken up"
        ),
        variable("bank_pace", "bank", "bn USD", "Largest approvals of a year so far"),
        variable("bank_admits", "bank", "0 or 1", "Whether governors have let candidates in"),
        variable(
            "bank_headroom",
            "bank",
            "bn USD",
            "Statutory limit less loans outstanding and what is signed, before the year's payments",
        ),
        variable(
            "bank_headroom_years",
            "bank",
            "years",
            "Years to the nearest limit as governors see it, at most a hundred",
        ),
        variable("bank_envelope", "bank", "bn USD", "What a bank may approve in the year"),
        variable("bank_proposals", "bank", "bn USD", "What members proposed"),
        variable("bank_approvals", "bank", "bn USD", "Projects approved"),
        variable("bank_cancellations", "bank", "bn USD", "Approved earlier and given up"),
        variable("bank_disbursements", "bank", "bn USD", "Paid out to borrowers"),
        variable("bank_withheld", "bank", "bn USD", "Due to be paid out, and kept back by a limit"),
        variable("bank_repayments", "bank", "bn USD", "Principal paid back by borrowers"),
        variable("bank_interest", "bank", "bn USD", "Interest paid by borrowers"),
        variable("bank_write_offs", "bank", "bn USD", "Principal written off"),
        variable("bank_arrears", "bank", "bn USD", "Principal overdue at the end of the year"),
        variable("bank_undisbursed", "bank", "bn USD", "Approved and not yet paid out"),
        variable("bank_bonds_sold", "bank", "bn USD", "Bonds sold"),
        variable("bank_bonds_repaid", "bank", "bn USD", "Bonds repaid"),
        variable("bank_bond_interest", "bank", "bn USD", "Interest paid on bonds"),
        variable("bank_treasury_income", "bank", "bn USD", "Income from liquid assets"),
        variable("bank_expenses", "bank", "bn USD", "Expenses"),
        variable("bank_capital_received", "bank", "bn USD", "Capital paid in during the year"),
        variable("bank_capital_returned", "bank", "bn USD", "Shares bought back from members"),
        variable("bank_statutory_limit", "bank", "bn USD", "Most that may be outstanding"),
        variable(
            "bank_decision",
            "bank",
            "0 to 3",
            "Governors: none, capital increase, higher limit, accession",
        ),
        variable(
            "bank_reverse_linkage",
            "bank",
            "bn USD",
            "Budget for knowledge that members give each other through the bank",
        ),
        variable(
            "debt_other_ratio",
            "country",
            "ratio",
            "External debt to others than the banks, over GDP",
        ),
        variable("bank_debt_service", "country", "bn USD", "Of this, paid to development banks"),
        variable(
            "bank_disbursements_received", "country", "bn USD", "Disbursed by development banks"
        ),
        variable("distress", "country", "0 or 1", "Whether a country is in debt distress"),
        variable(
            "renewable_lending",
            "country",
            "bn 2015 USD",
            "What banks add to renewable power beyond the lending of the base year",
        ),
    )
    policy = (
        variable(
            "reverse_linkage_budget",
            "world",
            "ratio",
            "Money of development banks for reverse linkage relative to plan",
            neutral=1.0,
        ),
        variable(
            "distress_shock", "country", "fraction", "Hazard of debt distress that a shock adds"
        ),
        variable(
            "debt_settlement",
            "country",
            "fraction",
            "Part of the waiting for a restructuring that settlements spare a country in distress",
        ),
        variable(
            "debt_forgiveness",
            "country",
            "fraction",
            "Part of the debt left by a restructuring that is forgiven too",
        ),
        variable(
            "bank_capital_factor",
            "bank",
            "ratio",
            "Capital relative to what is subscribed",
            neutral=1.0,
        ),
        variable(
            "bank_speed", "bank", "ratio", "Speed of the ramp-up relative to plan", neutral=1.0
        ),
        variable(
            "bank_limit_factor",
            "bank",
            "ratio",
            "Statutory limit relative to the rule",
            neutral=1.0,
        ),
        variable(
            "bank_admission", "bank", "0 to 1", "Whether new members are admitted", neutral=1.0
        ),
        variable(
            "bank_governing",
            "bank",
            "ratio",
            "Governors' readiness to decide, to plan",
            neutral=1.0,
        ),
        variable("bank_spread", "bank", "1/year", "Cost of bonds beyond the common rate"),
        variable(
            "bank_restraint",
            "bank",
            "ratio",
            "Approvals relative to what the rules allow",
            neutral=1.0,
        ),
        variable("bank_demand", "bank", "ratio", "Proposals relative to plan", neutral=1.0),
        variable("bank_cancelling", "bank", "ratio", "Cancellations relative to plan", neutral=1.0),
        variable("bank_cofinancing", "bank", "fraction", "Added part of co-financed projects"),
        variable("bank_weight_ldc", "bank", "score", "Added weight on least developed countries"),
        variable("bank_weight_sids", "bank", "score", "Added weight on small island States"),
        variable("bank_weight_renewable", "bank", "score", "Added weight on renewable energy"),
    )
    reads = (
        "population",
        "gdp",
        "gdp_current",
        "population",
        "exports",
        "gni",
        "debt_other_ratio",
        "debt_outstanding",
        "debt_service",
        "distress",
        "bank_liquid_assets",
        "bank_loans",
        "bank_borrowings",
        "bank_reserves",
        "bank_paid_in",
        "bank_called",
        "bank_payable",
        "bank_outstanding",
        "bank_member",
        "bank_joined",
        "bank_capital_multiple",
        "bank_capital_voted",
        "bank_capital_step",
        "bank_limit_ratio",
        "bank_limit_voted",
        "bank_pace",
        "bank_admits",
        "bank_headroom_years",
        "bank_repayments",
        "bank_undisbursed",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.audit = given.audit
        self.base = _base(given.world, given.parameters, given.files)
        self.loans = LoanTable(self.base.codes)
        """Every loan of the run."""
        self.history: dict[int, Array] = {}
        """What banks did in each year recorded, for their table, ``(column, bank)``."""

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes: banks as their agents know them, and the years that are over."""
        return (*super().fixed(), *self.base.rules, *self.history.values())

    def sizes(self) -> dict[str, int]:
        """Return the number of banks."""
        return {"bank": len(self.base.rules)}

    def fill(self, state: State, given: Given) -> None:
        """Open the books of the banks that are older than the base year."""
        banks = self.base.banks
        state.bank_limit_ratio = banks.statutory
        state.bank_limit_voted = banks.statutory
        state.bank_reverse_linkage = banks.reverse_linkage
        for place, own in enumerate(self.base.rules):
            if opens_with(own, given.year):
                open_books(state, self.loans, place, own, self.base.profile[place])
                state.bank_subscribed[place] = own.bank.capital.subscribed.value
        self.first_interest = self._opening_interest(state)
        # What the data count as external debt holds these loans and lines already.
        banks = state.bank_outstanding.sum(axis=0) + state.credit_debt
        state.debt_other_ratio = np.maximum(
            self.base.other_debt_ratio - banks / state.gdp_current, 0.0
        )

    def year_of_banks(self, now: Year) -> BankReceipts:
        """Run the banks' year."""
        state, base = now.state, self.base
        self._distress(now)
        for place, rules in enumerate(base.rules):
            if rules.first_year == now.year and not opens_with(rules, now.base_year):
                open_books(state, self.loans, place, rules, base.profile[place])
        working = base.banks.first_year <= now.year
        done = self._bank_year(now, working) if working.any() else _nothing(len(state.population))
        state.bank_debt_service = done.served
        state.bank_disbursements_received = done.received
        other = state.debt_other_ratio * state.gdp_current
        # What went on as in the base year is in the country's own investment of that year.
        before = self._as_before(now, working)
        sectors, energy = base.builds
        additional = base.parameters.infrastructure_additionality
        more = now.volumes(done.built - before @ sectors)
        built = np.maximum(additional * more, 0.0)
        renewable = now.volumes(done.renewable - before @ energy)
        state.renewable_lending = np.maximum(additional * renewable, 0.0)
        return BankReceipts(
            net=done.net,
            infrastructure=built,
            debt=other + state.bank_outstanding.sum(axis=0),
            service=base.service_rate * other + done.served,
            # Until a bank that is older than the base year is at work its loans pay what they pay in the base year.
            interest=done.interest + self.first_interest[~working].sum(axis=0),
        )

    def _as_before(self, now: Year, working: Mask) -> Array:
        """Return what banks would pay out at the pace of the base year, grown with output, ``(country, bank)``.

        A pace in dollars of the year grows with output in these, as that of credit lines does.
        """
        grown = now.state.gdp_current / now.opening.gdp_current
        pace: Array = (np.where(working[:, None], self.base.pace, 0.0) * grown).T
        return pace

    def _bank_year(self, now: Year, working: Mask) -> _Done:
        """Run the year of the banks that work: the order in which money comes and goes."""
        state, year, profile, banks = now.state, now.year, self.base.profile, len(working)
        sheet = _sheet(state)
        luck = _luck(now, self.base, working)
        members, capital = self._capital(now, working)
        loans = Portfolio.of(self.loans)
        service = banking.serve(
            loans, members.member, state.distress, profile, year, self.base.parameters
        )
        position = self._position(state, sheet, service, capital)
        limits = self._limits(now, working, sheet, position, capital, service)
        choice = self._choose(now, working, members.member, position.promised, limits, luck)
        loans = Portfolio.of(self.loans)  # with what was approved
        due = np.concatenate([service.due, profile[choice.bank, choice.window, 0] * choice.amount])
        wanted = banking.total(loans.lender, due, banks)
        payables = state.bank_payable + capital.withdrawn
        funded = banking.borrow(
            wanted,
            np.maximum(limits.statutory - position.loans, 0.0),
            replace(position.owed, payables=payables.sum(axis=1)),
            banking.Means(
                cash=position.cash,
                target=limits.target,
                borrowings=sheet.borrowings,
                borrowing_limit=limits.borrowing,
                callable_capital=np.maximum(position.subscribed - position.paid_in, 0.0),
            ),
        )
        share = banking.share_paid(wanted, funded.disbursed)
        paid = banking.pay_out(loans, due, share, payables.shape, len(SECTORS_OF_LENDING), year)
        called = _pro_rata(funded.called, capital.subscription)
        wealth = self._wealth(state)
        payments = Payments(
            capital_paid=capital.paid + called,
            principal_repaid=service.principal,
            interest_received=service.interest,
            disbursed=paid.disbursed,
            capital_returned=_pro_rata(funded.capital_returned, payables),
            written_off=service.written,
            capital_withdrawn=capital.withdrawn,
            interest_capitalised=funded.interest_capitalised,
            **self._with_markets(wealth, capital, position.treasury, funded),
        )
        account = _Account(
            members=members,
            capital=capital,
            service=service,
            position=position,
            limits=limits,
            choice=choice,
            wanted=wanted,
            funded=funded,
            called=called,
            payables=payables,
            payments=payments,
            closing=books.close_books(sheet, payments),
        )
        state.bank_undisbursed = paid.waiting
        state.bank_arrears = service.arrears
        self._post(state, account)
        self._report(now, working, account)
        if self.audit:
            self._check(now, sheet, account)
        self._look_ahead(state, working, account)
        self._govern(now, working, luck)
        built, renewable = self._built(paid)
        return _Done(
            net=payments.net_to_countries,
            served=(service.principal + service.interest).sum(axis=0),
            received=payments.disbursed.sum(axis=0),
            built=built,
            renewable=renewable,
            interest=books.net_interest(
                service.interest,
                funded.bond_interest,
                position.treasury,
                state.bank_paid_in,
                wealth,
            ),
        )

    def _opening_interest(self, state: State) -> Array:
        """Return the interest of the base year through each bank that is older, ``(bank, country)``."""
        rules, sheet, shape = self.base.parameters, _sheet(state), state.bank_outstanding.shape
        loans, wealth = Portfolio.of(self.loans), self._wealth(state)
        paid = banking.collect(loans, np.zeros(shape[1]), state.year, rules).interest
        received = banking.total(loans.cell, paid, shape[0] * shape[1]).reshape(shape)
        bonds = sheet.borrowings * rules.bank_funding_rate
        treasury = _treasury_income(sheet, rules)
        return np.array(
            [
                books.net_interest(
                    received[[i]], bonds[[i]], treasury[[i]], state.bank_paid_in[[i]], wealth
                )
                for i in range(shape[0])
            ]
        )

    def _wealth(self, state: State) -> Array:
        """Return each country's part of the wealth that buys bonds."""
        return shares(np.where(self.base.financier, state.gdp_current, 0.0))

    def _capital(self, now: Year, working: Mask) -> tuple[banking.Membership, banking.Capital]:
        """Let members come, go and pay; the capital that governors voted is subscribed step by step."""
        state, shares = now.state, self.base.banks.shares
        members = banking.members_of_year(
            shares,
            banking.Membership(state.bank_member, state.bank_joined),
            working,
            state.bank_admission,
            state.bank_admits,
            now.year,
        )
        state.bank_capital_multiple = np.minimum(
            state.bank_capital_multiple + state.bank_capital_step, state.bank_capital_voted
        )
        capital = banking.subscribe(
            shares,
            members,
            working,
            state.bank_capital_factor,
            state.bank_called,
            state.bank_paid_in,
            state.bank_capital_multiple,
            self.base.parameters.capital_increase_paid_in,
            now.year,
        )
        return members, capital

    def _position(
        self,
        state: State,
        sheet: Sheet,
        service: banking.Served,
        capital: banking.Capital,
    ) -> _Position:
        """Return where banks stand: what is due on bonds and for the house, what is left of loans and of equity."""
        rules, waiting = self.base.parameters, service.waiting
        commitments = waiting.sum(axis=1)
        owed = banking.Obligations(
            bonds=sheet.borrowings / rules.bank_funding_years,
            interest=sheet.borrowings * (rules.bank_funding_rate + state.bank_spread),
            expenses=rules.bank_expenses * (sheet.loans + commitments),
            payables=sheet.payables,
        )
        treasury = _treasury_income(sheet, rules)
        principal, interest, written = service.by_bank
        earned = interest + treasury - owed.interest - owed.expenses - written
        return _Position(
            owed=owed,
            cash=sheet.liquid_assets + capital.paid.sum(axis=1) + principal + interest + treasury,
            treasury=treasury,
            loans=sheet.loans - principal - written,
            commitments=commitments,
            promised=state.bank_outstanding - service.principal - service.written + waiting,
            subscribed=capital.subscription.sum(axis=1),
            paid_in=sheet.paid_in + (capital.paid - capital.withdrawn).sum(axis=1),
            reserves=sheet.reserves + earned,
        )

    def _limits(
        self,
        now: Year,
        working: Mask,
        sheet: Sheet,
        position: _Position,
        capital: banking.Capital,
        service: banking.Served,
    ) -> _Limits:
        """Return the year's limits, with capital and reserves of its end; a higher one is taken up in steps."""
        state, files, rules = now.state, self.base.banks, self.base.parameters
        state.bank_limit_ratio = np.minimum(
            state.bank_limit_ratio + rules.limit_step / rules.capital_increase_years,
            state.bank_limit_voted,
        )
        own_funds = np.where(files.on_equity, position.paid_in, position.subscribed)
        statutory = np.maximum(
            state.bank_limit_ratio * state.bank_limit_factor * (own_funds + position.reserves), 0.0
        )
        principal, interest, _ = service.by_bank
        net = (
            service.following
            + position.owed.bonds
            + position.owed.interest
            + position.owed.expenses
        )
        net = np.maximum(net - principal - interest, 0.0)
        target = np.where(working, files.liquidity * net, 0.0)
        equity_due = np.maximum(capital.paid_in_when_due + position.reserves, 0.0)
        funds = self._borrowing_limit(statutory, equity_due) + equity_due - target
        headroom = np.where(working, statutory - position.loans - position.commitments, 0.0)
        # What can be funded while what is signed is paid out, and borrowers pay back.
        fundable = (
            funds
            - position.loans
            - position.commitments * (1.0 - rules.cancellation_probability)
            + rules.governors_horizon * (principal - service.revolved)
        )
        envelope = banking.envelope(
            np.minimum(headroom, fundable),
            now.year + 1.0 - files.opened_at,
            rules,
            speed=state.bank_speed,
            revolved=service.revolved,
        )
        return _Limits(
            statutory=statutory,
            borrowing=self._borrowing_limit(
                statutory, np.maximum(position.paid_in + position.reserves, 0.0)
            ),
            target=target,
            headroom=headroom,
            allowed=state.bank_restraint * np.where(working, envelope, 0.0),
            funds=funds,
        )

    def _borrowing_limit(self, statutory: Array, equity: Array) -> Array:
        """Return the most that banks may borrow: their limit over equity, or else the statutory limit."""
        ratio = self.base.banks.borrowing
        return np.where(np.isnan(ratio), statutory, ratio * equity)

    def _choose(
        self,
        now: Year,
        working: Mask,
        member: Array,
        promised: Array,
        limits: _Limits,
        luck: _Luck,
    ) -> _Choice:
        """Let each bank choose among what its members bring, and enter what it approves."""
        state, banks = now.state, len(working)
        country_limit = self.base.banks.country * limits.statutory
        proposals = banking.draw_proposals(
            luck.proposals,
            self.base.banks.slate,
            self.base.banks.mandates,
            self._standing(now, working, member, promised, country_limit),
            self.base.parameters,
        )
        standing = banking.score(proposals, self._weights(state).of(proposals.bank))
        room = np.maximum(country_limit[:, None] - promised, 0.0)
        allowed = np.where(working, limits.allowed, 0.0)
        own = [one for one in now.agents.banks if not one.goes_by_the_rule and working[one.index]]
        by_the_rule = allowed.copy()
        for agent in own:
            by_the_rule[agent.index] = 0.0
        taken = banking.approve_side_by_side(
            standing, proposals.bank, proposals.amount, proposals.receiver, by_the_rule, room
        )
        for agent in own:
            i = agent.index
            rows = proposals.rows(i)
            if rows.start < rows.stop:
                taken[rows] = _approved(agent, proposals.take(rows), float(allowed[i]), room[i])
        chosen = taken.nonzero()[0]
        bank, amount = proposals.bank[chosen], proposals.amount[chosen]
        if chosen.size:
            self._enter(now, proposals, chosen)
        return _Choice(
            proposed=banking.total(proposals.bank, proposals.amount, banks),
            approved=banking.total(bank, amount, banks),
            bank=bank,
            window=proposals.window[chosen],
            amount=amount,
        )

    def _weights(self, state: State) -> banking.Weights:
        """Return what scores are made of this year, ``(bank,)``: the files and the scenario's levers."""
        files = self.base.banks.scoring
        renewable, ldc = state.bank_weight_renewable, state.bank_weight_ldc
        sids = state.bank_weight_sids
        if not (renewable.any() or ldc.any() or sids.any()):
            return files
        return replace(
            files,
            renewable=files.renewable + renewable,
            ldc=files.ldc + ldc,
            sids=files.sids + sids,
        )

    def _standing(
        self, now: Year, working: Mask, member: Array, promised: Array, country_limit: Array
    ) -> banking.Standing:
        """Return how members stand when they bring proposals."""
        state, base = now.state, self.base
        slate = base.banks.slate
        income = state.gdp / state.population / base.mean_income
        wanted = banking.demand(
            state.gdp_current, income, base.readiness, state.distress, base.parameters
        )
        may = working[slate.bank] & (member[slate.bank, slate.country] > 0.0)
        asked = wanted[slate.country] * state.bank_demand[slate.bank]
        prices = now.deflator[now.year] / now.deflator[SIZES_AT_PRICES_OF]
        return banking.Standing(
            wanted=np.where(may, np.maximum(asked, 0.0), 0.0),
            gdp=state.gdp,
            need=-np.log(income),
            ldc=base.ldc,
            lldc=base.lldc,
            sids=base.sids,
            exposure=promised[slate.bank, slate.country]
            / np.maximum(country_limit, 1e-9)[slate.bank],
            mean_size=base.banks.project_size * prices,
            cofinanced=base.banks.cofinanced + state.bank_cofinancing,
        )

    def _enter(self, now: Year, proposals: banking.Proposals, chosen: Index) -> None:
        """Enter the proposals approved into the table of loans, with the luck they carry."""
        rules, files = self.base.parameters, self.base.banks
        bank, window = proposals.bank[chosen], proposals.window[chosen]
        amount, others = proposals.amount[chosen], proposals.cofinanced[chosen]
        cancel, fail = proposals.cancel[chosen], proposals.fail[chosen]
        common = np.where(
            np.isnan(files.cancelled), rules.cancellation_probability, files.cancelled
        )
        chance = np.minimum(common * now.state.bank_cancelling, 1.0)[bank]
        delay = int(rules.cancellation_delay)
        # Luck below the chance says that it is cancelled; where it stands within, when.
        within = np.minimum(cancel / np.maximum(chance, 1e-12) * delay, delay - 1)
        when = now.year + 1 + whole(within, "years until a project is cancelled")
        terms = files.windows.flat(bank, window)
        sovereign = files.windows.sovereign.take(terms)
        hazard = max(rules.private_default_rate, 1e-12)
        years = np.floor(np.minimum(-np.log1p(-fail) / hazard, 1000.0))
        receiver = proposals.receiver[chosen]
        self.loans.append(
            lender=bank,
            receiver=receiver,
            sector=proposals.sector[chosen],
            window=window,
            cell=bank * len(now.world.iso3) + receiver,
            revolving=files.windows.revolving.take(terms),
            renewable=proposals.renewable[chosen],
            sovereign=sovereign,
            cofinanced=others,
            year_approved=now.year,
            grace=files.windows.grace.take(terms),
            maturity=files.windows.maturity.take(terms),
            margin=files.windows.margin.take(terms),
            amount=amount,
            mobilised=np.where(others, rules.mobilisation_ratio * amount, 0.0),
            cancels=np.where(cancel < chance, when, NONE),
            defaults=np.where(sovereign, NONE, now.year + 1 + years),
        )

    def _with_markets(
        self, wealth: Array, capital: banking.Capital, treasury: Array, funded: banking.Borrowing
    ) -> dict[str, Array]:
        """Return payments to no member or borrower: bonds are bought where wealth is, expenses spent at home."""
        return {
            "bonds_sold": funded.bonds_sold[:, None] * wealth,
            "treasury_income": treasury[:, None] * wealth,
            "bonds_repaid": funded.bonds_repaid[:, None] * wealth,
            "bond_interest": funded.bond_interest[:, None] * wealth,
            "expenses": _at_headquarters(
                self.base.banks.headquarters, funded.expenses, capital.subscription, wealth
            ),
        }

    def _post(self, state: State, account: _Account) -> None:
        """Carry the books, capital and members into the state."""
        closing, payments, capital = account.closing, account.payments, account.capital
        state.bank_liquid_assets = closing.liquid_assets
        state.bank_loans = closing.loans
        state.bank_borrowings = closing.borrowings
        state.bank_reserves = closing.reserves
        state.bank_called = state.bank_called + account.called
        state.bank_paid_in = state.bank_paid_in + payments.capital_paid - capital.withdrawn
        state.bank_payable = np.maximum(account.payables - payments.capital_returned, 0.0)
        state.bank_outstanding = np.maximum(
            state.bank_outstanding
            + payments.disbursed
            - payments.principal_repaid
            - payments.written_off,
            0.0,
        )
        state.bank_member = account.members.member
        state.bank_joined = account.members.joined
        state.bank_subscribed = account.position.subscribed

    def _report(self, now: Year, working: Mask, account: _Account) -> None:
        """State what the year came to, bank by bank."""
        state, service, funded = now.state, account.service, account.funded
        disbursed = account.payments.disbursed.sum(axis=1)
        withheld = account.wanted - disbursed
        state.bank_headroom = account.limits.headroom
        state.bank_statutory_limit = np.where(working, account.limits.statutory, 0.0)
        state.bank_envelope = account.limits.allowed
        state.bank_proposals = account.choice.proposed
        state.bank_approvals = account.choice.approved
        state.bank_cancellations = service.cancelled
        state.bank_disbursements = disbursed
        # Sums that differ in their last digits keep nothing back.
        state.bank_withheld = np.where(withheld > books.TOLERANCE * disbursed, withheld, 0.0)
        state.bank_repayments, state.bank_interest, state.bank_write_offs = service.by_bank
        state.bank_bonds_sold = funded.bonds_sold
        state.bank_bonds_repaid = funded.bonds_repaid
        state.bank_bond_interest = funded.bond_interest
        state.bank_treasury_income = account.position.treasury
        state.bank_expenses = funded.expenses
        state.bank_capital_received = account.payments.capital_paid.sum(axis=1)
        state.bank_capital_returned = account.payments.capital_returned.sum(axis=1)
        budget = self.base.banks.reverse_linkage * now.prices() * working
        state.bank_reverse_linkage = budget * float(state.reverse_linkage_budget[0])

    def _check(self, now: Year, before: Sheet, account: _Account) -> None:
        """Audit the year's books, limits and loans.

        Raises
        ------
        AuditFailed
            Where they do not hold.
        """
        closing, limits, loans = account.closing, account.limits, self.loans
        found = books.audit_books(before, _sheet(now.state), account.payments)
        found += books.audit_limits(
            closing.loans,
            account.payments.disbursed.sum(axis=1),
            limits.statutory,
            closing.borrowings,
            account.funded.bonds_sold,
            limits.borrowing,
            closing.liquid_assets,
            limits.target,
        )
        found += books.audit_projects(
            loans.amount,
            loans.cancelled,
            loans.disbursed,
            loans.repaid,
            loans.written_off,
            loans.arrears,
            loans.lender,
            closing.loans,
        )
        if found:
            raise AuditFailed(f"{now.year}: " + "; ".join(found))

    def _look_ahead(self, state: State, working: Mask, account: _Account) -> None:
        """Say how long the limits last if a bank keeps up the largest pace it has reached.

        An envelope that shrinks with its headroom would never reach them, and nobody would notice what is not lent.
        """
        capital, position, limits = account.capital, account.position, account.limits
        # Subscription once what was voted is subscribed, over now.
        growth = state.bank_capital_voted / state.bank_capital_multiple
        own_funds = np.where(
            self.base.banks.on_equity, capital.paid_in_when_due, position.subscribed * growth
        )
        voted = state.bank_limit_voted * state.bank_limit_factor * (own_funds + position.reserves)
        kept = 1.0 - self.base.parameters.cancellation_probability
        pace = np.maximum(state.bank_pace, account.choice.approved)
        state.bank_pace = pace
        signed = state.bank_undisbursed
        lasting = banking.headroom_years(
            np.minimum(voted - signed, limits.funds - kept * signed) - account.closing.loans,
            kept * pace - state.bank_repayments,
            FURTHEST,
        )
        state.bank_headroom_years = np.where(working, lasting, FURTHEST)

    def _built(self, paid: banking.PaidOut) -> tuple[Array, Array]:
        """Return what is paid out for infrastructure, ``(country, sector)``, and for renewable energy, ``(country,)``.

        Loans of before whose sector is not known are as mixed as their bank.
        """
        built = paid.by_sector[1 : INFRASTRUCTURE + 1].sum(axis=1).T
        mixed = paid.by_sector[0].T
        if not mixed.any():  # all of them are paid out
            return built, paid.renewable
        parts, energy = self.base.builds
        return built + mixed @ parts, paid.renewable + mixed @ energy

    def _govern(self, now: Year, working: Mask, luck: _Luck) -> None:
        """Let each bank's governors decide on what comes next year."""
        state, rules, raised = now.state, self.base.parameters, self.base.banks.raised
        voted, step = state.bank_capital_voted.copy(), state.bank_capital_step.copy()
        ratio, admits = state.bank_limit_voted.copy(), state.bank_admits.copy()
        decision = np.zeros(len(working))
        subscribed = state.bank_capital_multiple >= voted - 1e-9
        taken_up = (state.bank_limit_ratio >= ratio - 1e-9) & (ratio < raised)
        admitting = self.base.banks.shares.open_to & (admits == 0.0) & (state.bank_admission > 0.0)
        outlooks = zip(
            *(
                values.tolist()
                for values in (state.bank_headroom_years, subscribed, taken_up, admitting)
            ),
            strict=True,
        )
        seen = [banking.Outlook(*one) for one in outlooks]
        for agent in now.agents.banks:
            i = agent.index
            if not working[i]:
                continue
            outlook = seen[i]
            hazard = rules.governors_hazard * float(state.bank_governing[i])
            choice = agent.govern(outlook, luck.governors[i], hazard)
            decision[i] = choice
            if choice == 1:
                increase = voted[i] * rules.capital_increase
                voted[i] += increase
                step[i] = increase / rules.capital_increase_years
            elif choice == 2:
                ratio[i] = min(ratio[i] + rules.limit_step, raised[i])
            elif choice == 3:
                admits[i] = 1.0
        state.bank_decision = decision
        state.bank_capital_voted = voted
        state.bank_capital_step = step
        state.bank_limit_voted = ratio
        state.bank_admits = admits

    def _distress(self, now: Year) -> None:
        """Countries fall into debt distress and leave it by a restructuring of what they owe to others than banks."""
        state, base = now.state, self.base
        if state.year == now.base_year:
            state.distress = np.zeros_like(state.distress)
            state.debt_other_ratio = state.debt_other_ratio.copy()
            return
        rules = base.parameters
        hazard = banking.distress_hazard(
            state.debt_service, state.exports, state.debt_outstanding, state.gni, rules
        )
        hazard = np.where(base.indebted, np.minimum(hazard + state.distress_shock, 1.0), 0.0)
        luck = now.luck.uniform("distress", state.year, (2, len(hazard)))
        shocked = luck[0] < state.distress_shock
        settled = rules.distress_exit + (1.0 - rules.distress_exit) * state.debt_settlement
        stays = (state.distress > 0.0) & ((luck[1] >= settled) | shocked)
        leaves = (state.distress > 0.0) & ~stays
        state.distress = (stays | ((state.distress == 0.0) & (luck[0] < hazard))).astype(float)
        state.debt_other_ratio = state.debt_other_ratio * np.where(
            leaves, (1.0 - rules.restructuring_haircut) * (1.0 - state.debt_forgiveness), 1.0
        )

    def remember(self, now: Year) -> None:
        """Keep the year for the table of banks."""
        state, base = now.state, self.base
        paid_in, owed = state.bank_paid_in.sum(axis=1), state.bank_outstanding
        further = (
            paid_in,
            state.bank_payable.sum(axis=1),
            paid_in + state.bank_reserves,
            state.bank_member.sum(axis=1),
            *(owed[:, group].sum(axis=1) for group in base.added_up),
        )
        self.history[state.year] = np.array([*(getattr(state, n) for n in TABLED), *further])

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the table of banks by year; their loans stand with the lines of credit."""
        if not self.history:
            return {}
        codes = self.base.codes
        years = list(self.history)
        columns: dict[str, NDArray[Any]] = {
            "bank": np.repeat(np.arange(len(codes)), len(years)),
            "year": np.tile(np.array(years, dtype=np.int64), len(codes)),
        }
        values = np.stack(list(self.history.values()), axis=2)
        names = [name.removeprefix("bank_") for name in TABLED]
        for name, by_bank in zip([*names, *ADDED_UP], values, strict=True):
            columns[name] = by_bank.reshape(-1)
        decisions = columns.pop("decision")
        columns["decision"] = whole(np.rint(decisions), "decisions").astype(np.int64)
        banks = RowTable("banks", columns, {"bank": codes, "decision": banking.DECISIONS})
        return {"banks": banks}


def opens_with(rules: BankRules, base_year: int) -> bool:
    """Whether a bank's opening balance is that of the base year, so that the first state holds it already."""
    return rules.bank.opening_balance is not None and rules.first_year == base_year + 1


def open_books(
    state: State, table: LoanTable, place: int, rules: BankRules, profile: Array
) -> None:
    """Enter a bank's opening balance and portfolio; a new bank opens with nothing but its founders.

    State variables are replaced and not written into.

    Parameters
    ----------
    profile
        Part disbursed by the end of a year, by years since approval, ``(window, year)``.
    """
    anchor = float(min(rules.since[rules.founder].min(), rules.first_year))
    founders = rules.founder & (rules.until > rules.first_year)
    state.bank_member = _with(state.bank_member, place, founders.astype(float))
    state.bank_joined = _with(state.bank_joined, place, np.where(founders, anchor, 0.0))
    opening = rules.bank.opening_balance
    if opening is None:
        return
    share = np.where(founders, rules.share, 0.0)
    state.bank_paid_in = _with(state.bank_paid_in, place, opening.paid_in * shares(share))
    state.bank_liquid_assets = _with(state.bank_liquid_assets, place, opening.liquid_assets)
    state.bank_loans = _with(state.bank_loans, place, opening.loans)
    state.bank_borrowings = _with(state.bank_borrowings, place, opening.borrowings)
    state.bank_reserves = _with(
        state.bank_reserves,
        place,
        # What rounding in the file leaves open is theirs.
        opening.liquid_assets + opening.loans - opening.borrowings - opening.paid_in,
    )
    columns = banking.opening_loans(place, rules, state.gdp_current, rules.first_year - 1, profile)
    if np.size(columns["amount"]):
        table.append(**columns)
    owed = banking.total(
        np.asarray(columns["receiver"]),
        np.asarray(columns["disbursed"]),
        state.bank_outstanding.shape[1],
    )
    state.bank_outstanding = _with(state.bank_outstanding, place, owed)


@dataclass(frozen=True)
class _Luck:
    """A year's luck: of governors, ``(bank, 2)``, and of what members may propose, ``(draw, row, slot)``."""

    governors: Array
    proposals: Array


def _luck(now: Year, base: BankingBase, working: Mask) -> _Luck:
    """Return the year's luck, drawn once by all who go on from one beginning."""
    who = ("banks", base.codes, *base.banks.slate.starts, *working.tolist())
    return now.luck.once(who, now.year, lambda luck: _draw(luck, now.year, base, working))


def _draw(streams: Streams, year: int, base: BankingBase, working: Mask) -> _Luck:
    """Return the year's luck of the banks that work; the others' is one, which brings nothing.

    Each bank has a stream of its own, so that a bank that a user adds leaves the others' luck as it was.
    """
    slate = base.banks.slate
    governors = np.ones((len(working), 2))
    proposals = np.empty((len(banking.DRAWS), len(slate), banking.SLOTS))
    for place, opened in enumerate(working.tolist()):
        mine = proposals[:, slate.rows(place)]
        if not opened:
            mine[:] = 1.0
            continue
        draw = streams.generator(f"bank {base.codes[place]}", year).random
        governors[place] = draw(2)
        mine[:] = draw(mine.shape)
    return _Luck(governors, proposals)


def _approved(
    agent: DevelopmentBank, proposals: banking.Proposals, limit: float, room: Array
) -> Mask:
    """Return which proposals a bank with rules of its own approves; limits bind whatever it has chosen."""
    ranked = agent.score(proposals)
    chosen = np.flatnonzero(agent.approve(proposals, ranked, limit, room))
    fits = banking.approve(
        ranked[chosen], proposals.amount[chosen], proposals.receiver[chosen], limit, room
    )
    taken = np.zeros(len(proposals), dtype=np.bool_)
    taken[chosen[fits]] = True
    return taken


def _nothing(countries: int) -> _Done:
    """Return a year without a bank."""
    none = np.zeros(countries)
    built = np.zeros((countries, INFRASTRUCTURE))
    return _Done(none, none.copy(), none.copy(), built, none.copy(), none.copy())


def _treasury_income(sheet: Sheet, rules: banking.BankingParameters) -> Array:
    """Return what liquid assets earn in a year, ``(bank,)``."""
    rate = max(rules.bank_funding_rate + rules.bank_treasury_margin, 0.0)
    income: Array = np.maximum(sheet.liquid_assets, 0.0) * rate
    return income


def _sheet(state: State) -> Sheet:
    return Sheet(
        liquid_assets=state.bank_liquid_assets,
        loans=state.bank_loans,
        borrowings=state.bank_borrowings,
        payables=state.bank_payable.sum(axis=1),
        paid_in=state.bank_paid_in.sum(axis=1),
        reserves=state.bank_reserves,
    )


def _pro_rata(total: Array, weights: Array) -> Array:
    """Spread a sum of each bank over countries by weight, ``(bank, country)``."""
    whole = weights.sum(axis=1)
    return np.asarray(weights * part(total, whole)[:, None])


def _at_headquarters(seat: Index, expenses: Array, owners: Array, wealth: Array) -> Array:
    """Return expenses by the country that earns them; where headquarters lie outside this world, owners do."""
    spent = np.zeros_like(owners)
    for place, row in enumerate(seat.tolist()):
        if row >= 0:
            spent[place, row] = expenses[place]
        elif owners[place].sum() > 0.0:
            spent[place] = expenses[place] * owners[place] / owners[place].sum()
        else:
            spent[place] = expenses[place] * wealth
    return spent


def _with(values: Array, place: int, new: Array | float) -> Array:
    changed = values.copy()
    changed[place] = new
    return changed


@kept_with_parameters
def _base(world: World, parameters: Parameters, files: InstitutionFiles) -> BankingBase:
    rules = BankingParameters.from_parameters(parameters)
    laid = lay_banks(files.of(Bank), world)
    profile = banking.disbursement_profile(laid, rules)
    gdp = world.base["gdp_current_busd"]
    administration = np.maximum(world.base["administration_quality"], 1.0)
    rich = world.attributes["income_group"] == "HIC"
    debt = np.maximum(world.base["external_debt_busd"], 0.0)
    service = np.maximum(
        world.base["debt_service_share_exports"] * world.base["goods_exports_busd"], 0.0
    )
    return BankingBase(
        parameters=rules,
        rules=laid,
        banks=banking.BankFiles.of(laid),
        profile=profile,
        pace=banking.opening_pace(laid, gdp, profile),
        readiness=over_mean(administration),
        mean_income=float(
            world.base["gdp_constant_2015_busd"].sum() / world.base["population_m"].sum()
        ),
        ldc=world.membership("LDC"),
        lldc=world.membership("LLDC"),
        sids=world.membership("SIDS"),
        financier=rich,
        indebted=~rich,
        other_debt_ratio=debt / gdp,
        service_rate=np.divide(service, debt, out=np.zeros_like(debt), where=debt > 0.0),
    )
