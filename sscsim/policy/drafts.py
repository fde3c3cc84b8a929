"""Scenario files to be filled in: what a lever means stands beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sscsim.errors import InputError
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.policy.levers import Lever, lever_table, unknown_lever
from sscsim.policy.scenario import NAME

__all__ = ["scenario_draft"]

FROM_YEAR = 2019
"""First year of a draft's settings: the year after the report."""

_PLACES = {
    "country": "where: {group: LDC}, or countries: [KEN, UGA], or agreement: AfCFTA; without it all countries",
    "pair": "where: {group: South}, or origin: and destination:; without it all pairs",
    "bank": "where: {bank: AIIB}; without it all banks",
    "world": "this lever is one number for the world",
}


def scenario_draft(name: str, extends: str, levers: Sequence[str] = ()) -> str:
    """Return the text of a scenario file that does nothing yet.

    Parameters
    ----------
    name
        What it is called, the name of its file.
    extends
        The scenario it differs from.
    levers
        Those that stand in it, at their defaults.

    Raises
    ------
    InputError
        For a name that no scenario can have, or a lever that does not exist.
    """
    if not re.fullmatch(NAME, name):
        raise InputError(
            "this cannot be the name of a scenario",
            key="name",
            found=name,
            allowed="small letters, digits and hyphens, at most 61: no path and no .yaml",
        )
    table = lever_table()
    for lever in levers:
        if lever not in table:
            raise unknown_lever(lever)
    title = name.replace("-", " ").capitalize()
    lines = [
        f"name: {name}                    # the name of this file",
        f'title: {{en: "{title}"}}        # add zh: for a Chinese title',
        f"extends: {extends}",
        "description: >",
        "  What is done, to whom, when.",
        "source: >",
        "  Where the sizes come from, or that they are an assumption.",
        "paragraphs: []                  # of the report, such as [28, 134]",
        "# What you expect, written down before you run it; compare says whether the model agrees:",
        "# expects:",
        '#   - {indicator: goal_index, group: LDC, year: 2030, moves: up, because: "the reason, one sentence"}',
    ]
    if levers:
        lines += ["levers:", *(line for one in levers for line in _of_lever(one, table[one]))]
    else:
        lines += [
            "# `sscsim scenario levers` lists what can be moved, `sscsim explain LEVER` says more of one.",
            "# levers:",
            f"#   aid_volume: {{from: {FROM_YEAR}, to: 2024, ramp: [1.0, 1.5]}}",
        ]
    return "\n".join(lines) + "\n"


def _of_lever(name: str, lever: Lever) -> list[str]:
    low, high = lever.bounds
    return [
        f"  # {lever.description}.",
        f"  # {lever.unit}, {low:g} to {high:g}; {lever.default:g} leaves things as they are. {lever.source}.",
        f"  # {_PLACES[lever.scope]}. Years from {FIRST_YEAR} to {LAST_YEAR}.",
        f"  {name}: {{from: {FROM_YEAR}, to: 2024, ramp: [{lever.default}, {lever.default}]}}",
    ]
