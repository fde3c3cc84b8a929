"""`sscsim calibrate` and `sscsim screen`."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.main import Choice, examples
from sscsim.cli.places import RESULTS, check_folder, marked
from sscsim.cli.printing import heading, number, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import echo, echo_csv, rewrite
from sscsim.errors import InputError, unknown
from sscsim.world.base_trade import BASE_TRADE

if TYPE_CHECKING:
    from sscsim.calibration.coverage import Coverage
    from sscsim.calibration.fit import Fit, Plan, Reach
    from sscsim.calibration.observing import Journal, ModelSimulator, Observer
    from sscsim.calibration.posterior import Posterior
    from sscsim.calibration.screening import Screening
    from sscsim.calibration.smoother import Agreement
    from sscsim.calibration.targets import Target
    from sscsim.parameters import Parameters

__all__ = ["calibrate", "screen"]

METHODS = ("posterior", "fast")
SHOWN = 20

NEAR = 0.5
"""Standard deviations of the posterior within which two roads agree: twice the sampling error of the second."""

_workers = click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)
_quiet = options.quiet("Print the result, and no progress.")


@click.command(
    epilog=examples(
        "sscsim calibrate --workers 2 --out results/posterior",
        "sscsim calibrate --workers 2 --out results/posterior --resume",
        "sscsim calibrate --paragraph 79 --parameters trade_elasticity,trade_record_scale",
        "sscsim calibrate --priors mine.yaml --targets figures.yaml",
        "sscsim calibrate --method fast --paragraph 79 --target ss_trade_value=50",
    )
)
@click.option(
    "--method",
    type=Choice(METHODS),
    default="posterior",
    show_default=True,
    help="Draws from the posterior of all parameters, or a best point.",
)
@click.option("--scenario", default="baseline", show_default=True, help="Scenario that is fitted.")
@click.option(
    "--target",
    "changes",
    metavar="ID=VALUE",
    multiple=True,
    help="Fit another figure than the report's; may be given several times.",
)
@options.paragraphs
@options.targets_file
@click.option(
    "--priors",
    "priors_file",
    type=click.Path(path_type=Path),
    metavar="YAML",
    help="Priors of your own in the place of the tables'.",
)
@click.option(
    "--parameters",
    metavar="NAMES",
    help="Parameters to fit, parted by commas.  [default: what a screening finds worth it]",
)
@click.option(
    "--budget",
    type=click.IntRange(max=1_000_000),
    default=2500,
    show_default=True,
    metavar="N",
    help="Runs. A screening of all parameters needs some 2,100, a fit of --parameters some 200; a "
    "budget that is too small is refused with the least. Of the fast fit; the posterior goes by a plan of its own.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 2),
    default=1,
    show_default=True,
    help="Seed of the designs.",
)
@click.option(
    "--final-seeds",
    type=click.IntRange(4, 1000),
    default=50,
    show_default=True,
    help="Seeds whose median judges the best point of the fast fit.",
)
@options.own_figures
@options.base_trade
@_workers
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder to write.  [default: results/fit-METHOD-seedSEED, with the paragraphs given]",
)
@click.option("--resume", is_flag=True, help="Go on with a fit that was stopped or killed.")
@click.option(
    "--second-road",
    is_flag=True,
    help="Go to the posterior by an ensemble smoother as well, and say how far the two are apart.",
)
@click.option(
    "--coverage",
    is_flag=True,
    help="Test how often the posterior finds made-up truths again: 200 of the emulators, 20 of the model.",
)
@click.option(
    "--record",
    is_flag=True,
    help="Record the draws as the posterior that ships, which runs and comparisons use.",
)
@_quiet
def calibrate(
    method: str,
    scenario: str,
    changes: tuple[str, ...],
    paragraphs: tuple[int, ...],
    targets_file: Path | None,
    priors_file: Path | None,
    parameters: str | None,
    budget: int,
    seed: int,
    final_seeds: int,
    data: Path | None,
    trade_matrix: Path | None,
    drop_unknown: bool,
    base_trade: str,
    workers: int,
    out: Path | None,
    resume: bool,
    second_road: bool,
    coverage: bool,
    record: bool,
    quiet: bool,
) -> None:
    """Fit parameters to the report's figures, from the priors.

    The report's figures are taken for what they are, one realisation, and draws of all parameters
    are found that go with them. A screening chooses the parameters that move figures; designs over
    their priors are run, wave by wave, and emulators rule out what cannot be right; from them draws
    are taken, which runs of the model correct. Written are posterior.parquet, which `--parameters`
    and `--source` read, figures.csv (what runs at the draws show), parameters.csv (what was
    narrowed) and diagnostics.json; `sscsim diagnose` makes a page of them.

    Exit code 1 says that the draws cannot be trusted. A fit that was killed goes on with --resume
    and ends in the same bytes. With --record the draws become the posterior that ships. With
    --second-road an ensemble smoother goes to the same posterior without screening and emulators;
    written are second_road.parquet and agreement.csv. With --coverage made-up truths are looked
    for; written is coverage.csv.

    --method fast looks for one best point, confirmed by runs with all seeds: best.yaml, targets.csv
    (what binds), region.csv and points.csv (what is left of the priors) and screening.csv. Exit
    code 1 says that it misses a figure; which one binds is then said, and how near it can come.
    """
    from sscsim.calibration.emulator import require
    from sscsim.calibration.fit import Plan, fast_fit
    from sscsim.calibration.observing import Journal, ModelSimulator, Observer, checks_of
    from sscsim.calibration.outputs import begin, write_fit
    from sscsim.calibration.priors import load_priors, require_priors
    from sscsim.calibration.screening import inputs_of
    from sscsim.calibration.smoother import SMOOTHER
    from sscsim.parameters import default_parameters
    from sscsim.settings import RunSettings

    targets = _fitted(targets_file, changes, paragraphs)
    of_posteriors = {"--second-road": second_road, "--coverage": coverage, "--record": record}
    for option, given in of_posteriors.items():
        if given and method != "posterior":
            raise InputError(
                "the fast fit has no posterior", file=option, allowed="--method posterior"
            )
    of_the_fast_fit = set(options.given_by_hand()) & {"budget", "final_seeds"}
    if of_the_fast_fit and method != "fast":
        raise InputError(
            "the posterior goes by a plan of its own",
            file=f"--{min(of_the_fast_fit).replace('_', '-')}",
            allowed="--method fast",
        )
    own = data or trade_matrix or base_trade != BASE_TRADE[0]
    if record and (
        changes or targets_file or priors_file or paragraphs or own or scenario != "baseline"
    ):
        raise InputError(
            "only a fit of the baseline, with the data and priors that ship, to all of the report's own figures is "
            "recorded",
            file="--record",
        )
    asked = RunSettings(
        scenario,
        data=data,
        trade_matrix=trade_matrix,
        drop_unknown=drop_unknown,
        base_trade=base_trade,
    )
    asked.resolved()
    world = asked.world()
    tables = load_priors(priors_file) if priors_file is not None else default_parameters()
    names = None
    if parameters is not None:
        names = [name.strip() for name in parameters.split(",") if name.strip()]
        require_priors(names, tables, of_goals=method == "posterior")
    # Said before anything is announced or written.
    for module in ("sklearn",) if names else ("SALib", "sklearn"):
        require(module, "calibration")
    if second_road:
        require(SMOOTHER, "second-road")
    simulator = ModelSimulator.of(targets, asked)
    part = "".join(f"-{n}" for n in sorted(set(paragraphs)))
    name = f"fit-{method}-seed{seed}{part and '-paragraph'}{part}"
    folder = out or RESULTS / marked(name, asked.marks())
    if out is not None:
        check_folder(folder)
    settings: dict[str, Any] = {
        "method": method,
        "scenario": scenario,
        "paragraphs": sorted(set(paragraphs)),
        "changes": list(changes),
        "targets": [[c.id, c.check.value, list(map(str, c.limits))] for c in checks_of(targets)],
        "parameters": names,
        "priors": _priors_hash(tables),
        "budget": budget,
        "seed": seed,
        "final_seeds": final_seeds,
        "model_and_data": simulator.identity,
    }
    if method == "posterior":
        if record and names:
            raise InputError(
                "the posterior that ships is of all parameters", file="--record", key="--parameters"
            )
        flags = {"second_road": second_road, "coverage": coverage, "resume": resume}
        flags |= {"record": record, "quiet": quiet}
        _posterior(simulator, tables, names, folder, settings, workers=workers, **flags)
        return
    inputs = inputs_of(tables)
    plan = Plan.of(
        budget,
        len(inputs),
        screened=names is None,
        final_seeds=final_seeds,
        checks=len(checks_of(targets)),
    )
    journal = Journal.open(begin(folder, settings, resume=resume))
    if not quiet:
        say_notes(world)
        echo(*_announcement(simulator, plan, names or list(inputs), workers, journal), err=True)
    began = time.perf_counter()
    with (
        stage_progress(quiet) as (progress, note),
        Observer(simulator, journal, workers, progress) as observer,
    ):
        fit = fast_fit(
            observer,
            checks_of(targets),
            tables,
            names=names,
            budget=budget,
            seed=seed,
            final_seeds=final_seeds,
            note=note,
        )
        simulated = observer.simulated
    write_fit(fit, folder, scenario, simulator.end, settings)
    _print_fit(fit)
    echo(
        "",
        f"{simulated} runs simulated, {fit.runs - simulated} from the journal, in "
        f"{time.perf_counter() - began:.0f} s. Written to {folder}.",
    )
    if not fit.met:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _posterior(
    simulator: ModelSimulator,
    tables: Parameters,
    names: list[str] | None,
    folder: Path,
    settings: dict[str, Any],
    *,
    second_road: bool,
    coverage: bool,
    workers: int,
    resume: bool,
    record: bool,
    quiet: bool,
) -> None:
    """Draw from the posterior, write it, say what it is worth."""
    from sscsim.calibration.emulator import require
    from sscsim.calibration.observing import Journal, Observer, checks_of
    from sscsim.calibration.outputs import begin, write_duration, write_posterior
    from sscsim.calibration.posterior import PosteriorPlan, posterior_fit
    from sscsim.calibration.smoother import SmootherPlan

    require("arviz", "calibration")
    checks = checks_of(simulator.targets)
    journal = Journal.open(begin(folder, settings, resume=resume))
    if not quiet:
        say_notes(simulator.settings.world())
        plan = PosteriorPlan() if names is None else PosteriorPlan.small(len(names))
        echo(
            f"The posterior of {_of(len(checks), 'figure')} of {simulator.scenario} to {simulator.end}: "
            f"{plan.runs:,} runs at most{', and a screening' if names is None else ''}"
            f"{f'; {SmootherPlan().runs:,} for the second road' if second_road else ''}.",
            err=True,
        )
    began, worked = time.perf_counter(), _worked()
    with (
        stage_progress(quiet) as (progress, note),
        Observer(simulator, journal, workers, progress) as observer,
    ):
        found = posterior_fit(
            observer,
            checks,
            tables,
            names=names,
            seed=int(settings["seed"]),
            note=note,
        )
        path = write_posterior(found, folder, settings)
        apart = _other_road(observer, found, folder, int(settings["seed"])) if second_road else ()
        covered = (
            _covered(observer, found, folder, int(settings["seed"]), note) if coverage else None
        )
        simulated = observer.simulated
    seconds = time.perf_counter() - began
    write_duration(folder, runs=len(journal.known), simulated=simulated, seconds=seconds)
    _print_posterior(found)
    if second_road:
        _print_agreement(apart)
    if covered:
        _print_coverage(covered)
    echo(
        "",
        f"{simulated} runs simulated, {len(journal.known) - simulated} from the journal, in "
        f"{seconds:.0f} s. {len(found.values)} draws are in {path}.",
        f"sscsim diagnose {folder} says in one page what they are worth.",
    )
    if record and found.trusted:
        _record(
            found,
            folder,
            f"sscsim calibrate --method posterior --seed {settings['seed']} --workers {workers} --record",
            seed=settings["seed"],
            duration_seconds=round(time.perf_counter() - began),
            cpu_seconds=round(_worked() - worked),
            runs=len(journal.known),
            runs_from_an_earlier_try=len(journal.known) - simulated,
        )
    elif record:
        echo("Not recorded: the draws cannot be trusted.", err=True)
    if not found.trusted:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _other_road(
    observer: Observer, found: Posterior, folder: Path, seed: int
) -> tuple[Agreement, ...]:
    from sscsim.calibration.outputs import write_second_road
    from sscsim.calibration.smoother import smooth

    smoothed = smooth(observer, found.checks, found.parameters, found.names, seed=seed)
    return write_second_road(found, smoothed, folder)


def _covered(
    observer: Observer,
    found: Posterior,
    folder: Path,
    seed: int,
    note: Callable[[str], None] | None,
) -> Coverage:
    from sscsim.calibration.coverage import cover
    from sscsim.calibration.outputs import write_coverage

    covered = cover(found, observer, seed=seed, note=note)
    write_coverage(covered, folder)
    return covered


def _record(found: Posterior, folder: Path, command: str, **told: Any) -> None:
    from sscsim.calibrated import DIAGNOSTICS_FILE
    from sscsim.calibration.outputs import DIAGNOSTICS, LARGEST_BYTES
    from sscsim.calibration.shipped import manifest_of, record_posterior
    from sscsim.files import read_text, write_text
    from sscsim.resources import calibration_folder

    place = record_posterior(found, calibration_folder(), manifest_of(found, command, **told))
    said = read_text(folder / DIAGNOSTICS, LARGEST_BYTES)
    write_text(calibration_folder() / DIAGNOSTICS_FILE, said)
    echo(f"Recorded in {place}: runs and comparisons use it from now on.")


def _worked() -> float:
    """Return the seconds of processors that this process and those that it waited for have taken."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _print_posterior(found: Posterior) -> None:
    from sscsim.calibration.outputs import parameter_rows

    heading("What runs at the draws show")
    low, middle, high = found.quantiles([0.05, 0.5, 0.95])
    print_table(
        ["figure|", "unit", "target>", "accepted>", "median>", "90 % of runs>", "PIT>", "within>"],
        [
            (
                item.id,
                unit_of(item.unit),
                number(item.check.value, item.unit),
                _accepted(*item.limits, item.unit),
                number(float(middle[k]), item.unit),
                f"{number(float(low[k]), item.unit)}–{number(float(high[k]), item.unit)}",
                "–" if math.isnan(found.pit[k]) else f"{found.pit[k]:.2f}",
                f"{100 * found.within[k]:.0f} %",
            )
            for k, item in enumerate(found.checks)
        ],
    )
    echo()
    rows = [row for row in parameter_rows(found) if row["fitted"]]
    heading(f"What the figures inform, of {len(found.names)} parameters")
    print_table(
        ["parameter|", "prior 5–95 %>", "posterior 5–95 %>", "narrower by>"],
        [
            (
                str(row["parameter"]),
                f"{row['prior_5']:.4g} to {row['prior_95']:.4g}",
                f"{row['posterior_5']:.4g} to {row['posterior_95']:.4g}",
                f"{100 * max(float(row['contraction']), 0.0):.0f} %",
            )
            for row in rows
        ],
    )
    echo()
    last = found.rounds[-1]
    say(
        f"Corrected by the model: k-hat {last.khat:.2f}"
        f"{'' if found.trusted else ', above 0.7: the draws cannot be trusted'}; the draws are worth "
        f"{last.effective:.0f}. PIT: share of runs that show less than the report; within: share inside the "
        "tolerance. All other parameters have their prior."
    )


