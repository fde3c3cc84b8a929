"""Goods trade: the base-year matrix and the equilibrium of later years. Pure functions on arrays.

Axes are ``(origin, destination)``: row *i* sells, column *j* buys. The base year is a gravity
kernel, seeded with published partner shares and balanced to observed exports and imports. Later
years follow exact hat algebra (Dekle, Eaton & Kortum 2008): every hat is relative to the base year,
never chained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.linalg import lapack

from sscsim.errors import InadmissibleInput

__all__ = [
    "BaseEconomy",
    "Equilibrium",
    "Geography",
    "base_factors",
    "close_economy",
    "gain_from_policy",
    "gravity_kernel",
    "informed_kernel",
    "published_flows",
    "seed_matrix",
    "solve_equilibrium",
    "trade_deficit_ratio",
    "trade_freeness",
    "unlisted_ceiling",
]

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Factors = tuple[Array, NDArray[np.int32]]


@dataclass(frozen=True)
class Geography:
    """What gravity sees of a pair, ``(origin, destination)``: distance in km, the rest 0 or 1."""

    distance: Array
    contiguity: Array
    common_language: Array
    colonial_tie: Array
    agreement: Array
    both_south: Array


@dataclass(frozen=True)
class BaseEconomy:
    """The closed accounts of the base year: ``(country,)`` arrays, bn current USD.

    ``output`` is home sales plus goods exports, ``exports`` and ``imports`` sum to the same world
    total, and ``floored`` marks the economies whose output was raised so that home sales reach
    their floor.
    """

    output: Array
    exports: Array
    imports: Array
    floored: BoolArray

    @property
    def home_sales(self) -> Array:
        """Output that is not exported, services included."""
        return self.output - self.exports

    @property
    def deficit_ratio(self) -> Array:
        """Goods deficit as a share of output."""
        return (self.imports - self.exports) / self.output


@dataclass(frozen=True)
class Equilibrium:
    """Prices and flows that clear every market.

    Attributes
    ----------
    wage
        Factor price relative to the base year, ``(country,)``; world output at base volumes is the
        numeraire.
    price
        Price index of expenditure relative to the base year, ``(country,)``.
    flows
        Sales in units of base-year output, ``(origin, destination)``, home sales on the diagonal.
    home_share
        Share of expenditure that stays at home, ``(country,)``.
    deficit_ratio
        Deficit over own income after the world sum is restored to zero, ``(country,)``.
    residual
        Largest excess supply as a share of an economy's own output.
    iterations
        Evaluations of the excess supply.
    factors
        LU factors of the last Jacobian taken, None if none was needed.
    """

    wage: Array
    price: Array
    flows: Array
    home_share: Array
    deficit_ratio: Array
    residual: float
    iterations: int
    factors: Factors | None = None


def close_economy(
    gdp: Array,
    exports: Array,
    imports: Array,
    *,
    output_to_gdp: float,
    home_sales_floor: float,
    deficit_cap: float,
    surplus_cap: float,
) -> BaseEconomy:
    """Close the base-year accounts.

    Imbalances are capped, world imports equal world exports, home sales are floored.

    Parameters
    ----------
    gdp, exports, imports
        ``(country,)``, bn current USD.
    output_to_gdp
        Gross output of the whole economy over GDP.
    home_sales_floor
        Least share of output that is sold at home.
    deficit_cap
        Largest goods deficit as a share of GDP; recorded imports above it are ships registered
        under a flag, not goods the economy pays for.
    surplus_cap
        Largest goods surplus as a share of output; above it the record counts goods in transit on
        one side only, and imports are raised.
    """
    plain = output_to_gdp * gdp
    least = exports / (1 - home_sales_floor)
    output = np.maximum(plain, least)
    target = float(exports.sum())
    balanced = imports.astype(float)
    # Capping changes the world's imports and scaling changes them back; a few rounds settle both.
    for _ in range(100):
        balanced = np.clip(balanced, exports - surplus_cap * output, exports + deficit_cap * gdp)
        factor = target / float(balanced.sum())
        balanced = balanced * factor
        if abs(factor - 1) < 1e-13:
            break
    return BaseEconomy(output, exports, balanced, least > plain)


def gravity_kernel(
    geography: Geography,
    size_origin: Array,
    size_destination: Array,
    *,
    distance: float,
    contiguity: float,
    common_language: float,
    colonial_tie: float,
    agreement: float,
    south: float,
) -> Array:
    """Return unbalanced bilateral trade from gravity, ``(origin, destination)``, zero diagonal.

    The coefficients are on the logarithm of flows, as structural gravity estimates them (Head &
    Mayer 2014).
    """
    log_kernel = (
        distance * np.log(geography.distance)
        + contiguity * geography.contiguity
        + common_language * geography.common_language
        + colonial_tie * geography.colonial_tie
        + agreement * geography.agreement
        + south * geography.both_south
    )
    kernel: Array = np.exp(log_kernel) * size_origin[:, None] * size_destination[None, :]
    np.fill_diagonal(kernel, 0.0)
    return kernel


def published_flows(
    kernel: Array,
    exports: Array,
    imports: Array,
    export_share: Array,
    import_share: Array,
    *,
    mirror_tolerance: float,
) -> Array:
    """Return flows from published partner shares, NaN where none is published or none is believed.

    Parameters
    ----------
    kernel
        Balanced gravity trade, the arbiter where two publishers disagree, ``(origin,
        destination)``.
    exports, imports
        ``(country,)``, bn current USD.
    export_share, import_share
        Share of the origin's exports, and of the destination's imports, NaN where unpublished.
    mirror_tolerance
        Factor beyond which two reports of one flow contradict each other.

    Notes
    -----
    A country publishes its largest partners only, so a partner it does not list has at most the
    smallest share it does list. That bound is the mirror of a flow only one side publishes:
    Algeria's exports to Egypt cannot exceed what Egypt's list of suppliers leaves room for.
    """
    by_exporter = export_share * exports[:, None]
    by_importer = import_share * imports[None, :]
    # What the other side's list leaves room for; NaN, no bound, where it publishes none.
    room_export = _smallest(export_share, axis=1)[:, None] * exports[:, None]
    room_import = _smallest(import_share, axis=0)[None, :] * imports[None, :]
    both = ~np.isnan(by_exporter) & ~np.isnan(by_importer)
    only_exporter = ~np.isnan(by_exporter) & ~both
    only_importer = ~np.isnan(by_importer) & ~both

    flows = np.full_like(kernel, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        agree = np.abs(np.log(by_exporter / by_importer)) <= np.log(mirror_tolerance)
        nearer = np.abs(np.log(by_exporter / kernel)) <= np.abs(np.log(by_importer / kernel))
        flows[both & agree] = ((by_exporter + by_importer) / 2)[both & agree]
        flows[both & ~agree & nearer] = by_exporter[both & ~agree & nearer]
        flows[both & ~agree & ~nearer] = by_importer[both & ~agree & ~nearer]
        believed = only_exporter & ~(by_exporter > mirror_tolerance * room_import)
        flows[believed] = by_exporter[believed]
        believed = only_importer & ~(by_importer > mirror_tolerance * room_export)
        flows[believed] = by_importer[believed]
    np.fill_diagonal(flows, np.nan)
    return flows


def unlisted_ceiling(
    export_share: Array, import_share: Array, exports: Array, imports: Array
) -> Array:
    """Return the most that flows between partners that do not list each other can be.

    The result is ``(origin, destination)`` and infinite where nobody's list bounds a flow.
    Parameters are those of `published_flows`. A list holds the largest partners, so a partner that
    is not on it has at most the smallest share that is. Lists are also cut at a share that differs
    little between publishers: one that names a single large partner has left out the next ones
    because they are below it. The median list's smallest share stands for that cut. Where both
    sides publish lists and neither names the other, the lower of the two bounds holds.
    """
    by_exporter = np.where(np.isnan(export_share), _cut(export_share, 1)[:, None], np.nan)
    by_importer = np.where(np.isnan(import_share), _cut(import_share, 0)[None, :], np.nan)
    ceiling = np.fmin(by_exporter * exports[:, None], by_importer * imports[None, :])
    return np.where(np.isnan(ceiling), np.inf, ceiling)


def informed_kernel(
    kernel: Array, published: Array, distance: Array, *, distance_elasticity: float
) -> Array:
    """Return the kernel corrected by what published flows tell, ``(origin, destination)``.

    Parameters
    ----------
    kernel
        Balanced gravity trade.
    published
        Published flows, NaN where there is none.
    distance
        km, ``(origin, destination)``, inside an economy on the diagonal.
    distance_elasticity
        Of trade flows; negative.

    Notes
    -----
    Gravity misses in a regular way: what one country sells to Kenya beyond gravity it also sells to
    Uganda. The log misfit of a pair is the weighted mean misfit of published flows of its exporter
    to other importers and of its importer from other exporters. Weights fall with the distance
    between those others and the pair's own as trade itself falls, relative to the distance inside
    the two (geometric mean), and reach one at most. The pair's reverse flow has weight one, and so
    has gravity itself, with misfit zero: a pair of which nothing is known keeps its gravity value.
    """
    seen = np.nan_to_num(published) * kernel > 0
    count = seen.astype(float)
    ratio = np.divide(published, kernel, out=np.ones_like(kernel), where=seen)
    misfit = np.log(ratio)
    inside = np.diagonal(distance)
    relative = distance / np.sqrt(np.outer(inside, inside))
    weight = np.maximum(relative, 1.0) ** distance_elasticity
    told = misfit @ weight + weight.T @ misfit + misfit.T
    heard = count @ weight + weight.T @ count + count.T
    informed: Array = kernel * np.exp(told / (heard + 1.0))
    return informed


def seed_matrix(
    kernel: Array,
    published: Array,
    exports: Array,
    imports: Array,
    *,
    ceiling: Array | None = None,
    rounds: int = 50,
) -> Array:
    """Return published flows completed by gravity, unbalanced, ``(origin, destination)``.

    The kernel's cells are scaled to what the published ones leave of each margin before the whole
    is balanced; otherwise balancing would pull the published cells, which are known, to mend the
    kernel's, which are not.

    Parameters
    ----------
    kernel
        Gravity trade, as it is or informed by published flows.
    published
        Published flows, NaN where there is none.
    exports, imports
        Margins, ``(country,)``.
    ceiling
        The most that the kernel's cells may be, ``(origin, destination)``; None for no bound.
    rounds
        Alternations between rows and columns; the remainders of rows and columns differ in total,
        so this scaling approaches a compromise and does not converge to both.
    """
    known = np.nan_to_num(published)
    rest = np.where(np.isnan(published), kernel, 0.0)
    # Published cells can exceed a margin; the kernel keeps a hundredth, so that no pair trades
    # nothing at all.
    row_rest = np.maximum(exports - known.sum(axis=1), 0.01 * exports)
    column_rest = np.maximum(imports - known.sum(axis=0), 0.01 * imports)
    for _ in range(rounds):
        rest *= _ratio(row_rest, rest.sum(axis=1))[:, None]
        if ceiling is not None:
            np.minimum(rest, ceiling, out=rest)
        rest *= _ratio(column_rest, rest.sum(axis=0))[None, :]
        if ceiling is not None:
            np.minimum(rest, ceiling, out=rest)
    return known + rest


def trade_deficit_ratio(
    base: Array, years: int, financing: Array, base_financing: Array, *, persistence: float
) -> Array:
    """Return the deficit an economy runs as a share of its own income, ``(country,)``.

    The world sum is not yet restored. The base-year imbalance fades at ``persistence`` a year; what
    changes in net external finance (a share of income) is spent on top: d_t = d_0 ρ^t + (n_t −
    n_0).
    """
    return base * persistence**years + (financing - base_financing)


def solve_equilibrium(
    shares: Array,
    output: Array,
    volume: Array,
    freeness: Array,
    deficit_ratio: Array,
    *,
    trade_elasticity: float,
    deficit_floor: float = -0.6,
    start: Array | None = None,
    factors: Factors | None = None,
    shares_at_base: bool = False,
    tolerance: float = 1e-10,
    iterations: int = 200,
    names: Sequence[str] | None = None,
) -> Equilibrium:
    """Solve factor prices so that every economy sells what it produces.

    Find ŵ with ŵ_i q̂_i Y_i = Σ_j π_ij E_j, where π_ij = λ_ij ŵ_i^(−θ) φ̂_ij / Σ_k λ_kj ŵ_k^(−θ)
    φ̂_kj, E_j = ŵ_j q̂_j Y_j (1 + d_j − c) and c restores the world sum of deficits to zero in
    proportion to output. The numeraire is Σ ŵ q̂ Y = Σ q̂ Y.

    Parameters
    ----------
    shares
        λ, base-year expenditure shares with columns that sum to one, ``(origin, destination)``.
    output, volume
        Y, base-year output in bn USD, and q̂, volume relative to the base year, ``(country,)``,
        positive.
    freeness
        φ̂, trade freeness relative to the base year, ``(origin, destination)``, positive.
    deficit_ratio
        d, deficit as a share of own income before the world sum is restored, ``(country,)``.
    trade_elasticity
        θ, positive.
    deficit_floor
        Least admissible deficit ratio after restoring: expenditure must stay well above zero.
    start
        ŵ to start from; the result does not depend on it beyond the tolerance.
    factors
        LU factors of the Jacobian at a nearby equilibrium, which spare most of the work; likewise
        without influence.
    shares_at_base
        Hold every economy's shares of world output and expenditure where they were, the closure of
        conditional structural gravity (Yotov et al. 2016; the package gegravity). For comparison;
        the model lets incomes follow prices.
    tolerance
        Largest excess supply accepted, as a share of each economy's own output.
    names
        ISO codes for messages.

    Raises
    ------
    InadmissibleInput
        Naming the input and the economy, when a number is not finite, not positive where it must
        be, when a deficit ratio falls to the floor, or when no solution is found.

    Notes
    -----
    Newton's method in ln ŵ on the logarithm of sales over income. A Jacobian serves for many steps,
    of this solution and of its neighbours: Broyden's rank-one updates (Kelley 1995, ch. 7) mend it
    while they lower the residual, and a new one is taken where they do not. A full step that does
    not lower the residual is halved; where no step along Newton's direction does, prices first
    follow excess demand for a while (tâtonnement), which needs no derivative.
    """
    _check_inputs(shares, output, volume, freeness, deficit_ratio, trade_elasticity, names)
    theta = trade_elasticity
    weight = volume * output
    total = float(weight.sum())
    weighted_shares = shares * freeness

    def evaluate(x: Array) -> _Market:
        income = weight if shares_at_base else np.exp(x) * weight
        supply = np.exp(-theta * x)
        market = supply @ weighted_shares
        restored = deficit_ratio - (income @ deficit_ratio) / income.sum()
        sales = supply * (weighted_shares @ (income * (1 + restored) / market))
        # Trial prices can leave an economy nothing to spend: then the logarithm does not exist.
        excess = np.log(np.where(sales > 0, sales, np.nan) / income)
        largest = float(np.abs(excess).max())
        return _Market(x, income, supply, market, restored, excess, largest)

    here = evaluate(np.zeros_like(weight) if start is None else np.log(start))
    count = 1
    if start is not None and not np.isfinite(here.largest):
        here = evaluate(np.zeros_like(weight))
        count += 1
    steps: list[Array] = []
    fresh = False
    # A logarithm of sales over income within half the tolerance is a share within the tolerance.
    while not here.largest <= tolerance / 2 and count < iterations:
        if factors is None:
            factors = _factorised_jacobian(weighted_shares, theta, here, shares_at_base)
            steps, fresh = [], True
        move = _broyden_move(factors, steps, here.excess)
        size = min(1.0, _LONGEST_STEP / max(_LONGEST_STEP, float(np.abs(move).max())))
        there = evaluate(here.log_wage + size * move)
        count += 1
        if fresh and not steps:
            while not there.largest < here.largest and size > _SHORTEST_STEP and count < iterations:
                size /= 2
                there = evaluate(here.log_wage + size * move)
                count += 1
        lower = there.largest < here.largest
        if not lower and fresh and not steps:
            for _ in range(min(_PRICE_STEPS, iterations - count)):
                there = evaluate(there.log_wage + there.excess / (2 + 2 * theta))
                count += 1
            here, factors = there, None
            continue
        if not there.largest < _SLOWEST * here.largest:
            factors = None
        if lower:
            here = there
            fresh = False
            steps = [*steps, move] if size == 1.0 else []
    # Only relative prices matter so far; the numeraire sets the level.
    here = evaluate(here.log_wage - np.log(np.exp(here.log_wage) @ weight / total))
    residual = float(np.abs(np.expm1(here.excess)).max())
    # Deficits restored below the floor mean expenditure that a small shock could turn negative.
    low = int(np.argmin(here.restored))
    if here.restored[low] <= deficit_floor:
        raise InadmissibleInput(
            "an economy's trade surplus leaves it too little to spend",
            key=f"deficit_ratio of {_name(names, low)}",
            found=round(float(here.restored[low]), 4),
            allowed=f"above {deficit_floor:g} of its income",
        )
    if not residual <= tolerance:
        worst = int(np.argmax(np.nan_to_num(np.abs(here.excess), nan=np.inf)))
        raise InadmissibleInput(
            "the trade equilibrium was not found",
            key=f"excess supply of {_name(names, worst)}",
            found=f"{residual:.3g} of its output after {count} evaluations",
            allowed=f"at most {tolerance:g}",
        )
    home_share = np.diagonal(weighted_shares) * here.supply / here.market
    flows = weighted_shares  # in place: at this size memory costs more than arithmetic
    flows *= here.supply[:, None]
    flows *= (here.income * (1 + here.restored) / here.market)[None, :]
    return Equilibrium(
        wage=np.exp(here.log_wage),
        price=here.market ** (-1 / theta),
        flows=flows,
        home_share=home_share,
        deficit_ratio=here.restored,
        residual=residual,
        iterations=count,
        factors=factors,
    )


def gain_from_policy(closed: Equilibrium, opened: Equilibrium, *, trade_elasticity: float) -> Array:
    """Return the real-income gain of the year's freeness over the base year's, in logs.

    (1/θ) ln[λ_ii(q̂, 1) / λ_ii(q̂, φ̂)]: the formula of Arkolakis, Costinot & Rodríguez-Clare
    (2012) between the equilibrium at unchanged freeness and the one at the year's freeness, so that
    growth alone earns none.
    """
    gain: Array = np.log(closed.home_share / opened.home_share) / trade_elasticity
    return gain


def trade_freeness(
    agreement_change: Array,
    infrastructure_change: Array,
    trade_cost: Array,
    *,
    agreement: float,
    infrastructure: float,
    trade_elasticity: float,
) -> Array:
    """Return φ̂, trade freeness relative to the base year, ``(origin, destination)``.

    It is one on the diagonal.

    Parameters
    ----------
    agreement_change
        Change since the base year of free trade agreements in force, 0 to 1 while they phase in,
        ``(origin, destination)``.
    infrastructure_change
        Log change of infrastructure relative to output, ``(country,)``; both ends count.
    trade_cost
        τ̂, ad-valorem cost factor relative to the base year, ``(origin, destination)``.
    agreement, infrastructure
        Coefficients on the logarithm of flows.
    trade_elasticity
        θ: cost acts on flows with the power −θ.
    """
    side = np.exp(infrastructure * infrastructure_change)
    freeness: Array = agreement * agreement_change
    # In place: at this size memory costs more than arithmetic.
    np.exp(freeness, out=freeness)
    freeness *= side[:, None]
    freeness *= side[None, :]
    if not np.all(trade_cost == 1.0):
        freeness *= trade_cost**-trade_elasticity
    np.fill_diagonal(freeness, 1.0)
    return freeness


def base_factors(
    shares: Array, output: Array, deficit_ratio: Array, *, trade_elasticity: float
) -> Factors:
    """Return the factors of the Jacobian at the base year, where every hat is one."""
    ones = np.ones_like(output)
    balanced = np.zeros_like(output)
    market = _Market(balanced, output, ones, shares.sum(axis=0), deficit_ratio, balanced, 0.0)
    return _factorised_jacobian(shares, trade_elasticity, market, False)


_LONGEST_STEP = 1.0
"""Of a logarithm of prices in one move: beyond it the linear model of the market says little."""

_SHORTEST_STEP = 1e-4
"""Share of Newton's step below which its direction is given up."""

