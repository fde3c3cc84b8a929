"""Debt that becomes a burden, and what borrowed money builds."""

from __future__ import annotations

import numpy as np

from sscsim.flows.banking.parameters import BankingParameters
from sscsim.types import Array

__all__ = ["distress_hazard", "infrastructure_growth_by_sector"]


MEAN_SERVICE = 0.15
MEAN_DEBT = 0.5
"""Debt service over exports and debt over income at which the hazard of distress is the parameter itself."""


def distress_hazard(
    service: Array, exports: Array, debt: Array, income: Array, parameters: BankingParameters
) -> Array:
    """Return the yearly probability that a country falls into debt distress, ``(country,)``.

    ``h · (service / exports / 0.15)^β_s · (debt / income / 0.5)^β_d``, at most one.
    """
    service_ratio = service / np.maximum(exports, 1e-9) / MEAN_SERVICE
    debt_ratio = debt / np.maximum(income, 1e-9) / MEAN_DEBT
    hazard: Array = np.minimum(
        parameters.distress_hazard
        * service_ratio**parameters.distress_service_elasticity
        * debt_ratio**parameters.distress_debt_elasticity,
        1.0,
    )
    return hazard


def infrastructure_growth_by_sector(per_head: Array, capital: Array, added: Array) -> Array:
    """Return growth of infrastructure a head by sector, ``(country, sector)``, log points.

    Sectors start alike and grow alike but for what development finance added last year, which went to some of them.

    Parameters
    ----------
    per_head
        Growth of all infrastructure a head, ``(country,)``.
    capital
        Infrastructure capital at the end of last year, `added` included, ``(country,)``.
    added
        What development finance added, ``(country, sector)``.
    """
    sectors = added.shape[1]
    more = (sectors * added - added.sum(axis=1, keepdims=True)) / capital[:, None]
    growth: Array = per_head[:, None] + np.log1p(more)
    return growth