def _print_agreement(rows: Sequence[Agreement]) -> None:
    from sscsim.calibration.smoother import IDENTIFIED

    compared = [row for row in rows if row.identified]
    echo()
    heading("Two roads to what the figures identify, in standard deviations of the prior")
    print_table(
        ["parameter|", "posterior>", "second road>", "narrower by>", "second>", "apart>"],
        [
            (
                row.name,
                f"{row.mean:+.2f}",
                f"{row.second_mean:+.2f}",
                f"{100 * row.contraction:.0f} %",
                f"{100 * row.second_contraction:.0f} %",
                f"{row.distance:+.2f}",
            )
            for row in compared
        ],
    )
    echo()
    near = sum(abs(row.distance) <= NEAR for row in compared)
    say(
        f"{near} of {_of(len(compared), 'parameter')} that the figures narrow by {100 * IDENTIFIED:.0f} % or more have "
        f"means within {NEAR:g} standard deviations of the posterior of each other (apart)."
    )


def _print_coverage(found: Coverage) -> None:
    echo()
    heading("Coverage: how many 90 % intervals hold a made-up truth")
    rows = []
    for kind, recovery in found.recoveries.items():
        judged = found.pooled(kind)
        numbers = (
            (f"{100 * judged.coverage:.0f} %", f"{judged.p:.3f}", f"{judged.ranks_p:.3f}")
            if judged
            else ("–", "–", "–")
        )
        rows.append((kind, str(len(recovery.truths)), *numbers))
    print_table(["records|", "truths>", "held>", "p>", "p of ranks>"], rows)
    echo()
    say(
        f"Of the {_of(int(found.identified.sum()), 'parameter')} that the report identifies. p: how often chance alone "
        "would lead as far from 90 %, or to ranks as uneven."
    )


