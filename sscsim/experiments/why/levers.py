"""Which levers an effect comes from: Shapley shares over groups of a scenario's levers.

A player is a group of levers, as the table of levers has them. A coalition is a scenario of its own, in which the
levers of some groups are as the scenario sets them and the others as the reference does; it is run in the same draws as
both (fair pairs), from a beginning that all share, and kept in the store. Shares are worked out draw by draw
(`sscsim.experiments.why.shapley`), so each has an interval, and in every draw they add up to the effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np

from sscsim.errors import InputError
from sscsim.experiments.ensemble import DrawOptions, Tally, run_ensemble
from sscsim.experiments.gathering import gather_numbers
from sscsim.experiments.questions import Question
from sscsim.experiments.store import RunStore
from sscsim.experiments.why.asked import (
    Asked,
    Number,
    spread,
)
from sscsim.experiments.why.shapley import (
    MOST_EXACT,
    Coalition,
    Shares,
    coalitions,
    exact_shares,
    orders,
    sampled_shares,
    visited,
)
from sscsim.policy import Scenario, lever_table
from sscsim.results.schema import outcome_years
from sscsim.settings import check_whole
from sscsim.types import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LeverShares", "lever_groups", "lever_shares", "part_of"]

PAIRS = 8
"""Pairs of orders that are drawn beyond `MOST_EXACT` groups: about as many runs as six groups take."""

ORDER_SEED = 1
"""Seed of the orders."""

PARAMETERS = "parameters"
"""The group of what a scenario sets beside levers."""

LONGEST_NAME = 45


@dataclass(frozen=True, eq=False)
class LeverShares:
    """What each group of levers adds to effects of a scenario.

    Attributes
    ----------
    reference, scenario
        Names.
    levers
        Group of levers → its levers.
    numbers
        The numbers that effects are on.
    effects
        ``(number, draw)``, scenario less reference.
    shares
        For each number, values of shape ``(group, draw)``.
    orders
        How many orders were drawn; none where every coalition was run.
    tally, source
        As in `sscsim.experiments.Effects`.
    """

    reference: str
    scenario: str
    levers: Mapping[str, tuple[str, ...]]
    numbers: tuple[Number, ...]
    effects: Array
    shares: tuple[Shares, ...]
    orders: int
    tally: Tally
    source: str

    @property
    def exact(self) -> bool:
        """Whether every order of groups was looked at."""
        return self.orders == 0

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.effects.shape[1])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One line a number and group, and one for all together.

        Columns: indicator, group, year, unit, levers_of (group of levers, or ``together``), levers, mean, low, high
        (of draws), error (standard error of the mean from the orders drawn, 0 where all were), share (of the mean
        effect), alone (mean effect of the group without the others), last (mean of what it adds to all others).
        """
        import pandas as pd

        lines = []
        for number, effect, found in zip(self.numbers, self.effects, self.shares, strict=True):
            head = {
                "indicator": number.indicator,
                "group": number.group,
                "year": number.year,
                "unit": number.unit,
            }
            whole = float(effect.mean())
            for i, (group, levers) in enumerate(self.levers.items()):
                one = spread(found.values[i])
                lines.append(
                    {
                        **head,
                        "levers_of": group,
                        "levers": " ".join(levers),
                        **one,
                        "error": float(found.error[i]),
                        "share": one["mean"] / whole if whole else np.nan,
                        "alone": float(found.alone[i].mean()),
                        "last": float(found.last[i].mean()),
                    }
                )
            lines.append(
                {
                    **head,
                    "levers_of": "together",
                    "levers": "",
                    **spread(effect),
                    "error": 0.0,
                    "share": 1.0 if whole else np.nan,
                    "alone": np.nan,
                    "last": np.nan,
                }
            )
        return pd.DataFrame(lines)


