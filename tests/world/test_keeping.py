"""What is worked out from a world goes when the world goes."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from weakref import ref

import pytest

from sscsim.steps import agreements, finance, goals, investment
from sscsim.world.capabilities import opening_capabilities
from sscsim.world.keeping import kept_with_world
from sscsim.world.loading import load_world
from sscsim.world.tables import World


def test_it_is_worked_out_once_for_each_world() -> None:
    asked: list[World] = []

    @kept_with_world
    def size(world: World) -> int:
        asked.append(world)
        return world.size

    one, other = load_world(), replace(load_world())
    assert [size(one), size(one), size(other), size(one)] == [one.size] * 4
    assert asked == [one, other]


@pytest.mark.parametrize(
    "function",
    [
        opening_capabilities,
        agreements.agreements_by_year,
        finance._base,
        goals._panel,
        investment._events,
    ],
)
def test_no_world_is_kept_alive(function: Callable[[World], object]) -> None:
    world = replace(load_world())
    result = function(world)
    assert function(world) is result
    gone, _ = ref(world), result
    del world, result, _
    gc.collect()
    assert gone() is None
