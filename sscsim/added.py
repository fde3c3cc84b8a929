"""The model with plug-ins: steps in their order, state variables and indicators, its own and those of plug-ins.

A plug-in's step has variables of its own, which it alone writes; it reads whatever it declares. What it is to change of
another step's subject it changes by deriving from that step and taking its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sscsim.errors import InputError, nearest
from sscsim.outcomes.indicators import (
    Indicator,
    IndicatorTable,
    indicator_table,
    read_indicators,
)
from sscsim.outcomes.indicators.definitions import FUNCTIONS
from sscsim.plugins import Installed, check_distinct, load, misfit
from sscsim.steps.plan import variables
from sscsim.steps.submodel import Submodel
from sscsim.world.state import Variable

__all__ = ["Added", "added", "own_indicators"]

Kinds = tuple[type[Submodel], ...]


@dataclass(frozen=True)
class Added:
    """What a run consists of.

    Attributes
    ----------
    plugins
        Those that were named.
    opening, year
        Classes of steps in the order in which they are prepared, and in that of the year.
    variables
        Every state variable.
    table
        Indicators; None for those that ship alone.
    """

    plugins: tuple[Installed, ...]
    opening: Kinds
    year: Kinds
    variables: tuple[Variable, ...]
    table: IndicatorTable | None = None

    def origin(self, step: type[Submodel]) -> str:
        """Return the package that a step comes from; empty for one of the model's own."""
        return next((one.origin for one in self.plugins if step in one.plugin.steps), "")

    def said(self) -> dict[str, Any]:
        """Return for a manifest, by plug-in, what tells it from others and what its names mean, as plain data."""
        found: dict[str, Any] = {}
        for one in self.plugins:
            steps = [*one.plugin.steps]
            own = [variable for step in steps for variable in step.declared()]
            new = [variable for variable in own if variable not in variables()]
            found[one.name] = {
                **one.said(),
                "steps": {step.name: step.title for step in steps},
                "variables": {v.name: {"unit": v.unit, "description": v.description} for v in new},
                "indicators": {
                    name: {"title": i.title, "unit": i.unit, "description": i.description}
                    for name, i in own_indicators(one).items()
                },
            }
        return found


def added(names: Sequence[str], opening: Kinds, year: Kinds) -> Added:
    """Return a model's steps, variables and indicators with those of plug-ins.

    Parameters
    ----------
    names
        Of the plug-ins.
    opening, year
        The model's own steps in their two orders.

    Raises
    ------
    InputError
        For a plug-in that there is not, that cannot be loaded, or that does not fit: a name that is taken, a variable,
        step or function that there is not.
    """
    plugins = load(names)
    if not plugins:
        return Added((), opening, year, variables())
    declared = list(variables())
    for plugin in plugins:
        for kind in plugin.plugin.steps:
            before = {one.name: one for one in opening}.get(kind.name)
            declared += _new_variables(plugin, kind, before, declared)
            opening, year = _placed(plugin, kind, before, opening, year)
        known = {"year", *(one.name for one in declared)}
        for kind in plugin.plugin.steps:
            _check_reads(plugin, kind, known)
    return Added(plugins, opening, year, tuple(declared), _table(plugins, declared))


def _placed(
    plugin: Installed,
    kind: type[Submodel],
    before: type[Submodel] | None,
    opening: Kinds,
    year: Kinds,
) -> tuple[Kinds, Kinds]:
    """Return both orders with a step of a plug-in's in its place, that of `before` where there is one of its name."""
    if before is not None:
        return _instead(opening, before, kind), _instead(year, before, kind)
    names = [one.name for one in year]
    held = {part.name: part.__qualname__ for one in opening for part in one.parts}
    check_distinct(plugin, "a part of a step", [kind.name, *(p.name for p in kind.parts)], held)
    for need in kind.needs:
        if need not in opening and not any(need in one.parts for one in opening):
            raise misfit(plugin, "a step needs one that is not there", kind.name, need.__name__)
    after = getattr(kind, "after", names[-1])
    if after not in names:
        raise InputError(
            f"the plug-in {plugin.name!r} does not fit: there is no step that its own could follow",
            file=plugin.origin,
            key=f"{kind.name}.after",
            found=after,
            allowed=names,
            suggestion=nearest(str(after), names),
        )
    place = names.index(after) + 1
    return (*opening, kind), (*year[:place], kind, *year[place:])


def _instead(kinds: Kinds, before: type[Submodel], kind: type[Submodel]) -> Kinds:
    return tuple(kind if one.name == before.name else one for one in kinds)


def _new_variables(
    plugin: Installed,
    kind: type[Submodel],
    before: type[Submodel] | None,
    declared: Sequence[Variable],
) -> list[Variable]:
    """Return the variables that a step brings, after a look whether it is one, and may take the place of `before`."""
    if not issubclass(kind, Submodel):
        raise misfit(plugin, "a step derives from sscsim.steps.submodel.Submodel", kind.__name__)
    if before is not None and not issubclass(kind, before):
        raise misfit(
            plugin,
            "a step of this name is there already; one that is to take its place derives from it",
            kind.name,
            f"{before.__module__}:{before.__qualname__}",
        )
    old = () if before is None else before.declared()
    gone = [one.name for one in old if one not in kind.declared()]
    if gone:
        why = "a step keeps the variables of the one whose place it takes"
        raise misfit(plugin, why, kind.name, f"without {', '.join(gone)}")
    new = [one for one in kind.declared() if one not in old]
    taken = {one.name: "the model or another step" for one in declared}
    check_distinct(plugin, "a state variable", [one.name for one in new], taken)
    levers = {one.name for one in kind.policy} & {one.name for one in new}
    if levers:
        why = "no lever could set this; levers are the model's (docs/extending.md)"
        raise misfit(plugin, why, f"{kind.name}.policy", ", ".join(sorted(levers)))
    return new


def _check_reads(plugin: Installed, kind: type[Submodel], known: set[str]) -> None:
    for name in kind.all_reads():
        if name not in known:
            raise InputError(
                f"the plug-in {plugin.name!r} does not fit: a step reads a variable that there is not",
                file=plugin.origin,
                key=f"{kind.name}.reads",
                found=name,
                allowed="a variable that `sscsim explain variables` lists, or one of the plug-in's",
                suggestion=nearest(name, known),
            )


def _table(plugins: Sequence[Installed], declared: Sequence[Variable]) -> IndicatorTable | None:
    """Return the indicators that ship and those of plug-ins; None where no plug-in has any."""
    table = None
    for plugin in plugins:
        given = plugin.plugin
        for function in given.functions:
            there = FUNCTIONS.setdefault(function.__name__, function)
            if there is not function:
                raise misfit(
                    plugin,
                    "a function of indicators of this name is there already",
                    function.__name__,
                    there.__module__,
                )
        if given.indicators is not None:
            table = read_indicators(given.indicators, table or indicator_table())
            table.check(declared)
    return table


def own_indicators(plugin: Installed) -> dict[str, Indicator]:
    """Return the indicators that a plug-in adds, by name."""
    if plugin.plugin.indicators is None:
        return {}
    own = indicator_table().indicators
    found = read_indicators(plugin.plugin.indicators, indicator_table()).indicators
    return {name: one for name, one in found.items() if name not in own}
