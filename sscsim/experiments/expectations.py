"""Whether effects are what somebody expected of a scenario before it was run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.policy import lever_table
from sscsim.policy.paths import LeverPaths, Places

if TYPE_CHECKING:
    from sscsim.experiments.effects import PairedEffect
    from sscsim.experiments.pairs import Effects
    from sscsim.policy import Scenario
    from sscsim.policy.scenario import Expectation

__all__ = ["Judged", "Verdict", "contained", "judge_expectations"]

Verdict = Literal["agrees", "disagrees", "undecided"]

SURE = 0.9
"""Share of the draws in which an effect has one sign from which on the sign is taken for known."""


@dataclass(frozen=True)
class Judged:
    """An expectation beside the effect that the model shows."""

    scenario: str
    expectation: Expectation
    effect: PairedEffect

    @property
    def verdict(self) -> Verdict:
        """Whether the model moves the number as expected, the other way, or in neither way for sure."""
        up = self.effect.positive
        expected = up if self.expectation.moves == "up" else 1.0 - up
        if self.effect.median == 0.0:
            return "undecided"
        return (
            "agrees" if expected >= SURE else "disagrees" if expected <= 1.0 - SURE else "undecided"
        )


def judge_expectations(effects: Effects, scenarios: Sequence[Scenario]) -> list[Judged]:
    """Return what was expected of scenarios, beside effects that were compared.

    Raises
    ------
    InputError
        When a number that is expected to move was not compared.
    """
    return [
        Judged(
            scenario.name,
            one,
            effects.effect(scenario.name, one.indicator, one.group, one.year),
        )
        for scenario in scenarios
        for one in scenario.expects
    ]


def contained(scenarios: Sequence[Scenario], places: Places) -> dict[str, tuple[str, ...]]:
    """Return for each scenario which of the others it contains: all that they do it does too, to the same amount.

    Parameters
    ----------
    scenarios
        With names of their own.
    places
        The world, whose countries, pairs and banks they name.
    """
    paths = {one.name: LeverPaths(one, places) for one in scenarios}
    return {
        whole.name: tuple(
            part.name
            for part in scenarios
            if part.name != whole.name
            and part.levers
            and _does(whole, paths[whole.name], part, paths[part.name])
        )
        for whole in scenarios
    }


def _does(whole: Scenario, whole_paths: LeverPaths, part: Scenario, paths: LeverPaths) -> bool:
    """Return whether one scenario moves all that another moves, where and when it does, to the same value."""
    table = lever_table()
    for name in paths.moved():
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            wanted, found = paths.value(name, year), whole_paths.value(name, year)
            if wanted is None:
                continue
            moved = wanted != table[name].default
            if moved.any() and (found is None or not np.array_equal(found[moved], wanted[moved])):
                return False
    return all(whole.parameters.get(name) == value for name, value in part.parameters.items())
