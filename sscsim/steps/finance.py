"""Step 5: money that arrives: aid, remittances, portfolio and other loans (¶21, ¶80), and development banks (¶82)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sscsim.flows import finance
from sscsim.flows.credit_lines import CreditFlows
from sscsim.flows.swings import aid_step, remittance_step
from sscsim.parameters import Parameters
from sscsim.results.tables import RowTable
from sscsim.steps.banking import Banking
from sscsim.steps.credit import Credit
from sscsim.steps.shocks import regions, swings_of
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.steps.trade import Trade
from sscsim.world.keeping import kept_with_parameters
from sscsim.world.state import State, variable
from sscsim.world.tables import World

__all__ = ["Finance"]


class Finance(Submodel):
    """All money that arrives from abroad and leaves, direct investment apart; it holds banks and credit lines."""

    name = "finance"
    title = "aid and other finance arrive, banks lend and collect"
    needs = (Trade,)
    parts = (Banking, Credit)
    variables = (
        variable(
            "net_external_finance",
            "country",
            "bn USD",
            "All that arrives from abroad less all that leaves, goods apart",
        ),
        variable(
            "financing_ratio",
            "country",
            "fraction",
            "Net external finance over gross output, last year's",
        ),
        variable("oda_received", "country", "bn USD", "Official development assistance received"),
        variable("oda_paid", "country", "bn USD", "Official development assistance paid"),
        variable("remittances_received", "country", "bn USD", "Remittances received"),
        variable("remittances_paid", "country", "bn USD", "Remittances paid"),
        variable(
            "other_finance_received",
            "country",
            "bn USD",
            "Portfolio investment and other loans received",
        ),
        variable(
            "other_finance_paid", "country", "bn USD", "Portfolio investment and other loans paid"
        ),
        variable(
            "infrastructure_addition",
            "country",
            "bn 2015 USD",
            "Infrastructure that development finance adds to the country's own",
        ),
        variable("debt_outstanding", "country", "bn USD", "External debt"),
        variable("debt_service", "country", "bn USD", "Principal and interest paid on it"),
        variable(
            "net_interest",
            "country",
            "bn USD",
            "Interest on loans of banks and lenders, received less paid",
        ),
        variable(
            "base_interest_share",
            "country",
            "fraction",
            "The same over output in the base year: the record of national income holds it",
        ),
        variable(
            "infrastructure_by_finance",
            "country sector",
            "bn 2015 USD",
            "What development finance adds to infrastructure, by sector",
        ),
        variable(
            "remittance_swing",
            "country",
            "log",
            "Drawn deviation of remittances from what their hosts' income says",
        ),
        variable(
            "aid_swing",
            "country",
            "log",
            "Drawn deviation of the claim on assistance from what need says",
        ),
    )
    policy = (
        variable(
            "oda_factor",
            "country",
            "ratio",
            "Official development assistance paid relative to plan",
            neutral=1.0,
        ),
    )
    reads = (
        "gdp",
        "gdp_current",
        "population",
        "fdi_inflow",
        "fdi_outflow",
        "base_interest_share",
        "remittance_swing",
        "aid_swing",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.economy = others.of(Trade).base.economy
        self.banking = Banking(given, others)
        others.add(self.banking)
        self.credit = Credit(given, others)
        self.parameters = finance.FinanceParameters.from_parameters(given.parameters)
        self.swings = swings_of(given)
        """Of what arrives; None where nothing is drawn."""
        self.regions = regions(given.world)
        self.base = _without_lines(_base(given.world, given.parameters), self.credit.base.flows)

    def held(self) -> tuple[Submodel, ...]:
        """Return banks and credit lines."""
        return self.banking, self.credit

    def fill(self, state: State, given: Given) -> None:
        """Set what arrived and left in the base year, lines and banks included."""
        self.credit.fill(state, given)
        self.banking.fill(state, given)
        flows = finance.external_flows(
            self.base,
            state.gdp,
            state.gdp_current,
            self.base.population,
            1.0,
            self.parameters,
        )
        lines, funders = self.credit.base.flows, self.credit.base.lenders.funders
        state.oda_received = flows.oda_received
        state.oda_paid = flows.oda_paid
        state.remittances_received = flows.remittances_received
        state.remittances_paid = flows.remittances_paid
        state.other_finance_received = flows.other_received + lines.net.sum(axis=0)
        state.other_finance_paid = flows.other_paid + lines.net.sum(axis=1) @ funders
        state.net_external_finance = flows.net + state.fdi_inflow - state.fdi_outflow
        state.financing_ratio = finance.financing_ratio(
            flows.net + lines.both_ends(funders) + state.fdi_inflow - state.fdi_outflow,
            self.economy.output,
            self.parameters.financing_limit,
        )
        state.net_interest = self.banking.first_interest.sum(axis=0) + lines.interest_ends(funders)
        other = state.debt_other_ratio * state.gdp_current
        banks = state.bank_outstanding.sum(axis=0) + state.credit_debt
        state.debt_outstanding = other + banks
        state.debt_service = self.banking.base.service_rate * other + state.credit_service

    def open(self, now: Year) -> None:
        """Open the lenders' book."""
        self.credit.open(now)

    def remember(self, now: Year) -> None:
        """Keep the year of banks and lenders for their tables."""
        self.banking.remember(now)
        self.credit.remember(now)

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the tables of banks, of lenders and of their loans and lines."""
        return self.credit.tables(now) | self.banking.tables(now)

    def _swing(self, now: Year) -> None:
        """Draw luck of what arrives: from the base year on, since no record of it is input."""
        state, rules, region = now.state, self.swings, self.regions
        remittances, aid = state.remittance_swing, state.aid_swing
        if rules is not None and now.since > 0:
            luck = now.luck.normal("remittance swing", now.year, 2 * len(region))
            remittances = remittance_step(remittances, luck, region, rules)
            luck = now.luck.normal("aid swing", now.year, 2 * len(region))
            aid = aid_step(aid, luck, region, rules)
        state.remittance_swing, state.aid_swing = remittances, aid

    def run(self, now: Year) -> None:
        """Pay and receive; what arrives net, as a share of output, finances next year's imports."""
        state = now.state
        self._swing(now)
        flows = finance.external_flows(
            self.base,
            state.gdp,
            state.gdp_current,
            state.population,
            now.prices(),
            self.parameters,
            oda_factor=state.oda_factor,
            remittance_factor=np.exp(state.remittance_swing),
            claim=np.exp(state.aid_swing),
        )
        state.oda_received = flows.oda_received
        state.oda_paid = flows.oda_paid
        state.remittances_received = flows.remittances_received
        state.remittances_paid = flows.remittances_paid
        banks = self.banking.year_of_banks(now)
        built = self.credit.year_of_lines(now)
        state.debt_outstanding = banks.debt + state.credit_debt
        state.debt_service = banks.service + state.credit_service
        lines = self.credit.desk.flows
        interest = banks.interest + lines.interest_ends(self.credit.base.lenders.funders)
        state.net_interest = interest
        state.base_interest_share = (
            interest / state.gdp_current if now.since == 0 else state.base_interest_share
        )
        by_sector = banks.infrastructure + built
        state.infrastructure_by_finance = by_sector
        state.infrastructure_addition = by_sector.sum(axis=1)
        borrowed = state.credit_disbursed - state.credit_service
        lent = state.credit_lent - state.credit_collected
        state.other_finance_received = flows.other_received + borrowed
        state.other_finance_paid = flows.other_paid + lent
        net = flows.net + state.fdi_inflow - state.fdi_outflow + banks.net + borrowed - lent
        state.net_external_finance = net
        state.financing_ratio = finance.financing_ratio(
            net,
            self.economy.output * (state.gdp_current / now.opening.gdp_current),
            self.parameters.financing_limit,
        )


@kept_with_parameters
def _base(world: World, parameters: Parameters) -> finance.FinanceBase:
    developed = world.membership("developed_wir_2018")
    developing = world.membership("developing_wir_2018")
    rich = world.attributes["income_group"] == "HIC"
    return finance.FinanceBase(
        oda_received=np.maximum(world.base["oda_received_busd"], 0.0),
        remittances_received=world.base["remittances_received_busd"],
        # No publisher prints portfolio capital and other loans of each economy on this definition.
        other_received=parameters["other_finance_to_gdp"]
        * world.base["gdp_current_busd"]
        * developing,
        gdp=world.base["gdp_constant_2015_busd"],
        gdp_current=world.base["gdp_current_busd"],
        population=world.base["population_m"],
        donor=developed & rich,
        host=rich,
        financier=rich,
    )


def _without_lines(base: finance.FinanceBase, lines: CreditFlows) -> finance.FinanceBase:
    """Return the record without what lenders paid net, which they now pay themselves."""
    return replace(base, other_received=base.other_received - lines.net.sum(axis=0))
