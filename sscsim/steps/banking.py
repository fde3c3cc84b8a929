"""The banks' part of step 5: capital comes in, borrowers pay, projects are approved and paid out, governors decide.

It is a part of the step of finance, which runs it and joins what banks pay with what others pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import banking, books
from sscsim.flows.bank_data import (
    BankingBase,
    disbursement_profile,
    opening_loans,
)
from sscsim.flows.banking import BankingParameters
from sscsim.flows.books import Payments, Sheet
from sscsim.parameters import Parameters
from sscsim.results.tables import RowTable
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.world.institutions import INFRASTRUCTURE, SECTORS_OF_LENDING, Bank
from sscsim.world.institutions.banks import BankRules, lay_banks
from sscsim.world.projects import COLUMNS, KINDS, NONE, OPEN, STATUSES, ProjectTable
from sscsim.world.state import State, variable
from sscsim.world.tables import World

__all__ = ["AuditFailed", "BankReceipts", "Banking"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

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

FURTHEST = 100.0
"""Years of headroom beyond which nobody looks."""


SIZES_AT_PRICES_OF = 2017
"""Sizes of projects in banks' files are those of 2016 to 2018."""


class AuditFailed(AssertionError):
    """The books of a year do not hold: a mistake of the model, never of the user."""


@dataclass
class _Capital:
    """Capital of a year, ``(bank, country)`` unless said otherwise."""

    member: Array
    joined: Array
    subscription: Array
    paid: Array
    withdrawn: Array
    paid_in_when_due: Array
    """``(bank,)``: paid-in capital once all instalments of what is subscribed are paid."""
    multiple: Array
    growth: Array
    """``(bank,)``: subscription once what was voted is subscribed, over now."""


