r"""What an effect's spread comes from, and which figure, if someone measured it, would narrow it most.

An effect differs from draw to draw by parameters and by luck. Write :math:`y` for it and :math:`x_g` for the parameters
of a group. The part of its variance that the group carries is that of its conditional mean,

.. math:: s_g = \operatorname{var}(\operatorname{E}[y \mid x_g]) \,/\, \operatorname{var}(y),

which is at once the first-order index of sensitivity analysis and the expected value of perfect information on the
group, for whoever loses by the square of an error (Strong, Oakley & Brennan 2014, Medical Decision Making 34; Oakley &
O'Hagan 2004). It is estimated by regression over the draws: each parameter enters by polynomials that are orthogonal
over them, and a term stays where it explains more than the best of so many would by chance. What no group carries alone
is luck, parameters acting together, and what so few draws cannot tell.

All functions are pure: arrays in, numbers out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sscsim.errors import InputError
from sscsim.types import Array, Index

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEAST_DRAWS", "Identification", "Part", "contraction", "identify"]

LEAST_DRAWS = 50
"""Draws below which no share is worth printing."""

DEGREE = 3
"""Highest power of a parameter that is looked at."""

BY_CHANCE = 0.01
"""How often the strongest of all terms may pass for one that matters, where none does."""

RESAMPLED = 200
"""Resamplings of the draws that an interval rests on."""

INFORMED = 0.1
"""Contraction from which on a figure of the report counts as having informed a parameter."""


@dataclass(frozen=True)
class Part:
    """What a parameter, or a group of them, carries of an effect's variance.

    Attributes
    ----------
    name
        Of the parameter or the group.
    share, low, high
        Share of the variance, and its 90 % interval over resamplings of the draws.
    narrowed
        Width of the effect's interval if it were known, over the width today: the root of what is left.
    informed
        Share of the variance carried by parameters that the report informs.
    """

    name: str
    share: float
    low: float
    high: float
    narrowed: float
    informed: float


@dataclass(frozen=True)
class Identification:
    """What an effect's variance comes from.

    Attributes
    ----------
    draws
        How many it rests on.
    variance
        Of the effect, in the square of its unit.
    positive
        Share of the draws in which the effect is above zero.
    groups
        Groups of parameters, the largest share first.
    parameters
        Single parameters that carry something, the largest share first.
    explained
        Share that all parameters carry one by one.
    informed, uninformed
        Of it, the shares of parameters that the report informs and does not.
    """

    draws: int
    variance: float
    positive: float
    groups: tuple[Part, ...]
    parameters: tuple[Part, ...]
    explained: float
    informed: float
    uninformed: float

    @property
    def table(self) -> pd.DataFrame:
        """One line a group or parameter: kind, name, share, low, high, narrowed, informed, evppi (unit of variance)."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"kind": kind, **vars(part), "evppi": part.share * self.variance}
                for kind, parts in (("group", self.groups), ("parameter", self.parameters))
                for part in parts
            ],
            columns=[
                "kind",
                "name",
                "share",
                "low",
                "high",
                "narrowed",
                "informed",
                "evppi",
            ],
        )


