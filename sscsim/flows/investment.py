r"""Foreign direct investment (A/73/383, ¶80): who invests in whom, in the base year and after.

The base year is a matrix whose rows (investors) and columns (hosts) sum to what UNCTAD records;
gravity spreads it (Head & Ries 2008; Blonigen & Piger 2014). Later years are changes relative to
that matrix, as in exact hat algebra:

.. math::

    O_i &= O_{i0} \, \hat Y_i \, H_i^{\,S_i} \, e^{g_s (1 - \kappa^t) / (1 - \kappa) + w + c_{g(i)}} \, x_i, \qquad
    H_i = \hat y_i^{\,\eta} \frac{1 + (y_{i0} / y^*)^\eta}{1 + (y_{i0} \hat y_i / y^*)^\eta} \\
    F_{ij} &= O_i \, v_{ij} \,
        \frac{F_{ij0} A_j \phi_{ij}}{\sum_k F_{ik0} A_k \phi_{ik}} - d_{ij}, \qquad
    A_j = \hat Y_j^{\,\alpha} \, e^{\gamma m_j + h_j + \beta \cdot \Delta z_j} \, u_j

with :math:`\hat Y` GDP in dollars of the day and :math:`\hat y` real income per head relative to
the base year, *S* a mark of the South, *w*, *c*, *h* autoregressive cycles of the world, a group of
investors and a host, *m* growth momentum, :math:`\Delta z` changes of infrastructure, capability
and cost of entry, :math:`\phi` freeness between a pair, and *x*, *u*, *v* levers and events.
*H* levels off as income nears :math:`y^*`, and the drift fades by :math:`\kappa` a year: neither runs away
(decision 0159). *d* is what investors take out of hosts whose record is negative (decision 0160).
Outflows equal inflows because every flow, and every withdrawal, is one cell with two ends.

All functions are pure. Axes: ``(country,)`` or ``(origin, destination)``, investor to host. Values
are billions of current US dollars unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InadmissibleInput
from sscsim.flows.balancing import balance
from sscsim.flows.pairs import Cells, column_sums, row_sums, scaled
from sscsim.means import over_mean
from sscsim.types import Array, Mask

__all__ = [
    "Cycles",
    "Disinvestment",
    "Economies",
    "FdiBase",
    "FdiStocks",
    "FdiYear",
    "Hosts",
    "InvestmentParameters",
    "autoregress",
    "balanced_totals",
    "base_fdi_matrix",
    "base_totals",
    "disinvestment",
    "fdi_flows",
    "fdi_kernel",
    "growth_momentum",
    "host_attraction",
    "host_deviation",
    "initial_fdi_stocks",
    "next_cycles",
    "outward_fdi",
    "pair_freeness",
    "update_fdi_stocks",
    "withdrawals",
]


HOLDING_ROUNDS = 200
HELD_AT_MOST = 0.999
"""Part of all it holds abroad to which an investor's part of hosts that lose investment is cut where it would be more;
under one, so that cutting ends in so many rounds."""


@dataclass(frozen=True)
class InvestmentParameters:
    """The submodel's parameters; ``parameters/investment.yaml`` gives unit, prior and source."""

    fdi_distance_elasticity: float
    fdi_common_language: float
    fdi_colonial_tie: float
    fdi_contiguity: float
    fdi_agreement: float
    fdi_south_affinity: float
    fdi_income_elasticity: float
    fdi_income_saturation: float
    fdi_share_drift: float
    fdi_drift_persistence: float
    fdi_world_persistence: float
    fdi_world_sd: float
    fdi_group_sd: float
    fdi_market_elasticity: float
    fdi_growth_response: float
    fdi_infrastructure_response: float
    fdi_capability_response: float
    fdi_tie_response: float
    fdi_entry_cost_response: float
    fdi_guarantee_additionality: float
    fdi_host_persistence: float
    fdi_host_sd: float
    fdi_host_size_exponent: float
    fdi_host_reference_size: float
    fdi_stock_attrition: float
    fdi_disinvestment_persistence: float
    fdi_balance_tolerance: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Return the submodel's part of a parameter set."""
        return cls(**{f.name: parameters[f.name] for f in fields(cls)})