def lever_groups(
    reference: Scenario, scenario: Scenario, single: bool | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the levers that two scenarios set differently, by the group that the table of levers has them in.

    Parameters
    ----------
    single
        Whether each lever is a group of its own; without it, where all are of one group.

    Raises
    ------
    InputError
        If they set all levers and parameters alike.
    """
    first, second = reference.levers, scenario.levers
    moved = [name for name in lever_table() if first.get(name) != second.get(name)]
    found: dict[str, tuple[str, ...]] = {}
    for name in moved:
        group = lever_table()[name].group
        found[group] = (*found.get(group, ()), name)
    parameters = reference.parameters != scenario.parameters
    if single or (single is None and len(found) + parameters == 1):
        found = {name: (name,) for name in moved}
    if parameters:
        found[PARAMETERS] = (PARAMETERS,)
    if not found:
        raise InputError(
            "the two scenarios set all levers alike",
            key="scenario",
            found=f"{reference.name}, {scenario.name}",
        )
    return found


def part_of(reference: Scenario, scenario: Scenario, levers: Sequence[str]) -> Scenario:
    """Return the reference with some levers as a scenario sets them; all of them give the scenario itself.

    Parameters
    ----------
    levers
        Names of levers, and ``parameters`` for what the scenario sets beside them.
    """
    held = {
        name: (scenario if name in levers else reference).levers.get(name) for name in lever_table()
    }
    part = replace(
        reference,
        levers={name: settings for name, settings in held.items() if settings is not None},
        parameters=(scenario if PARAMETERS in levers else reference).parameters,
        places={**reference.places, **scenario.places},
        expects=(),
    )
    for whole in (reference, scenario):
        if part.levers == whole.levers and part.parameters == whole.parameters:
            return whole
    # The name is part of a member's key: the same part is found in the store again.
    mark = hashlib.sha256(" ".join([reference.name, *sorted(levers)]).encode()).hexdigest()[:8]
    return replace(
        part,
        name=f"{scenario.name[:LONGEST_NAME]}-part-{mark}",
        title={"en": f"{', '.join(levers)} of {scenario.name}"},
    )


def lever_shares(
    reference: Scenario | str | Path,
    scenario: Scenario | str | Path,
    *,
    indicators: Sequence[str] = ("goal_index",),
    groups: Sequence[str] = (),
    years: Sequence[int] = (),
    single: bool | None = None,
    pairs: int = PAIRS,
    **how: Unpack[DrawOptions],
) -> LeverShares:
    """Share effects of a scenario out to the groups of levers that it moves.

    Parameters
    ----------
    reference, scenario
        Scenarios, names, paths of files.
    indicators, groups, years
        The numbers, as in `sscsim.experiments.compare`; without years 2030, or the last.
    single
        Whether each lever stands for itself; without it, where all are of one group.
    pairs
        Pairs of orders that are drawn where there are more than six groups; two or more.
    **how
        Fields of `DrawOptions`: ``draws`` (20 without it), ``source``, ``store``, ``executor`` and so on. Runs end with
        the last year asked for.

    Raises
    ------
    InputError
        For a name that does not exist, a year outside the run, scenarios that do the same, a member that fails.

    Examples
    --------
    >>> from sscsim.experiments.why import lever_shares
    >>> shares = lever_shares("baseline", "full-agenda", groups=["LDC", "Kenya"])  # doctest: +SKIP
    >>> shares.table  # doctest: +SKIP
    """
    asked = Asked(reference, scenario, years, how)
    kept = outcome_years(asked.settings.start, asked.settings.end)
    wanted = asked.numbers(indicators, groups, kept)
    check_whole("pairs", pairs, 2, 1000)
    levers = lever_groups(asked.reference, asked.scenario, single)
    count = len(levers)
    drawn = [] if count <= MOST_EXACT else orders(count, pairs, ORDER_SEED)
    sets = visited(count, drawn) if drawn else coalitions(count)
    worth, tally = _worth(asked, wanted, _parts(asked, sets, list(levers.values())))
    shares = []
    for place in range(len(wanted)):
        of = {coalition: values[place] for coalition, values in worth.items()}
        shares.append(sampled_shares(count, of, drawn) if drawn else exact_shares(count, of))
    everybody, nobody = frozenset(range(count)), frozenset[int]()
    return LeverShares(
        reference=asked.reference.name,
        scenario=asked.scenario.name,
        levers=levers,
        numbers=tuple(wanted),
        effects=worth[everybody] - worth[nobody],
        shares=tuple(shares),
        orders=len(drawn),
        tally=tally,
        source=asked.source,
    )


def _parts(
    asked: Asked, sets: Sequence[Coalition], levers: Sequence[tuple[str, ...]]
) -> dict[Coalition, Scenario]:
    return {
        coalition: part_of(
            asked.reference,
            asked.scenario,
            [name for place in sorted(coalition) for name in levers[place]],
        )
        for coalition in sets
    }


def _worth(
    asked: Asked, wanted: Sequence[Number], parts: Mapping[Coalition, Scenario]
) -> tuple[dict[Coalition, Array], Tally]:
    """Run every part in every draw and return what it reaches, ``(number, draw)``."""
    store = asked.store if isinstance(asked.store, RunStore) else RunStore(asked.store)
    drawn = asked.members(list(parts.values()))
    each = [member for draw in drawn for member in draw]
    result = run_ensemble(each, store, **asked.running)
    failures = result.failures()
    if failures:
        first = failures[0]
        raise InputError(
            f"{len(failures)} runs failed, and shares need every one of a draw",
            key="draws",
            found=f"{first.scenario}, seed {first.seed}: {first.error}",
        )
    values = gather_numbers(store, drawn, [Question(*n[:4]) for n in wanted], asked.world)
    return {c: values[:, i] for i, c in enumerate(parts)}, result.tally
