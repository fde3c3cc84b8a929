"""External flows that only arrive: aid, remittances, portfolio and other loans (¶21, 80).

The base year's receipts come from data; growth and levers move them. Every flow has two ends: what
is received in the world is paid in the world. Donors set an aid budget that follows their income,
each pays its part by GDP, and recipients share what is paid, the poorest first; hosts of migrants
pay remittances, and financiers other finance, by GDP.

All functions are pure; arrays are of shape ``(country,)``, money in billions of current US dollars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from sscsim.errors import InadmissibleInput
from sscsim.types import Array, Mask

__all__ = [
    "ExternalFlows",
    "FinanceBase",
    "FinanceParameters",
    "external_flows",
    "fdi_share_of_external_finance",
    "financing_ratio",
]


@dataclass(frozen=True)
class FinanceParameters:
    """The numbers of the submodel; ``finance.yaml`` gives meaning and source of each."""

    aid_donor_elasticity: float
    aid_income_elasticity: float
    remittance_host_elasticity: float
    other_finance_elasticity: float
    financing_limit: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``finance.yaml``)."""
        return cls(
            aid_donor_elasticity=parameters["aid_donor_elasticity"],
            aid_income_elasticity=parameters["aid_income_elasticity"],
            remittance_host_elasticity=parameters["remittance_host_elasticity"],
            other_finance_elasticity=parameters["other_finance_elasticity"],
            financing_limit=parameters["financing_limit"],
        )


@dataclass(frozen=True)
class FinanceBase:
    """The base year: receipts, and who stands at the paying end; arrays of shape ``(country,)``.

    Raises
    ------
    InadmissibleInput
        When a flow is received and nobody is there to pay it.
    """

    oda_received: Array
    """Official development assistance received, bn current USD, not negative."""
    remittances_received: Array
    """Remittances received, bn current USD, not negative."""
    other_received: Array
    """Portfolio investment and other loans received, net of repayment, bn current USD, of either
    sign."""
    gdp: Array
    """GDP, bn constant 2015 USD."""
    gdp_current: Array
    """GDP, bn current USD."""
    population: Array
    """Million persons."""
    donor: Mask
    """Who pays development assistance."""
    host: Mask
    """Who hosts migrants and so pays remittances."""
    financier: Mask
    """Who holds portfolios and lends abroad."""

    @cached_property
    def assistance(self) -> float:
        """All that was received, bn current USD."""
        return float(self.oda_received.sum())

    @cached_property
    def donors_income(self) -> float:
        """GDP of those who pay assistance, bn current USD."""
        return float(self.gdp_current[self.donor].sum())

    @cached_property
    def hosts_income(self) -> float:
        """GDP of those who pay remittances, bn current USD."""
        return float(self.gdp_current[self.host].sum())

    def __post_init__(self) -> None:
        """Check that every flow has a payer."""
        for name, mask, received in (
            ("donor", self.donor, self.oda_received),
            ("host", self.host, self.remittances_received),
            ("financier", self.financier, self.other_received),
        ):
            if np.any(received != 0.0) and not np.any(mask):
                raise InadmissibleInput(
                    "a flow is received that no economy pays",
                    key=name,
                    found="no economy",
                    allowed="at least one economy",
                )


@dataclass(frozen=True)
class ExternalFlows:
    """A year's flows at both ends, ``(country,)``, bn current USD."""

    oda_received: Array
    oda_paid: Array
    remittances_received: Array
    remittances_paid: Array
    other_received: Array
    other_paid: Array

    @property
    def received(self) -> Array:
        """All that arrives."""
        return self.oda_received + self.remittances_received + self.other_received

    @property
    def paid(self) -> Array:
        """All that leaves."""
        return self.oda_paid + self.remittances_paid + self.other_paid

    @property
    def net(self) -> Array:
        """Received less paid; the world's sum is zero."""
        return self.received - self.paid