@dataclass(frozen=True)
class BankReceipts:
    """What a year of banks means for economies, ``(country,)`` unless said otherwise.

    Attributes
    ----------
    net
        Received from banks less paid to them, bn USD.
    infrastructure
        What they pay out adds to infrastructure, ``(country, sector)``, bn 2015 USD.
    debt, service
        External debt to banks and others, credit lines apart, and what is paid on it, bn USD.
    """

    net: Array
    infrastructure: Array
    debt: Array
    service: Array


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
            "Statutory limit less loans outstanding, before the year's payments",
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
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.audit = given.audit
        self.base = _base(given.world, given.parameters, given.files.of(Bank))
        self.loans = ProjectTable(self.base.codes)
        """Every loan of the run."""
        self.history: dict[int, dict[str, Array]] = {}
        """What banks did in each year recorded, for their table."""

    def sizes(self) -> dict[str, int]:
        """Return the number of banks."""
        return {"bank": len(self.base.rules)}

    def fill(self, state: State, given: Given) -> None:
        """Open the books of the banks that are older than the base year."""
        rules = self.base.rules
        state.bank_limit_ratio = np.array([r.bank.limits.statutory.value for r in rules])
        state.bank_limit_voted = state.bank_limit_ratio
        state.bank_reverse_linkage = np.array(
            [r.bank.reverse_linkage.value if r.bank.reverse_linkage else 0.0 for r in rules]
        )
        for place, own in enumerate(rules):
            if opens_with(own, given.year):
                open_books(state, self.loans, place, own)
                state.bank_subscribed[place] = own.bank.capital.subscribed.value
        # What the data count as external debt holds these loans and lines already.
        banks = state.bank_outstanding.sum(axis=0) + state.credit_debt
        state.debt_other_ratio = np.maximum(
            self.base.other_debt_ratio - banks / state.gdp_current, 0.0
        )

    def year_of_banks(self, now: Year) -> BankReceipts:
        """Run the banks' year."""
        state, base, table = now.state, self.base, self.loans
        n = len(state.population)
        self._distress(now)
        shape = (len(base.rules), n)
        net = np.zeros(n)
        served = np.zeros(n)
        received = np.zeros(n)
        by_sector = np.zeros((n, INFRASTRUCTURE))
        if base.rules:
            working = np.array([rules.first_year <= state.year for rules in base.rules], np.bool_)
            for place, rules in enumerate(base.rules):
                if rules.first_year == state.year and not opens_with(rules, now.base_year):
                    open_books(state, table, place, rules)
            if working.any():
                payments, by_sector = self._bank_year(now, working, shape)
                net = payments.net_to_countries
                served = (payments.principal_repaid + payments.interest_received).sum(axis=0)
                received = payments.disbursed.sum(axis=0)
        state.bank_debt_service = served
        state.bank_disbursements_received = received
        volume = base.parameters.infrastructure_additionality * by_sector / now.deflator[state.year]
        other = state.debt_other_ratio * state.gdp_current
        return BankReceipts(
            net=net,
            infrastructure=volume,
            debt=other + state.bank_outstanding.sum(axis=0),
            service=base.service_rate * other + served,
        )

    def _bank_year(
        self, now: Year, working: Mask, shape: tuple[int, int]
    ) -> tuple[Payments, Array]:
        state, base, table = now.state, self.base, self.loans
        rules, year = base.parameters, state.year
        banks, n = shape
        luck = _luck(now, base, working)
        sheet = _sheet(state)
        capital = _capital(state, base, working)
        subscribed = capital.subscription.sum(axis=1)

        # Borrowers pay; what was given up is given up.
        rows = np.flatnonzero(_bank_rows(table, banks) & (table.status < OPEN))
        lender, receiver = table.lender[rows].astype(np.intp), table.receiver[rows].astype(np.intp)
        cell = lender * n + receiver
        cancelled = _cancel(table, rows, capital.member, year)
        failed = (
            (~table.sovereign[rows]) & (table.defaults[rows] >= 0) & (table.defaults[rows] <= year)
        )
        owed = table.outstanding[rows]
        got = banking.collect(
            year,
            owed,
            table.arrears[rows],
            table.arrears_since[rows],
            table.margin[rows],
            table.first_disbursement[rows],
            table.grace[rows],
            table.maturity[rows],
            failed & (owed > 0.0),
            table.sovereign[rows] & (state.distress[receiver] > 0.0),
            rules,
        )
        table.repaid[rows] += got.principal
        table.written_off[rows] += got.written_off
        table.arrears[rows] = got.arrears
        table.arrears_since[rows] = got.arrears_since
        principal = _matrix(cell, got.principal, shape)
        interest = _matrix(cell, got.interest, shape)
        written = _matrix(cell, got.written_off, shape)

        # What is due to be paid on bonds and for the house.
        bonds_due = sheet.borrowings / rules.bank_funding_years
        interest_due = sheet.borrowings * rules.bank_funding_rate
        treasury = np.maximum(sheet.liquid_assets, 0.0) * max(
            rules.bank_funding_rate + rules.bank_treasury_margin, 0.0
        )
        commitments = _total(lender, table.undisbursed[rows], banks)
        expenses = rules.bank_expenses * (sheet.loans + commitments)
        earned = interest.sum(axis=1) + treasury - interest_due - expenses - written.sum(axis=1)
        reserves = sheet.reserves + earned
        loans = sheet.loans - principal.sum(axis=1) - written.sum(axis=1)
        paid_in = sheet.paid_in + (capital.paid - capital.withdrawn).sum(axis=1)

        # Limits, with the capital and the reserves of the year's end.
        on_equity = np.array([r.bank.limits.statutory.base == "equity" for r in base.rules])
        state.bank_limit_ratio = np.minimum(
            state.bank_limit_ratio + rules.limit_step / rules.capital_increase_years,
            state.bank_limit_voted,
        )
        ratio = state.bank_limit_ratio * state.bank_limit_factor
        limit = np.maximum(ratio * (np.where(on_equity, paid_in, subscribed) + reserves), 0.0)
        borrowing_ratio = np.array(
            [
                r.bank.limits.borrowing.value if r.bank.limits.borrowing else np.nan
                for r in base.rules
            ]
        )
        own = np.isnan(borrowing_ratio)
        borrowing_limit = np.where(
            own, limit, np.nan_to_num(borrowing_ratio) * np.maximum(paid_in + reserves, 0.0)
        )
        liquidity = np.array([r.bank.limits.liquidity.value for r in base.rules])
        due_now, due_next = self._schedules(now, rows, lender, banks)
        net_next = np.maximum(
            due_next
            + bonds_due
            + interest_due
            + expenses
            - principal.sum(axis=1)
            - interest.sum(axis=1),
            0.0,
        )
        target = np.where(working, liquidity * net_next, 0.0)

        # What may be approved: the envelope, and no more than can be funded.
        headroom = np.where(working, limit - loans, 0.0)
        age = year + 1.0 - np.array([r.bank.opened_at for r in base.rules])
        allowed = np.where(
            working, banking.envelope(headroom, age, rules, speed=state.bank_speed), 0.0
        )
        equity_due = np.maximum(capital.paid_in_when_due + reserves, 0.0)
        funds = (
            np.where(own, limit, np.nan_to_num(borrowing_ratio) * equity_due) + equity_due - target
        )
        horizon = rules.governors_horizon
        fundable = (
            funds
            - loans
            - commitments * (1.0 - rules.cancellation_probability)
            + horizon * principal.sum(axis=1)
        )
        allowed = np.minimum(allowed, np.maximum(fundable, 0.0))
        promised = (
            state.bank_outstanding
            - principal
            - written
            + _matrix(cell, table.undisbursed[rows], shape)
        )
        country_limit = np.array([r.bank.limits.country.value for r in base.rules]) * limit
        proposed, approvals, added = self._approve(
            now, working, allowed, country_limit, promised, capital.member, luck
        )

        # Paying out: this year's approvals begin.
        first_new = len(table) - added
        new = np.arange(first_new, len(table))
        every = np.concatenate([rows, new])
        wanted = np.concatenate(
            [due_now, base.profile[table.lender[new].astype(np.intp), 0] * table.amount[new]]
        )
        of_bank = table.lender[every].astype(np.intp)
        wanted_by_bank = _total(of_bank, wanted, banks)
        cash = (
            sheet.liquid_assets
            + capital.paid.sum(axis=1)
            + principal.sum(axis=1)
            + interest.sum(axis=1)
            + treasury
        )
        payables = state.bank_payable + capital.withdrawn
        funded = banking.borrow(
            cash=cash,
            wanted=wanted_by_bank,
            room=np.maximum(limit - loans, 0.0),
            bonds_due=bonds_due,
            interest_due=interest_due,
            expenses=expenses,
            payables=payables.sum(axis=1),
            target=target,
            borrowings=sheet.borrowings,
            borrowing_limit=borrowing_limit,
            callable_capital=np.maximum(subscribed - paid_in, 0.0),
        )
        paid_out = banking.within(wanted, of_bank, funded.disbursed)
        table.disbursed[every] += paid_out
        begun = every[(paid_out > 0.0) & (table.first_disbursement[every] == NONE)]
        table.first_disbursement[begun] = year
        _set_status(table, every, year)
        place = table.receiver[every].astype(np.intp)
        disbursed = _matrix(of_bank * n + place, paid_out, shape)

        # The other ends: bonds are bought where wealth is, expenses are spent at headquarters.
        wealth = np.where(base.financier, state.gdp_current, 0.0)
        wealth = wealth / wealth.sum()
        called = _pro_rata(funded.called, capital.subscription)
        payments = Payments(
            capital_paid=capital.paid + called,
            principal_repaid=principal,
            interest_received=interest,
            bonds_sold=np.outer(funded.bonds_sold, wealth),
            treasury_income=np.outer(treasury, wealth),
            disbursed=disbursed,
            bonds_repaid=np.outer(funded.bonds_repaid, wealth),
            bond_interest=np.outer(funded.bond_interest, wealth),
            expenses=_at_headquarters(base, funded.expenses, capital.subscription, wealth),
            capital_returned=_pro_rata(funded.capital_returned, payables),
            written_off=written,
            capital_withdrawn=capital.withdrawn,
            interest_capitalised=funded.interest_capitalised,
        )
        closing = books.close_books(sheet, payments)
        state.bank_liquid_assets = closing.liquid_assets
        state.bank_loans = closing.loans
        state.bank_borrowings = closing.borrowings
        state.bank_reserves = closing.reserves
        state.bank_called = state.bank_called + called
        state.bank_paid_in = state.bank_paid_in + payments.capital_paid - capital.withdrawn
        state.bank_payable = np.maximum(payables - payments.capital_returned, 0.0)
        state.bank_outstanding = np.maximum(
            state.bank_outstanding + disbursed - principal - written, 0.0
        )
        state.bank_member = capital.member
        state.bank_joined = capital.joined
        state.bank_subscribed = subscribed
        state.bank_capital_multiple = capital.multiple

        state.bank_headroom = headroom
        state.bank_statutory_limit = np.where(working, limit, 0.0)
        state.bank_envelope = allowed
        state.bank_proposals = proposed
        state.bank_approvals = approvals
        state.bank_cancellations = _total(lender, cancelled, banks)
        state.bank_disbursements = disbursed.sum(axis=1)
        state.bank_withheld = np.maximum(wanted_by_bank - disbursed.sum(axis=1), 0.0)
        state.bank_repayments = principal.sum(axis=1)
        state.bank_interest = interest.sum(axis=1)
        state.bank_write_offs = written.sum(axis=1)
        state.bank_arrears = _total(of_bank, table.arrears[every], banks)
        state.bank_undisbursed = _total(of_bank, table.undisbursed[every], banks)
        state.bank_bonds_sold = funded.bonds_sold
        state.bank_bonds_repaid = funded.bonds_repaid
        state.bank_bond_interest = funded.bond_interest
        state.bank_treasury_income = treasury
        state.bank_expenses = funded.expenses
        state.bank_capital_received = payments.capital_paid.sum(axis=1)
        state.bank_capital_returned = payments.capital_returned.sum(axis=1)
        state.bank_reverse_linkage = np.array(
            [
                r.bank.reverse_linkage.value
                * now.prices(year)
                * on
                * float(state.reverse_linkage_budget[0])
                if r.bank.reverse_linkage
                else 0.0
                for r, on in zip(base.rules, working, strict=True)
            ]
        )

        if self.audit:
            after = _sheet(state)
            found = books.audit_books(sheet, after, payments)
            found += books.audit_limits(
                closing.loans,
                disbursed.sum(axis=1),
                limit,
                closing.borrowings,
                funded.bonds_sold,
                borrowing_limit,
                closing.liquid_assets,
                target,
            )
            mine = _bank_rows(table, banks)
            found += books.audit_projects(
                table.amount[mine],
                table.cancelled[mine],
                table.disbursed[mine],
                table.repaid[mine],
                table.written_off[mine],
                table.arrears[mine],
                table.lender[mine],
                closing.loans,
            )
            if found:
                raise AuditFailed(f"{year}: " + "; ".join(found))

        # Governors look ahead: how long the limits last if the bank keeps up the largest pace it has reached. An
        # envelope that shrinks with its headroom would never reach them, and nobody would notice what is not lent.
        voted = (
            state.bank_limit_voted
            * state.bank_limit_factor
            * (
                np.where(on_equity, capital.paid_in_when_due, subscribed * capital.growth)
                + reserves
            )
        )
        kept = 1.0 - rules.cancellation_probability
        pace = np.maximum(state.bank_pace, approvals)
        state.bank_pace = pace
        state.bank_headroom_years = np.where(
            working,
            banking.headroom_years(
                np.minimum(voted, funds) - closing.loans,
                kept * pace - state.bank_repayments,
                FURTHEST,
            ),
            FURTHEST,
        )
        self._govern(now, working, luck)
        by_sector = _by_sector(base, table, every, paid_out, of_bank, place, n)
        return payments, by_sector

    def _schedules(
        self, now: Year, rows: NDArray[np.intp], lender: NDArray[np.intp], banks: int
    ) -> tuple[Array, Array]:
        """Return what is due to be paid out this year by project, and next year by bank."""
        base, table = self.base, self.loans
        age = now.state.year - table.year_approved[rows].astype(np.intp)
        size = table.amount[rows] - table.cancelled[rows]
        last = base.profile.shape[1] - 1

        def by(years: int) -> Array:
            return np.asarray(base.profile[lender, np.clip(age + years, 0, last)] * size)

        planned = by(0)
        due_now = np.where(
            table.undisbursed[rows] > 0.0, np.maximum(planned - table.disbursed[rows], 0.0), 0.0
        )
        done = np.maximum(planned, table.disbursed[rows])
        return (
            np.minimum(due_now, table.undisbursed[rows]),
            _total(lender, np.maximum(by(1) - done, 0.0), banks),
        )

    def _approve(
        self,
        now: Year,
        working: Mask,
        allowed: Array,
        country_limit: Array,
        promised: Array,
        member: Array,
        luck: dict[str, tuple[Array, Array]],
    ) -> tuple[Array, Array, int]:
        """Let each bank choose among what its members bring; return values proposed and approved, and rows added."""
        state, base, table = now.state, self.base, self.loans
        rules, year = base.parameters, state.year
        income = state.gdp / state.population / base.mean_income
        wanted = banking.demand(state.gdp_current, income, base.readiness, state.distress, rules)
        need = -np.log(income)
        prices = now.deflator[year] / now.deflator[SIZES_AT_PRICES_OF]
        proposed, approved, added = np.zeros(len(working)), np.zeros(len(working)), 0
        for agent in now.agents.banks:
            place, own = agent.index, agent.rules
            if not working[place]:
                continue
            who = own.borrowers
            room = np.maximum(country_limit[place] - promised[place], 0.0)
            proposals = banking.draw_proposals(
                luck[agent.code][1],
                who,
                member[place, who] > 0.0,
                wanted[who] * state.bank_demand[place],
                state.gdp[who],
                own.bank.project_size.value * prices,
                sectors=own.sectors,
                renewable=own.bank.sectors.renewable,
                windows=own.window_share,
                cofinanced=own.bank.cofinanced.value + float(state.bank_cofinancing[place]),
                need=need[who],
                mandate=own.mandate,
                ldc=base.ldc[who],
                lldc=base.lldc[who],
                sids=base.sids[who],
                exposure=promised[place, who] / max(country_limit[place], 1e-9),
                parameters=rules,
            )
            proposed[place] = proposals.amount.sum()
            if len(proposals) == 0:
                continue
            limit = float(allowed[place])
            standing = agent.score(proposals)
            taken = np.flatnonzero(agent.approve(proposals, standing, limit, room))
            # Limits bind whatever a bank's own rule has chosen.
            fits = banking.approve(
                standing[taken], proposals.amount[taken], proposals.receiver[taken], limit, room
            )
            taken = taken[fits]
            if taken.size == 0:
                continue
            amount = proposals.amount[taken]
            approved[place] = amount.sum()
            added += taken.size
            table.append(**self._rows_of(now, agent.rules, place, proposals, taken))
        return proposed, approved, added

    def _rows_of(
        self,
        now: Year,
        own: BankRules,
        place: int,
        proposals: banking.Proposals,
        taken: NDArray[np.intp],
    ) -> dict[str, NDArray[np.generic] | float | int | bool]:
        """Return approved proposals as columns of projects, with the luck they carry."""
        rules, state, year = self.base.parameters, now.state, now.state.year
        amount, window = proposals.amount[taken], proposals.window[taken]
        chance = own.bank.cancelled.value if own.bank.cancelled else rules.cancellation_probability
        chance = min(chance * float(state.bank_cancelling[place]), 1.0)
        drawn = proposals.cancel[taken]
        delay = int(rules.cancellation_delay)
        # Luck below the chance says that it is cancelled; where it stands within, when.
        when = 1 + np.minimum((drawn / max(chance, 1e-12) * delay).astype(np.intp), delay - 1)
        sovereign = own.window_sovereign[window]
        hazard = max(rules.private_default_rate, 1e-12)
        fails = year + 1 + np.floor(np.minimum(-np.log1p(-proposals.fail[taken]) / hazard, 1000.0))
        cofinanced = proposals.cofinanced[taken]
        return {
            "lender": place,
            "receiver": proposals.receiver[taken],
            "sector": proposals.sector[taken],
            "window": window,
            "renewable": proposals.renewable[taken],
            "sovereign": sovereign,
            "cofinanced": cofinanced,
            "year_approved": year,
            "grace": own.window_grace[window],
            "maturity": own.window_maturity[window],
            "margin": own.window_margin[window],
            "amount": amount,
            "mobilised": np.where(cofinanced, rules.mobilisation_ratio * amount, 0.0),
            "cancels": np.where(drawn < chance, year + when, NONE),
            "defaults": np.where(sovereign, NONE, fails),
        }

    def _govern(self, now: Year, working: Mask, luck: dict[str, tuple[Array, Array]]) -> None:
        """Let each bank's governors decide on what comes next year."""
        state, rules = now.state, self.base.parameters
        voted, step = state.bank_capital_voted.copy(), state.bank_capital_step.copy()
        ratio, admits = state.bank_limit_voted.copy(), state.bank_admits.copy()
        decision = np.zeros(len(working))
        for agent in now.agents.banks:
            i, statutory = agent.index, agent.rules.bank.limits.statutory
            if not working[i]:
                continue
            most = statutory.value if statutory.raised is None else statutory.raised
            outlook = banking.Outlook(
                headroom_years=float(state.bank_headroom_years[i]),
                can_increase=bool(state.bank_capital_multiple[i] >= voted[i] - 1e-9),
                can_raise_limit=bool(
                    state.bank_limit_ratio[i] >= ratio[i] - 1e-9 and ratio[i] < most
                ),
                can_admit=bool(
                    agent.rules.candidate.any() and not admits[i] and state.bank_admission[i] > 0.0
                ),
            )
            hazard = rules.governors_hazard * float(state.bank_governing[i])
            choice = agent.govern(outlook, luck[agent.code][0], hazard)
            decision[i] = choice
            if choice == 1:
                increase = voted[i] * rules.capital_increase
                voted[i] += increase
                step[i] = increase / rules.capital_increase_years
            elif choice == 2:
                ratio[i] = min(ratio[i] + rules.limit_step, most)
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
        stays = (state.distress > 0.0) & ((luck[1] >= rules.distress_exit) | shocked)
        leaves = (state.distress > 0.0) & ~stays
        state.distress = (stays | ((state.distress == 0.0) & (luck[0] < hazard))).astype(float)
        state.debt_other_ratio = state.debt_other_ratio * np.where(
            leaves, 1.0 - rules.restructuring_haircut, 1.0
        )

    def remember(self, now: Year) -> None:
        """Keep the year for the table of banks."""
        state, base = now.state, self.base
        kept = {name.removeprefix("bank_"): getattr(state, name).copy() for name in TABLED}
        kept["paid_in"] = state.bank_paid_in.sum(axis=1)
        kept["payable"] = state.bank_payable.sum(axis=1)
        kept["equity"] = kept["paid_in"] + kept["reserves"]
        kept["members"] = state.bank_member.sum(axis=1)
        owed = state.bank_outstanding
        for name, group in (("ldc", base.ldc), ("sids", base.sids)):
            kept[f"loans_{name}"] = owed[:, group].sum(axis=1)
        self.history[state.year] = kept

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the tables of banks by year and of their loans."""
        if not self.history:
            return {}
        codes = self.base.codes
        years = list(self.history)
        first = self.history[years[0]]
        columns: dict[str, NDArray[Any]] = {
            "bank": np.repeat(np.arange(len(codes)), len(years)),
            "year": np.tile(np.array(years, dtype=np.int64), len(codes)),
        }
        for name in first:
            by_year = np.array([self.history[year][name] for year in years])
            columns[name] = by_year.T.reshape(-1)
        decisions = columns.pop("decision")
        columns["decision"] = np.rint(decisions).astype(np.int64)
        banks = RowTable("banks", columns, {"bank": codes, "decision": banking.DECISIONS})
        return {"banks": banks, "loans": self._loans(now)}

    def _loans(self, now: Year) -> RowTable:
        """Return every loan, a line each, in the order in which they were approved."""
        table = self.loans
        texts = {
            "lender": tuple(table.lenders),
            "kind": KINDS,
            "receiver": tuple(now.world.iso3),
            "sector": SECTORS_OF_LENDING,
            "status": STATUSES,
        }
        held = table.columns()
        columns: dict[str, NDArray[Any]] = {}
        for column in COLUMNS:
            if column.name in _NOT_OF_LOANS:
                continue
            values = held[column.name]
            whole = np.issubdtype(values.dtype, np.integer)
            columns[column.name] = values.astype(np.int64) if whole else values
        columns["outstanding"] = table.outstanding
        return RowTable("loans", columns, texts)


_NOT_OF_LOANS = (
    "provider",
    "partner",
    "domain",
    "window",
    "cancels",
    "defaults",
    "outcome",
    "reported",
)
"""Columns of knowledge, and the luck that a loan carries."""


def opens_with(rules: BankRules, base_year: int) -> bool:
    """Whether a bank's opening balance is that of the base year, so that the first state holds it already."""
    return rules.bank.opening_balance is not None and rules.first_year == base_year + 1


