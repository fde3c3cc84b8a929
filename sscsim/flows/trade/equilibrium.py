"""The year's equilibrium of goods trade: factor prices at which every economy sells what it produces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InadmissibleInput
from sscsim.flows.pairs import scaled
from sscsim.special import blas, lapack
from sscsim.types import Array, Ints

__all__ = [
    "Endowed",
    "Equilibrium",
    "Hats",
    "Inverse",
    "Markets",
    "Start",
    "base_inverse",
    "solve_equilibrium",
    "trading_groups",
]

Inverse = NDArray[np.float32]
"""Of the Jacobian, columns first: half the memory, as a search that finds its own faults needs no more digits."""


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
    inverse
        Of the Jacobian at a nearby equilibrium (`base_inverse`), which spares most of the work.
    """

    wage: Array | None = None
    inverse: Inverse | None = None


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
    inverse
        Of the Jacobian as the search left it, None if none was needed.
    """

    wage: Array
    worth: Array
    price: Array
    home_share: Array
    deficit_ratio: Array
    residual: float
    iterations: int
    inverse: Inverse | None
    _pairs: Array
    _supply: Array
    _demand: Array
    _at_home: Array

    @property
    def flows(self) -> Array:
        """Sales in units of base-year output, ``(origin, destination)``, home sales on the diagonal; a new array."""
        sold = scaled(self._pairs, self._supply, self._demand)
        np.fill_diagonal(sold, self._at_home)
        return sold

    @property
    def start(self) -> Start:
        """Where the search for a neighbouring equilibrium starts."""
        return Start(self.wage, self.inverse)


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
    if len(markets.groups) > 1 and not shares_at_base:
        return _solve_apart(markets, hats, start, deficit_floor, tolerance, iterations)
    problem = _Problem.of(markets, hats, shares_at_base)
    # Trial prices can leave an economy nothing to spend: then the logarithm does not exist.
    with np.errstate(invalid="ignore", divide="ignore"):
        start = Start() if start is None else start
        here, inverse, count = _search(problem, start, tolerance, iterations)
        started = start.wage is not None or start.inverse is not None
        if started and not np.abs(np.expm1(here.excess)).max() <= tolerance:
            # An economy all but shut off sells next to nothing abroad at most prices, so that no slope leads from last
            # year's, beyond such a plateau, back to those that clear its market; from the base year's there is one.
            here, inverse, again = _search(problem, Start(), tolerance, iterations)
            count += again
    residual = float(np.abs(np.expm1(here.excess)).max())
    restored = problem.deficit_ratio - here.left_over
    _check_floor(markets, restored, deficit_floor)
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
        price=problem.market_at_base_prices(here) ** (-1 / markets.trade_elasticity),
        home_share=here.kept / here.market,
        deficit_ratio=restored,
        residual=residual,
        iterations=count,
        inverse=inverse,
        _pairs=problem.pairs,
        _supply=here.supply,
        _demand=here.demand,
        _at_home=here.kept * here.demand,
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
    wage, worth, price, home, restored, supply, demand, kept = (np.zeros(count) for _ in range(8))
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
        restored[rows], worth[rows] = found.deficit_ratio, found.worth
        supply[rows], demand[rows], kept[rows] = found._supply, found._demand, found._at_home
        residual, evaluations = max(residual, found.residual), evaluations + found.iterations
    return Equilibrium(
        wage=wage,
        worth=worth,
        price=price,
        home_share=home,
        deficit_ratio=restored,
        residual=residual,
        iterations=evaluations,
        inverse=None,
        _pairs=markets.shares * hats.freeness,
        _supply=supply,
        _demand=demand,
        _at_home=kept,
    )


def base_inverse(
    markets: Markets, deficit_ratio: Array, endowed: Endowed | None = None
) -> Inverse | None:
    """Return the inverse of the Jacobian at the base year, where every hat is one (`_inverse_jacobian`).

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
    hats = Hats(ones, np.ones_like(markets.shares), deficit_ratio, endowed)
    problem = _Problem.of(markets, hats, shares_at_base=False)
    return _inverse_jacobian(problem, problem.at(np.zeros_like(ones)))