@dataclass(frozen=True)
class Disinvestment:
    """Who takes investment out of which host: hosts whose mean flow of the base year is negative.

    Attributes
    ----------
    hosts
        Index of those hosts, ``(host,)``.
    rate
        What leaves in the base year over the stock at its end, ``(host,)``, fraction a year.
    ends
        Who it returns to, ``(origin, host)``, shares of each host's that sum to one.
    base
        What leaves in the base year, ``(host,)``, bn USD.
    """

    hosts: NDArray[np.intp]
    rate: Array
    ends: Array
    base: Array


@dataclass(frozen=True)
class FdiBase:
    """What later years are relative to.

    Attributes
    ----------
    flows
        Flows of the base year, ``(origin, destination)``, bn USD, from `base_fdi_matrix`; what is
        taken out of hosts stands apart.
    south
        Investors whose outward share rises with income, ``(country,)``.
    group
        Index of the group of investors whose cycle an economy shares, ``(country,)``.
    income
        Base-year GDP per head, ``(country,)``, US dollars; it says how near the level an outward share is.
    parameters
        The table.
    withdrawn
        See `disinvestment`; None where nothing is taken out.
    """

    flows: Array
    south: Mask
    group: NDArray[np.intp]
    income: Array
    parameters: InvestmentParameters
    withdrawn: Disinvestment | None = None

    @cached_property
    def net(self) -> Array:
        """Flows less what is taken out, ``(origin, destination)``, bn USD."""
        if self.withdrawn is None:
            return self.flows
        return _less(self.flows.copy(), self.withdrawn, self.withdrawn.base)

    @cached_property
    def inflow(self) -> Array:
        """Inflow by host, ``(country,)``, bn USD."""
        total: Array = self.flows.sum(axis=0)
        return total

    @cached_property
    def outflow(self) -> Array:
        """Outflow by investor, ``(country,)``, bn USD."""
        total: Array = self.flows.sum(axis=1)
        return total

    @cached_property
    def deviation(self) -> Array:
        """Standard deviation of each host's yearly shock, ``(country,)``."""
        return host_deviation(self.inflow, self.parameters)


@dataclass(frozen=True)
class Cycles:
    """Cycles of investment, logarithms, or one year's standard normal draws of them.

    Attributes
    ----------
    world, group, host
        ``(1,)``, ``(group,)``, ``(country,)``.
    """

    world: Array
    group: Array
    host: Array


@dataclass(frozen=True)
class Economies:
    """How economies have grown since the base year, ``(country,)``.

    Attributes
    ----------
    gdp_ratio, income_ratio
        GDP in dollars of the day and real income per head relative to the base year, positive.
    momentum
        See `growth_momentum`.
    years_since_base
        Years after the base year; they drive the drift of the outward share.
    """

    gdp_ratio: Array
    income_ratio: Array
    momentum: Array
    years_since_base: float


@dataclass(frozen=True)
class Hosts:
    """What has changed for those who invest in a country since the base year, ``(country,)``.

    Attributes
    ----------
    infrastructure_ratio
        Infrastructure over output relative to the base year.
    capability_change
        Change of capability.
    entry_cost_change
        Ad-valorem cost of entry added by policy; negative when policy lowers it.
    guarantee_cover
        Investment newly guaranteed over base-year inflow (¶39, ¶86), not negative.
    factor
        Levers and events on hosts' attraction.
    """

    infrastructure_ratio: Array | float = 1.0
    capability_change: Array | float = 0.0
    entry_cost_change: Array | float = 0.0
    guarantee_cover: Array | float = 0.0
    factor: Array | float = 1.0