@click.command(
    epilog=examples(
        "sscsim screen --paragraph 79 --paragraph 80 --workers 2",
        "sscsim screen --submodel investment",
    )
)
@options.paragraphs
@options.targets_file
@click.option(
    "--submodel", multiple=True, metavar="NAME", help="Screen parameters of one submodel."
)
@click.option(
    "--trajectories", type=click.IntRange(2, 1000), default=10, show_default=True, help="How many."
)
@options.seed("Seed.")
@options.own_figures
@options.base_trade
@_workers
@options.csv_table("Print all numbers as CSV.")
@_quiet
def screen(
    paragraphs: tuple[int, ...],
    targets_file: Path | None,
    submodel: tuple[str, ...],
    trajectories: int,
    seed: int,
    data: Path | None,
    trade_matrix: Path | None,
    drop_unknown: bool,
    base_trade: str,
    workers: int,
    as_csv: bool,
    quiet: bool,
) -> None:
    """Rank parameters by what they move, with Morris's elementary effects.

    An effect is over a parameter's prior, in units of the figure's tolerance: at 1 it moves the
    figure from the middle of the tolerance to its end. Parameters given for each Goal move together.
    """
    from sscsim.calibration.observing import Journal, ModelSimulator, Observer, checks_of
    from sscsim.calibration.outputs import csv_text, screening_rows
    from sscsim.calibration.screening import choose, inputs_of
    from sscsim.calibration.screening import screen as morris
    from sscsim.calibration.targets import load_targets
    from sscsim.parameters import default_parameters
    from sscsim.settings import RunSettings

    asked = RunSettings(
        data=data, trade_matrix=trade_matrix, drop_unknown=drop_unknown, base_trade=base_trade
    )
    world = asked.world()
    if not quiet:
        say_notes(world)
    parameters = default_parameters()
    known = sorted({d.submodel for d in parameters.definitions()})
    for name in submodel:
        if name not in known:
            raise unknown("submodel of this name", name, known, file="--submodel")
    inputs = inputs_of(parameters, submodel or None)
    targets = _of_paragraphs(
        [t for t in load_targets(targets_file) if t.simulated and t.role in ("fit", "check")],
        paragraphs,
        "fitted or compared",
    )
    checks = checks_of(targets)
    with (
        stage_progress(quiet) as (progress, _),
        Observer(ModelSimulator.of(targets, asked), Journal(), workers, progress) as observer,
    ):
        result = morris(
            observer, checks, parameters, trajectories=trajectories, seed=seed, inputs=inputs
        )
    if as_csv:
        echo_csv(csv_text(screening_rows(result)))
        return
    heading("What moves the figures: effect over the prior, in tolerances")
    _print_screening(result)
    fitted = choose(result, inputs)
    echo("", f"Worth fitting: {', '.join(fitted) or 'none'}.")


