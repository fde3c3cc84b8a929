"""Growth: a Solow economy with infrastructure, diffusion of technology and a record to start from.

Output is ``Y = A G^η K^α (h L)^(1−α)`` with infrastructure capital G, private capital K, human
capital h and labour L. To the end of the growth record A is the Solow residual of the record,
computed once along a path on which everything else evolves by the functions of this module; a run
with FDI at its base share and prices of one therefore reproduces the record exactly, and whatever a
lever moves comes on top. After the record, A grows at what logistic diffusion with a threshold in
human capital gives (Benhabib & Spiegel 2005), plus the country's own deviation from it: an
autoregressive process that starts from the record, fades, and meets small shocks. The policy part
of the gains from trade multiplies A once, as a level. Nothing is clipped.

All functions are pure. Arrays are of shape ``(country,)`` unless said otherwise, volumes are
billions of constant 2015 US dollars a year (flows) or billions of constant 2015 US dollars
(stocks), growth rates are fractions a year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from sscsim.errors import InadmissibleInput
from sscsim.types import Array

__all__ = [
    "Accumulation",
    "CapitalRules",
    "GrowthParameters",
    "ProductivityStep",
    "Record",
    "TechnologyFrontier",
    "accumulate",
    "base_labour",
    "capital_rules",
    "catch_up",
    "gross_national_income",
    "human_capital_step",
    "human_capital_threshold",
    "initial_capital",
    "openness_gain",
    "production",
    "productivity_growth",
    "record_residual",
    "relative_technology",
    "solow_residual",
    "standing",
    "technology_frontier",
]


TINY = 1e-12  # keeps a quotient finite where an economy invests nothing


@dataclass(frozen=True)
class GrowthParameters:
    """The numbers of the growth submodel; ``growth.yaml`` gives meaning and source of each."""

    capital_share: float
    infrastructure_elasticity: float
    """Direct elasticity: the total of the table less the part that works through trade."""
    infrastructure_depreciation: float
    fdi_additionality: float
    """φ, the investment table's ``fdi_capital_share``."""
    fdi_absorption_limit: float
    human_capital_ceiling: float
    human_capital_speed: float
    frontier_growth: float
    diffusion_speed: float
    growth_persistence: float
    shock_deviation: float
    trade_gain_pass_through: float
    capability_productivity_effect: float
    return_on_foreign_capital: float
    """The investment table's ``fdi_rate_of_return``."""

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the tables ``growth.yaml`` and, for φ and r, ``investment.yaml``."""
        direct = 1.0 - parameters["infrastructure_share_through_trade"]
        return cls(
            capital_share=parameters["capital_share"],
            infrastructure_elasticity=parameters["infrastructure_elasticity"] * direct,
            infrastructure_depreciation=parameters["infrastructure_depreciation"],
            fdi_additionality=parameters["fdi_capital_share"],
            fdi_absorption_limit=parameters["fdi_absorption_limit"],
            human_capital_ceiling=parameters["human_capital_ceiling"],
            human_capital_speed=parameters["human_capital_speed"],
            frontier_growth=parameters["frontier_growth"],
            diffusion_speed=parameters["diffusion_speed"],
            growth_persistence=parameters["growth_persistence"],
            shock_deviation=parameters["shock_deviation"],
            trade_gain_pass_through=parameters["trade_gain_pass_through"],
            capability_productivity_effect=parameters["capability_productivity_effect"],
            return_on_foreign_capital=parameters["fdi_rate_of_return"],
        )


# --- capital --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CapitalRules:
    """What an economy does with its income, fixed in the base year, ``(country,)``."""

    investment_share: Array
    """Gross fixed capital formation in real income, both kinds of capital."""
    infrastructure_share: Array
    """Infrastructure's part of that investment."""
    depreciation: Array
    """Yearly depreciation of private capital."""
    fdi_share: Array
    """Inward FDI in GDP of the base year, already inside the investment share."""
    fdi_additionality: Array
    """Part of FDI beyond the base share that becomes private capital."""


