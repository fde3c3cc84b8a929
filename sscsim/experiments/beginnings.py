"""Shared beginnings: members that differ by their scenario alone run once to the year in which they first differ.

Scenarios of one draw are the same world until one of them asks for something. The model runs that part once, is copied
where ways part (`SouthSouthModel.fork`), and each copy goes on; what comes out is to the last bit what every member by
itself would give. A scenario that sets parameters shares nothing with one that does not: its base year is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from sscsim.allocator import keep_freed_memory
from sscsim.experiments.members import Member
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.policy import lever_table
from sscsim.policy.paths import LeverPaths
from sscsim.steps.banking import Banking
from sscsim.threads import one_thread

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel
    from sscsim.policy import Scenario

__all__ = ["alike_in", "by_beginning", "run_together"]


def by_beginning(members: Sequence[Member], workers: int = 1) -> list[tuple[Member, ...]]:
    """Return members in flights that begin alike, in the order in which their first members were given.

    Parameters
    ----------
    workers
        How many work side by side: there are as many flights at least, as long as there are members, since work that
        is shared by nobody is better than a worker that waits.
    """
    flights: dict[str, list[Member]] = {}
    for member in members:
        flights.setdefault(_beginning(member), []).append(member)
    found = [tuple(flight) for flight in flights.values()]
    while 0 < len(found) < min(workers, len(members)):
        largest = max(range(len(found)), key=lambda i: len(found[i]))
        flight = found[largest]
        half = -(-len(flight) // 2)
        found[largest : largest + 1] = [flight[:half], flight[half:]]
    return found


def _beginning(member: Member) -> str:
    """Return what must be the same for two members to begin alike."""
    said = member.ingredients
    names = (
        "model",
        "data",
        "parameter_hash",
        "figures_hash",
        "seed",
        "start",
        "end",
        "off",
        "keep",
    )
    own = sorted(member.scenario.parameters.items())
    return repr(([said[name] for name in names], said.get("shocks"), said.get("plugins"), own))


def run_together(members: Sequence[Member]) -> Iterator[tuple[Member, SouthSouthModel]]:
    """Run members that begin alike, and yield each with its finished model as it ends; it is closed afterwards.

    Parameters
    ----------
    members
        One of the flights that `by_beginning` returns.
    """
    from sscsim.model import SouthSouthModel

    keep_freed_memory()  # several models are held, and what a year frees the next one needs
    with one_thread(), closing(SouthSouthModel(members[0].settings)) as model:
        yield from _run_on(model, members)


def _run_on(
    model: SouthSouthModel, members: Sequence[Member]
) -> Iterator[tuple[Member, SouthSouthModel]]:
    """Run on with members that have asked for the same so far; the model bears the scenario of one of them."""
    while model.running:
        if len(members) > 1:
            here, ways = _ways(model, members)
            for asked, way in ways.items():
                if asked != here:
                    with closing(model.fork(way[0].scenario)) as twin:
                        yield from _run_on(twin, way)
            members = ways[here]
        model.step()
    for member in members:
        if member.scenario is model.policy_scenario:
            yield member, model
        else:
            with closing(model.fork(member.scenario)) as twin:
                yield member, twin


def _ways(
    model: SouthSouthModel, members: Sequence[Member]
) -> tuple[bytes, dict[bytes, list[Member]]]:
    """Return what the model's scenario asks for in the year to come, and members by what theirs ask for."""
    year = model.year + 1 if model.steps else model.year
    ways: dict[bytes, list[Member]] = {}
    for member in members:
        ways.setdefault(_asked(member.scenario, model, year), []).append(member)
    return _asked(model.policy_scenario, model, year), ways


def alike_in(scenario: Scenario, model: SouthSouthModel, year: int) -> bool:
    """Return whether a scenario asks for the same in a year as the one that a model bears."""
    return _asked(scenario, model, year) == _asked(model.policy_scenario, model, year)


_KEPT = 256
_requests: dict[tuple[str, tuple[str, ...], str], dict[int, bytes]] = {}
"""By scenario, banks and data: a digest of all that is asked for in each year."""


def _asked(scenario: Scenario, model: SouthSouthModel, year: int) -> bytes:
    """Return a digest of what a scenario asks for in a year; levers at their default ask for nothing."""
    banks = model.submodels.of(Banking).base.codes
    key = (scenario.content_hash, banks, model.world.data_hash)
    if key not in _requests:
        if len(_requests) >= _KEPT:
            _requests.clear()
        _requests[key] = _digests(LeverPaths(scenario, model.world, banks))
    return _requests[key][year]


def _digests(paths: LeverPaths) -> dict[int, bytes]:
    table, found = lever_table(), {}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted(paths.moved()):
            values = paths.value(name, year)
            if values is not None and (values != table[name].default).any():
                digest.update(name.encode() + b"\0" + values.tobytes())
        found[year] = digest.digest()
    return found
