"""Pairs of the base year whose trade by the USITC's shares contradicts what countries publish.

The shares (ITPD-E) are judged pair by pair by the World Factbook's lists of partners and by gravity
(`sscsim.flows.trade.judged_flows`). Printed is every pair that was changed, with what each source
says and what was taken, from the largest change down. ``--write`` puts the list into docs/data.md
between its two marks.

Run: ``python benchmarks/trade_mirrors.py [--least 0.5] [--write]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.parameters import default_parameters
from sscsim.steps.submodel import Given, Submodels
from sscsim.steps.trade import Trade
from sscsim.world import load_world

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data.md"
MARKS = "<!-- trade mirrors: begin -->", "<!-- trade mirrors: end -->"
WHY = {
    "published": {True: "both sides publish it", False: "published, nearer to gravity"},
    "bounded": {True: "", False: "no list has room for it"},
}


def listing(least: float) -> list[str]:
    """Return the lines of the list: changes of at least so many billion dollars."""
    world = load_world()
    base = Trade(Given(world, default_parameters(), 2013), Submodels()).base
    gravity_world = load_world(base_trade="gravity")
    gravity = Trade(Given(gravity_world, default_parameters(), 2013), Submodels()).base.flows
    factbook_world = load_world(base_trade="factbook")
    factbook = Trade(Given(factbook_world, default_parameters(), 2013), Submodels()).base.flows
    economy, basis = base.economy, base.basis
    totals = economy.exports, economy.imports
    before = balance(trade.flows_by_shares(world.trade_shares, factbook, economy.exports), *totals)
    seller = world.published_export_share * economy.exports[:, None]
    buyer = world.published_import_share * economy.imports[None, :]
    confirmed = trade.confirmed_by_both(
        *totals,
        world.published_export_share,
        world.published_import_share,
        mirror_tolerance=default_parameters()["mirror_tolerance"],
    )
    judged = np.isin(basis, [trade.BASIS.index("published"), trade.BASIS.index("bounded")])
    change = np.where(judged, np.abs(base.flows - before), 0.0)
    order = [np.unravel_index(at, change.shape) for at in np.argsort(-change, axis=None)]
    shown = [cell for cell in order if judged[cell] and change[cell] >= least]
    lines = [
        f"{int(judged.sum())} of {int((world.trade_shares > 0).sum()):,} pairs were changed, "
        f"{change.sum():.0f} bn USD of {base.flows.sum():,.0f}; those by {least:g} bn or more:",
        "",
        "| seller → buyer | by shares | seller prints | buyer prints | gravity | taken | why |",
        "|---|---|---|---|---|---|---|",
    ]
    for cell in shown:
        i, j = cell
        figures = [before[cell], seller[cell], buyer[cell], gravity[cell], base.flows[cell]]
        words = ["–" if np.isnan(x) else f"{x:.2f}" for x in figures]
        why = WHY[trade.BASIS[basis[cell]]][bool(confirmed[cell])]
        lines.append(f"| {world.iso3[i]} → {world.iso3[j]} | {' | '.join(words)} | {why} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--least", type=float, default=0.5, help="billion dollars")
    parser.add_argument("--write", action="store_true", help="into docs/data.md")
    options = parser.parse_args()
    lines = listing(options.least)
    print("\n".join(lines))
    if options.write:
        begin, end = MARKS
        head, _, rest = PAGE.read_text("utf-8").partition(begin)
        _, _, tail = rest.partition(end)
        PAGE.write_text("\n".join([head + begin, *lines, end]) + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