def _fitted(
    path: Path | None, changes: Sequence[str], paragraphs: Sequence[int]
) -> tuple[Target, ...]:
    from sscsim.calibration.observing import checks_of
    from sscsim.calibration.targets import load_targets, retarget

    values: dict[str, float] = {}
    for text in changes:
        name, equals, raw = (part.strip() for part in text.partition("="))
        try:
            value = float(raw)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise InputError(
                "a target must read ID=VALUE", file="--target", found=text, allowed="id=number"
            )
        values[name] = value
    rows = retarget(load_targets(path), values)
    fitted = tuple(t for t in rows if t.simulated and t.role == "fit")
    if not fitted:
        raise InputError("no figure here is simulated and fitted", file=path, allowed="role: fit")
    fitted = _of_paragraphs(fitted, paragraphs, "fitted")
    chosen = {item.id for item in checks_of(fitted)}
    for name in values:
        if name not in chosen:
            raise InputError(
                "this figure is changed, but its paragraph is not fitted",
                file="--target",
                found=name,
                allowed=sorted(chosen),
            )
    return fitted


def _of_paragraphs(
    targets: Sequence[Target], paragraphs: Sequence[int], role: str
) -> tuple[Target, ...]:
    """Return the rows of some paragraphs of the report; all of them where none is named.

    Raises
    ------
    InputError
        For a paragraph without such a row.
    """
    from sscsim.errors import nearest

    known = {str(n) for target in targets for n in target.paragraph_numbers}
    for text in map(str, paragraphs):
        if text not in known:
            allowed = sorted(known, key=int)
            raise InputError(
                f"no figure of this paragraph is simulated and {role}",
                file="--paragraph",
                found=text,
                allowed=allowed,
                suggestion=nearest(text, allowed),
            )
    if not paragraphs:
        return tuple(targets)
    return tuple(t for t in targets if set(t.paragraph_numbers) & set(paragraphs))


