"""A lever is wired, or refused as tables are loaded: what it moves, how, along which axes, from which neutral value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sscsim.policy import lever_table
from sscsim.policy.levers import Lever
from sscsim.policy.moves import MOVES, UnwiredLever, check_levers
from sscsim.steps.plan import policy_variables
from sscsim.world.state import Variable, variable

TABLE = lever_table()


def changed(name: str, **changes: Any) -> dict[str, Lever]:
    """Return the table with one lever changed."""
    return TABLE | {name: TABLE[name].model_copy(update=changes)}


def test_the_table_that_ships_is_wired() -> None:
    check_levers(TABLE, policy_variables())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (changed("aid_volume", moves="oda_faktor"), "did you mean oda_factor"),
        (changed("aid_volume", moves="gdp"), "which no submodel lets policy set"),
        (changed("training", moves="oda_factor", combine="add"), "axes do not fit"),
        (changed("bank_capital", scope="country"), "axes do not fit"),
        (changed("trade_cost", scope="country"), "axes do not fit"),
        (changed("goal_loss", how="plain"), "axes do not fit"),
        (changed("aid_volume", default=0.0), "does not leave oda_factor neutral"),
        (changed("trade_cost", how="plain"), "does not leave trade_cost neutral"),
        ({n: v for n, v in TABLE.items() if n != "platform"}, "no lever moves platform_reach"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_wired_is_refused_by_name(table: dict[str, Lever], words: str) -> None:
    with pytest.raises(UnwiredLever, match=words):
        check_levers(table, policy_variables())


def test_a_variable_that_no_lever_moves_is_named() -> None:
    idle: tuple[Variable, ...] = (
        *policy_variables(),
        variable("tariff_revenue", "country", "bn USD", "What nobody can set"),
    )
    with pytest.raises(UnwiredLever, match="no lever moves tariff_revenue"):
        check_levers(TABLE, idle)


@pytest.mark.parametrize("how", list(MOVES))
def test_every_way_of_moving_gives_the_axes_it_promises(how: str) -> None:
    sizes = {"country": 4, "origin": 4, "destination": 4, "goal": 17, "bank": 3, "world": 1}
    lengths = {"country": (4,), "pair": (4, 4), "bank": (3,), "world": (1,)}
    for scope, axes in MOVES[how].axes.items():
        before = np.ones([sizes[axis] for axis in axes])
        moved = MOVES[how].apply(np.full(lengths[scope], 0.1), before)
        assert moved.shape == before.shape
        assert (before == 1.0).all(), "what was there is not written into"