def initial_capital(
    gdp: Array,
    capital_output_ratio: Array,
    infrastructure_capital_ratio: Array,
    names: Sequence[str] | None = None,
) -> tuple[Array, Array]:
    """Split the base year's capital into private and infrastructure capital.

    Parameters
    ----------
    gdp
        Base-year GDP, bn constant 2015 USD.
    capital_output_ratio, infrastructure_capital_ratio
        Total fixed capital, and infrastructure capital in it, over GDP.
    names
        ISO codes for messages.

    Returns
    -------
    private_capital, infrastructure
        Stocks, bn constant 2015 USD.

    Raises
    ------
    InadmissibleInput
        When either stock would not be positive.
    """
    private_ratio = capital_output_ratio - infrastructure_capital_ratio
    wrong = np.flatnonzero(~((private_ratio > 0.0) & (infrastructure_capital_ratio > 0.0)))
    if wrong.size:
        first = int(wrong[0])
        raise InadmissibleInput(
            "an economy's capital does not exceed its public capital",
            key="capital_output_ratio of "
            + (f"economy {first}" if names is None else names[first]),
            found=float(capital_output_ratio[first]),
            allowed=f"above {float(infrastructure_capital_ratio[first]):g}, its public capital over GDP",
        )
    return private_ratio * gdp, infrastructure_capital_ratio * gdp


def capital_rules(
    gdp: Array,
    private_capital: Array,
    infrastructure: Array,
    investment_share: Array,
    depreciation: Array,
    fdi: Array,
    parameters: GrowthParameters,
) -> CapitalRules:
    """Fix the split of investment: both kinds of capital grow alike in the base year.

    Investment goes to the two kinds in proportion to what each needs to be replaced and to grow at
    the common rate that base-year investment affords; where investment does not even replace
    depreciation, in proportion to depreciation. The part of FDI that becomes capital never exceeds
    base-year private investment, which matters for conduit economies alone, where FDI is larger
    than all investment.

    Parameters
    ----------
    gdp, private_capital, infrastructure
        Base-year flow and stocks, bn constant 2015 USD.
    investment_share
        Gross fixed capital formation over GDP.
    depreciation
        Yearly depreciation of private capital.
    fdi
        Base-year FDI inflow, bn constant 2015 USD, not negative.
    """
    delta_g = parameters.infrastructure_depreciation
    investment = investment_share * gdp
    replacement = depreciation * private_capital + delta_g * infrastructure
    trend = np.maximum((investment - replacement) / (private_capital + infrastructure), 0.0)
    need_g = (delta_g + trend) * infrastructure
    need_k = (depreciation + trend) * private_capital
    share_g = need_g / (need_g + need_k)
    fdi_share = fdi / gdp
    private_share = (1.0 - share_g) * investment_share
    additionality = np.minimum(
        parameters.fdi_additionality, private_share / np.maximum(fdi_share, private_share)
    )
    return CapitalRules(investment_share, share_g, depreciation, fdi_share, additionality)


@dataclass(frozen=True)
class Accumulation:
    """Capital of the next year and this year's investment, ``(country,)``, bn constant 2015 USD."""

    private_capital: Array
    infrastructure: Array
    private_investment: Array
    infrastructure_investment: Array


def accumulate(
    private_capital: Array,
    infrastructure: Array,
    gdp: Array,
    real_income: Array,
    fdi: Array,
    rules: CapitalRules,
    parameters: GrowthParameters,
    *,
    investment_share: Array | None = None,
    infrastructure_addition: Array | float = 0.0,
    capital_loss: Array | float = 0.0,
) -> Accumulation:
    """Carry both stocks of capital to the next year.

    ``I = s · real income`` is split by the base-year rule; private capital gains ``φ (FDI − base
    share · Y)``, followed one for one while small and approaching a share of the country's own
    private investment as it grows, since who builds for one builds for the other and the rest of a
    surge is takeovers and money in transit; infrastructure gains what development finance adds
    beyond what the country would have spent (¶81, 82).

    Parameters
    ----------
    private_capital, infrastructure
        Stocks at the start of the year, bn constant 2015 USD.
    gdp, real_income
        The year's output Y and real income Y·ŵ/P̂, bn constant 2015 USD.
    fdi
        The year's FDI inflow, bn constant 2015 USD.
    investment_share
        Investment in real income where it differs from the base year's.
    infrastructure_addition
        Additional infrastructure, bn constant 2015 USD, not negative.
    capital_loss
        Share of both stocks that a shock destroys in the year, below one.

    Returns
    -------
    Accumulation
        Gross private investment is never negative: capital in place is not unbuilt, however far FDI
        falls.
    """
    share = rules.investment_share if investment_share is None else investment_share
    investment = share * real_income
    own = (1.0 - rules.infrastructure_share) * investment
    most = np.maximum(parameters.fdi_absorption_limit * own, TINY)
    foreign = most * np.tanh(rules.fdi_additionality * (fdi - rules.fdi_share * gdp) / most)
    private_investment = np.maximum(own + foreign, 0.0)
    infrastructure_investment = rules.infrastructure_share * investment + infrastructure_addition
    left = 1.0 - np.asarray(capital_loss)
    delta_g = parameters.infrastructure_depreciation
    return Accumulation(
        private_capital=left * (1.0 - rules.depreciation) * private_capital + private_investment,
        infrastructure=left * (1.0 - delta_g) * infrastructure + infrastructure_investment,
        private_investment=private_investment,
        infrastructure_investment=infrastructure_investment,
    )