_LONGEST_STEP = 1.0
"""Of a logarithm of prices in one move: beyond it the linear model of the market says little."""

_SHORTEST_STEP = 1e-4
"""Share of Newton's step below which its direction is given up."""

_SLOWEST = 0.5
"""Share of the residual that a step should leave at most."""

_MOST_RISE = 2.0
"""Times the residual that the step of a mended Jacobian may leave: the next one often makes up for it."""

_MOST_SLOW_STEPS = 2
"""Steps in a row that may leave more before a new Jacobian is cheaper than more steps."""

_FAR = 1e-4
"""Residual below which what an economy's own price does to its excess demand is taken as known."""

_LEAST_CHANGE = 0.01
"""Of the square of scaled excess demand, what a step must have moved for an update to be believed."""

_PRICE_STEPS = 20
"""Moves along excess demand before Newton's method is tried again."""


@dataclass(slots=True)
class _Market:
    """Excess demand, the logarithm of sales over income, and what it is made of, ``(country,)``."""

    log_wage: Array
    home: Array
    """ŵ^(−θ)."""
    income: Array
    earned: Array
    """Income but for commodities."""
    supply: Array
    """Abroad."""
    answering: Array
    """The part of that which answers to own prices."""
    kept: Array
    """The own part of each market."""
    market: Array
    left_over: float
    """c, what restores the world sum of deficits."""
    demand: Array
    sold: Array
    """Abroad, in units of base-year output."""
    sales: Array
    excess: Array
    largest: float