def external_flows(
    base: FinanceBase,
    gdp: Array,
    gdp_current: Array,
    population: Array,
    price_index: float,
    parameters: FinanceParameters,
    *,
    oda_factor: Array | float = 1.0,
    remittance_factor: Array | float = 1.0,
    other_factor: Array | float = 1.0,
    claim: Array | float = 1.0,
) -> ExternalFlows:
    """Return the year's official development assistance, remittances, portfolio and other loans.

    - Assistance: the donors' plan is the base year's world total times their income over the
      base year's, to the power of ``ε_oda``, at current prices, each donor by its part of their
      GDP, times `oda_factor`. Recipients share what is paid by their base receipts, their
      population's growth and their growth of income per head to the power of ``−γ_oda``: whom
      growth lifts leaves room for the others.
    - Remittances: base receipts times the hosts' income over the base year's to the power of
      ``ε_rem``, at current prices.
    - Other finance: base receipts times own income over the base year's to the power of
      ``ε_oth``, at current prices.

    What pays and what draws is income in dollars of the day over the price of the world's output: a currency that falls
    pays less in dollars. Need is read off volumes.

    Hosts and financiers pay in proportion to GDP, since the base data know receivers and not pairs.

    Parameters
    ----------
    gdp
        bn constant 2015 USD.
    gdp_current
        bn current USD.
    population
        Million persons.
    price_index
        The deflator over the base year's.
    oda_factor
        Assistance paid relative to plan, by donor.
    remittance_factor, other_factor
        Receipts relative to plan, by receiver.
    claim
        Claim on assistance relative to what need says, by receiver: it moves who gets what is paid, and not how much.
    """
    growth = gdp / base.gdp
    income = gdp_current / price_index
    part, donors = _payers(income, base.donors_income, base.donor)
    budget = base.assistance * donors**parameters.aid_donor_elasticity * price_index
    oda_paid = oda_factor * budget * part
    people = population / base.population
    weight = base.oda_received * people * (growth / people) ** -parameters.aid_income_elasticity
    weight = weight * claim
    total = weight.sum()
    oda = weight * (oda_paid.sum() / total) if total > 0.0 else np.zeros_like(gdp)

    host_part, hosts = _payers(income, base.hosts_income, base.host)
    rise = hosts**parameters.remittance_host_elasticity * price_index
    remittances = base.remittances_received * rise * remittance_factor

    same = base.financier is base.host
    financier_part = host_part if same else _payers(income, 1.0, base.financier)[0]
    rises = (income / base.gdp_current) ** parameters.other_finance_elasticity * price_index
    other = base.other_received * rises * other_factor
    return ExternalFlows(
        oda_received=oda,
        oda_paid=oda_paid,
        remittances_received=remittances,
        remittances_paid=remittances.sum() * host_part,
        other_received=other,
        other_paid=other.sum() * financier_part,
    )


def financing_ratio(net: Array, output: Array, limit: float) -> Array:
    """Return net external finance as a share of gross output, as far as it can buy goods, ``(country,)``.

    Money far beyond what an economy produces passes through it: holding companies in financial
    centres receive and send on what no importer ever sees (Damgaard, Elkjaer & Johannesen 2019). The
    share is followed one for one while small and approaches `limit` as it grows, ``limit ·
    tanh(share / limit)``.

    Parameters
    ----------
    net
        All that arrives less all that leaves, foreign direct investment included, bn current USD.
    output
        Gross output, bn current USD.
    limit
        Largest share, positive.
    """
    ratio: Array = limit * np.tanh(net / output / limit)
    return ratio


def fdi_share_of_external_finance(
    fdi_received: Array, flows: ExternalFlows, economies: Mask
) -> float:
    """Return the part of FDI in a group's external finance (¶80: 39 % in 2017).

    The rest is portfolio, other loans, assistance and remittances. Near an identity, since
    base-year data set the other flows: a check and never a fit.
    """
    fdi = float(fdi_received[economies].sum())
    return fdi / (fdi + float(flows.received[economies].sum()))


def _payers(income: Array, before: float, mask: Mask) -> tuple[Array, float]:
    """Return each payer's part of their income, and that income over what it was before (1 if none)."""
    theirs = np.where(mask, income, 0.0)
    total = theirs.sum()
    if total == 0.0:
        return theirs, 1.0
    return theirs / total, float(total / before)