def identify(
    effect: Array,
    values: Array,
    names: Sequence[str],
    groups: Mapping[str, str],
    *,
    informed: Mapping[str, float] | None = None,
    seed: int = 1,
) -> Identification:
    """Say what an effect's variance comes from.

    Parameters
    ----------
    effect
        ``(draw,)``, in any unit.
    values
        ``(draw, parameter)``.
    names
        Of the parameters.
    groups
        Group of each parameter by name.
    informed
        By name, how much narrower than its prior a parameter is (`contraction`); without it the report informs none.
    seed
        Of the resamplings.

    Raises
    ------
    InputError
        For fewer than `LEAST_DRAWS` draws, numbers that are not finite, or shapes that do not fit.
    """
    effect, values = np.asarray(effect, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if effect.ndim != 1 or values.shape != (len(effect), len(names)):
        raise InputError(
            "an effect for each draw and a value for each draw and parameter are needed",
            found=f"{effect.shape} and {values.shape} for {len(names)} parameters",
        )
    if len(effect) < LEAST_DRAWS:
        raise InputError(
            "too few draws to tell what an effect's variance comes from",
            key="draws",
            found=len(effect),
            allowed=f"{LEAST_DRAWS} or more",
        )
    if not (np.isfinite(effect).all() and np.isfinite(values).all()):
        raise InputError("effects and parameters must be finite numbers", found="NaN or infinity")
    known = informed or {}
    terms, owner = _terms(values)
    chosen = _chosen(terms, effect)
    carriers = np.unique(owner[chosen])
    rng = np.random.default_rng(seed)
    samples = rng.integers(0, len(effect), (RESAMPLED, len(effect)))
    seen = {int(c): terms[:, chosen[owner[chosen] == c]] for c in carriers}
    told = np.array([known.get(name, 0.0) >= INFORMED for name in names], dtype=bool)

    def part(name: str, members: Sequence[int]) -> Part:
        columns = [seen[m] for m in members]
        share, low, high = _share(np.hstack(columns), effect, samples)
        knows = [seen[m] for m in members if told[m]]
        known_share = _explained(np.hstack(knows), effect) if knows else 0.0
        return Part(name, share, low, high, float(np.sqrt(1.0 - share)), min(known_share, share))

    by_group: dict[str, list[int]] = {}
    for c in carriers.tolist():
        by_group.setdefault(groups[names[c]], []).append(c)
    grouped = sorted((part(g, m) for g, m in by_group.items()), key=lambda p: (-p.share, p.name))
    single = sorted((part(names[c], [c]) for c in carriers.tolist()), key=_first)
    everything = _explained(np.hstack([*seen.values()]), effect) if seen else 0.0
    knows = [s for c, s in seen.items() if told[c]]
    report = min(_explained(np.hstack(knows), effect), everything) if knows else 0.0
    return Identification(
        draws=len(effect),
        variance=float(effect.var(ddof=1)),
        positive=float((effect > 0).mean()),
        groups=tuple(grouped),
        parameters=tuple(single),
        explained=everything,
        informed=report,
        uninformed=everything - report,
    )


def contraction(posterior: Array, prior: Array) -> Array:
    """Return how much narrower a posterior is than its prior, ``(parameter,)``: 1 less the ratio of variances.

    Parameters
    ----------
    posterior, prior
        ``(draw, parameter)`` each, of as many draws as there are.
    """
    before = prior.var(axis=0, ddof=1)
    after = posterior.var(axis=0, ddof=1)
    return np.where(before > 0.0, 1.0 - after / np.where(before > 0.0, before, 1.0), 0.0)


def _first(part: Part) -> tuple[float, str]:
    return -part.share, part.name


def _terms(values: Array) -> tuple[Array, Index]:
    """Return polynomials of each parameter, orthonormal over the draws, and whose each is; constants have none."""
    draws = len(values)
    columns, owner = [], []
    for place, x in enumerate(values.T):
        spread = x.std()
        if not spread > 1e-12 * max(1.0, float(np.abs(x).max())):
            continue
        z = (x - x.mean()) / spread
        basis = [np.full(draws, 1.0 / np.sqrt(draws))]
        for power in range(1, DEGREE + 1):
            term = z**power
            for known in basis:
                term = term - known * (known @ term)
            length = np.sqrt(term @ term)
            if length < 1e-6 * np.sqrt(draws):
                break
            basis.append(term / length)
            columns.append(term / length)
            owner.append(place)
    if not columns:
        return np.zeros((draws, 0)), np.zeros(0, dtype=np.intp)
    return np.column_stack(columns), np.array(owner, dtype=np.intp)


def _chosen(terms: Array, effect: Array) -> Index:
    """Return the terms that explain more than the best of so many would by chance, the strongest first."""
    from scipy.stats import t as student

    draws, count = terms.shape
    left = effect - effect.mean()
    total = float(left @ left)
    basis = terms.copy()
    found: list[int] = []
    while len(found) < min(count, draws // 4) and total > 0.0:
        norms = np.sqrt((basis**2).sum(axis=0))
        norms[norms < 1e-6] = np.inf
        now = float(left @ left)
        if now <= 1e-20 * total:
            break
        r = left @ basis / norms / np.sqrt(now)
        best = int(np.argmax(np.abs(r)))
        freedom = draws - 2 - len(found)
        least = student.isf(BY_CHANCE / 2 / count, freedom)
        if r[best] ** 2 < least**2 / (freedom + least**2):
            break
        found.append(best)
        axis = basis[:, best] / norms[best]
        left = left - axis * (axis @ left)
        basis = basis - np.outer(axis, axis @ basis)
    return np.array(found, dtype=np.intp)


def _explained(terms: Array, effect: Array) -> float:
    """Return the share of an effect's variance that terms explain, less what as many of nothing would."""
    draws, count = terms.shape
    centred = effect - effect.mean()
    total = float(centred @ centred)
    if total == 0.0 or count == 0:
        return 0.0
    design = terms - terms.mean(axis=0)
    miss = centred - design @ np.linalg.lstsq(design, centred, rcond=None)[0]
    left = float(miss @ miss) / total * (draws - 1) / max(draws - 1 - count, 1)
    return float(np.clip(1.0 - left, 0.0, 1.0))


def _share(terms: Array, effect: Array, samples: Index) -> tuple[float, float, float]:
    """Return the share of terms and its 90 % interval over resamplings."""
    found = [_explained(terms[rows], effect[rows]) for rows in samples]
    low, high = np.quantile(found, [0.05, 0.95])
    share = _explained(terms, effect)
    return share, min(float(low), share), max(float(high), share)