def standing(
    stock: Array,
    addition: Array,
    parameters: GrowthParameters,
    *,
    capital_loss: Array | float = 0.0,
) -> Array:
    """Carry a part of infrastructure to the next year: what stands of it, and what the year adds."""
    left = 1.0 - np.asarray(capital_loss)
    carried: Array = left * (1.0 - parameters.infrastructure_depreciation) * stock + addition
    return carried


# --- output ---------------------------------------------------------------------------------------


def base_labour(population: Array, employment: Array, base_population: Array) -> Array:
    """Return labour: the population of any year or years at the base year's employment ratio."""
    return population * (employment / base_population)


def human_capital_step(human_capital: Array, parameters: GrowthParameters) -> Array:
    """Carry the human-capital index to the next year: a logistic curve in log human capital.

    Log human capital is years of schooling times their return, and schooling spreads as a logistic
    curve (Clemens 2004): slowly where few have been to school, then faster, then less and less
    towards the ceiling. An index above the ceiling, if data ever hold one, stays where it is.
    """
    schooling = np.log(human_capital)
    room = np.maximum(1.0 - schooling / math.log(parameters.human_capital_ceiling), 0.0)
    grown: Array = np.exp(schooling * (1.0 + parameters.human_capital_speed * room))
    return grown


def production(
    productivity: Array,
    infrastructure: Array,
    private_capital: Array,
    human_capital: Array,
    labour: Array,
    parameters: GrowthParameters,
    openness: Array | float = 0.0,
) -> Array:
    """Return GDP, ``Y = A G^η K^α (h L)^(1−α)``, bn constant 2015 USD.

    `productivity` is A without the gains of openness, `openness` their log level (`openness_gain`):
    a level that stands beside technology is had once, neither compounds nor fades as a gap that
    closes.
    """
    inputs = _inputs(infrastructure, private_capital, human_capital, labour, parameters)
    output: Array = productivity * np.exp(openness) * inputs
    return output


def openness_gain(trade_gain: Array, parameters: GrowthParameters) -> Array:
    """Return the log level of productivity that trade policy has added: ζ of the gain from trade.

    Parameters
    ----------
    trade_gain
        ``(1/θ) ln[λ_ii(q̂, 1) / λ_ii(q̂, φ̂)]``, how far policy lowered the home share, as a
        real-income gain (Arkolakis, Costinot & Rodríguez-Clare 2012).
    """
    return parameters.trade_gain_pass_through * trade_gain


def solow_residual(
    gdp: Array,
    infrastructure: Array,
    private_capital: Array,
    human_capital: Array,
    labour: Array,
    parameters: GrowthParameters,
) -> Array:
    """Return the productivity A at which the inputs give `gdp`."""
    return gdp / _inputs(infrastructure, private_capital, human_capital, labour, parameters)


def _inputs(
    infrastructure: Array,
    private_capital: Array,
    human_capital: Array,
    labour: Array,
    parameters: GrowthParameters,
) -> Array:
    alpha = parameters.capital_share
    logs = (
        parameters.infrastructure_elasticity * np.log(infrastructure)
        + alpha * np.log(private_capital)
        + (1.0 - alpha) * np.log(human_capital * labour)
    )
    inputs: Array = np.exp(logs)
    return inputs


# --- technology -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class TechnologyFrontier:
    """Where the frontier is and how far each economy stood from it in the base year."""

    base_ratio: Array
    """Productivity over the leader's in the base year, in purchasing-power terms,
    ``(country,)``."""
    log_human_capital: float
    """Log human capital of the leader in the base year."""


