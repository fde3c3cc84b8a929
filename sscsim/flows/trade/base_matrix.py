"""Goods trade of the base year: a gravity kernel, seeded with published shares, balanced to totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.types import Array, Ints, Mask

__all__ = [
    "BaseEconomy",
    "Geography",
    "close_economy",
    "gravity_kernel",
    "informed_kernel",
    "published_flows",
    "seed_matrix",
    "unlisted_ceiling",
]


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
    floored: Mask

    @property
    def home_sales(self) -> Array:
        """Output that is not exported, services included."""
        return self.output - self.exports

    @property
    def deficit_ratio(self) -> Array:
        """Goods deficit as a share of output."""
        return (self.imports - self.exports) / self.output


def close_economy(
    gdp: Array,
    exports: Array,
    imports: Array,
    *,
    output_to_gdp: float,
    home_sales_floor: float,
    deficit_cap: float,
    surplus_cap: float,
    group: Ints | None = None,
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
    group
        ``(country,)``, number of the group of economies that trade with one another: imports equal exports in each.
        All are one group if left out.
    """
    plain = output_to_gdp * gdp
    least = exports / (1 - home_sales_floor)
    output = np.maximum(plain, least)
    group = np.zeros(len(gdp), dtype=np.int64) if group is None else group
    target = np.bincount(group, exports)
    balanced = imports.astype(float)
    # Capping changes the world's imports and scaling changes them back; a few rounds settle both.
    for _ in range(100):
        balanced = np.clip(balanced, exports - surplus_cap * output, exports + deficit_cap * gdp)
        sums = np.bincount(group, balanced)
        factor = np.divide(target, sums, out=np.ones_like(sums), where=sums > 0)
        balanced = balanced * factor[group]
        if np.abs(factor - 1).max() < 1e-13:
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
    ones = np.ones(len(rest))  # a product with it sums faster
    for _ in range(rounds):
        rest *= _ratio(row_rest, rest @ ones)[:, None]
        if ceiling is not None:
            np.minimum(rest, ceiling, out=rest)
        rest *= _ratio(column_rest, ones @ rest)
        if ceiling is not None:
            np.minimum(rest, ceiling, out=rest)
    return known + rest


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


BASIS = ("shares", "shares of all sectors", "published", "bounded", "elsewhere")
"""What a pair's flow of the base year rests on, by its code in `judged_flows`."""

SHARES, ALL_SECTORS, PUBLISHED, BOUNDED, ELSEWHERE = range(len(BASIS))


def flows_by_shares(shares: Array, elsewhere: Array, exports: Array) -> Array:
    """Return exports spread by partner shares, unbalanced, ``(origin, destination)``.

    Parameters
    ----------
    shares
        Share of each destination in the origin's exports, which sums to one over the destinations
        that the source knows; NaN where it does not know one of the two economies.
    elsewhere
        Flows for the pairs that the source does not know.
    exports
        ``(country,)``.

    Notes
    -----
    What goes to economies that the source does not know is not there to be spread: Hong Kong SAR is
    China's second largest customer. A hundredth of exports is spread in any case.
    """
    known = ~np.isnan(shares)
    left = np.maximum(exports - np.where(known, 0.0, elsewhere).sum(axis=1), 0.01 * exports)
    return np.where(known, shares * left[:, None], elsewhere)


def confirmed_by_both(
    exports: Array,
    imports: Array,
    export_share: Array,
    import_share: Array,
    *,
    mirror_tolerance: float,
) -> Mask:
    """Return the flows that both sides publish and agree on, ``(origin, destination)``.

    Parameters are those of `published_flows`.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.log(export_share * exports[:, None] / (import_share * imports[None, :]))
        return np.asarray(np.abs(ratio) <= np.log(mirror_tolerance))


def judged_flows(
    flows: Array,
    kernel: Array,
    published: Array,
    confirmed: Mask,
    most: Array,
    *,
    mirror_tolerance: float,
) -> tuple[Array, Ints]:
    """Return flows after judging them by what countries publish, and what each rests on.

    Parameters
    ----------
    flows
        Balanced flows by partner shares, ``(origin, destination)``.
    kernel
        Balanced gravity trade, the arbiter.
    published
        Published flows, NaN where there is none.
    confirmed
        Where both sides publish a flow and agree.
    most
        The most that a flow between partners that do not list each other is believed to be.
    mirror_tolerance
        Factor beyond which two reports of one flow contradict each other.

    Returns
    -------
    flows
        Unbalanced.
    basis
        Codes of `BASIS`: shares, published or bounded.

    Notes
    -----
    Where a published flow contradicts the shares, two witnesses outvote one: a flow on which both
    sides agree stands. A flow that one side publishes stands where it is nearer to gravity than the
    shares are. A flow that neither side lists is at most what their lists leave room for.
    """
    basis = np.full(flows.shape, SHARES, dtype=np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        contradicted = ~(np.abs(np.log(flows / published)) <= np.log(mirror_tolerance))
        nearer = ~(np.abs(np.log(published / kernel)) >= np.abs(np.log(flows / kernel)))
    stands = ~np.isnan(published) & contradicted & (confirmed | nearer)
    too_large = np.isnan(published) & (flows > most)
    basis[stands], basis[too_large] = PUBLISHED, BOUNDED
    return np.where(stands, published, np.where(too_large, most, flows)), basis