@dataclass(frozen=True)
class FdiYear:
    """Foreign direct investment of one year.

    Attributes
    ----------
    flows
        ``(origin, destination)``, bn current USD; diagonal zero, negative only where more is taken out than put in.
    """

    flows: Array

    @cached_property
    def inflow(self) -> Array:
        """Inflow by host, ``(country,)``, bn current USD."""
        return column_sums(self.flows)

    @cached_property
    def outflow(self) -> Array:
        """Outflow by investor, ``(country,)``, bn current USD."""
        return row_sums(self.flows)


@dataclass(frozen=True)
class FdiStocks:
    """Stocks of foreign direct investment, ``(country,)``, bn USD; the two sums are equal."""

    inward: Array
    outward: Array


# --- the base year --------------------------------------------------------------------------------


def base_totals(inflow: Array, outflow: Array) -> tuple[Array, Array]:
    """Return base-year totals by host and by investor whose world sums agree.

    Means of UNCTAD's flows may be negative (divestment exceeds investment) or missing: both become
    zero here; what is taken out of hosts is `disinvestment`. Recorded world outflows and inflows
    differ; investors are scaled to the inflows, which are better covered (model specification,
    section 4).

    Parameters
    ----------
    inflow, outflow
        ``(country,)``, bn USD, means of 2010-2013.

    Returns
    -------
    tuple
        Inflow and outflow, ``(country,)``, bn USD.

    Raises
    ------
    InadmissibleInput
        When there are inflows but nobody invests abroad.
    """
    inward = np.maximum(np.nan_to_num(inflow, nan=0.0), 0.0)
    return inward, balanced_totals(inward, np.maximum(np.nan_to_num(outflow, nan=0.0), 0.0))


def balanced_totals(inward: Array, outward: Array) -> Array:
    """Return `outward` scaled so that its sum is that of `inward`.

    Raises
    ------
    InadmissibleInput
        When `outward` is zero everywhere and `inward` is not.
    """
    total_in, total_out = float(inward.sum()), float(outward.sum())
    if total_out <= 0.0 < total_in:
        raise InadmissibleInput(
            "foreign direct investment arrives but nobody invests abroad",
            key="fdi_outflow_busd",
            found=total_out,
            allowed="a positive world sum",
        )
    return outward * (total_in / total_out) if total_out > 0.0 else outward.copy()


def fdi_kernel(
    distance_km: Array,
    common_language: Array,
    colonial_tie: Array,
    contiguity: Array,
    agreement: Array,
    south: Mask,
    parameters: InvestmentParameters,
) -> Array:
    """Return how strongly each pair of economies is drawn together, sizes apart.

    Size of investor and host, and whatever else belongs to one side only, is absorbed by the
    balancing to totals.

    Parameters
    ----------
    distance_km
        ``(origin, destination)``, km between people; the diagonal is not read.
    common_language, colonial_tie, contiguity, agreement
        ``(origin, destination)``, 0 or 1.
    south
        ``(country,)``, economies of the South.
    parameters
        The table.

    Returns
    -------
    ndarray
        ``(origin, destination)``, positive off the diagonal, zero on it.
    """
    p = parameters
    off_diagonal = ~np.eye(len(distance_km), dtype=np.bool_)
    log_distance = np.log(distance_km, where=off_diagonal, out=np.zeros_like(distance_km))
    kernel = np.exp(
        p.fdi_distance_elasticity * log_distance
        + p.fdi_common_language * common_language
        + p.fdi_colonial_tie * colonial_tie
        + p.fdi_contiguity * contiguity
        + p.fdi_agreement * agreement
        + p.fdi_south_affinity * (south[:, None] & south[None, :])
    )
    np.fill_diagonal(kernel, 0.0)
    return kernel