def technology_frontier(
    gdp_ppp: Array,
    capital_output_ratio: Array,
    infrastructure_capital_ratio: Array,
    human_capital: Array,
    labour: Array,
    leader: int,
    parameters: GrowthParameters,
) -> TechnologyFrontier:
    """Measure the base-year gaps of productivity in purchasing-power terms.

    Productivity is the residual of the production function at PPP output and at capital of the same
    ratio to it. The infrastructure term is the only one not homogeneous of degree one;
    infrastructure per worker stands in it, so that the gap does not depend on an economy's size.

    Parameters
    ----------
    gdp_ppp
        GDP of the base year at purchasing-power parities, bn.
    leader
        Position of the frontier economy, the United States in Benhabib & Spiegel (2005).

    Raises
    ------
    InadmissibleInput
        When the leader has no human capital beyond raw labour, whose index is 1.
    """
    private, infrastructure = initial_capital(
        gdp_ppp, capital_output_ratio, infrastructure_capital_ratio
    )
    residual = solow_residual(
        gdp_ppp, infrastructure / labour, private, human_capital, labour, parameters
    )
    leading = float(human_capital[leader])
    if leading <= 1.0:
        raise InadmissibleInput(
            "the leading economy has no human capital to measure the others by",
            key="human_capital_index",
            found=leading,
            allowed="above 1",
        )
    return TechnologyFrontier(residual / residual[leader], math.log(leading))


def relative_technology(
    frontier: TechnologyFrontier,
    productivity: Array,
    base_productivity: Array,
    years_since_base: int,
    parameters: GrowthParameters,
) -> Array:
    """Return technology over the frontier's.

    The frontier has moved on at its own rate since the base year. `productivity` is without the
    gains of openness, which are no knowledge to be caught up with.
    """
    moved_on = math.exp(-parameters.frontier_growth * years_since_base)
    return frontier.base_ratio * (productivity / base_productivity) * moved_on


def catch_up(
    relative: Array,
    human_capital: Array,
    frontier: TechnologyFrontier,
    parameters: GrowthParameters,
) -> Array:
    """Return the log growth of productivity by innovation and diffusion.

    Benhabib & Spiegel (2005), logistic form:
    ``Δ ln A = x [g + c · max(1 − a, 0)]`` with a the technology relative to the frontier and x = ln
    h / ln h_frontier. An economy at the frontier with its human capital grows at g. Far from it,
    growth exceeds g only with human capital above `human_capital_threshold`. Above the frontier,
    where resource rents put some economies, there is nothing to learn from it and nothing lost to
    it.
    """
    x = np.log(human_capital) / frontier.log_human_capital
    gap = np.maximum(1.0 - relative, 0.0)
    growth: Array = x * (parameters.frontier_growth + parameters.diffusion_speed * gap)
    return growth


def human_capital_threshold(frontier: TechnologyFrontier, parameters: GrowthParameters) -> float:
    """Return the human capital below which an economy far behind falls further behind.

    ``x* = g / (g + c)`` in logs, relative to the leader's.
    """
    g, c = parameters.frontier_growth, parameters.diffusion_speed
    return math.exp(frontier.log_human_capital * g / (g + c)) if g + c > 0.0 else 1.0


@dataclass(frozen=True)
class ProductivityStep:
    """The growth of productivity into one year, and the memory that carries on, ``(country,)``."""

    log_growth: Array
    """Δ ln A."""
    deviation: Array
    """Deviation of the country's own growth from the catch-up path, autoregressive."""


def productivity_growth(
    relative: Array,
    human_capital: Array,
    deviation: Array,
    frontier: TechnologyFrontier,
    parameters: GrowthParameters,
    *,
    draws: Array | None = None,
    recorded: Array | None = None,
    addition: Array | float = 0.0,
    capability_change: Array | None = None,
) -> ProductivityStep:
    """Grow productivity into the next year.

    Without a record, ``Δ ln A = catch-up + v`` with ``v = ρ v₋₁ + σ ε``. Within the record Δ ln A
    is the record's, and v moves towards the record's deviation, ``v = ρ v₋₁ + (1 − ρ)(recorded −
    catch-up)``, from its mean of zero in the base year: an average in which the latest years count
    most and which five years of record do not fill. One year is no trend, growth regresses to the
    mean (Pritchett & Summers 2014), and the record passes into the projection without a jump.

    Parameters
    ----------
    relative
        Technology over the frontier's (`relative_technology`).
    deviation
        Memory v₋₁ of the step before, zero in the base year.
    draws
        Standard normal draws ε; none within the record, which holds its own shocks.
    recorded
        Δ ln A of the record's residual for this year (`record_residual`), while there is a record.
    addition
        Log growth that policy or a shock adds.
    capability_change
        Change of the general capability in [0, 1]; raises the level in proportion to the gap to the
        frontier.
    """
    path = catch_up(relative, human_capital, frontier, parameters)
    rho = parameters.growth_persistence
    if recorded is None:
        carried = rho * deviation
        if draws is not None:
            carried = carried + parameters.shock_deviation * draws
        log_growth = path + carried
    else:
        carried = rho * deviation + (1.0 - rho) * (recorded - path)
        log_growth = recorded
    log_growth = log_growth + addition
    if capability_change is not None:
        gap = np.maximum(1.0 - relative, 0.0)
        log_growth = log_growth + (
            parameters.capability_productivity_effect * gap * capability_change
        )
    return ProductivityStep(log_growth, carried)


