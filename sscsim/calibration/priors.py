"""Priors of one's own in the place of the tables' (`sscsim calibrate --priors FILE`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from sscsim.errors import InputError, nearest
from sscsim.parameters import Entry, Parameters, Prior, default_parameters
from sscsim.parameters.table import GOALS, Definition
from sscsim.yamlfile import Block, Listed, YamlFile, read_yaml

__all__ = ["OwnPrior", "load_priors", "require_priors"]


class OwnPrior(Block):
    """What is other than in the tables.

    Bounds, which truncate the prior, lie within those of the tables: beyond them the equations do not hold.
    """

    prior: Prior
    source: str = Field(min_length=5, description="where the prior comes from")
    bounds: Listed[tuple[float, float]] | None = None


def load_priors(path: Path) -> Parameters:
    """Return the tables with the priors of a file in their place.

    The file is a YAML of ``name: {prior: …, source: …}``; a prior is written as in the tables. A parameter given for
    each Goal is named whole (``goal_drift``, each Goal alike) or singly (``goal_drift.3``). Parameters that it does
    not name keep their priors; ``distribution: fixed`` takes one out of a fit.

    Raises
    ------
    InputError
        With file, line and key: an unknown parameter or key, a prior that is none, bounds beyond those of the tables,
        no parameter at all.
    """
    tables = default_parameters()
    document = read_yaml(path)
    definitions = {one.name: one for one in tables.definitions()}
    stems = {name.partition(".")[0] for name in definitions}
    for name, raw in document.data.items():
        if name not in definitions and name not in stems:
            raise document.unknown(
                "parameter of this name", str(name), [*definitions, *stems], name
            )
        own = document.validate(OwnPrior, raw, name)
        singles = [name] if name in definitions else [f"{name}.{goal}" for goal in GOALS]
        for single in singles:
            definitions[single] = _changed(document, name, definitions[single], own)
    if not document.data:
        raise document.error("the file names no parameters")
    return Parameters(definitions, tables)


def _changed(document: YamlFile, key: str, usual: Definition, own: OwnPrior) -> Definition:
    """Return a definition with the prior of the file, held against the bounds."""
    numbers = [getattr(own.prior, name) for name in Prior.model_fields]
    of_goals = [set(number) for number in numbers if isinstance(number, dict)]
    if any(usual.goal is None or goals != set(GOALS) for goals in of_goals):
        raise document.error(
            "a prior for each Goal is of a parameter given for each Goal, and names all of 1 to 17",
            key,
            "prior",
        )
    widest = usual.bounds
    low, high = own.bounds or widest
    if not widest[0] <= low <= high <= widest[1]:
        raise document.error(
            "the bounds reach beyond those of the tables",
            key,
            "bounds",
            found=f"{low:g} to {high:g}",
            allowed=f"{widest[0]:g} to {widest[1]:g}",
        )
    told: dict[str, Any] = {"prior": own.prior, "bounds": (low, high), "source": own.source}
    entry: Entry = usual.entry.model_copy(update=told)
    return Definition(usual.name, usual.submodel, entry, usual.goal)


def require_priors(names: Sequence[str], parameters: Parameters, *, of_goals: bool) -> None:
    """Refuse parameters that a fit cannot draw.

    Parameters
    ----------
    names
        Parameters to fit.
    parameters
        The tables with the priors.
    of_goals
        Whether one Goal's part of a parameter (``goal_drift.3``) may be fitted.

    Raises
    ------
    InputError
        For an unknown one, and for one without a prior of its own.
    """
    for name in names:
        definition = parameters.definition(name)
        if definition.drawn and (of_goals or definition.goal is None):
            continue
        fitted = [d.name for d in parameters.definitions() if d.drawn]
        raise InputError(
            "this parameter cannot be fitted: it has no prior of its own",
            file="--parameters",
            found=name,
            allowed="a parameter with a prior" + ("" if of_goals else ", not given for each Goal"),
            suggestion=nearest(name, fitted),
        )