@dataclass(frozen=True, slots=True)
class _Problem:
    """A year's markets as the search sees them, ``(country,)`` where nothing else is said."""

    pairs: Array
    """λ φ̂, ``(origin, destination)``, zero on the diagonal."""
    own: Array
    """λ φ̂ of each economy with itself."""
    weight: Array
    """q̂ Y."""
    volume: float
    """Sum of that."""
    factors: Array
    """What is made at the factor price, at that of the base year."""
    commodities: Array
    """What commodities earn at W = 1."""
    left: float
    """World income without that, at W = 1."""
    answering: Array
    """What is sold abroad at the factor price, as a part."""
    given: Array
    """What is sold abroad at the price of commodities."""
    unmoved: Array
    """The same of the base year."""
    deficit_ratio: Array
    theta: float
    shares_at_base: bool

    @classmethod
    def of(cls, markets: Markets, hats: Hats, shares_at_base: bool) -> _Problem:
        """Return the problem of a year."""
        pairs = markets.shares * hats.freeness
        own = np.diagonal(pairs).copy()
        np.fill_diagonal(pairs, 0.0)
        weight = hats.volume * markets.output
        volume = float(np.add.reduce(weight))
        goods = hats.endowed
        if goods is None:
            factors, commodities, answering = weight, np.zeros_like(weight), np.ones_like(weight)
            given = unmoved = commodities
        else:
            factors, commodities = weight * (1.0 - goods.part), weight * goods.income
            given, unmoved, answering = goods.supply, goods.share, 1.0 - goods.share
        return cls(
            pairs=pairs,
            own=own,
            weight=weight,
            volume=volume,
            factors=factors,
            commodities=commodities,
            left=volume - float(np.add.reduce(commodities)),
            answering=answering,
            given=given,
            unmoved=unmoved,
            deficit_ratio=hats.deficit_ratio,
            theta=markets.trade_elasticity,
            shares_at_base=shares_at_base,
        )

    def at(self, log_wage: Array) -> _Market:
        """Return the markets at these prices."""
        # Few operations, for at this length each costs its call: what follows runs some 300 times a run.
        earned = self.weight if self.shares_at_base else np.exp(log_wage) * self.factors
        # What commodities earn is a part of world income, which it is a part of.
        world = float(np.add.reduce(earned)) / self.left
        income = earned + self.commodities * world
        home = np.exp(log_wage * -self.theta)
        answering = self.answering * home
        supply = answering + self.given * world**-self.theta
        kept = self.own * home
        market = supply @ self.pairs
        market += kept
        left_over = float(income @ self.deficit_ratio) / (world * self.volume)
        demand = self.deficit_ratio + (1.0 - left_over)
        demand *= income
        demand /= market
        sold = self.pairs @ demand
        sold *= supply
        sales = kept * demand
        sales += sold
        excess = sales / income
        np.log(excess, out=excess)
        largest = float(np.maximum.reduce(np.abs(excess)))
        return _Market(
            log_wage=log_wage,
            home=home,
            income=income,
            earned=earned,
            supply=supply,
            answering=answering,
            kept=kept,
            market=market,
            left_over=left_over,
            demand=demand,
            sold=sold,
            sales=sales,
            excess=excess,
            largest=largest,
        )

    def answer(self, here: _Market) -> Array:
        """Return by how much excess demand falls as each economy's own price alone rises, ``(country,)``, positive.

        What rivals lose abroad to each other is left out, which is little of it.
        """
        abroad = here.sold / here.sales
        answer = here.market - here.kept
        answer /= here.market
        answer *= 1.0 - abroad
        part = here.answering / here.supply
        part *= abroad
        answer += part
        answer *= self.theta
        if not self.shares_at_base:
            abroad *= here.earned
            abroad /= here.income
            answer += abroad
        return answer

    def market_at_base_prices(self, here: _Market) -> Array:
        """Return what price indices are made of, ``(country,)``: markets as if commodities cost what they did."""
        world = float(np.add.reduce(here.income)) / self.volume
        supply = here.answering + self.unmoved * world**-self.theta
        market: Array = supply @ self.pairs + here.kept
        return market

    def at_numeraire(self, here: _Market) -> _Market:
        """Return the same markets at the level of prices that gives world output its base volume's value."""
        # Scaling all prices moves no relative price, no deficit ratio and no excess.
        # Held shares leave the level of prices to those prices themselves.
        income = np.exp(here.log_wage) * self.weight if self.shares_at_base else here.income
        world = float(np.add.reduce(income)) / self.volume
        cheaper = world**self.theta
        scale = 1.0 if self.shares_at_base else 1.0 / world
        return replace(
            here,
            log_wage=here.log_wage - np.log(world),
            home=here.home * cheaper,
            income=here.income * scale,
            earned=here.earned * scale,
            supply=here.supply * cheaper,
            answering=here.answering * cheaper,
            kept=here.kept * cheaper,
            market=here.market * cheaper,
            demand=here.demand * (scale / cheaper),
            sold=here.sold * scale,
            sales=here.sales * scale,
        )