def base_fdi_matrix(
    inflow: Array,
    outflow: Array,
    kernel: Array,
    tolerance: float,
    names: Sequence[str] | None = None,
) -> Array:
    """Return the flows nearest to the kernel whose rows and columns sum to the totals (RAS).

    Iterative proportional fitting (Deming & Stephan 1940): the result is kernel × investor factor ×
    host factor, the structural gravity of Head & Ries (2008) with both multilateral resistances.

    Parameters
    ----------
    inflow, outflow
        ``(country,)``, bn USD, not negative, equal sums.
    kernel
        ``(origin, destination)``, positive off the diagonal and zero on it.
    tolerance
        Largest relative gap of a row; columns are met to rounding.
    names
        ISO codes for messages.

    Returns
    -------
    ndarray
        ``(origin, destination)``, bn USD.

    Raises
    ------
    InadmissibleInput
        When the sums differ, when one economy's flows exceed all others' on the other side (it
        cannot invest in itself), or when balancing does not converge.
    """
    return balance(kernel, outflow, inflow, tolerance=tolerance, names=names)


def disinvestment(inflow: Array, stocks: FdiStocks, kernel: Array) -> Disinvestment | None:
    """Return what investors take out of hosts whose inflow of the base year is negative.

    It returns to those who hold stocks abroad, as near to the host as the kernel has them: no record says whose it was.
    Nobody holds more in these hosts than in all the world: what is beyond that is others'. Both then wear out alike,
    and an investor's stock never falls below what it may still take home.

    Parameters
    ----------
    inflow
        ``(country,)``, bn USD, as recorded: not floored.
    stocks
        Of the end of the base year. A host without a stock has nothing that could be taken out, nor has one whose stock
        is more than all others hold abroad.
    kernel
        ``(origin, destination)``, see `fdi_kernel`.

    Returns
    -------
    Disinvestment or None
        None when nothing is taken out of any host.
    """
    hosts = np.flatnonzero((inflow < 0.0) & (stocks.inward > 0.0))
    weights = kernel[:, hosts] * stocks.outward[:, None]
    held = weights.sum(axis=0)
    hosts, ends = hosts[held > 0.0], weights[:, held > 0.0] / held[held > 0.0]
    while hosts.size:
        whose = _within_what_is_held(ends, stocks.inward[hosts], stocks.outward)
        if whose is not None:
            base = -inflow[hosts]
            # More than is there cannot leave.
            rate = np.minimum(base / stocks.inward[hosts], 1.0)
            return Disinvestment(hosts, rate, whose, rate * stocks.inward[hosts])
        others = np.maximum(stocks.outward.sum() - stocks.outward[hosts], np.finfo(float).tiny)
        kept = np.arange(hosts.size) != (stocks.inward[hosts] / others).argmax()
        hosts, ends = hosts[kept], ends[:, kept]
    return None


def _within_what_is_held(ends: Array, inward: Array, outward: Array) -> Array | None:
    """Return who stocks of hosts belong to, ``(origin, host)``, such that nobody's part is more than all it holds.

    Shares are left as they are where that is so. None where the stocks are more than others can hold.
    """
    for _ in range(HOLDING_ROUNDS):
        part = _safe_ratio((ends * inward).sum(axis=1), outward)
        if part.max() <= 1.0:
            return ends
        ends = ends / np.maximum(part / HELD_AT_MOST, 1.0)[:, None]
        ends = ends / ends.sum(axis=0)
    return None


# --- later years ----------------------------------------------------------------------------------


def withdrawals(base: FdiBase, inward_stock: Array, years_since_base: float) -> Array | None:
    """Return what is taken out of hosts, ``(host,)``, bn USD; None where nothing ever is.

    A host loses a share of the stock that is left, and the share fades: what is negative in one
    year of the record is less often so later. It is never more than wear leaves, so no stock becomes
    negative: the host's by this, investors' by whose the stock is (`disinvestment`).

    Parameters
    ----------
    inward_stock
        ``(country,)``, bn USD, of the end of the year before.
    """
    withdrawn = base.withdrawn
    if withdrawn is None:
        return None
    fading = base.parameters.fdi_disinvestment_persistence**years_since_base
    share = np.minimum(fading * withdrawn.rate, 1.0 - base.parameters.fdi_stock_attrition)
    result: Array = share * inward_stock[withdrawn.hosts]
    return result