_SLOWEST = 0.5
"""Share of the residual a step may leave before a new Jacobian is cheaper than more steps."""

_LARGEST_SHARE = 0.9
"""Of a step that the next one repeats, up to which Broyden's update is believed."""

_PRICE_STEPS = 20
"""Moves along excess demand before Newton's method is tried again."""


@dataclass(frozen=True)
class _Market:
    """Excess demand, the logarithm of sales over income, and what it is made of, ``(country,)``."""

    log_wage: Array
    income: Array
    supply: Array
    market: Array
    restored: Array
    excess: Array
    largest: float


def _broyden_move(factors: Factors, steps: list[Array], excess: Array) -> Array:
    """Return the move in ln ŵ by a Jacobian and the steps since (Kelley 1995, brsol)."""
    move: Array = lapack.dgetrs(factors[0], factors[1], excess)[0]
    if not steps:
        return move
    for step, following in pairwise(steps):
        move += following * ((step @ move) / (step @ step))
    last = steps[-1]
    share = float(last @ move) / float(last @ last)
    # A step that would be stretched without bound says that the update has lost its meaning.
    return move / (1 - share) if share < _LARGEST_SHARE else move


def _factorised_jacobian(
    weighted_shares: Array, theta: float, here: _Market, shares_at_base: bool
) -> Factors:
    """Factorise minus the Jacobian of the logarithm of sales over income, in ln ŵ.

    Scaling all prices changes nothing, so the Jacobian has the null vector of ones; the outer
    product of ones and incomes fills it without moving the other directions.
    """
    income, restored = here.income, here.restored
    sold = weighted_shares * here.supply[:, None]
    sold /= here.market[None, :]
    scaled = sold * (income * (1 + restored))[None, :]
    sales = scaled.sum(axis=1)
    jacobian = scaled @ sold.T
    jacobian *= -theta
    fill = income / income.sum()
    if not shares_at_base:
        jacobian -= scaled
        jacobian += np.outer(sold @ income, fill * restored)
    jacobian /= sales[:, None]
    jacobian += fill[None, :]
    jacobian[np.diag_indices_from(jacobian)] += theta if shares_at_base else 1 + theta
    lu, pivots = linalg.lu_factor(jacobian, overwrite_a=True, check_finite=False)
    return lu, pivots


