"""Screening: which parameters move the figures at all, so that the fit need not look at the others.

Elementary effects (Morris 1991, Technometrics 33; Campolongo et al. 2007): along a trajectory one parameter at a time
goes a step through its prior. Every trajectory has its own seed, the same along it, so that a step's effect holds no
noise of its own; an effect that comes from luck alone changes its sign from trajectory to trajectory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sscsim.calibration.emulator import require
from sscsim.calibration.observing import CheckOf, Observer, Point
from sscsim.experiments.design import Design
from sscsim.parameters import Parameters
from sscsim.types import Array

__all__ = ["Screening", "choose", "inputs_of", "screen", "screen_twice", "screening_runs"]


LEVELS = 4
RANGE = (0.05, 0.95)
"""Quantiles of a prior that a trajectory stays within."""

LEAST_EFFECT = 0.1
"""Effect over the prior's range from which a parameter is worth fitting, in units of a tolerance."""

LEAST_T = 2.0
"""Mean effect over its standard error from which it is not taken for luck."""

FIRST_LOOK, SECOND_LOOK, SECOND_LOOK_EACH = 2, 40, 3
"""Trajectories of a first look at all inputs; inputs of the second at most, or more where figures are many."""

ACTIVE = 0.02
"""Effect from which an input moves a figure at all, in units of a tolerance; below, its emulator does without."""

LEAST_FIRST_EFFECT = 0.01
"""Effect in the first look from which an input gets a second one, in units of a tolerance."""

FIRST_SEED = 1001
"""Seed of the first trajectory: none that points of the fit are judged by."""


@dataclass(frozen=True)
class Screening:
    """Effects of parameters on figures.

    Attributes
    ----------
    inputs
        Names of parameters; numbers given for each Goal stand together under one name.
    checks
        Ids of the checks.
    effect
        ``(input, check)``, Morris's mu*: mean size of the effect over the prior's range, in units of
        the check's tolerance.
    mean
        ``(input, check)``, Morris's mu: the same with its sign.
    error
        ``(input, check)``, standard error of `mean`.
    trajectories
        How many were used; those with an inadmissible point are left out.
    """

    inputs: tuple[str, ...]
    checks: tuple[str, ...]
    effect: Array
    mean: Array
    error: Array
    trajectories: int

    @property
    def lasting(self) -> Array:
        """Size of the effect where it is more than luck, zero elsewhere, ``(input, check)``."""
        told = np.abs(self.mean) > LEAST_T * self.error
        return np.where(told, np.abs(self.mean), 0.0)

    def active(self, names: Sequence[str]) -> list[tuple[int, ...]]:
        """Return the places among `names` of those that move each check, at least the strongest."""
        effects = self.effect[[self.inputs.index(name) for name in names]]
        return [
            tuple(np.flatnonzero(column >= min(ACTIVE, column.max())).tolist())
            for column in effects.T
        ]

    def order(self) -> list[int]:
        """Return the positions of inputs, the largest effect on any check first."""
        strongest = self.effect.max(axis=1, initial=0.0)
        return [int(i) for i in np.lexsort((np.arange(len(strongest)), -strongest))]


def inputs_of(
    parameters: Parameters, submodels: Sequence[str] | None = None
) -> dict[str, list[str]]:
    """Return what is screened: each parameter with a prior, those given for each Goal as one."""
    inputs: dict[str, list[str]] = {}
    for definition in parameters.definitions():
        if definition.drawn and (submodels is None or definition.submodel in submodels):
            inputs.setdefault(definition.name.partition(".")[0], []).append(definition.name)
    return inputs


