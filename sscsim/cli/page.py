"""`sscsim page`: the classroom page of one file, the runs that it is trained on, the scenario of a setting."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.ensembles import watched
from sscsim.cli.main import Choice, examples
from sscsim.cli.places import check_page
from sscsim.cli.printing import heading, print_table, say
from sscsim.cli.terminal import echo, echo_text
from sscsim.errors import InputError
from sscsim.files import write_text

if TYPE_CHECKING:
    from sscsim.page.emulator import Emulator

__all__ = ["page"]

PAGE = Path("sscsim.html")
LANGUAGES = ("en", "zh")
OF_TRAINING = {
    "draws": "--draws",
    "source": "--source",
    "workers": "--workers",
    "folder": "--store",
}
"""Options that mean nothing to the page itself, by the name of their argument."""


@click.command(
    epilog=examples(
        "sscsim page",
        "sscsim page --out lesson.html --lang zh",
        'sscsim page --setting "cooperation=1.5 aid=2" --save mine.yaml',
        "sscsim page --train --workers 4",
        "sscsim page --train --draws 4 --source priors --emulator mine.npz",
    )
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Page to write.  [default: sscsim.html]",
)
@click.option(
    "--lang",
    type=Choice(LANGUAGES),
    help="Language it opens in; a reader changes it at a click.  [default: en]",
)
@click.option(
    "--setting",
    metavar="SETTING",
    help='Print the scenario of a setting of the sliders, "NAME=NUMBER …", instead.',
)
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --setting: write the scenario, a file that ends in .yaml.",
)
@click.option(
    "--train",
    is_flag=True,
    help="Run the model over a design of settings and fit the page's emulator, instead; what is there of an "
    "earlier call is not run again.",
)
@click.option(
    "--draws",
    type=int,
    metavar="N",
    help="With --train: draws of parameters and luck, of 50 runs each.  [default: 16]",
)
@click.option(
    "--source",
    metavar="posterior|priors|tables|FILE",
    help="With --train: where parameters come from, as in `sscsim ensemble`.  [default: posterior]",
)
@options.workers
@click.option(
    "--store",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="With --train: folder for what is read of runs.  [default: results/page]",
)
@click.option(
    "--emulator",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Emulator to write the page from; with --train, where it goes.  [default: the one that ships]",
)
@options.quiet("Show no progress.")
@options.gathered
def page(
    out: Path | None,
    lang: str | None,
    setting: str | None,
    save: Path | None,
    train: bool,
    quiet: bool,
    **how: Any,
) -> None:
    """Write the classroom page: sliders that answer at once, in one file that needs no network.

    What answers is an emulator of the model. --train makes it anew, which takes some minutes;
    --setting gives the scenario of a setting of the sliders, for the model itself to be run with.
    """
    how.pop("settings")
    if train and setting is not None:
        raise InputError("give either --train or --setting", file="--setting")
    if setting is None and save is not None:
        raise InputError("--save is for the scenario of a --setting", file="--save")
    if (train or setting is not None) and (out is not None or lang is not None):
        raise InputError("--out and --lang are for the page itself", file="--out")
    if train:
        _train(quiet=quiet, **how)
    elif setting is not None:
        _scenario(setting, save)
    else:
        for name, option in OF_TRAINING.items():
            if how[name] is not None:
                raise InputError("only --train takes this", file=option)
        _page(PAGE if out is None else out, lang or LANGUAGES[0], how["emulator"])


def _page(out: Path, lang: str, emulator: Path | None) -> None:
    place = check_page(out)
    from sscsim.page.emulator import load
    from sscsim.page.html import write_page
    from sscsim.page.payload import payload

    write_page(place, lang, payload(load(emulator)))
    size = place.stat().st_size / 1e6
    echo(f"Page: {place} ({size:.1f} MB). Open it in a browser; it needs no network.")


def _scenario(text: str, save: Path | None) -> None:
    from sscsim.page.sliders import SCENARIO, read_setting, sliders
    from sscsim.policy.scenario import NAME

    if save is not None and save.suffix not in (".yaml", ".yml"):
        raise InputError("a scenario is a file that ends in .yaml", file="--save", found=save)
    if save is not None and not re.fullmatch(NAME, save.stem):
        raise InputError(
            "a scenario bears the name of its file, and none can be called so",
            file="--save",
            found=save.name,
            allowed="small letters, digits and hyphens, at most 61, before .yaml",
        )
    written = sliders().as_yaml(read_setting(text), SCENARIO if save is None else save.stem)
    if save is None:
        echo_text(written.rstrip(), ours=True)
        return
    write_text(save, written)
    echo(f"Scenario: {save}", err=True)


def _train(
    *,
    draws: int | None,
    source: str | None,
    workers: int | None,
    folder: Path | None,
    emulator: Path | None,
    quiet: bool,
) -> None:
    from sscsim.page.design import DRAWS, design
    from sscsim.page.emulator import shipped_path
    from sscsim.page.fit import fit
    from sscsim.page.training import FOLDER, about, planned, run_all

    place = FOLDER if folder is None else folder
    plan = planned(design(DRAWS if draws is None else draws), source or "posterior")
    with watched(quiet, place) as note:
        run_all(plan, place, workers, note)
    found = fit(plan, place, about(plan))
    path = shipped_path() if emulator is None else emulator
    found.save(path)
    if not quiet:
        print_emulator(found)
    echo(f"Emulator: {path}", err=True)


def print_emulator(emulator: Emulator) -> None:
    """Print what each output's emulator is worth on settings that it has not seen."""
    from sscsim.page.emulator import THRESHOLD

    told = emulator.about["validation"]
    heading(f"Errors on {told['settings']} settings that were not seen, {told['draws']} draws each")
    print_table(
        ["output|", "items>", "shown>", "median error>", "within band>"],
        [
            (
                name,
                str(len(one.error)),
                str(int(one.shown.sum())),
                f"{100 * one.error_all:.1f} %",
                f"{100 * emulator.about['coverage'][name]:.0f} %",
            )
            for name, one in emulator.outputs.items()
        ],
    )
    say(
        "Error: root mean square over settings in the worst year, over the range of the effect. An item is shown up "
        f"to {100 * THRESHOLD:.0f} %. Within band: runs within the band that is to hold 90 % of them."
    )