def _check_inputs(
    shares: Array,
    output: Array,
    volume: Array,
    freeness: Array,
    deficit_ratio: Array,
    theta: float,
    names: Sequence[str] | None,
) -> None:
    if not (np.isfinite(theta) and theta > 0):
        raise InadmissibleInput(
            "the trade elasticity must be positive", key="trade_elasticity", found=theta
        )
    for key, array, positive in (
        ("output", output, True),
        ("volume", volume, True),
        ("freeness", freeness, True),
        ("deficit_ratio", deficit_ratio, False),
        ("shares", shares, False),
    ):
        # The extremes are quick to find, and not-a-number is one of them.
        low, high = float(array.min()), float(array.max())
        if np.isfinite(low) and np.isfinite(high) and (low > 0 or not positive):
            continue
        bad = ~np.isfinite(array) | ((array <= 0) if positive else False)
        where = np.argwhere(bad)[0]
        raise InadmissibleInput(
            "an input of the trade equilibrium is not admissible",
            key=f"{key} of {', '.join(_name(names, int(k)) for k in where)}",
            found=float(array[tuple(where)]),
            allowed="a positive finite number" if positive else "a finite number",
        )
    if shares.min() < 0 or not np.abs(shares.sum(axis=0) - 1).max() <= 1e-9:
        raise InadmissibleInput(
            "expenditure shares must be non-negative with columns that sum to one", key="shares"
        )


def _ratio(wanted: Array, present: Array) -> Array:
    """Return wanted over present, zero where nothing is present."""
    return np.divide(wanted, present, out=np.zeros_like(wanted), where=present > 0)


def _cut(shares: Array, axis: int) -> Array:
    """Return the share below which a list names no partner, NaN without a list."""
    smallest = _smallest(shares, axis)
    listed = smallest[~np.isnan(smallest)]
    return np.minimum(smallest, np.median(listed)) if listed.size else smallest


def _smallest(shares: Array, axis: int) -> Array:
    """Return the smallest published share along an axis, NaN where nothing is published."""
    lowest = np.min(np.where(np.isnan(shares), np.inf, shares), axis=axis)
    return np.where(np.isinf(lowest), np.nan, lowest)


def _name(names: Sequence[str] | None, index: int) -> str:
    return f"economy {index}" if names is None else names[index]