def open_books(state: State, table: ProjectTable, place: int, rules: BankRules) -> None:
    """Enter a bank's opening balance and portfolio; a new bank opens with nothing but its founders.

    State variables are replaced and not written into.
    """
    anchor = float(min(rules.since[rules.founder].min(), rules.first_year))
    founders = rules.founder & (rules.until > rules.first_year)
    state.bank_member = _with(state.bank_member, place, founders.astype(float))
    state.bank_joined = _with(state.bank_joined, place, np.where(founders, anchor, 0.0))
    opening = rules.bank.opening_balance
    if opening is None:
        return
    share = np.where(founders, rules.share, 0.0)
    state.bank_paid_in = _with(state.bank_paid_in, place, opening.paid_in * share / share.sum())
    state.bank_liquid_assets = _with(state.bank_liquid_assets, place, opening.liquid_assets)
    state.bank_loans = _with(state.bank_loans, place, opening.loans)
    state.bank_borrowings = _with(state.bank_borrowings, place, opening.borrowings)
    state.bank_reserves = _with(
        state.bank_reserves,
        place,
        # What rounding in the file leaves open is theirs.
        opening.liquid_assets + opening.loans - opening.borrowings - opening.paid_in,
    )
    columns = opening_loans(place, rules, state.gdp_current, rules.first_year - 1)
    if np.size(columns["amount"]):
        table.append(**columns)
    owed = _total(
        np.asarray(columns["receiver"]),
        np.asarray(columns["disbursed"]),
        state.bank_outstanding.shape[1],
    )
    state.bank_outstanding = _with(state.bank_outstanding, place, owed)