def _less(flows: Array, withdrawn: Disinvestment, amount: Array) -> Array:
    """Take amounts, ``(host,)``, out of `flows`, in place."""
    flows[:, withdrawn.hosts] -= withdrawn.ends * amount
    return flows


def host_deviation(base_inflow: Array, parameters: InvestmentParameters) -> Array:
    """Return the standard deviation of each host's yearly shock, ``(country,)``: large hosts are steadier.

    A large inflow is a sum of many projects, so it varies less; less than proportionally, since projects move together.
    A host without inflow gets that of the reference size, which moves nothing.
    """
    reference = parameters.fdi_host_reference_size
    size = np.where(base_inflow > 0.0, base_inflow, reference) / reference
    deviation: Array = parameters.fdi_host_sd * size**-parameters.fdi_host_size_exponent
    return deviation


def autoregress(state: Array, persistence: float, sd: Array | float, normals: Array) -> Array:
    """Return the next state of a first-order autoregression; `normals` are standard draws."""
    return persistence * state + sd * normals


def next_cycles(base: FdiBase, last: Cycles, draws: Cycles) -> Cycles:
    """Return this year's cycles from last year's and the year's draws."""
    p = base.parameters
    return Cycles(
        world=autoregress(last.world, p.fdi_world_persistence, p.fdi_world_sd, draws.world),
        group=autoregress(last.group, p.fdi_world_persistence, p.fdi_group_sd, draws.group),
        host=autoregress(last.host, p.fdi_host_persistence, base.deviation, draws.host),
    )


def growth_momentum(growth: Array) -> Array:
    """Return mean growth of the last three years less growth of the base year.

    The record holds no growth before the base year, so that year stands for what investors were
    used to.

    Parameters
    ----------
    growth
        ``(year, country)``, real growth as a fraction, the base year first, no year missing.

    Returns
    -------
    ndarray
        ``(country,)``, fraction a year; zero where a figure is missing.
    """
    recent: Array = growth[-3:].mean(axis=0) - growth[0]
    return np.where(np.isnan(recent), 0.0, recent)


def outward_fdi(base: FdiBase, economies: Economies, cycles: Cycles) -> Array:
    """Return what each economy invests abroad, ``(country,)``, bn current USD.

    The outward share of GDP drifts for all, less each year, and rises with income per head for
    investors of the South, levelling off as they near the income of developed ones (the investment
    development path, Dunning 1981).
    """
    p = base.parameters
    cycle = _faded_drift(p, economies.years_since_base) + cycles.world + cycles.group[base.group]
    rise = p.fdi_income_elasticity * np.log(economies.income_ratio)
    start = p.fdi_income_elasticity * np.log(base.income / p.fdi_income_saturation)
    # log(1 + e^x), safe for large x
    rise += np.logaddexp(0.0, start) - np.logaddexp(0.0, start + rise)
    path = np.where(base.south, rise, 0.0)
    result: Array = base.outflow * economies.gdp_ratio * np.exp(cycle + path)
    return result


def _faded_drift(parameters: InvestmentParameters, years: float) -> float:
    """Return the drift summed over the years, each year's a constant share of the year before's."""
    kept = parameters.fdi_drift_persistence
    summed = years if kept == 1.0 else (1.0 - kept**years) / (1.0 - kept)
    return parameters.fdi_share_drift * summed