def _search(
    problem: _Problem, start: Start, tolerance: float, iterations: int
) -> tuple[_Market, Inverse | None, int]:
    """Return the markets where the search ended, the inverse of the Jacobian as they left it, and evaluations.

    Newton's method in ln ŵ on the logarithm of sales over income, each economy's over what its own price would do to it
    (`_Problem.answer`): so measured, the Jacobian moves little from year to year. The inverse of one serves for all
    steps of a solution and of its neighbours: Broyden's rank-one updates (Kelley 1995, ch. 7) mend it, and a new one is
    taken where steps stop to halve the residual. A full step of a new one that does not lower the residual is halved;
    where no step along Newton's direction does, prices first follow excess demand for a while (tâtonnement), which
    needs no derivative.
    """
    unmoved = np.zeros_like(problem.weight)
    here = problem.at(unmoved if start.wage is None else np.log(start.wage))
    count = 1
    if start.wage is not None and not np.isfinite(here.largest):
        here = problem.at(unmoved)
        count += 1
    inverse = None if start.inverse is None else start.inverse.copy(order="F")
    last: _Step | None = None
    answer: Array | None = None
    slow = 0
    # A logarithm of sales over income within half the tolerance is a share within the tolerance.
    while not here.largest <= tolerance / 2 and count < iterations:
        fresh = inverse is None
        if inverse is None:
            inverse, last, slow = _inverse_jacobian(problem, here), None, 0
        if answer is None or here.largest > _FAR:
            answer = problem.answer(here)
        excess = here.excess / answer
        move = (inverse @ excess.astype(np.float32)).astype(np.float64)
        if last is not None:
            move = _mended(inverse, excess, move, last)
        longest = float(np.maximum.reduce(np.abs(move)))
        step = move if longest <= _LONGEST_STEP else move * (_LONGEST_STEP / longest)
        there = problem.at(here.log_wage + step)
        count += 1
        size = 1.0
        while fresh and not there.largest < here.largest and size > _SHORTEST_STEP:
            if count >= iterations:
                break
            size /= 2
            step = step / 2
            there = problem.at(here.log_wage + step)
            count += 1
        if there.largest < here.largest * (1.0 if fresh else _MOST_RISE):
            slow = 0 if there.largest < _SLOWEST * here.largest else slow + 1
            if slow >= _MOST_SLOW_STEPS:
                inverse = None
            here, last = there, _Step(step, move, excess)
            continue
        inverse = None
        if fresh:
            for _ in range(min(_PRICE_STEPS, iterations - count)):
                there = problem.at(there.log_wage + there.excess / (2 + 2 * problem.theta))
                count += 1
            here = there
    # Only relative prices matter so far; the numeraire sets the level.
    return problem.at_numeraire(here), inverse, count


class _Step(NamedTuple):
    """A step of the search."""

    taken: Array
    move: Array
    """What the inverse asked for, of which it took a part or all."""
    excess: Array
    """Scaled excess demand where it began."""


def _mended(inverse: Inverse, excess: Array, plain: Array, last: _Step) -> Array:
    """Mend an inverse in place by Broyden's second update, and return the move that it makes now.

    Parameters
    ----------
    inverse
        Written into.
    excess
        Scaled excess demand where the last step ended.
    plain
        The move that the inverse makes there as it is.
    """
    change = last.excess - excess
    size = float(change @ change)
    if not size > _LEAST_CHANGE * float(last.excess @ last.excess):
        return plain
    missed = plain / size
    if last.taken is not last.move:
        missed += (last.taken - last.move) / size
    single = np.float32
    blas().sger(1.0, missed.astype(single), change.astype(single), a=inverse, overwrite_a=True)
    mended: Array = plain + missed * float(change @ excess)
    return mended


def _inverse_jacobian(problem: _Problem, here: _Market) -> Inverse:
    """Invert minus the Jacobian of the logarithm of sales over income over `_Problem.answer`, in ln ŵ.

    Scaling all prices changes nothing, so the Jacobian has the null vector of ones; the outer
    product of ones and incomes fills it without moving the other directions.
    """
    income, theta = here.income, problem.theta
    restored = problem.deficit_ratio - here.left_over
    earned, rent = here.earned, income - here.earned
    sold = problem.pairs * here.supply[:, None]
    np.fill_diagonal(sold, here.kept)
    sold /= here.market
    scaled = sold * (income * (1 + restored))
    sales = scaled.sum(axis=1)
    fill = earned / earned.sum()
    answers, answering, common = _answers(here, sold, scaled, sales)
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
    lu, pivots, _ = lapack().dgetrf(np.asfortranarray(jacobian), overwrite_a=True)
    inverse: Array = lapack().dgetri(lu, pivots, overwrite_lu=True)[0]
    return (inverse * problem.answer(here)).astype(np.float32)


def _answers(here: _Market, sold: Array, scaled: Array, sales: Array) -> tuple[Array, Array, Array]:
    """Return how flows answer to prices: all to the seller's own, but commodities abroad to the mean of all.

    Returns
    -------
    tuple of arrays
        The part of each market that answers to its sellers' own prices, ``(origin, destination)``; the part of each
        seller's sales that does; what is left to the mean, less what rivals' commodities take, ``(country,)``.
    """
    part = here.answering / here.supply
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