def _luck(now: Year, base: BankingBase, working: Mask) -> dict[str, tuple[Array, Array]]:
    """Return the year's luck of each bank that works: of its governors, and of what its members may propose.

    Each bank has a stream of its own, so that a bank that a user adds leaves the others' luck as it was.
    """
    luck = {}
    for place in np.flatnonzero(working).tolist():
        rules = base.rules[place]
        shape = (len(banking.DRAWS), len(rules.borrowers), banking.SLOTS)
        drawn = now.luck.uniform(f"bank {rules.bank.code}", now.state.year, 2 + int(np.prod(shape)))
        luck[rules.bank.code] = (drawn[:2], drawn[2:].reshape(shape))
    return luck


def _capital(state: State, base: BankingBase, working: Mask) -> _Capital:
    """Members come, go and pay."""
    year = state.year
    member, joined = state.bank_member.copy(), state.bank_joined.copy()
    multiple = np.minimum(
        state.bank_capital_multiple + state.bank_capital_step, state.bank_capital_voted
    )
    subscription, due = np.zeros_like(member), np.zeros_like(member)
    when_due = np.zeros(len(base.rules))
    for place in np.flatnonzero(working).tolist():
        rules = base.rules[place]
        open_to = state.bank_admission[place] > 0.0
        comes = (rules.since <= year) | (rules.candidate & (state.bank_admits[place] > 0.0))
        comes &= (member[place] == 0.0) & open_to & (joined[place] == 0.0)
        member[place, comes] = 1.0
        joined[place, comes] = year
        member[place, rules.until <= year] = 0.0
        held = rules.bank.capital.subscribed.value * state.bank_capital_factor[place] * rules.share
        held = held * member[place]
        ratio, more = rules.paid_in_ratio, multiple[place] - 1.0
        subscription[place] = held * multiple[place]
        share = banking.paid_in_share(rules.paid_in, joined[place], year)
        extra = base.parameters.capital_increase_paid_in * more
        due[place] = held * (ratio * share + extra)
        when_due[place] = (held * (ratio * rules.paid_in[-1] + extra)).sum()
    due = np.minimum(due, subscription) + state.bank_called * (member > 0.0)
    change = np.where(working[:, None], due - state.bank_paid_in, 0.0)
    change[np.abs(change) < 1e-12] = 0.0
    return _Capital(
        member=member,
        joined=joined,
        subscription=subscription,
        paid=np.maximum(change, 0.0),
        withdrawn=np.maximum(-change, 0.0),
        paid_in_when_due=when_due,
        multiple=multiple,
        growth=state.bank_capital_voted / multiple,
    )