# --- the record -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What the growth record implies."""

    base_productivity: Array
    """A of the base year, ``(country,)``."""
    productivity_growth: Array
    """Δ ln A into each recorded year, ``(year, country)``."""
    gdp: Array
    """The record's GDP from the base year on, ``(year + 1, country)``."""


def record_residual(
    gdp: Array,
    growth: Array,
    private_capital: Array,
    infrastructure: Array,
    human_capital: Array,
    labour: Array,
    rules: CapitalRules,
    parameters: GrowthParameters,
) -> Record:
    """Compute the Solow residual along the recorded path.

    Capital, infrastructure and human capital evolve by `accumulate` and `human_capital_step` with
    output of the record, prices of one and FDI at its base share.

    Parameters
    ----------
    gdp
        Base-year GDP, bn constant 2015 USD.
    growth
        Recorded real growth of the years after the base year, fractions, ``(year, country)``.
    private_capital, infrastructure, human_capital
        Base-year state.
    labour
        Labour of the base year and each recorded year, ``(year + 1, country)``.
    """
    levels = gdp * np.concatenate([np.ones((1, gdp.size)), np.cumprod(1.0 + growth, axis=0)])
    log_a = np.empty_like(levels)
    for year, output in enumerate(levels):
        log_a[year] = np.log(
            solow_residual(
                output, infrastructure, private_capital, human_capital, labour[year], parameters
            )
        )
        capital = accumulate(
            private_capital,
            infrastructure,
            output,
            output,
            rules.fdi_share * output,
            rules,
            parameters,
        )
        private_capital, infrastructure = capital.private_capital, capital.infrastructure
        human_capital = human_capital_step(human_capital, parameters)
    return Record(np.exp(log_a[0]), np.diff(log_a, axis=0), levels)


# --- national income ------------------------------------------------------------------------------


def gross_national_income(
    gdp: Array,
    base_gap_share: Array,
    base_gdp: Array,
    net_foreign_stock: Array | float,
    base_net_foreign_stock: Array | float,
    parameters: GrowthParameters,
    net_interest: Array | float = 0.0,
) -> Array:
    """Return GNI: output plus the profits and interest that come in less those that go out.

    The base year's gap between GNI and GDP goes on at its share of GDP; profits at the rate of
    return come on top for the part of the net stock of FDI (outward less inward) that has moved
    away from its base share of GDP, and so does interest on loans that the model follows. What
    these leave open for the world as a whole beyond the base year's own statistical gap is spread
    in proportion to GDP, so that what one country's investors earn another country pays.

    Parameters
    ----------
    gdp, base_gdp
        Of the year and of the base year. All money is in one unit, bn constant or bn current USD.
    base_gap_share
        (GNI − GDP) / GDP in the base year.
    net_foreign_stock, base_net_foreign_stock
        Outward less inward FDI stock now and in the base year.
    net_interest
        Interest received less paid on loans that the model follows, beyond the base year's at its
        share of GDP.

    Returns
    -------
    numpy.ndarray
        GNI in the same unit.
    """
    carried = np.asarray(base_net_foreign_stock) * (gdp / base_gdp)
    profits = parameters.return_on_foreign_capital * (np.asarray(net_foreign_stock) - carried)
    gap = base_gap_share * gdp + profits + net_interest
    world = gdp.sum()
    base_world_gap = (base_gap_share * base_gdp).sum() / base_gdp.sum()
    gni: Array = gdp + gap + (base_world_gap - gap.sum() / world) * gdp
    return gni
