"""The year's equilibrium of goods trade: factor prices at which every economy sells what it produces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InadmissibleInput
from sscsim.types import Array, Ints

__all__ = [
    "Endowed",
    "Equilibrium",
    "Factors",
    "Hats",
    "Markets",
    "Start",
    "base_factors",
    "solve_equilibrium",
    "trading_groups",
]

Factors = tuple[Array, NDArray[np.int32]]


def trading_groups(flows: Array) -> Ints:
    """Return the number of the group of each economy, ``(country,)``: those that trade, directly or through others.

    Parameters
    ----------
    flows
        ``(origin, destination)``; who has none is a group by itself.
    """
    linked = (flows > 0) | (flows > 0).T
    group = np.full(len(flows), -1, dtype=np.int64)
    for number in range(len(flows)):
        first = np.flatnonzero(group < 0)[:1]
        if not first.size:
            break
        while first.size:  # who trades with those found last, and is not found yet
            group[first] = number
            first = np.flatnonzero(linked[first].any(axis=0) & (group < 0))
    return group


@dataclass(frozen=True)
class Markets:
    """The markets of the base year, which every later year's hats apply to.

    Attributes
    ----------
    shares
        λ, expenditure shares with columns that sum to one, ``(origin, destination)``.
    output
        Y, bn USD, ``(country,)``, positive.
    trade_elasticity
        θ, positive.
    names
        ISO codes for messages.

    Raises
    ------
    InadmissibleInput
        When a number is not finite, not positive where it must be, or shares do not sum to one.
    """

    shares: Array
    output: Array
    trade_elasticity: float
    names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Check what every year rests on once."""
        theta = self.trade_elasticity
        if not (np.isfinite(theta) and theta > 0):
            raise InadmissibleInput(
                "the trade elasticity must be positive", key="trade_elasticity", found=theta
            )
        self.check("output", self.output, positive=True)
        self.check("shares", self.shares, positive=False)
        if self.shares.min() < 0 or not np.abs(self.shares.sum(axis=0) - 1).max() <= 1e-9:
            raise InadmissibleInput(
                "expenditure shares must be non-negative with columns that sum to one", key="shares"
            )

    def check(self, key: str, array: Array, *, positive: bool) -> None:
        """Refuse an input with a number that is not finite, or not positive where it must be."""
        # The extremes are quick to find, and not-a-number is one of them.
        low, high = float(array.min()), float(array.max())
        if np.isfinite(low) and np.isfinite(high) and (low > 0 or not positive):
            return
        bad = ~np.isfinite(array) | ((array <= 0) if positive else False)
        where = np.argwhere(bad)[0]
        raise InadmissibleInput(
            "an input of the trade equilibrium is not admissible",
            key=f"{key} of {', '.join(self.name(int(k)) for k in where)}",
            found=float(array[tuple(where)]),
            allowed="a positive finite number" if positive else "a finite number",
        )

    @cached_property
    def groups(self) -> tuple[Ints, ...]:
        """Rows of the economies that trade with one another, directly or through others; most often all of them.

        An economy without any trade is a group by itself. Prices of two groups have nothing to do with each other, and
        no group can pay for another's deficit.
        """
        group = trading_groups(self.shares)
        return tuple(np.flatnonzero(group == g) for g in range(int(group.max()) + 1))

    def part(self, rows: Ints) -> Markets:
        """Return the markets of a group."""
        names = None if self.names is None else [self.names[row] for row in rows]
        shares = self.shares[np.ix_(rows, rows)]
        return Markets(shares, self.output[rows], self.trade_elasticity, names)

    def name(self, index: int) -> str:
        """Return what messages call an economy."""
        return f"economy {index}" if self.names is None else self.names[index]


@dataclass(frozen=True)
class Endowed:
    """Goods that the world prices, and no factor price of who sells them: commodities.

    Attributes
    ----------
    share
        s, their part of goods exports in the base year, ``(country,)``, from 0 to 1.
    supply
        What stands for them in the place of s ŵ^(−θ), such as value at base volumes times own volume over the world's,
        ``(country,)``, not negative. It equals `share` in the base year.
    part
        κ, commodity exports over output in the base year, ``(country,)``, below one: what they are made of makes no
        other goods.
    income
        e, what they earn over the year's output at prices of the base year, ``(country,)``; κ in the base year.
    """

    share: Array
    supply: Array
    part: Array
    income: Array

    def of(self, rows: Ints) -> Endowed:
        """Return those of a group."""
        return Endowed(self.share[rows], self.supply[rows], self.part[rows], self.income[rows])


