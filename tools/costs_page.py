"""The tables of ``docs/costs.md``: ``python -m tools.costs_page`` writes them again from the table of costs."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from sscsim.costs.table import Own, Quantity, cost_table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "costs.md"


def price_rows() -> str:
    """Return a line for everything that has a price, and who moves it."""
    table = cost_table()
    lines = ["| what | price | who pays | moved by | from memory |", "|---|---|---|---|---|"]
    for name, one in table.quantities.items():
        movers = [lever for lever, cost in table.levers.items() if name in cost.counts]
        lines.append(_row(one.title, one, movers))
    for lever, cost in table.levers.items():
        lines += [_row(own.what, own, [lever]) for own in cost.own]
    return "\n".join(lines)


def _row(what: str, one: Quantity | Own, movers: Sequence[str]) -> str:
    low, high = one.price
    per = f" for {one.per:g} of the lever" if isinstance(one, Own) and one.per != 1.0 else ""
    price = f"{low:g} to {high:g} {one.unit}{per}, {one.counted}"
    names = ", ".join(f"`{name}`" for name in movers)
    return f"| {what} | {price} | {one.payer} | {names} | {'yes' if one.from_memory else ''} |"


def reason_rows() -> str:
    """Return a line for every reason why levers have no price."""
    reasons: dict[str, list[str]] = {}
    for name, one in cost_table().levers.items():
        if one.none is not None:
            reasons.setdefault(one.none, []).append(f"`{name}`" + ("*" if one.priced else ""))
    lines = ["| levers | why there is no price |", "|---|---|"]
    return "\n".join([*lines, *(f"| {', '.join(who)} | {why} |" for why, who in reasons.items())])


BLOCKS = {"prices": price_rows, "reasons": reason_rows}


def renewed(page: str) -> str:
    """Return the page with its tables written again."""
    for name, rows in BLOCKS.items():
        pattern = rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)"
        page, count = re.subn(
            pattern, lambda m, r=rows: f"{m[1]}\n{r()}\n\n{m[2]}", page, flags=re.S
        )
        if count != 1:
            raise ValueError(f"{PAGE.name} has {count} tables {name}, and should have one")
    return page


def main(argv: Sequence[str] | None = None) -> int:
    """Write the tables."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
