"""What a fit leaves behind: a folder of small tables, the same bytes for the same fit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.calibration.best import BestPoint, best_text
from sscsim.calibration.coverage import Coverage, coverage_rows, told_of
from sscsim.calibration.fit import Fit
from sscsim.calibration.history_matching import table_of
from sscsim.calibration.posterior import Posterior
from sscsim.calibration.screening import Screening
from sscsim.calibration.smoother import IDENTIFIED, Agreement, Smoothed, agreement
from sscsim.errors import InputError, OutputError, in_words
from sscsim.experiments.design import Design
from sscsim.experiments.identification import contraction
from sscsim.files import json_of, read_bytes, write_text, write_whole
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Coded, Columns

__all__ = [
    "AGREEMENT",
    "COVERAGE",
    "DIAGNOSTICS",
    "DRAWS",
    "DURATION",
    "FIGURES",
    "JOURNAL",
    "LIKELIHOOD",
    "PARAMETERS",
    "POSTERIOR",
    "PRIORS",
    "ROUNDS",
    "SCREENING",
    "SECOND",
    "SETTINGS",
    "add_diagnostics",
    "begin",
    "csv_text",
    "draws_bytes",
    "origin",
    "parameter_rows",
    "screening_rows",
    "write_coverage",
    "write_duration",
    "write_fit",
    "write_posterior",
    "write_second_road",
    "write_text",
    "write_whole",
]

LARGEST_BYTES = 500_000_000
"""Bytes that a file of a fit may have."""

JOURNAL = "observations.jsonl"
SETTINGS = "settings.json"
POSTERIOR = "posterior.parquet"
FIGURES = "figures.csv"
PARAMETERS = "parameters.csv"
SCREENING = "screening.csv"
DIAGNOSTICS = "diagnostics.json"
DRAWS = "draws.parquet"
LIKELIHOOD = "likelihood.parquet"
ROUNDS = "rounds.parquet"
PRIORS = "priors.parquet"
DURATION = "duration.json"
SECOND = "second_road.parquet"
AGREEMENT = "agreement.csv"
COVERAGE = "coverage.csv"
MOST_POINTS = 1000

PRIOR_DRAWS = 2000
"""Draws of the priors that a posterior is set beside."""

PRIOR_QUANTILES = 400
"""Quantiles of each prior that are kept, in the middle of as many parts of equal probability."""


def begin(folder: Path, settings: dict[str, Any], *, resume: bool) -> Path:
    """Prepare the folder of a fit and return the place of its journal.

    Parameters
    ----------
    folder
        Made if it is missing.
    settings
        Everything the fit depends on, as plain data.
    resume
        Whether to go on with what is there.

    Raises
    ------
    InputError
        When a fit is there and `resume` is not given, or one of other settings.
    OutputError
        When the folder holds something else, or cannot be written.
    """
    place = folder / SETTINGS
    try:
        if place.is_file():
            before = json_of(read_bytes(place, LARGEST_BYTES))
            if not isinstance(before, dict):
                raise ValueError("settings stand by their names")
            if not resume:
                raise InputError(
                    "a fit is already in this folder",
                    file=folder,
                    allowed="--resume to go on with it, or another --out",
                )
            differing = [k for k in settings if before.get(k) != settings[k]]
            if differing:
                raise InputError(
                    "the fit in this folder has other settings, so it cannot go on",
                    file=folder,
                    key=", ".join(differing),
                    found=", ".join(str(before.get(k)) for k in differing),
                    allowed="the same settings, or another --out",
                )
        elif folder.is_dir() and any(folder.iterdir()):
            raise OutputError(f"{folder}: this folder holds something else than a fit")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(place, json.dumps(settings, indent=1) + "\n")
    except OSError as failure:
        raise OutputError(f"{folder}: {in_words(failure)}") from None
    except ValueError:
        raise InputError("this file is no longer what the fit wrote", file=place) from None
    return folder / JOURNAL


def origin(fit: Fit, settings: dict[str, Any]) -> list[str]:
    """Return where a set of parameters comes from, line by line."""
    worst = max(fit.distances.values())
    missed = [name for name, distance in fit.distances.items() if distance > 0]
    options = [f"--paragraph {number}" for number in settings.get("paragraphs", ())]
    options += [f"--target '{change}'" for change in settings.get("changes", ())]
    command = " ".join(["sscsim calibrate --method fast", *options])
    lines = [
        f"Written by `{command} --budget {settings['budget']} --seed {settings['seed']}` ({fit.runs} runs).",
        f"Fitted: {len(fit.space.names)} parameters, from their priors; all others at the tables' values.",
        f"Medians over seeds 1 to {fit.plan.final_seeds}:",
    ]
    for item in fit.checks:
        low, high = item.limits
        lines.append(
            f"  {item.id}: {fit.medians[item.id]:.4g} {item.unit} (accepted {low:.4g} to {high:.4g})"
        )
    lines.append(
        "Every fitted figure is met."
        if not missed
        else f"Not met: {', '.join(missed)}; the farthest by {worst:.2f} of its tolerance."
    )
    return lines


def write_fit(
    fit: Fit, folder: Path, scenario: str, end: int, settings: dict[str, Any]
) -> BestPoint:
    """Write best.yaml, targets.csv, region.csv, points.csv and screening.csv, and return the best point."""
    best = BestPoint(scenario=scenario, seeds=fit.plan.final_seeds, end=end, parameters=fit.best)
    write_text(folder / "targets.csv", csv_text(_target_rows(fit)))
    write_text(folder / "region.csv", csv_text(table_of(fit.space, fit.region, fit.best)))
    write_text(folder / "points.csv", csv_text(_point_rows(fit)))
    if fit.screening is not None:
        write_text(folder / "screening.csv", csv_text(screening_rows(fit.screening)))
    # The best point last: where it is, the rest is.
    write_text(folder / "best.yaml", best_text(best, origin(fit, settings)))
    return best


def write_posterior(posterior: Posterior, folder: Path, settings: dict[str, Any]) -> Path:
    """Write posterior.parquet, tables for people, and what `sscsim diagnose` reads.

    For people: figures.csv, parameters.csv, screening.csv and diagnostics.json. For the diagnosis: draws.parquet (the
    draws that were run, and their weights), likelihood.parquet (what they say of each figure), rounds.parquet (what
    emulators expected of runs that they had not seen) and priors.parquet (quantiles of the priors).

    Returns
    -------
    Path
        Of the draws: a row a draw, a column a parameter, as `--source` reads them.
    """
    write_text(folder / FIGURES, csv_text(_figure_rows(posterior)))
    write_text(folder / PARAMETERS, csv_text(parameter_rows(posterior)))
    if posterior.screening is not None:
        write_text(folder / SCREENING, csv_text(screening_rows(posterior.screening)))
    told = {
        **settings,
        "fitted": list(posterior.fitted),
        "shares_left_by_waves": list(posterior.waves),
        "k_hat": [one.khat for one in posterior.rounds],
        "worth_of_draws": [one.effective for one in posterior.rounds],
        "inadmissible": posterior.inadmissible,
        "draws": len(posterior.values),
    }
    write_text(folder / DIAGNOSTICS, json.dumps(told, indent=1) + "\n")
    for name, columns in (
        (DRAWS, _draw_columns(posterior)),
        (LIKELIHOOD, _likelihood_columns(posterior)),
        (ROUNDS, _round_columns(posterior)),
        (PRIORS, _prior_columns(posterior)),
    ):
        write_whole(folder / name, Parquet().write(Columns(columns)))
    path = folder / POSTERIOR
    write_whole(path, draws_bytes(posterior))
    return path


def draws_bytes(posterior: Posterior) -> bytes:
    """Return the draws as a parquet file: a row a draw, a column a parameter."""
    return Parquet().write(Columns(dict(zip(posterior.names, posterior.values.T, strict=True))))


def write_second_road(
    posterior: Posterior, smoothed: Smoothed, folder: Path
) -> tuple[Agreement, ...]:
    """Write second_road.parquet and agreement.csv beside a posterior, and say in its diagnostics how roads agree."""
    rows = agreement(posterior, smoothed)
    held = dict(zip(smoothed.names, smoothed.values.T, strict=True))
    write_whole(folder / SECOND, Parquet().write(Columns(held)))
    write_text(folder / AGREEMENT, csv_text(map(asdict, rows)))
    compared = [row for row in rows if row.identified]
    add_diagnostics(
        folder,
        second_road={
            "method": "ensemble smoother with multiple data assimilation",
            "members": len(smoothed.values),
            "lost": smoothed.lost,
            "moved_share_by_step": list(smoothed.linked),
            "identified_from_contraction": IDENTIFIED,
            "distances_in_posterior_sd": {row.name: row.distance for row in compared},
            "farthest": max((abs(row.distance) for row in compared), default=None),
        },
    )
    return rows


def write_coverage(coverage: Coverage, folder: Path) -> None:
    """Write coverage.csv beside a posterior, and say in its diagnostics what the test comes to."""
    write_text(folder / COVERAGE, csv_text(coverage_rows(coverage)))
    add_diagnostics(folder, coverage=told_of(coverage))


def add_diagnostics(folder: Path, **more: Any) -> None:
    """Add to what diagnostics.json of a posterior says."""
    place = folder / DIAGNOSTICS
    told = json_of(read_bytes(place, LARGEST_BYTES))
    write_text(place, json.dumps({**told, **more}, indent=1) + "\n")


def write_duration(folder: Path, *, runs: int, simulated: int, seconds: float) -> None:
    """Write what a fit has taken: all its runs, those simulated in the last sitting, and its seconds.

    In a file of its own, as it is the only one that differs where the same fit is made again.
    """
    told = {"runs": runs, "simulated": simulated, "seconds": round(seconds, 1)}
    write_text(folder / DURATION, json.dumps(told) + "\n")


# The names of columns that are no parameter begin with a line, as none of a parameter does.


def _draw_columns(posterior: Posterior) -> dict[str, Any]:
    held = posterior.evidence
    return {
        "_draw": held.places.astype(np.int64),
        "_weight": held.weights,
        "_log_likelihood": held.before,
        **dict(zip(posterior.names, held.values.T, strict=True)),
    }


def _likelihood_columns(posterior: Posterior) -> dict[str, Any]:
    held = posterior.evidence
    ids = [item.id for item in posterior.checks]
    factors = tuple(held.likelihood)
    told = np.array([held.likelihood[factor] for factor in factors])
    factor, draw, check = np.indices(told.shape).reshape(3, -1)
    return {
        "tolerance": np.array(factors)[factor],
        "draw": held.places.astype(np.int64)[draw],
        "figure": Coded.of(check, ids),
        "log_likelihood": told.reshape(-1),
    }


def _round_columns(posterior: Posterior) -> dict[str, Any]:
    ids = [item.id for item in posterior.checks]
    shape = (len(posterior.unseen), *posterior.unseen[0].seen.shape)
    number, draw, seed, check = np.indices(shape).reshape(4, -1)
    seen = np.array([one.seen for one in posterior.unseen])
    mean, sd = (
        np.array([part[:, None, :] for part in parts]) * np.ones((1, 1, shape[2], 1))
        for parts in (
            [one.mean for one in posterior.unseen],
            [one.sd for one in posterior.unseen],
        )
    )
    logarithmic = np.array([one.logarithmic for one in posterior.unseen])
    return {
        "round": number.astype(np.int64) + 1,
        "draw": draw.astype(np.int64),
        "seed": seed.astype(np.int64) + 1,
        "figure": Coded.of(check, ids),
        "logarithmic": logarithmic[number, check].astype(np.int64),
        "expected": mean.reshape(-1),
        "sd": sd.reshape(-1),
        "seen": seen.reshape(-1),
    }


def _prior_columns(posterior: Posterior) -> dict[str, Any]:
    even = (np.arange(PRIOR_QUANTILES) + 0.5) / PRIOR_QUANTILES
    grid = np.repeat(even[:, None], len(posterior.names), axis=1)
    values = Design(posterior.names, grid).values(posterior.parameters)
    return {"_probability": even, **dict(zip(posterior.names, values.T, strict=True))}


def _figure_rows(posterior: Posterior) -> Iterable[dict[str, Any]]:
    low, middle, high = posterior.quantiles([0.05, 0.5, 0.95])
    pit, within = posterior.pit, posterior.within
    for column, item in enumerate(posterior.checks):
        lower, upper = item.limits
        yield {
            "id": item.id,
            "paragraph": item.target.paragraphs,
            "title": item.check.title or item.target.title,
            "unit": item.unit,
            "rule": item.check.within.kind,
            "value": item.check.value,
            "low": lower,
            "high": upper,
            "scale": item.scale,
            "run_5": float(low[column]),
            "run_50": float(middle[column]),
            "run_95": float(high[column]),
            "pit": float(pit[column]),
            "within_tolerance": float(within[column]),
        }


def parameter_rows(posterior: Posterior) -> list[dict[str, Any]]:
    """Return a row a parameter: range in the prior and in the posterior, contraction; the most informed first."""
    prior = Design.independent(posterior.names, PRIOR_DRAWS, 1).values(posterior.parameters)
    narrower = contraction(posterior.values, prior)
    before = np.quantile(prior, [0.05, 0.5, 0.95], axis=0)
    after = np.quantile(posterior.values, [0.05, 0.5, 0.95], axis=0)
    order = np.lexsort((np.arange(len(narrower)), -narrower))
    return [
        {
            "parameter": posterior.names[k],
            "group": posterior.parameters.definition(posterior.names[k]).submodel,
            "unit": posterior.parameters.definition(posterior.names[k]).entry.unit,
            "fitted": posterior.names[k] in posterior.fitted,
            "contraction": float(narrower[k]),
            **{f"prior_{q}": float(v) for q, v in zip((5, 50, 95), before[:, k], strict=True)},
            **{f"posterior_{q}": float(v) for q, v in zip((5, 50, 95), after[:, k], strict=True)},
        }
        for k in order.tolist()
    ]


def _target_rows(fit: Fit) -> Iterable[dict[str, Any]]:
    constraints = fit.constraints()
    last = fit.waves[-1]
    for column, (item, reach) in enumerate(zip(fit.checks, fit.reach, strict=True)):
        low, high = item.limits
        yield {
            "id": item.id,
            "unit": item.unit,
            "value": item.check.value,
            "low": low,
            "high": high,
            "median": fit.medians[item.id],
            "distance": fit.distances[item.id],
            "binds": item.id in fit.binding,
            "reachable": reach.reachable,
            "nearest": reach.nearest,
            "at_the_end_of_their_priors": "; ".join(
                f"{name} {end} {value:.4g}" for name, (end, value) in reach.ends.items()
            ),
            "share_of_priors_left_by_it": fit.region.share_of(column),
            "narrows": "; ".join(f"{n} {v:.2f}" for n, v in constraints[item.id].items()),
            "emulator_explained": last.explained[item.id],
            "emulator_covered": last.covered[item.id],
        }


def _point_rows(fit: Fit) -> Iterable[dict[str, Any]]:
    quantiles, implausibility = (seen[:MOST_POINTS] for seen in fit.region.left)
    if not len(quantiles):
        return
    inputs = fit.space.scaled(quantiles)
    seen = [e.scale.backward(e.emulator.mean(inputs)) for e in fit.emulated]
    for row, values in enumerate(fit.space.values(quantiles).tolist()):
        yield {
            **dict(zip(fit.space.names, values, strict=True)),
            **{f"{c.id}": float(s[row]) for c, s in zip(fit.checks, seen, strict=True)},
            "implausibility": float(implausibility[row].max()),
        }


def screening_rows(screening: Screening) -> Iterable[dict[str, Any]]:
    """Return a screening as rows: rank, parameter, and three numbers a check."""
    for rank, place in enumerate(screening.order(), start=1):
        row: dict[str, Any] = {"rank": rank, "parameter": screening.inputs[place]}
        for column, name in enumerate(screening.checks):
            row[f"{name} mu_star"] = float(screening.effect[place, column])
            row[f"{name} mu"] = float(screening.mean[place, column])
            row[f"{name} lasting"] = float(screening.lasting[place, column])
        yield row


def csv_text(rows: Iterable[dict[str, Any]]) -> str:
    """Return rows as CSV, numbers with six digits."""
    lines: Sequence[dict[str, Any]] = list(rows)
    out = io.StringIO()
    if lines:
        writer = csv.DictWriter(out, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        for line in lines:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in line.items()})
    return out.getvalue()