def host_attraction(
    economies: Economies, host_shock: Array, hosts: Hosts, parameters: InvestmentParameters
) -> Array:
    """Return how attractive each host is relative to the base year, ``(country,)``, ratio.

    Parameters
    ----------
    host_shock
        ``(country,)``, logarithm.
    """
    p = parameters
    logarithm = (
        p.fdi_market_elasticity * np.log(economies.gdp_ratio)
        + p.fdi_growth_response * economies.momentum
        + host_shock
        + p.fdi_infrastructure_response * np.log(hosts.infrastructure_ratio)
        + p.fdi_capability_response * hosts.capability_change
        - p.fdi_entry_cost_response * hosts.entry_cost_change
    )
    guaranteed = 1.0 + p.fdi_guarantee_additionality * hosts.guarantee_cover
    result: Array = hosts.factor * (np.exp(logarithm) * guaranteed)
    return result


def pair_freeness(
    agreement_change: Cells, tie_change: Array, parameters: InvestmentParameters
) -> Array:
    """Return freeness of investment between pairs relative to the base year.

    Parameters
    ----------
    agreement_change
        Change since the base year of agreements in force (-1, 0, 1), of pairs that have one.
    tie_change
        ``(origin, destination)``, the same of cooperation ties (-1 to 1).
    parameters
        The table.

    Returns
    -------
    ndarray
        ``(origin, destination)``, ratio.
    """
    # In place: at this size memory costs more than arithmetic.
    result: Array = parameters.fdi_tie_response * tie_change
    np.exp(result, out=result)
    agreement_change.multiply(result, np.exp(parameters.fdi_agreement * agreement_change.value))
    return result


def fdi_flows(
    base: FdiBase,
    economies: Economies,
    cycles: Cycles,
    hosts: Hosts = Hosts(),
    *,
    pair: Array | None = None,
    investor_factor: Array | float = 1.0,
    flow_factor: Array | None = None,
    withdrawn: Array | None = None,
) -> FdiYear:
    """Return one year of foreign direct investment (step 4 of the year).

    Parameters
    ----------
    cycles
        Of this year, see `next_cycles`.
    pair
        ``(origin, destination)``, see `pair_freeness`; None when nothing changed since the base
        year.
    investor_factor
        Levers and events on what is invested abroad (¶80, North and world shocks), ``(country,)``.
    flow_factor
        Dated events that add or remove flows between pairs without diverting others, ``(origin,
        destination)``; such flows have two ends as well, so outflows still equal inflows.
    withdrawn
        See `withdrawals`; levers and cycles do not move it.
    """
    outflow = outward_fdi(base, economies, cycles) * investor_factor
    attraction = host_attraction(economies, cycles.host, hosts, base.parameters)
    # Only ratios of attractions matter; the mean as unit keeps extreme draws away from overflow.
    attraction = over_mean(attraction)
    weights = base.flows if pair is None else base.flows * pair
    flows = scaled(weights, _safe_ratio(outflow, weights @ attraction), attraction)
    if flow_factor is not None:
        flows *= flow_factor
    if withdrawn is not None and base.withdrawn is not None:
        _less(flows, base.withdrawn, withdrawn)
    return FdiYear(flows)


# --- stocks ---------------------------------------------------------------------


def initial_fdi_stocks(inward: Array, outward: Array) -> FdiStocks:
    """Return opening stocks whose sums agree: missing becomes zero, investors are scaled to hosts.

    Parameters
    ----------
    inward, outward
        ``(country,)``, bn USD, as recorded.

    Raises
    ------
    InadmissibleInput
        As `base_totals`.
    """
    return FdiStocks(*base_totals(inward, outward))


def update_fdi_stocks(
    stocks: FdiStocks, inflow: Array, outflow: Array, parameters: InvestmentParameters
) -> FdiStocks:
    """Return stocks after a year of flows, ``(country,)``, less attrition net of revaluation."""
    kept = 1.0 - parameters.fdi_stock_attrition
    return FdiStocks(kept * stocks.inward + inflow, kept * stocks.outward + outflow)


def _safe_ratio(numerator: Array, denominator: Array) -> Array:
    """Divide, with zero where the denominator is zero: who has nowhere to go sends nothing."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0.0)
