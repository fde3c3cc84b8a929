"""`sscsim run`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.main import examples
from sscsim.cli.places import RESULTS, check_institutions, check_output, default_output
from sscsim.cli.printing import heading, print_table, say
from sscsim.cli.terminal import echo

if TYPE_CHECKING:
    from sscsim.results.run import Run
    from sscsim.settings import RunSettings

__all__ = ["run"]

Progress = Callable[[int, int, int], None]


@click.command(
    epilog=examples(
        "sscsim run",
        "sscsim run trade-integration --seed 7 --out results/integration",
        "sscsim run --set trade_elasticity=4 --off knowledge",
        "sscsim run --again results/baseline-seed1",
    )
)
@click.argument("scenario", default="baseline")
@options.seed()
@options.start
@options.end
@options.parameters
@options.set_parameters("Change a parameter; may be given several times.")
@options.off
@options.plugins
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder to write.  [default: results/SCENARIO-seedSEED]",
)
@options.keep(
    "standard", "Only indicators; also countries and three years' matrices; or every year's."
)
@options.own_figures
@options.base_trade
@options.institutions
@options.naive
@options.shocks
@options.audit
@options.profile
@click.option(
    "--again",
    metavar="RUN",
    help="Repeat a saved run from what its manifest names; say whether it is equal, or what has changed.",
)
@options.quiet()
@options.gathered
def run(settings: RunSettings, out: Path | None, again: str | None, quiet: bool) -> None:
    """Simulate SCENARIO year by year and save the run.

    SCENARIO is a name that `sscsim scenario list` prints, or the path of a YAML file of your own.
    At the end the report's figures stand beside the run's. The run is a folder of tables
    (manifest.json, indicators.csv, parquet) that `sscsim show` and `sscsim plot` read; it is
    written when it is whole and replaces an earlier run of the same name. A run with --parameters,
    --set, --off, --plugin, --data, --trade-matrix, --drop-unknown, --base-trade, --institutions, --naive,
    --shocks, --start or --end gets a mark of its own in the name.
    """
    if again is not None:
        _repeat(again, out, quiet)
        return
    scenario, seed = str(settings.scenario), settings.seed
    place = out or default_output(scenario, seed, settings.marks())
    settings.resolved()  # a mistyped scenario is said before a place to write is looked at
    check_institutions(settings.institutions)
    check_output(place)
    from sscsim import simulate

    began = time.perf_counter()
    with progress(quiet) as report:
        result: Run = simulate(settings, progress=report)
    simulated = time.perf_counter() - began
    result.save(place)
    if quiet:
        return
    from sscsim.choices import in_words
    from sscsim.cli.targets import beside_posterior, print_comparisons
    from sscsim.provenance import marks

    for note in result.manifest["notes"]:
        say(f"Note: {note}")
    own = marks(result.manifest)
    if own:
        say(f"Not the plain run of {scenario}, seed {seed}: {'; '.join(own)}.")
    heading(f"The report's figures beside the run's: {scenario}, seed {seed}")
    beside, notes = beside_posterior(result)
    print_comparisons(beside, brief=True, notes=notes)
    if not settings.set and not any(item.expected for item in beside):
        echo()
        where = in_words((result.manifest["parameters_from"])["source"])
        say(f"One seed, {where}: single hosts swing. `sscsim targets --check` judges medians.")
    if settings.profile:
        print_profile(result.manifest)
    echo()
    echo(
        f"Simulated {settings.start}–{settings.end} in {simulated:.2f} s, with start-up {total_time():.2f} s."
    )
    name = place.name if place.parent == RESULTS else str(place)
    echo(f"Written to {place}; next: sscsim show {name} · sscsim plot {name}")


def _repeat(again: str, out: Path | None, quiet: bool) -> None:
    """Repeat a saved run, and end with exit code 1 where it is not what it was."""
    from sscsim.cli.places import open_run, run_folder
    from sscsim.errors import InputError

    other = [name for name in options.given_by_hand() if name not in ("again", "out", "quiet")]
    if other:
        raise InputError(
            "--again repeats a run as it was, and takes nothing else that a run is asked for",
            file="--again",
            found=", ".join(sorted(other)),
            allowed="--out and --quiet",
        )
    folder = run_folder(again)
    before = open_run(again)
    from sscsim import simulate
    from sscsim.provenance import changes, marks, own_classes, settings_of

    settings = settings_of(before.manifest, folder / "manifest.json")
    found = changes(before.manifest, settings)
    place = out or folder.with_name(f"{folder.name}-again")
    check_output(place)
    with progress(quiet) as report:
        result = simulate(settings, progress=report, **own_classes(before.manifest))
    result.save(place)
    same = result.content_hash == before.content_hash
    name = "; ".join([f"{before.scenario}, seed {before.seed}", *marks(before.manifest)])
    say(
        f"{name}: repeated, every table is equal to the bit."
        if same
        else f"{name}: repeated, and it is another: {_largest(before, result)}."
    )
    if found:
        echo()
        heading("Not what it was then" if not same else "Not what it was then, to no effect")
        for one in found:
            say(f"- {one}")
    elif not same:
        say("Nothing that the manifest names has changed: please report this.")
    echo(f"Written to {place}.")
    if not same:
        raise click.exceptions.Exit(1)


def _largest(before: Run, after: Run) -> str:
    """Say which indicator is furthest from what it was, relative to its size."""
    keys = ["group", "indicator", "year"]
    both = before.indicators.merge(after.indicators, on=keys, suffixes=("_then", "_now"))
    size = both[["value_then", "value_now"]].abs().max(axis=1)
    apart = ((both["value_now"] - both["value_then"]).abs() / size.where(size > 0.0)).fillna(0.0)
    if not len(both) or not apart.max() > 0.0:
        return "its indicators are equal, other tables are not"
    one = both.iloc[int(apart.to_numpy().argmax())]
    return (
        f"{apart.max():.1e} of its size at most, in {one['indicator']} of {one['group']}, {one['year']} "
        f"({one['value_then']:.6g} then, {one['value_now']:.6g} now)"
    )


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