def _cancel(table: ProjectTable, rows: NDArray[np.intp], member: Array, year: int) -> Array:
    """Give up what luck gave up, what failed, and what was promised to those who left."""
    lender, receiver = table.lender[rows].astype(np.intp), table.receiver[rows].astype(np.intp)
    over = table.cancels[rows] == year
    over |= (~table.sovereign[rows]) & (table.defaults[rows] == year)
    over |= (member[lender, receiver] == 0.0) & (table.year_approved[rows] < year)
    given_up = np.where(over, table.undisbursed[rows], 0.0)
    table.cancelled[rows] += given_up
    return given_up


def _set_status(table: ProjectTable, rows: NDArray[np.intp], year: int) -> None:
    """Say where each project stands: in one of the statuses."""
    waiting, owed = table.undisbursed[rows] > 0.0, table.outstanding[rows] > 0.0
    begun = table.disbursed[rows] > 0.0
    status = np.select(
        [
            ~waiting & ~begun,
            ~waiting & ~owed & (table.written_off[rows] > 0.0),
            ~waiting & ~owed,
            table.arrears[rows] > 0.0,
            ~waiting,
            begun,
        ],
        [5, 6, 4, 3, 2, 1],
        default=0,
    )
    ended = rows[(~waiting) & (table.completed[rows] == NONE)]
    table.completed[ended] = year
    table.status[rows] = status


