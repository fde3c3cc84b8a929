"""`sscsim diagnose`: what a posterior is worth."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sscsim.cli.main import examples
from sscsim.cli.places import RESULTS, check_page
from sscsim.cli.printing import say
from sscsim.cli.terminal import echo
from sscsim.errors import InputError, nearest

__all__ = ["diagnose"]

PAGE = "diagnosis.html"


@click.command(
    epilog=examples(
        "sscsim calibrate --method posterior --out results/posterior",
        "sscsim diagnose posterior",
        "sscsim diagnose results/posterior --out fit.html",
    )
)
@click.argument("fit", metavar="FIT")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Page to write.  [default: diagnosis.html in the folder of the fit]",
)
def diagnose(fit: str, out: Path | None) -> None:
    """Say what the posterior in the folder FIT is worth: one page, without a run.

    FIT is a folder that `sscsim calibrate --method posterior` has written, or its name in results/.
    The page needs no network and holds: a verdict; what runs show of every figure; prior and
    posterior of every parameter, and those that the figures do not identify; correlations; how
    emulators did on runs that they had not seen; what changes with tolerances halved and doubled,
    and with each figure left out.

    Exit code 1 says that the draws cannot be trusted.
    """
    from sscsim.calibration.saved import read_posterior

    folder = _folder_of(fit)
    place = check_page(out) if out is not None else folder / PAGE
    saved = read_posterior(folder)
    from sscsim.reports.diagnosis import save_diagnosis, verdict

    found = save_diagnosis(saved, place)
    for line in verdict(found):
        say(line)
    echo("", f"Written to {place}.")
    if not found.trusted:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def _folder_of(fit: str) -> Path:
    """Return the folder of a fit, given its path or its name in `results/`."""
    given = Path(fit)
    if given.exists():
        return given
    if (RESULTS / fit).is_dir():
        return RESULTS / fit
    names = sorted(path.parent.name for path in RESULTS.glob("*/settings.json"))
    raise InputError(
        "there is no fit of this name",
        found=fit,
        allowed=names or "a folder that `sscsim calibrate --method posterior` has written",
        suggestion=nearest(given.name, names),
    )
