"""`sscsim ensemble` and `sscsim store`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.main import LazyGroup, examples
from sscsim.cli.printing import heading, number, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import confirm, echo
from sscsim.errors import InputError

if TYPE_CHECKING:
    from sscsim.experiments.ensemble import EnsembleResult, Tally
    from sscsim.experiments.store import Failure, RunStore
    from sscsim.settings import RunSettings

__all__ = [
    "draws_of",
    "ensemble",
    "executor_of",
    "how_run",
    "member_options",
    "store",
    "watched",
]

DRAWS = 50
"""Draws unless told otherwise: enough for a median and a 90 per cent interval to be worth reading."""

SECONDS_BETWEEN_LINES = 10.0
"""How often progress is said where there is no terminal."""

MOST_FAILURES = 5
"""Failures that are printed one by one."""


def member_options(least_draws: int, draws: str | None = None) -> options.Option:
    """Return what adds the options that say which members are run, and how; `draws` is the help of the first."""
    return options.together(
        click.option(
            "--draws",
            type=click.IntRange(min=least_draws),
            metavar="N",
            help=draws or f"Draws of parameters and luck.  [default: {DRAWS}; of a file all]",
        ),
        options.seed("Seed of draw 0."),
        click.option(
            "--source",
            default="posterior",
            show_default=True,
            metavar="posterior|priors|tables|FILE",
            help="Where parameters come from: the posterior that ships, the priors, one point (tables, "
            "central, draw:N), or a YAML, CSV, parquet or a fit's folder; what it does not name is the posterior's.",
        ),
        click.option(
            "--draw-figures/--keep-figures",
            "draw_figures",
            default=None,
            help="Draw the figures of institutions that no source confirms, each within its width, or"
            " keep them as stated.  [default: drawn with posterior and priors, kept otherwise]",
        ),
        options.set_parameters(
            "Hold a parameter at a value in every draw; may be given several times."
        ),
        options.shocks,
        options.off,
        options.plugins,
        options.end,
        options.own_figures,
        options.base_trade,
        options.executor,
        options.workers,
        options.scheduler,
        options.store,
    )


def draws_of(draws: int | None, source: str, usual: int = DRAWS) -> int | None:
    """Return how many draws are made; None for as many as a file holds."""
    from sscsim.choices import holds_draws

    return usual if draws is None and not holds_draws(source) else draws


def executor_of(executor: str | None, scheduler: str | None) -> str:
    """Return how members are run."""
    return executor or ("dask" if scheduler else "processes")


def how_run(settings: RunSettings, given: dict[str, Any]) -> dict[str, Any]:
    """Take from what a command was given how its members are made and run, by the names of `MemberOptions`."""
    scheduler = given.pop("scheduler")
    return {
        "settings": settings,
        "first_seed": settings.seed,
        "store": given.pop("place"),
        "executor": executor_of(given.pop("executor"), scheduler),
        "scheduler": scheduler,
        **{name: given.pop(name) for name in ("source", "draw_figures", "workers")},
    }


@click.command(
    epilog=examples(
        "sscsim ensemble baseline trade-integration --draws 100",
        "sscsim ensemble baseline --source central --draws 200 --executor serial",
        "sscsim ensemble baseline --source posterior.csv --scheduler tcp://127.0.0.1:8786",
    )
)
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Seeds for each draw.",
)
@member_options(least_draws=1)
@options.start
@options.keep("indicators", "How much is kept of a member, as in `sscsim run`.")
@click.option("--retry", is_flag=True, help="Run members again that failed before.")
@options.quiet()
@options.gathered
def ensemble(
    settings: RunSettings,
    scenarios: tuple[str, ...],
    draws: int | None,
    seeds: int,
    source: str,
    draw_figures: bool | None,
    executor: str | None,
    workers: int | None,
    scheduler: str | None,
    place: Path | None,
    retry: bool,
    quiet: bool,
) -> None:
    """Run SCENARIOs many times and keep each result once in the store.

    Each draw fixes parameters and seed for all scenarios. What the store holds is not run again:
    after Ctrl-C, a crash or a power cut the same command goes on where it stopped, and more draws
    add to those that are there. A member that fails is remembered with its error.
    """
    from sscsim.experiments.ensemble import run_ensemble
    from sscsim.experiments.members import members
    from sscsim.experiments.store import RunStore

    wanted = members(
        scenarios,
        draws_of(draws, source),
        seeds,
        source,
        first_seed=settings.seed,
        settings=settings,
        draw_figures=draw_figures,
    )
    kept = RunStore(place)
    if not quiet:
        say_notes(settings.world())
    with watched(quiet, kept.folder) as note:
        result = run_ensemble(
            wanted,
            kept,
            executor_of(executor, scheduler),
            workers=workers,
            scheduler=scheduler,
            retry=retry,
            progress=note,
        )
    finish(result, quiet)
    if not quiet:
        print_outcomes(result, settings)
        print_next(result, settings, draws, place)


def print_next(
    result: EnsembleResult, settings: RunSettings, draws: int | None, place: Path | None
) -> None:
    """Say what to ask next: what scenarios change against the first."""
    import shlex

    names = list(dict.fromkeys(member.scenario.name for member in result.members))
    words = [names[0], *(names[1:] or ["SCENARIO"])]
    words += [] if draws is None else ["--draws", str(draws)]
    words += [] if place is None else ["--store", str(place)]
    echo()
    again = (
        ""
        if settings.keep == "outcomes"
        else " (the same members serve where they were kept with --keep outcomes)"
    )
    say(f"Next, what scenarios change against the first, in fair pairs{again}:")
    echo("  " + shlex.join(["sscsim", "compare", *words]))


def print_outcomes(result: EnsembleResult, settings: RunSettings) -> None:
    """Print what came of an ensemble: medians and intervals of the numbers that a comparison shows."""
    import numpy as np

    from sscsim.experiments.effects import interval
    from sscsim.experiments.questions import group_title, indicator_title
    from sscsim.experiments.questions import questions as asked_of
    from sscsim.results.schema import GOAL_YEAR

    year = min(GOAL_YEAR, settings.end)
    wanted = asked_of([], [], [year])
    indicators = {question.indicator for question in wanted}
    groups = {question.group for question in wanted}
    found: dict[str, dict[tuple[str, str], list[float]]] = {}
    for member in result.members:
        lines = result.store.columns(member.key, indicators, groups, [year])
        if lines is None:
            continue  # it failed
        mine = found.setdefault(member.scenario.name, {})
        for indicator, group, value in zip(
            lines.texts("indicator").texts().tolist(),
            lines.texts("group").texts().tolist(),
            lines.numbers("value").tolist(),
            strict=True,
        ):
            mine.setdefault((indicator, group), []).append(value)
    for scenario, numbers in found.items():
        rows = []
        for question in wanted:
            values = numbers.get((question.indicator, question.group), [])
            if not values:
                continue
            low, median, high = (number(v, question.unit) for v in interval(np.array(values)))
            unit = {"0 to 100": "", "0 to 1": ""}.get(question.unit, unit_of(question.unit))
            title = f"{indicator_title(question.indicator)}, {group_title(question.group)}"
            rows.append((f"{title} ({unit})" if unit else title, median, f"{low} … {high}"))
        echo()
        members = len(next(iter(numbers.values())))
        heading(f"{scenario}, {year}: medians of {members} members")
        print_table(["", "median>", "90 % interval>"], rows)


@contextmanager
def watched(quiet: bool, place: Path | None) -> Iterator[Callable[[Tally], None]]:
    """Yield what is called after each member; at Ctrl-C say how many are there, and leave with code 2."""
    done = 0
    try:
        with progress(quiet) as report:

            def note(tally: Tally) -> None:
                nonlocal done
                done = tally.stored + tally.run
                report(tally)

            yield note
    except KeyboardInterrupt:
        echo(
            f"Stopped by Ctrl-C. {done} members are in {place or 'the store'}; the same command "
            "goes on from there.",
            err=True,
        )
        sys.exit(2)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[Tally], None]]:
    """Yield what is called after each member: a bar on a terminal, now and then a line elsewhere."""
    if quiet:
        yield lambda tally: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
            console=Console(stderr=True),
            transient=True,
        )
        with bar:
            task = bar.add_task("Running", total=None, told="")
            yield lambda tally: bar.update(
                task,
                total=tally.total,
                completed=tally.done,
                told=f"{tally.done} of {tally.total}{pace(tally)}",
            )
    else:
        said = time.monotonic()

        def say(tally: Tally) -> None:
            nonlocal said
            if time.monotonic() - said >= SECONDS_BETWEEN_LINES and tally.done < tally.total:
                said = time.monotonic()
                echo(f"{tally.done} of {tally.total} members{pace(tally)}", err=True)

        yield say


def pace(tally: Tally) -> str:
    """Return failures, rate and time left as the end of a line."""
    words = []
    if tally.failed:
        words.append(f"{tally.failed} failed")
    if tally.left is not None:
        words += [f"{tally.rate:.1f} a second", f"{duration(tally.left)} left"]
    return "".join(f", {word}" for word in words)


def duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> duration(8.4), duration(125), duration(7322)
    ('8 s', '2:05 min', '2:02 h')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"


def finish(result: EnsembleResult, quiet: bool) -> None:
    """Say what came of an ensemble.

    Raises
    ------
    InputError
        If not one member has a result.
    """
    failures = result.failures()
    if failures and len(failures) == len(result):
        raise InputError(
            f"all {len(result)} members failed; --retry runs them again. The first: {failures[0].error}"
        )
    if quiet:
        return
    tally = result.tally
    words = [f"{tally.stored} were there", f"{tally.run} run"]
    if tally.run:
        words[-1] += f" in {duration(tally.seconds)} ({tally.rate:.1f} a second)"
    echo(
        f"{len(result) - len(failures)} of {len(result)} members are in {result.store.folder}: "
        f"{', '.join(words)}, {tally.failed} failed."
    )
    print_failures(failures[:MOST_FAILURES])
    if len(failures) > MOST_FAILURES:
        echo(f"… and {len(failures) - MOST_FAILURES} more: see `sscsim store ls --failed`.")
    if failures:
        echo("Those that failed are run again with --retry.")


def print_failures(failures: list[Failure]) -> None:
    """Print what failed, why and at which stage."""
    if failures:
        echo()
        print_table(
            ["scenario|", "seed>", "draw>", "stage", "error"],
            [
                (f.scenario, str(f.seed), _draw(f.draw), f.stage, " ".join(f.error.split()))
                for f in failures
            ],
        )


# --------------------------------------------------------------------------------------------- store


@click.group(
    cls=LazyGroup,
    epilog=examples("sscsim store ls", "sscsim store rm --stale", "sscsim store verify"),
)
def store() -> None:
    """List, remove and verify what the store holds.

    A member is one run of an ensemble or a comparison, kept so that it is never made twice.
    """


def _open(place: Path | None) -> RunStore:
    from sscsim.experiments.store import RunStore

    return RunStore(place, create=False)


@store.command(
    "ls", epilog=examples("sscsim store ls", "sscsim store ls --scenario baseline --limit 20")
)
@click.option("--scenario", metavar="NAME", help="Only those of a scenario.")
@click.option("--failed", is_flag=True, help="Those that failed, and why.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="At most so many lines.",
)
@options.store
def list_store(scenario: str | None, failed: bool, limit: int, place: Path | None) -> None:
    """List the members that are in the store, the latest first.

    Those marked as old were made by another version of the model or of its data, and are not used
    any more; `sscsim store rm --stale` removes them.
    """
    kept = _open(place)
    failures = [f for f in kept.failures() if scenario in (None, f.scenario)]
    if failed:
        print_failures(failures[:limit])
        echo(f"{len(failures)} failed members in {kept.folder}.")
        return
    entries = sorted(
        (e for e in kept.ls() if scenario in (None, e.scenario)), key=lambda e: (-e.when, e.key)
    )
    counts = Counter(e.scenario for e in entries)
    size = sum(e.size for e in entries) / 1e6
    heading(f"{kept.folder}: {len(entries)} members, {size:.1f} MB, {len(failures)} failed")
    if entries:
        say(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    if not entries or not limit:
        return
    print_table(
        ["scenario|", "seed>", "draw>", "years", "keep", "kB>", "when", "", "key|"],
        [
            (
                e.scenario,
                str(e.seed),
                _draw(e.draw),
                f"{e.start}–{e.end}",
                e.keep,
                f"{e.size / 1e3:.0f}",
                time.strftime("%Y-%m-%d %H:%M", time.localtime(e.when)),
                "old" if e.stale else "",
                e.key[:12],
            )
            for e in entries[:limit]
        ],
    )
    if len(entries) > limit:
        echo(f"… and {len(entries) - limit} more.")


@store.command(
    "rm",
    epilog=examples(
        "sscsim store rm 3f9a02",
        "sscsim store rm --scenario baseline --stale",
        "sscsim store rm --all",
    ),
)
@click.argument("key", required=False)
@click.option("--scenario", metavar="NAME", help="Those of a scenario.")
@click.option("--failed", is_flag=True, help="Only what is remembered of members that failed.")
@click.option("--stale", is_flag=True, help="Those of other versions of the model or its data.")
@click.option("--all", "everything", is_flag=True, help="All members.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.store
def remove(
    key: str | None,
    scenario: str | None,
    failed: bool,
    stale: bool,
    everything: bool,
    yes: bool,
    place: Path | None,
) -> None:
    """Remove members from the store: those whose key begins with KEY, or those that all options fit.

    Files that are not the store's own are never touched.
    """
    if not (key or scenario or failed or stale or everything):
        raise InputError(
            "say which members are to be removed",
            allowed="the beginning of a KEY, --scenario, --failed, --stale, --all",
        )
    if key is not None and (len(key) < 4 or set(key) - set("0123456789abcdef")):
        raise InputError(
            "a key is given by its first four letters or more",
            file="KEY",
            found=key,
            allowed="what `sscsim store ls` prints: 0 to 9 and a to f",
        )
    kept = _open(place)
    chosen = kept.chosen(
        scenario=scenario, prefix=key, failed=failed, stale=stale, everything=everything
    )
    if not chosen:
        echo(f"Nothing of the kind is in {kept.folder}.")
        return
    kinds = Counter(kind for _, kind in chosen)
    what = " and ".join(
        f"{kinds[kind]} {word}{'' if kinds[kind] == 1 else 's'}"
        for kind, word in (("member", "member"), ("failure", "record of a failure"))
        if kinds[kind]
    ).replace("record of a failures", "records of failures")
    if not yes and not failed:
        try:
            sure = confirm(f"Remove {what} from {kept.folder}?")
        except click.Abort:
            raise InputError("nobody is there to be asked: add --yes") from None
        if not sure:
            echo("Nothing was removed.")
            return
    kept.rm(scenario=scenario, prefix=key, failed=failed, stale=stale, everything=everything)
    echo(f"Removed {what} from {kept.folder}.")


@store.command("verify", epilog=examples("sscsim store verify", "sscsim store verify --remove"))
@click.option("--remove", "clean", is_flag=True, help="Remove damaged members: they run again.")
@options.store
@click.pass_context
def verify(context: click.Context, clean: bool, place: Path | None) -> None:
    """Read every member, work out every hash again, and sweep what killed processes left.

    Leaves with code 2 where something is damaged (and stays) or does not belong there.
    """
    kept = _open(place)
    found = kept.verify(remove=clean)
    echo(f"{found.whole} members of {kept.folder} are whole.")
    if found.swept:
        echo(f"{found.swept} leftovers of killed processes were swept.")
    for key, reason in found.damaged.items():
        echo(f"damaged{', removed' if clean else ''}: {key[:12]}  {reason}")
    for path in found.foreign:
        echo(f"foreign: {path}")
    if found.foreign or (found.damaged and not clean):
        context.exit(2)


def _draw(draw: int | None) -> str:
    return "–" if draw is None else str(draw)