@dataclass(frozen=True)
class Hats:
    """A year relative to the base year.

    Attributes
    ----------
    volume
        q̂, output, ``(country,)``, positive.
    freeness
        φ̂, trade freeness, ``(origin, destination)``, positive.
    deficit_ratio
        d, deficit as a share of own income before the world sum is restored, ``(country,)``.
    endowed
        Commodities among exports; None where every good is priced by what its makers earn.
    """

    volume: Array
    freeness: Array
    deficit_ratio: Array
    endowed: Endowed | None = None


@dataclass(frozen=True)
class Start:
    """Where the search for prices starts; the result does not depend on it beyond the tolerance.

    Attributes
    ----------
    wage
        ŵ, ``(country,)``; None for that of the base year.
    factors
        LU factors of the Jacobian at a nearby equilibrium, which spare most of the work.
    """

    wage: Array | None = None
    factors: Factors | None = None


@dataclass(frozen=True)
class Equilibrium:
    """Prices and flows that clear every market.

    Attributes
    ----------
    wage
        Factor price relative to the base year, ``(country,)``; world output at base volumes is the
        numeraire.
    worth
        Price of output relative to the base year, ``(country,)``: the factor price, and what commodities earn.
    price
        Price index of expenditure relative to the base year, ``(country,)``; commodities at prices of the base year.
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
    worth: Array
    price: Array
    home_share: Array
    deficit_ratio: Array
    residual: float
    iterations: int
    factors: Factors | None
    _weighted_shares: Array
    _supply: Array
    _home: Array
    _demand: Array

    @property
    def flows(self) -> Array:
        """Sales in units of base-year output, ``(origin, destination)``, home sales on the diagonal; a new array."""
        sold: Array = self._weighted_shares * self._supply[:, None]
        sold *= self._demand
        if self._home is not self._supply:
            np.fill_diagonal(sold, np.diagonal(self._weighted_shares) * self._home * self._demand)
        return sold

    @property
    def start(self) -> Start:
        """Where the search for a neighbouring equilibrium starts."""
        return Start(self.wage, self.factors)


def solve_equilibrium(
    markets: Markets,
    hats: Hats,
    start: Start | None = None,
    *,
    deficit_floor: float = -0.6,
    shares_at_base: bool = False,
    tolerance: float = 1e-10,
    iterations: int = 200,
) -> Equilibrium:
    """Solve factor prices so that every economy sells what it produces.

    Find ŵ with ŵ_i q̂_i Y_i = Σ_j π_ij E_j, where π_ij = λ_ij ŵ_i^(−θ) φ̂_ij / Σ_k λ_kj ŵ_k^(−θ)
    φ̂_kj, E_j = ŵ_j q̂_j Y_j (1 + d_j − c) and c restores the world sum of deficits to zero in
    proportion to output. Abroad, (1 − s_i) ŵ_i^(−θ) + c_i W^(−θ) stands in the place of ŵ_i^(−θ) for who exports
    commodities, s_i being their share and c_i their supply (`Endowed`), and income is q̂_i Y_i ((1 − κ_i) ŵ_i + e_i W),
    not ŵ_i q̂_i Y_i, W being world income over its volume. The numeraire is W = 1: Σ ŵ q̂ Y = Σ q̂ Y without
    commodities. Economies that do not trade with one another, directly or through others, are solved apart: both
    sums are then those of each group.

    Parameters
    ----------
    deficit_floor
        Least admissible deficit ratio after restoring: expenditure must stay well above zero.
    shares_at_base
        Hold every economy's shares of world output and expenditure where they were, the closure of
        conditional structural gravity (Yotov et al. 2016; the package gegravity). For comparison;
        the model lets incomes follow prices.
    tolerance
        Largest excess supply accepted, as a share of each economy's own output.

    Raises
    ------
    InadmissibleInput
        Naming the input and the economy, when a number is not finite, not positive where it must
        be, when a deficit ratio falls to the floor, or when no solution is found.
    """
    markets.check("volume", hats.volume, positive=True)
    markets.check("freeness", hats.freeness, positive=True)
    markets.check("deficit_ratio", hats.deficit_ratio, positive=False)
    theta = markets.trade_elasticity
    problem = _Problem(
        weighted_shares=markets.shares * hats.freeness,
        weight=hats.volume * markets.output,
        deficit_ratio=hats.deficit_ratio,
        theta=theta,
        shares_at_base=shares_at_base,
        endowed=hats.endowed,
    )
    if len(markets.groups) > 1 and not shares_at_base:
        return _solve_apart(markets, hats, start, deficit_floor, tolerance, iterations)
    # Trial prices can leave an economy nothing to spend: then the logarithm does not exist.
    with np.errstate(invalid="ignore", divide="ignore"):
        here, factors, count = _search(
            problem, Start() if start is None else start, tolerance, iterations
        )
    residual = float(np.abs(np.expm1(here.excess)).max())
    _check_floor(markets, here.restored, deficit_floor)
    if not residual <= tolerance:
        worst = int(np.argmax(np.nan_to_num(np.abs(here.excess), nan=np.inf)))
        raise InadmissibleInput(
            "the trade equilibrium was not found",
            key=f"excess supply of {markets.name(worst)}",
            found=f"{residual:.3g} of its output after {count} evaluations",
            allowed=f"at most {tolerance:g}",
        )
    return Equilibrium(
        wage=np.exp(here.log_wage),
        worth=here.income / problem.weight,
        price=problem.market_at_base_prices(here) ** (-1 / theta),
        home_share=problem.own * here.home / here.market,
        deficit_ratio=here.restored,
        residual=residual,
        iterations=count,
        factors=factors,
        _weighted_shares=problem.weighted_shares,
        _supply=here.supply,
        _home=here.home,
        _demand=here.demand,
    )


def _solve_apart(
    markets: Markets,
    hats: Hats,
    start: Start | None,
    deficit_floor: float,
    tolerance: float,
    iterations: int,
) -> Equilibrium:
    """Solve groups of economies that do not trade with one another, each with a numeraire and a world of its own."""
    count = len(markets.output)
    wage, worth, price, home, restored, supply, own, demand = (np.zeros(count) for _ in range(8))
    residual, evaluations = 0.0, 0
    for rows in markets.groups:
        block = np.ix_(rows, rows)
        # Nobody lends to who trades with nobody: all that is made is bought where it is made.
        deficit = hats.deficit_ratio[rows] if len(rows) > 1 else np.zeros(1)
        goods = hats.endowed
        if goods is not None:
            goods = goods.of(rows)
        found = solve_equilibrium(
            markets.part(rows),
            Hats(hats.volume[rows], hats.freeness[block], deficit, goods),
            None if start is None or start.wage is None else Start(start.wage[rows]),
            deficit_floor=deficit_floor,
            tolerance=tolerance,
            iterations=iterations,
        )
        wage[rows], price[rows], home[rows] = found.wage, found.price, found.home_share
        restored[rows], supply[rows] = found.deficit_ratio, found._supply
        own[rows], demand[rows], worth[rows] = found._home, found._demand, found.worth
        residual, evaluations = max(residual, found.residual), evaluations + found.iterations
    return Equilibrium(
        wage=wage,
        worth=worth,
        price=price,
        home_share=home,
        deficit_ratio=restored,
        residual=residual,
        iterations=evaluations,
        factors=None,
        _weighted_shares=markets.shares * hats.freeness,
        _supply=supply,
        _home=own,
        _demand=demand,
    )


def base_factors(
    markets: Markets, deficit_ratio: Array, endowed: Endowed | None = None
) -> Factors | None:
    """Return the factors of the Jacobian at the base year, where every hat is one.

    None where economies fall into groups that do not trade with one another.

    Parameters
    ----------
    deficit_ratio
        Of the base year, ``(country,)``.
    endowed
        Commodities as they are in the base year; None where there are none.
    """
    if len(markets.groups) > 1:
        return None
    ones = np.ones_like(markets.output)
    problem = _Problem(
        markets.shares,
        markets.output,
        deficit_ratio,
        markets.trade_elasticity,
        False,
        endowed,
    )
    nothing = np.zeros_like(ones)
    expenditure = markets.output * (1 + deficit_ratio)
    base = _Market(
        log_wage=nothing,
        income=markets.output,
        earned=problem.earned(nothing),
        supply=ones,
        home=ones,
        market=markets.shares.sum(axis=0),
        restored=deficit_ratio,
        demand=expenditure,
        excess=nothing,
        largest=0.0,
    )
    return _factorised_jacobian(problem, base)


_LONGEST_STEP = 1.0
"""Of a logarithm of prices in one move: beyond it the linear model of the market says little."""

_SHORTEST_STEP = 1e-4
"""Share of Newton's step below which its direction is given up."""

