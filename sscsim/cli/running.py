"""`sscsim run`."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim import names
from sscsim.cli.main import Choice, examples
from sscsim.cli.places import RESULTS, check_institutions, check_output, default_output
from sscsim.cli.printing import heading, print_table, say
from sscsim.cli.terminal import echo
from sscsim.errors import InputError
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.world.base_trade import BASE_TRADE

if TYPE_CHECKING:
    from sscsim.results.run import Run

__all__ = ["run"]

KEEP = tuple(amount for amount in names.KEEP if amount != "outcomes")
"""What commands offer: the outcomes alone are kept for ensembles."""

Progress = Callable[[int, int, int], None]


@click.command(
    epilog=examples(
        "sscsim run",
        "sscsim run trade-integration --seed 7 --out results/integration",
        "sscsim run --set trade_elasticity=4 --off knowledge",
    )
)
@click.argument("scenario", default="baseline")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Seed of the run's luck.",
)
@click.option(
    "--start",
    type=int,
    default=FIRST_YEAR,
    show_default=True,
    metavar="YEAR",
    help="First year kept.",
)
@click.option(
    "--end", type=int, default=LAST_YEAR, show_default=True, metavar="YEAR", help="Last year."
)
@click.option(
    "--set",
    "changes",
    metavar="PARAM=VALUE",
    multiple=True,
    help="Change a parameter; may be given several times.",
)
@click.option(
    "--off",
    metavar="STEP",
    multiple=True,
    help="Leave a step of the year out; may be given several times.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder to write.  [default: results/SCENARIO-seedSEED]",
)
@click.option(
    "--keep",
    type=Choice(KEEP),
    default="standard",
    show_default=True,
    help="Only indicators; also countries and three years' matrices; or every year's.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Own figures of countries laid over the world's.",
)
@click.option(
    "--trade-matrix",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Own bilateral trade of the base year: exporter, importer, value (bn USD).",
)
@click.option(
    "--base-trade",
    type=Choice(BASE_TRADE),
    default="itpde",
    show_default=True,
    help="What the base year's trade rests on: the USITC's partner shares, the World Factbook's "
    "completed by gravity, or gravity alone.",
)
@click.option(
    "--institutions",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with banks and lenders of your own.",
)
@click.option(
    "--benchmark",
    is_flag=True,
    help="The model to beat instead: gravity trade and trend Goals.",
)
@click.option(
    "--audit",
    is_flag=True,
    help="Check every bank's books each year; stop at the first that does not balance.",
)
@click.option("--profile", is_flag=True, help="Print the time each step took.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def run(
    scenario: str,
    seed: int,
    start: int,
    end: int,
    changes: tuple[str, ...],
    off: tuple[str, ...],
    out: Path | None,
    keep: str,
    data: Path | None,
    trade_matrix: Path | None,
    base_trade: str,
    institutions: Path | None,
    benchmark: bool,
    audit: bool,
    profile: bool,
    quiet: bool,
) -> None:
    """Simulate SCENARIO year by year and save the run.

    SCENARIO is a name that `sscsim scenario list` prints, or the path of a YAML file of your own.
    At the end the report's figures stand beside the run's. The run is a folder of tables
    (manifest.json, indicators.csv, parquet) that `sscsim show` and `sscsim plot` read; it is
    written when it is whole and replaces an earlier run of the same name. A run with --set, --off,
    --data, --trade-matrix, --base-trade, --institutions, --benchmark, --start or --end gets a mark
    of its own in the name.
    """
    settings = parse_settings(changes)
    place = out or default_output(
        scenario,
        seed,
        {
            "set": settings,
            "off": sorted(off),
            "data": None if data is None else str(data),
            "trade_matrix": None if trade_matrix is None else str(trade_matrix),
            "base_trade": None if base_trade == "itpde" else base_trade,
            "institutions": None if institutions is None else str(institutions),
            "benchmark": benchmark or None,
            "years": None if (start, end) == (FIRST_YEAR, LAST_YEAR) else (start, end),
        },
    )
    from sscsim.policy import load_scenario

    load_scenario(scenario)  # a mistyped scenario is said before a place to write is looked at
    check_institutions(institutions)
    check_output(place, make_parent=out is None)
    from sscsim import simulate

    began = time.perf_counter()
    with progress(quiet) as report:
        result: Run = simulate(
            scenario,
            seed=seed,
            start=start,
            end=end,
            set=settings or None,
            off=off,
            data=data,
            trade_matrix=trade_matrix,
            base_trade=base_trade,
            institutions=institutions,
            keep=keep,
            progress=report,
            benchmark=benchmark,
            audit=audit,
            profile=profile,
        )
    simulated = time.perf_counter() - began
    if out is None:
        place.parent.mkdir(parents=True, exist_ok=True)
    result.save(place)
    if quiet:
        return
    from sscsim.calibration import compare
    from sscsim.cli.targets import print_comparisons

    for note in result.manifest["notes"]:
        say(f"Note: {note}")
    heading(f"The report's figures beside the run's: {scenario}, seed {seed}")
    print_comparisons(compare(result), brief=True)
    if not settings:
        echo()
        say(
            "One seed at the tables' values: single hosts swing. `sscsim targets --check` judges the "
            "recorded set of parameters by its medians over 50 seeds."
        )
    if profile:
        print_profile(result.manifest)
    echo()
    echo(f"Simulated {start}–{end} in {simulated:.2f} s, with start-up {total_time():.2f} s.")
    name = place.name if place.parent == RESULTS else str(place)
    echo(f"Written to {place}; next: sscsim show {name} · sscsim plot {name}")


def parse_settings(changes: tuple[str, ...]) -> dict[str, float]:
    """Return ``PARAM=VALUE`` texts as a mapping; names and bounds are checked by the tables.

    Raises
    ------
    InputError
        For a text without ``=``, a value that is no finite number, a parameter set twice.
    """
    result: dict[str, float] = {}
    for text in changes:
        name, equals, raw = (part.strip() for part in text.partition("="))
        if not equals or not name or not raw:
            raise InputError(
                "a change must read PARAM=VALUE",
                file="--set",
                found=text,
                allowed="for example --set trade_elasticity=4",
            )
        try:
            value = float(raw)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InputError("the value must be a finite number", file="--set", key=name, found=raw)
        if name in result:
            raise InputError("this parameter is set twice", file="--set", key=name, found=text)
        result[name] = value
    if result:
        from sscsim.parameters import default_parameters

        default_parameters().replace(result)
    return result


@contextmanager
def progress(quiet: bool) -> Iterator[Progress | None]:
    """Yield what the model calls after each year: a bar on a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("Simulating {task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("…", total=None)

        def report(year: int, first: int, last: int) -> None:
            bar.update(
                task, description=str(year), total=last - first + 1, completed=year - first + 1
            )

        yield report


def print_profile(manifest: Any) -> None:
    """Print the seconds that each step took, as the manifest keeps them."""
    timings = dict(manifest.get("timings") or {})
    total = sum(timings.values()) or 1.0
    echo()
    heading("Time by step")
    rows = [
        (name, f"{1000 * seconds:.1f}", f"{100 * seconds / total:.0f}")
        for name, seconds in timings.items()
    ]
    print_table(["step", "ms>", "%>"], [*rows, ("all steps", f"{1000 * total:.1f}", "100")])


def total_time() -> float:
    """Return the seconds since this process began, by clocks that nobody sets back."""
    return _BEFORE + time.perf_counter() - _LOADED


def _before() -> float:
    """Return the seconds that this process has taken so far."""
    # Start-up is part of what the user waits for; where the system does not tell, count from here.
    try:
        ticks = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        import os

        return max(0.0, uptime - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


_BEFORE, _LOADED = _before(), time.perf_counter()