def _sheet(state: State) -> Sheet:
    return Sheet(
        liquid_assets=state.bank_liquid_assets,
        loans=state.bank_loans,
        borrowings=state.bank_borrowings,
        payables=state.bank_payable.sum(axis=1),
        paid_in=state.bank_paid_in.sum(axis=1),
        reserves=state.bank_reserves,
    )


def _bank_rows(table: ProjectTable, banks: int) -> Mask:
    lender = table.lender
    return np.asarray((lender >= 0) & (lender < banks) & (table.kind == 0))


def _by_sector(
    base: BankingBase,
    table: ProjectTable,
    rows: NDArray[np.intp],
    paid_out: Array,
    bank: NDArray[np.intp],
    place: NDArray[np.intp],
    n: int,
) -> Array:
    """Return what is paid out for infrastructure, ``(country, sector)``; an old portfolio is as mixed as its bank."""
    sector = table.sector[rows].astype(np.intp)
    known = (sector >= 0) & (sector < INFRASTRUCTURE)
    # Through `_total`: a sum of nothing counts in whole numbers, and parts added to it would be cut.
    total = _total(
        place[known] * INFRASTRUCTURE + sector[known], paid_out[known], n * INFRASTRUCTURE
    ).reshape(n, INFRASTRUCTURE)
    mixed = (sector < 0) & (paid_out > 0.0)
    if mixed.any():
        parts = paid_out[mixed][:, None] * base.sector_shares[bank[mixed], :INFRASTRUCTURE]
        np.add.at(total, place[mixed], parts)
    return total