_SLOWEST = 0.5
"""Share of the residual a step may leave before a new Jacobian is cheaper than more steps."""

_LARGEST_SHARE = 0.9
"""Of a step that the next one repeats, up to which Broyden's update is believed."""

_ROOM = 16
"""Steps that there is room for at first."""

_PRICE_STEPS = 20
"""Moves along excess demand before Newton's method is tried again."""


@dataclass(slots=True)
class _Market:
    """Excess demand, the logarithm of sales over income, and what it is made of, ``(country,)``."""

    log_wage: Array
    income: Array
    earned: Array
    """Income but for commodities."""
    supply: Array
    """Abroad."""
    home: Array
    """The same at home."""
    market: Array
    restored: Array
    demand: Array
    excess: Array
    largest: float


@dataclass(frozen=True)
class _Problem:
    """A year's markets as the search sees them."""

    weighted_shares: Array
    """λ φ̂, ``(origin, destination)``."""
    weight: Array
    """q̂ Y, ``(country,)``."""
    deficit_ratio: Array
    theta: float
    shares_at_base: bool
    endowed: Endowed | None = None

    @cached_property
    def own(self) -> Array:
        """λ φ̂ of each economy with itself, ``(country,)``."""
        return np.diagonal(self.weighted_shares).copy()

    @cached_property
    def factors(self) -> Array:
        """What is made at the factor price, at that of the base year, ``(country,)``."""
        goods = self.endowed
        return self.weight if goods is None else self.weight * (1.0 - goods.part)

    @cached_property
    def commodities(self) -> Array:
        """What commodities earn at W = 1, ``(country,)``."""
        goods = self.endowed
        return np.zeros_like(self.weight) if goods is None else self.weight * goods.income

    def earned(self, log_wage: Array) -> Array:
        """Return income but for commodities, ``(country,)``."""
        earned: Array = np.exp(log_wage) * self.factors
        return earned

    def income(self, earned: Array) -> Array:
        """Return all income; what commodities earn is a part of world income, which it is a part of."""
        left = float(np.add.reduce(self.weight)) - float(np.add.reduce(self.commodities))
        income: Array = earned + self.commodities * (float(np.add.reduce(earned)) / left)
        return income

    def level(self, income: Array) -> float:
        """Return W^(−θ), what commodities of the base year's price supply."""
        world = float(np.add.reduce(income)) / float(np.add.reduce(self.weight))
        return float(world**-self.theta)

    def market_at_base_prices(self, here: _Market) -> Array:
        """Return what price indices are made of, ``(country,)``: markets as if commodities cost what they did."""
        goods = self.endowed
        if goods is None:
            return here.market
        supply = (1.0 - goods.share) * here.home + goods.share * self.level(here.income)
        market: Array = supply @ self.weighted_shares + (here.home - supply) * self.own
        return market

    def at(self, log_wage: Array) -> _Market:
        """Return the markets at these prices."""
        goods = self.endowed
        earned = self.weight if self.shares_at_base else self.earned(log_wage)
        income = earned if goods is None else self.income(earned)
        home = supply = np.exp(-self.theta * log_wage)
        if goods is None:
            market = supply @ self.weighted_shares
        else:
            supply = (1.0 - goods.share) * home + goods.supply * self.level(income)
            market = supply @ self.weighted_shares
            market += (home - supply) * self.own
        restored = self.deficit_ratio - (income @ self.deficit_ratio) / np.add.reduce(income)
        demand = income * (1 + restored)
        demand /= market
        sales = self.weighted_shares @ demand
        sales *= supply
        if goods is not None:
            sales += (home - supply) * self.own * demand
        sales /= income
        excess = np.log(sales, out=sales)
        largest = float(np.maximum.reduce(np.abs(excess)))
        return _Market(
            log_wage, income, earned, supply, home, market, restored, demand, excess, largest
        )

    def at_numeraire(self, here: _Market) -> _Market:
        """Return the same markets at the level of prices that gives world output its base volume's value."""
        # Scaling all prices moves no relative price, no deficit ratio and no excess.
        # Held shares leave the level of prices to those prices themselves.
        income = np.exp(here.log_wage) * self.weight if self.shares_at_base else here.income
        world = float(np.add.reduce(income)) / float(np.add.reduce(self.weight))
        cheaper = world**self.theta
        income = here.income if self.shares_at_base else here.income / world
        earned = here.earned if self.shares_at_base else here.earned / world
        return _Market(
            log_wage=here.log_wage - np.log(world),
            income=income,
            earned=earned,
            supply=here.supply * cheaper,
            home=here.home * cheaper,
            market=here.market * cheaper,
            restored=here.restored,
            demand=here.demand * (income[0] / here.income[0] / cheaper),
            excess=here.excess,
            largest=here.largest,
        )


