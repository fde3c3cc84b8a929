"""Scenarios that begin early, so that short runs show what they do."""

from __future__ import annotations

from sscsim.policy import Scenario, load_scenario
from sscsim.policy.scenario import Setting, Where

BASELINE = load_scenario("baseline")
END = 2017

SOUTH = Where(group="south_unctad_2014")


def scenario(name: str, **levers: tuple[float, Where | None]) -> Scenario:
    return Scenario(
        name,
        {"en": name},
        levers={
            lever: (Setting(value=value, where=where, **{"from": 2014}),)
            for lever, (value, where) in levers.items()
        },
    )


TRADE = scenario("trade", trade_cost=(-0.05, SOUTH))

THREE = scenario(
    "three",
    trade_cost=(-0.05, SOUTH),
    guarantee_capacity=(0.1, SOUTH),
    partner_budget=(3.0, None),
    third_party_cost=(0.6, None),
)
"""Levers of three groups."""

SEVEN = scenario(
    "seven",
    trade_cost=(-0.02, SOUTH),
    guarantee_capacity=(0.1, SOUTH),
    partner_budget=(3.0, None),
    cooperation=(1.2, None),
    practices=(3.0, None),
    funds=(3.0, None),
    credit_volume=(1.5, None),
)
"""Levers of seven groups."""