def _priors_hash(tables: Parameters) -> str:
    import hashlib

    # The priors' tables are not part of the model's identity: their values reach a run as numbers.
    text = "".join(
        f"{d.name}{d.entry.prior.model_dump_json()}{d.bounds}" for d in tables.definitions()
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------- printing


def _announcement(
    simulator: ModelSimulator, plan: Plan, names: Sequence[str], workers: int, journal: Journal
) -> list[str]:
    """Return what a fit is going to do, in sentences; two runs tell how long."""
    from sscsim.calibration.observing import checks_of
    from sscsim.names import FIRST_YEAR

    checks = checks_of(simulator.targets)
    paragraphs = sorted({n for t in simulator.targets for n in t.paragraph_numbers})
    simulator({}, 1)  # the first run of a process also reads tables
    began = time.process_time()
    simulator({}, 2)
    each = time.process_time() - began
    screened = f"up to {plan.screening:,} to screen {len(names)} parameters, "
    lines = [
        f"Fitting {_of(len(checks), 'figure')} (¶{', '.join(map(str, paragraphs))}) of {simulator.scenario}, "
        f"{FIRST_YEAR}–{simulator.end}, from the priors.",
        f"At most {plan.runs:,} runs: {screened if plan.screening else ''}{plan.design:,} in up to "
        f"{len(plan.points)} waves, {plan.confirmation:,} to confirm the best point.",
        f"A run takes {each:.2f} s of CPU here: at most {_duration(plan.runs * each / workers)} with "
        f"{_of(workers, 'worker')} on as many free cores, and what the emulators take.",
    ]
    if journal.known:
        lines.append(f"{_of(len(journal.known), 'run')} of an earlier try will not be made again.")
    return lines


def _of(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _duration(seconds: float) -> str:
    return _of(round(seconds / 60), "minute") if seconds >= 90 else _of(round(seconds), "second")


@contextmanager
def stage_progress(
    quiet: bool,
) -> Iterator[tuple[Callable[[str, int, int], None] | None, Callable[[str], None] | None]]:
    """Give a function for progress and one for notes, both on standard error."""
    if quiet:
        yield None, None
        return
    terminal = sys.stderr.isatty()
    state: dict[str, Any] = {"stage": "", "began": 0.0, "from": 0}

    def progress(stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if stage != state["stage"]:
            state.update(stage=stage, began=now, **{"from": done})
        if not terminal:
            if done == total:
                echo(f"{stage}: {total} runs", err=True)
            return
        rate = (done - state["from"]) / max(now - state["began"], 1e-9)
        left = f", {rate:.0f} runs/s, {(total - done) / rate:.0f} s left" if rate > 0 else ""
        rewrite(f"{stage}: {done} of {total} runs{left}", last=done == total)

    yield progress, lambda text: echo(text, err=True)


def _print_fit(fit: Fit) -> None:
    from sscsim.calibration.fit import share_text

    heading("The figures at the best point, medians over seeds")
    print_table(
        ["figure|", "unit", "target>", "accepted>", "median>", "result"],
        [
            (
                item.id,
                unit_of(item.unit),
                number(item.check.value, item.unit),
                _accepted(*item.limits, item.unit),
                number(fit.medians[item.id], item.unit),
                "met" if fit.distances[item.id] == 0 else f"missed ({fit.distances[item.id]:.2f})",
            )
            for item in fit.checks
        ],
    )
    echo()
    heading(f"What is left of the priors: {share_text(fit.region.share)} of their probability")
    constraints = fit.constraints()
    print_table(
        ["figure|", "left by it alone>", "narrows"],
        [
            (
                item.id,
                f"{fit.region.share_of(column):.1%}",
                ", ".join(f"{n} {v:.0%}" for n, v in list(constraints[item.id].items())[:4]) or "–",
            )
            for column, item in enumerate(fit.checks)
        ],
    )
    echo()
    left = fit.region.narrowing()
    print_table(
        ["parameter|", "best>", "prior 5–95 %>", "narrowed by>"],
        [
            (
                name,
                f"{fit.best[name]:.4g}",
                "{:.4g} to {:.4g}".format(*_prior_range(fit, name)),
                "–" if left[i] != left[i] else f"{max(left[i], 0.0):.0%}",
            )
            for i, name in enumerate(fit.space.names)
        ],
    )
    if fit.inadmissible:
        echo("", f"{fit.inadmissible} points of the design admit no world and were left out.")
    echo()
    for line in verdict(fit):
        echo(line)


def verdict(fit: Fit) -> list[str]:
    """Return what a fit comes to, in sentences."""
    if fit.met:
        return ["Every fitted figure is met."]
    lines = [_out_of_reach(reach) for reach in fit.out_of_reach]
    if not lines:
        names = ", ".join(fit.binding)
        lines = [
            f"The figures cannot be met together; each can alone. {names} "
            + ("binds." if len(fit.binding) == 1 else "bind.")
            if fit.region.empty
            else f"Within this budget no point meets {names}, though none is ruled out: raise --budget."
        ]
    return lines


def _out_of_reach(reach: Reach) -> str:
    item = reach.item
    unit = unit_of(item.unit)
    text = (
        f"{item.id} binds: {number(item.check.value, item.unit)} {unit} cannot be reached within the priors. "
        f"The nearest is {number(reach.nearest, item.unit)} {unit}"
    )
    if not reach.ends:
        return text + "."
    ends = ", ".join(f"{name} ({end}, {value:.4g})" for name, (end, value) in reach.ends.items())
    return f"{text}, with parameters at the end of their priors: {ends}."


def _prior_range(fit: Fit, name: str) -> tuple[float, float]:
    definition = fit.space.parameters.definition(name)
    return definition.quantile(0.05), definition.quantile(0.95)


def _accepted(low: float, high: float, unit: str) -> str:
    if high == float("inf"):
        return f"≥ {number(low, unit)}"
    if low == float("-inf"):
        return f"≤ {number(high, unit)}"
    return f"{number(low, unit)}–{number(high, unit)}"


def _print_screening(result: Screening) -> None:
    rows = []
    for rank, place in enumerate(result.order()[:SHOWN], start=1):
        effects = result.effect[place]
        strongest = int(effects.argmax())
        lasting = float(result.lasting[place].max())
        rows.append(
            (
                str(rank),
                result.inputs[place],
                f"{effects[strongest]:.2f}",
                result.checks[strongest],
                f"{lasting:.2f}" if lasting else "luck",
            )
        )
    print_table(["rank>", "parameter|", "mu*>", "on", "lasting>"], rows)
    echo(
        "",
        "mu* is the mean size of the effect; lasting is the mean effect on any figure, where it is more than "
        "the luck of seeds.",
    )