def _search(
    problem: _Problem, start: Start, tolerance: float, iterations: int
) -> tuple[_Market, Factors | None, int]:
    """Return the markets where the search ended, the last factors of a Jacobian, and evaluations.

    Newton's method in ln ŵ on the logarithm of sales over income. A Jacobian serves for many steps,
    of this solution and of its neighbours: Broyden's rank-one updates (Kelley 1995, ch. 7) mend it
    while they lower the residual, and a new one is taken where they do not. A full step that does
    not lower the residual is halved; where no step along Newton's direction does, prices first
    follow excess demand for a while (tâtonnement), which needs no derivative.
    """
    from scipy.linalg import lapack

    unmoved = np.zeros_like(problem.weight)
    here = problem.at(unmoved if start.wage is None else np.log(start.wage))
    count, factors = 1, start.factors
    if start.wage is not None and not np.isfinite(here.largest):
        here = problem.at(unmoved)
        count += 1
    steps = _Steps(len(unmoved))
    fresh = False
    # A logarithm of sales over income within half the tolerance is a share within the tolerance.
    while not here.largest <= tolerance / 2 and count < iterations:
        if factors is None:
            factors = _factorised_jacobian(problem, here)
            steps, fresh = _Steps(len(unmoved)), True
        move = steps.move(lapack.dgetrs(factors[0], factors[1], here.excess)[0])
        longest = float(np.maximum.reduce(np.abs(move)))
        size = 1.0 if longest <= _LONGEST_STEP else _LONGEST_STEP / longest
        there = problem.at(here.log_wage + (move if size == 1.0 else size * move))
        count += 1
        newton = fresh and not len(steps)
        while newton and not there.largest < here.largest and size > _SHORTEST_STEP:
            if count >= iterations:
                break
            size /= 2
            there = problem.at(here.log_wage + size * move)
            count += 1
        lower = there.largest < here.largest
        if newton and not lower:
            for _ in range(min(_PRICE_STEPS, iterations - count)):
                there = problem.at(there.log_wage + there.excess / (2 + 2 * problem.theta))
                count += 1
            here, factors = there, None
            continue
        if not there.largest < _SLOWEST * here.largest:
            factors = None
        if lower:
            here = there
            fresh = False
            if size == 1.0:
                steps.add(move)
            else:
                steps = _Steps(len(unmoved))
    # Only relative prices matter so far; the numeraire sets the level.
    return problem.at_numeraire(here), factors, count