def screen(
    observer: Observer,
    checks: Sequence[CheckOf],
    parameters: Parameters,
    *,
    trajectories: int = 10,
    seed: int = 1,
    inputs: Mapping[str, Sequence[str]] | None = None,
    first_seed: int = FIRST_SEED,
) -> Screening:
    """Return the effects of parameters on the checks, by Morris's method.

    Parameters
    ----------
    observer
        What observes the checks, in their order.
    checks
        What is observed.
    parameters
        Tables with the priors.
    trajectories
        How many; each takes a run more than there are inputs.
    seed
        Seed of the trajectories.
    inputs
        Names of parameters that move together, by the name they are listed under; by default all
        that have a prior.
    first_seed
        Seed of the first trajectory; the others' follow.

    Raises
    ------
    InputError
        When SALib is not installed.
    """
    require("SALib", "calibration")
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    groups = inputs_of(parameters) if inputs is None else {k: list(v) for k, v in inputs.items()}
    names = tuple(groups)
    problem = {"num_vars": len(names), "names": list(names), "bounds": [list(RANGE)] * len(names)}
    design = np.asarray(sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed))
    steps = len(names) + 1
    members = [member for name in names for member in groups[name]]
    columns = [i for i, name in enumerate(names) for _ in groups[name]]
    values = Design(tuple(members), design[:, columns]).values(parameters)
    points: list[Point] = [dict(zip(members, row.tolist(), strict=True)) for row in values]
    seeds = [[first_seed + i // steps] for i in range(len(points))]
    seen = observer.observe(points, seeds, "screening")[:, 0]
    whole = np.isfinite(seen).all(axis=1).reshape(-1, steps).all(axis=1)
    kept = np.repeat(whole, steps)
    shape = (len(names), len(checks))
    effect, mean, error = np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)
    count = int(whole.sum())
    for column, item in enumerate(checks):
        if count < 2:
            break
        result = analysis.analyze(
            problem, design[kept], seen[kept, column], num_levels=LEVELS, seed=seed, num_resamples=2
        )
        unit = 1.0 / item.scale  # SALib's effects are over the whole range already
        effect[:, column] = np.asarray(result["mu_star"]) * unit
        mean[:, column] = np.asarray(result["mu"]) * unit
        error[:, column] = np.asarray(result["sigma"]) * unit / np.sqrt(count)
    return Screening(names, tuple(c.id for c in checks), effect, mean, error, count)


def looked_at_twice(checks: int) -> int:
    """Return how many inputs get a second look, at most."""
    return max(SECOND_LOOK, SECOND_LOOK_EACH * checks)


def screening_runs(inputs: int, trajectories: int, checks: int = 1) -> int:
    """Return the runs that `screen_twice` takes at most."""
    return FIRST_LOOK * (inputs + 1) + trajectories * (min(inputs, looked_at_twice(checks)) + 1)


def _in_turn(effect: Array, most: int) -> list[int]:
    """Return the strongest inputs of each check in turn, until there are `most`.

    Ranked by their strongest effect alone, inputs of the figures that are hard to meet would push
    out those of the others.
    """
    taken: dict[int, None] = {}
    order = np.argsort(-effect, axis=0, kind="stable")
    for rank in order:
        for column, place in enumerate(rank.tolist()):
            if len(taken) < most and effect[place, column] >= LEAST_FIRST_EFFECT:
                taken[place] = None
    return list(taken)


def screen_twice(
    observer: Observer,
    checks: Sequence[CheckOf],
    parameters: Parameters,
    *,
    trajectories: int,
    seed: int = 1,
    inputs: Mapping[str, Sequence[str]] | None = None,
    most: int | None = None,
) -> Screening:
    """Screen all inputs with two trajectories, and with more those that may matter.

    Most parameters of a model have no path to the figures that are fitted, and two steps show it.
    An input without a hundredth of a tolerance in either is not looked at again and counts as one
    without a lasting effect.

    Parameters
    ----------
    observer, checks, parameters, seed, inputs
        As in `screen`.
    trajectories
        Of the second look.
    most
        Inputs of the second look: the strongest of each check in turn.
    """
    groups = dict(inputs_of(parameters) if inputs is None else inputs)
    first = screen(observer, checks, parameters, trajectories=FIRST_LOOK, seed=seed, inputs=groups)
    most = looked_at_twice(len(checks)) if most is None else most
    again = {first.inputs[i] for i in _in_turn(first.effect, most)}
    effect, mean = first.effect.copy(), first.mean.copy()
    error = np.full_like(mean, np.inf)
    if not again:
        return Screening(first.inputs, first.checks, effect, mean, error, first.trajectories)
    second = screen(
        observer,
        checks,
        parameters,
        trajectories=trajectories,
        seed=seed + 1,
        inputs={name: members for name, members in groups.items() if name in again},
        first_seed=FIRST_SEED + FIRST_LOOK,
    )
    for row, name in enumerate(second.inputs):
        place = first.inputs.index(name)
        effect[place], mean[place] = second.effect[row], second.mean[row]
        error[place] = second.error[row]
    return Screening(first.inputs, first.checks, effect, mean, error, second.trajectories)


def choose(
    screening: Screening,
    groups: Mapping[str, Sequence[str]],
    most: int = 12,
    each: int = 3,
) -> tuple[str, ...]:
    """Return the parameters worth fitting, in the order of the tables.

    Worth fitting is a parameter whose lasting effect on some check is at least a tenth of its
    tolerance over the prior's range. Taken are the `each` strongest of every check, so that none is
    left without a parameter that moves it, then the strongest of all until there are `most`.
    Parameters given for each Goal are not fitted.
    """
    single = np.array([len(groups[name]) == 1 for name in screening.inputs])
    lasting = np.where(single[:, None], screening.lasting, 0.0)
    strongest = lasting.max(axis=1, initial=0.0)

    def ranked(effects: Array) -> list[int]:
        order = np.lexsort((np.arange(len(effects)), -effects))
        return [int(i) for i in order if effects[i] >= LEAST_EFFECT]

    taken: dict[int, None] = {}
    for effects in lasting.T:
        taken |= dict.fromkeys(ranked(effects)[:each])
    for place in ranked(strongest):
        if len(taken) >= most:
            break
        taken[place] = None
    return tuple(groups[screening.inputs[i]][0] for i in sorted(taken))