def _matrix(cell: NDArray[np.intp], values: Array, shape: tuple[int, int]) -> Array:
    return _total(cell, values, shape[0] * shape[1]).reshape(shape)


def _total(place: NDArray[np.integer], values: Array, count: int) -> Array:
    """Return sums by place, ``(count,)``."""
    return np.asarray(np.bincount(place, weights=values, minlength=count), dtype=np.float64)


def _pro_rata(total: Array, weights: Array) -> Array:
    """Spread a sum of each bank over countries by weight, ``(bank, country)``."""
    whole = weights.sum(axis=1)
    share = np.divide(total, whole, out=np.zeros_like(total), where=whole > 0.0)
    return np.asarray(weights * share[:, None])


def _at_headquarters(base: BankingBase, expenses: Array, owners: Array, wealth: Array) -> Array:
    """Return expenses by the country that earns them; where headquarters lie outside this world, owners do."""
    spent = np.zeros_like(owners)
    for place, rules in enumerate(base.rules):
        if rules.headquarters >= 0:
            spent[place, rules.headquarters] = expenses[place]
        elif owners[place].sum() > 0.0:
            spent[place] = expenses[place] * owners[place] / owners[place].sum()
        else:
            spent[place] = expenses[place] * wealth
    return spent


def _with(values: Array, place: int, new: Array | float) -> Array:
    changed = values.copy()
    changed[place] = new
    return changed


