"""What each mechanism is worth to an effect: the effect less the effect without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np

from sscsim.errors import InputError, unknown
from sscsim.experiments.ensemble import DrawOptions
from sscsim.experiments.members import Member
from sscsim.experiments.why.arms import walk
from sscsim.experiments.why.asked import (
    Asked,
    Number,
    NumberReader,
    each_draw,
    spread,
)
from sscsim.experiments.why.mechanisms import MECHANISMS
from sscsim.policy import Scenario
from sscsim.types import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Worths", "mechanism_worths"]


@dataclass(frozen=True, eq=False)
class Worths:
    """Effects without single mechanisms, and without all of them.

    Attributes
    ----------
    reference, scenario
        Names.
    numbers
        The numbers that effects are on.
    mechanisms
        Which were switched off, one at a time.
    effects
        ``(number, draw)``, scenario less reference.
    without
        ``(number, mechanism, draw)``, the effect with one of them switched off.
    direct
        ``(number, draw)``, the effect with every mechanism switched off: what levers move where they act, and nothing
        that follows from it.
    source
        Where parameters came from.
    """

    reference: str
    scenario: str
    numbers: tuple[Number, ...]
    mechanisms: tuple[str, ...]
    effects: Array
    without: Array
    direct: Array
    source: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.effects.shape[1])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One line a number and mechanism, one for what is left without any, one for the whole effect.

        Columns: indicator, group, year, unit, mechanism (or ``direct``, ``together``), title, mean, low, high (of the
        effect less the effect without it, over draws), share (of the mean effect), without (mean effect without it).
        Lines of mechanisms do not add up: what two of them do together is in both.
        """
        import pandas as pd

        lines = []
        for number, effect, without, direct in zip(
            self.numbers, self.effects, self.without, self.direct, strict=True
        ):
            for name, title, one, rest in (
                *(
                    (name, MECHANISMS[name].title, effect - left, left)
                    for name, left in zip(self.mechanisms, without, strict=True)
                ),
                ("direct", "what levers move where they act", direct, effect - direct),
                ("together", "", effect, np.zeros_like(effect)),
            ):
                found = spread(one)
                lines.append(
                    {
                        "indicator": number.indicator,
                        "group": number.group,
                        "year": number.year,
                        "unit": number.unit,
                        "mechanism": name,
                        "title": title,
                        **found,
                        "share": found["mean"] / effect.mean() if effect.mean() else np.nan,
                        "without": float(rest.mean()),
                    }
                )
        return pd.DataFrame(lines)


def mechanism_worths(
    reference: Scenario | str | Path,
    scenario: Scenario | str | Path,
    *,
    indicators: Sequence[str] = ("goal_index",),
    groups: Sequence[str] = (),
    years: Sequence[int] = (),
    mechanisms: Sequence[str] = (),
    **how: Unpack[DrawOptions],
) -> Worths:
    """Switch mechanisms off in the scenario, one at a time and all together, and see what is left of effects.

    Parameters
    ----------
    reference, scenario
        Scenarios, names, paths of files.
    indicators, groups, years
        The numbers, as in `sscsim.experiments.compare`; without years 2030, or the last.
    mechanisms
        Names of `MECHANISMS`; without them all.
    **how
        Fields of `DrawOptions`: ``draws`` (20 without it), ``source``, ``executor`` and so on.

    Raises
    ------
    InputError
        For a name that does not exist, a year outside the run, scenarios that do the same, or one that sets parameters
        that the other does not.

    Examples
    --------
    >>> from sscsim.experiments.why import mechanism_worths
    >>> mechanism_worths("baseline", "full-agenda").table  # doctest: +SKIP
    """
    for name in mechanisms:
        if name not in MECHANISMS:
            raise unknown("mechanism of this name", name, MECHANISMS, key="mechanism")
    asked = Asked(reference, scenario, years, how)
    if asked.reference.parameters != asked.scenario.parameters:
        raise InputError(
            "mechanisms are switched off in scenarios of the same parameters: with others the base year is another, "
            "and there is nothing that a submodel could see as it is in the reference",
            key="parameters",
            found=", ".join(sorted({*asked.reference.parameters, *asked.scenario.parameters})),
        )
    names = tuple(dict.fromkeys(mechanisms)) or tuple(MECHANISMS)
    wanted = asked.numbers(indicators, groups, asked.every_year)
    without = (*(frozenset([name]) for name in names), frozenset(MECHANISMS))
    found = each_draw(asked, partial(_read, wanted, without), asked.members(asked.both))
    values = np.stack(found, axis=-1)
    for number, level in zip(wanted, values, strict=True):
        if np.isnan(level).any():
            raise InputError(
                "the number is not defined in every run", key="indicator", found=str(number)
            )
    effects = values[:, 1:] - values[:, :1]
    return Worths(
        reference=asked.reference.name,
        scenario=asked.scenario.name,
        numbers=wanted,
        mechanisms=names,
        effects=effects[:, 0],
        without=effects[:, 1:-1],
        direct=effects[:, -1],
        source=asked.source,
    )


def _read(
    wanted: Sequence[Number], without: Sequence[frozenset[str]], pair: Sequence[Member]
) -> Array:
    """Return each number in the reference, the scenario and the arms without mechanisms, ``(number, arm)``."""
    found = np.full((len(wanted), 2 + len(without)), np.nan)
    reader: NumberReader | None = None
    for first, second, others in walk(pair[0], pair[1], without):
        now = [number.year == first.year for number in wanted]
        if any(now):
            reader = reader or NumberReader(wanted, first)
            found[now] = np.array([reader.read(arm)[now] for arm in (first, second, *others)]).T
    return found