class _Steps:
    """The steps since a Jacobian was taken, by which Broyden's rank-one updates mend it (Kelley 1995, brsol)."""

    def __init__(self, size: int) -> None:
        self._steps = np.empty((_ROOM, size))
        self._products: list[list[float]] = []
        """Of each step with itself and the ones before, by step."""

    def __len__(self) -> int:
        return len(self._products)

    def add(self, step: Array) -> None:
        """Add a full step that was taken."""
        count = len(self)
        if count == len(self._steps):
            self._steps = np.concatenate([self._steps, np.empty_like(self._steps)])
        self._steps[count] = step
        self._products.append((self._steps[: count + 1] @ step).tolist())

    def move(self, plain: Array) -> Array:
        """Return the mended move where the Jacobian itself would make the `plain` one."""
        count = len(self)
        if count == 0:
            return plain
        steps, products = self._steps[:count], self._products
        # Each step adds to the move a multiple of the next one, by the part of the move along it.
        along = (steps @ plain).tolist()
        parts = [0.0] * count
        for place in range(count - 1):
            inner = along[place]
            for before in range(1, place + 1):
                inner += parts[before] * products[place][before]
            parts[place + 1] = inner / products[place][place]
        move: Array = plain + np.array(parts) @ steps
        share = float(steps[-1] @ move) / products[-1][-1]
        # A step that would be stretched without bound says that the update has lost its meaning.
        return move / (1 - share) if share < _LARGEST_SHARE else move