def _base(world: World, parameters: Parameters, files: Sequence[Bank]) -> BankingBase:
    rules = BankingParameters.from_parameters(parameters)
    groups = {name: world.membership(name) for name in world.groups()}
    laid = lay_banks(files, world)
    gdp = world.base["gdp_current_busd"]
    administration = np.maximum(world.base["corruption_perceptions"], 1.0)
    rich = world.countries["income_group"].to_numpy() == "HIC"
    debt = np.maximum(world.base["external_debt_busd"], 0.0)
    service = np.maximum(
        world.base["debt_service_share_exports"] * world.base["goods_exports_busd"], 0.0
    )
    return BankingBase(
        parameters=rules,
        rules=laid,
        profile=disbursement_profile(laid, rules),
        sector_shares=np.array([one.sectors for one in laid]).reshape(-1, len(SECTORS_OF_LENDING)),
        readiness=administration / administration.mean(),
        mean_income=float(
            world.base["gdp_constant_2015_busd"].sum() / world.base["population_m"].sum()
        ),
        ldc=groups["LDC"],
        lldc=groups["LLDC"],
        sids=groups["SIDS"],
        financier=rich,
        indebted=~rich,
        other_debt_ratio=debt / gdp,
        service_rate=np.divide(service, debt, out=np.zeros_like(debt), where=debt > 0.0),
    )
