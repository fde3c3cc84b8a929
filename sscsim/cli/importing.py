"""`sscsim data import` and `sscsim data fetch`: a publisher's file, made into what a run takes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli.main import examples
from sscsim.cli.printing import fields, heading, number, print_table, say
from sscsim.cli.terminal import echo, output_error

if TYPE_CHECKING:
    from sscsim.world.trade_files import ImportedTrade

__all__ = ["fetch_file", "import_file"]

MOST_NAMED = 8


@click.command(
    "import",
    epilog=examples(
        "sscsim data import BACI_HS12_Y2013_V202401b.csv --out trade.parquet",
        "sscsim data import US_TradeMatrix.csv --format unctad --out trade.parquet",
        "sscsim run --trade-matrix trade.parquet",
    ),
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--format",
    "layout",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="Whose table it is: auto, baci, unctad, imf-dots, wits, comtrade or csv.",
)
@click.option(
    "--year",
    type=int,
    metavar="YEAR",
    default=2013,
    show_default=True,
    help="Year taken from the table.",
)
@click.option(
    "--unit",
    default="auto",
    show_default=True,
    metavar="UNIT",
    help="What values are in: auto, usd, kusd, musd or busd (thousands, millions, billions).",
)
@click.option(
    "--drop-unknown",
    is_flag=True,
    help="Leave out codes and names that no list knows, and say which.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Matrix to write: .parquet or .csv.",
)
def import_file(
    file: Path, layout: str, year: int, unit: str, drop_unknown: bool, out: Path
) -> None:
    """Make a trade matrix of FILE, bilateral goods trade as a statistical office publishes it.

    Aggregates and places outside the model are left out and named; trade of federations of yesterday is shared among
    the economies of today; where both partners report, the importer's report less freight is taken. Sums are held
    against the recorded trade of each economy, from both sides.
    """
    from sscsim.world.loading import load_world
    from sscsim.world.trade_files import import_trade
    from sscsim.world.trade_files.importing import check_ending

    check_ending(out)
    found = import_trade(
        file, load_world(), layout=layout, year=year, unit=unit, drop_unknown=drop_unknown
    )
    try:
        found.save(out)
    except OSError as failure:
        raise output_error(failure, str(out)) from None
    _tell(found)
    echo()
    say(f"Written to {out}; next: sscsim run --trade-matrix {out}")


def _tell(found: ImportedTrade) -> None:
    from sscsim.world.trade_files import LAYOUTS
    from sscsim.world.trade_files.mirrors import FAR, FREIGHT

    units = {
        "usd": "dollars",
        "kusd": "thousand dollars",
        "musd": "million dollars",
        "busd": "billion dollars",
    }
    economies = set(found.table["exporter"]) | set(found.table["importer"])
    heading(f"{found.source}: {found.total:,.0f} bn USD of goods in {found.year}")
    lines = [
        ("layout", f"{found.layout} ({LAYOUTS[found.layout].title})"),
        ("unit", units[found.unit]),
        ("pairs", f"{len(found.table):,} between {len(economies)} economies"),
        ("recorded", f"{found.coverage:.0%} of the recorded trade among these economies in 2013"),
        ("aggregates", _listed(found.aggregates)),
        ("not in the model", _listed(found.elsewhere, found.total)),
        ("unknown", _listed(found.unknown, found.total)),
        (
            "shared out",
            "; ".join(f"{name} among {', '.join(now)}" for name, now in found.split.items()),
        ),
    ]
    mirrors = found.mirrors
    if mirrors is not None:
        lines.append(
            (
                "two reports",
                f"{mirrors.both:,} pairs by both, {mirrors.importer:,} by the importer alone, {mirrors.exporter:,} by "
                f"the exporter alone; taken is the importer's report less {FREIGHT:.0%} of freight"
                + (
                    f", in the median {mirrors.ratio:.2f} of the exporter's, a factor of {mirrors.spread:.2f} apart"
                    if math.isfinite(mirrors.ratio)
                    else ""
                ),
            )
        )
        if mirrors.far:
            named = "; ".join(
                f"{o}–{d} {number(sent)} and {number(taken)}"
                for o, d, sent, taken in mirrors.far[:MOST_NAMED]
            )
            lines.append(
                (
                    "far apart",
                    f"{len(mirrors.far)} pairs by more than a factor of {FAR:g}, of which the geometric mean is taken: "
                    f"{named} bn" + (" …" if len(mirrors.far) > MOST_NAMED else ""),
                )
            )
    fields(lines)
    if found.odd:
        echo()
        say("Economies whose sums are far from the recorded ones (look at these first):")
        print_table(
            ["economy|", "flow", "this file, bn>", "recorded, bn>", "ratio>"],
            [
                (code, flow, number(total), number(recorded), f"{total / recorded:.2g}")
                for code, flow, total, recorded in found.odd[:20]
            ],
        )
        if len(found.odd) > 20:
            say(f"and {len(found.odd) - 20} more")


def _listed(left: dict[str, float], total: float | None = None) -> str:
    """Return names in the order of what they trade, and what that is beside the matrix."""
    if not left:
        return ""
    names = sorted(left, key=lambda name: -left[name])
    text = ", ".join(names[:MOST_NAMED]) + (
        f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    )
    if total:
        text += f" ({sum(left.values()) / total:.1%} beside the matrix)"
    return text


@click.command(
    "fetch",
    epilog=examples("sscsim data fetch baci", "sscsim data fetch wdi --out downloads"),
)
@click.argument("name", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where to keep the file.  [default: the user's cache]",
)
def fetch_file(name: str | None, out: Path | None) -> None:
    """Download the file called NAME from its publisher, or list what can be.

    It stays under the publisher's terms. A download that breaks off goes on the next time. No run needs one.
    """
    from sscsim.world.fetching import PUBLISHED, fetch

    if name is None:
        print_table(
            ["name|", "what", "size", "terms"],
            [(key, one.title, one.size, one.terms) for key, one in PUBLISHED.items()],
        )
        return
    path = fetch(name, out)
    say(f"{PUBLISHED[name].title}: {path}")
    say(f"Terms: {PUBLISHED[name].terms}")
    if PUBLISHED[name].then:
        say(f"next: {PUBLISHED[name].then.format(file=path)}")
