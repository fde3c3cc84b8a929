"""Step 5: money that arrives: aid, remittances, portfolio and other loans (¶21, ¶80), and development banks (¶82)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscsim.flows import finance
from sscsim.steps import banking, credit

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

OWN = ("year", "gdp", "gdp_current")
"""What the step itself reads, and its parts too."""

READS = (
    "year",
    "gdp",
    "oda_factor",
    "fdi_inflow",
    "fdi_outflow",
    "gdp_current",
    *banking.READS,
    *(name for name in credit.READS if name not in (*banking.READS, *OWN)),
)
WRITES = (
    "oda_received",
    "oda_paid",
    "remittances_received",
    "remittances_paid",
    "other_finance_received",
    "other_finance_paid",
    "net_external_finance",
    "financing_ratio",
    *banking.WRITES,
    *(name for name in credit.WRITES if name not in banking.WRITES),
)


def run(model: SouthSouthModel) -> None:
    """Pay and receive; what arrives net, as a share of output, finances next year's imports."""
    state = model.state
    flows = finance.external_flows(
        model.base.finance,
        state.gdp,
        state.population,
        model.base.prices(state.year),
        model.base.finance_parameters,
        oda_factor=state.oda_factor,
    )
    state.oda_received = flows.oda_received
    state.oda_paid = flows.oda_paid
    state.remittances_received = flows.remittances_received
    state.remittances_paid = flows.remittances_paid
    from_banks = banking.run(model)
    credit.run(model)
    borrowed = state.credit_disbursed - state.credit_service
    lent = state.credit_lent - state.credit_collected
    state.other_finance_received = flows.other_received + borrowed
    state.other_finance_paid = flows.other_paid + lent
    net = flows.net + state.fdi_inflow - state.fdi_outflow + from_banks + borrowed - lent
    state.net_external_finance = net
    state.financing_ratio = finance.financing_ratio(
        net,
        model.base.trade.economy.output * (state.gdp_current / model.opening.gdp_current),
        model.base.finance_parameters.financing_limit,
    )