def _factorised_jacobian(problem: _Problem, here: _Market) -> Factors:
    """Factorise minus the Jacobian of the logarithm of sales over income, in ln ŵ.

    Scaling all prices changes nothing, so the Jacobian has the null vector of ones; the outer
    product of ones and incomes fills it without moving the other directions.
    """
    from scipy.linalg import lapack

    income, restored, theta = here.income, here.restored, problem.theta
    earned, rent = here.earned, income - here.earned
    sold = problem.weighted_shares * here.supply[:, None]
    np.fill_diagonal(sold, problem.own * here.home)
    sold /= here.market
    scaled = sold * (income * (1 + restored))
    sales = scaled.sum(axis=1)
    fill = earned / earned.sum()
    answers, answering, common = _answers(problem, here, sold, scaled, sales)
    common *= theta
    jacobian = scaled @ answers.T
    jacobian *= -theta
    if not problem.shares_at_base:
        spent = (sold @ income) / income.sum()
        jacobian -= scaled * (earned / income)
        jacobian += np.outer(spent, earned * restored)
        common += (
            spent * (rent @ restored) - sold @ (rent * (1 + restored)) + sales * (rent / income)
        )
    jacobian += np.outer(common, fill)
    jacobian /= sales[:, None]
    jacobian += fill
    own = theta * answering
    if not problem.shares_at_base:
        own += earned / income
    jacobian[np.diag_indices_from(jacobian)] += own
    lu, pivots, _ = lapack.dgetrf(np.asfortranarray(jacobian), overwrite_a=True)
    return lu, pivots


def _answers(
    problem: _Problem, here: _Market, sold: Array, scaled: Array, sales: Array
) -> tuple[Array, Array, Array]:
    """Return how flows answer to prices: all to the seller's own, but commodities abroad to the mean of all.

    Returns
    -------
    tuple of arrays
        The part of each market that answers to its sellers' own prices, ``(origin, destination)``; the part of each
        seller's sales that does; what is left to the mean, less what rivals' commodities take, ``(country,)``.
    """
    goods = problem.endowed
    if goods is None:
        return sold, np.ones_like(sales), np.zeros_like(sales)
    part = (1.0 - goods.share) * here.home / here.supply
    answers = sold * part[:, None]
    np.fill_diagonal(answers, np.diagonal(sold))
    abroad = sales - np.diagonal(scaled)
    fixed = abroad * (1.0 - part)
    return answers, 1.0 - fixed / sales, fixed - scaled @ (1.0 - answers.sum(axis=0))


def _check_floor(markets: Markets, restored: Array, floor: float) -> None:
    """Refuse deficits that a small shock could turn into expenditure below zero."""
    low = int(np.argmin(restored))
    if restored[low] <= floor:
        raise InadmissibleInput(
            "an economy's trade surplus leaves it too little to spend",
            key=f"deficit_ratio of {markets.name(low)}",
            found=round(float(restored[low]), 4),
            allowed=f"above deficit_floor, {floor:g} of its income; surplus_cap and financing_limit bound surpluses",
        )
