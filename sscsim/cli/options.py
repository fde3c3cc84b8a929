"""Options that several commands share, each declared once, and what gathers those of a run in one value."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sscsim import names
from sscsim.cli.main import Choice
from sscsim.cli.terminal import echo
from sscsim.errors import InputError
from sscsim.names import EXECUTORS, FIRST_YEAR, LAST_YEAR, THREAD_VARIABLES
from sscsim.world.base_trade import BASE_TRADE

__all__ = [
    "audit",
    "base_trade",
    "csv_table",
    "data",
    "end",
    "executor",
    "gathered",
    "given_by_hand",
    "institutions",
    "keep",
    "naive",
    "off",
    "own_figures",
    "paragraphs",
    "parameters",
    "parse_settings",
    "plugins",
    "profile",
    "quiet",
    "run_name",
    "scheduler",
    "seed",
    "set_parameters",
    "shocks",
    "start",
    "store",
    "targets_file",
    "together",
    "workers",
    "years",
]

Command = Callable[..., None]
Option = Callable[[Command], Command]

KEEP = tuple(amount for amount in names.KEEP if amount != "outcomes")
"""What commands offer: the outcomes alone are kept for ensembles."""


def given_by_hand() -> list[str]:
    """Return the parameters of the command under way that stand on its line, and are not what they are without it."""
    from click.core import ParameterSource

    context = click.get_current_context()
    return [
        name
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]


def together(*options: Option) -> Option:
    """Return what adds several options, in the order in which help lists them."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


# ---------------------------------------------------------------------------------- of one run


def seed(help: str = "Seed of the run's luck.") -> Option:
    """Return the option of the seed."""
    return click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        metavar="N",
        help=help,
    )


start = click.option(
    "--start",
    type=int,
    default=FIRST_YEAR,
    show_default=True,
    metavar="YEAR",
    help="First year kept.",
)

end = click.option(
    "--end",
    type=int,
    default=LAST_YEAR,
    show_default=True,
    metavar="YEAR",
    help="Last year simulated.",
)

off = click.option(
    "--off",
    metavar="STEP",
    multiple=True,
    help="Leave a step of the year out; may be given several times.",
)


plugins = click.option(
    "--plugin",
    "plugins",
    metavar="NAME",
    multiple=True,
    help="Let a plug-in of an installed package join, see `sscsim plugins`; may be given several times.",
)


def set_parameters(help: str) -> Option:
    """Return the option that sets parameters."""
    return click.option("--set", "changes", metavar="PARAM=VALUE", multiple=True, help=help)


parameters = click.option(
    "--parameters",
    metavar="central|tables|draw:N|FILE",
    help="Values of parameters: the central draw of the posterior that ships, the tables' own, one of its draws, or a "
    "YAML, CSV, parquet or a fit's folder; what it does not name is the central draw's.  [default: central]",
)
"""Which point a run takes; `set_parameters` is laid over it."""


def keep(default: str, help: str) -> Option:
    """Return the option that says how much is kept."""
    return click.option("--keep", type=Choice(KEEP), default=default, show_default=True, help=help)


data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Own figures of countries laid over the world's.",
)

trade_matrix = click.option(
    "--trade-matrix",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Own bilateral trade of the base year: exporter, importer, value (bn USD).",
)

own_figures = together(
    data,
    trade_matrix,
    click.option(
        "--drop-unknown",
        is_flag=True,
        help="Leave lines of --data and --trade-matrix out that are of no economy of the model.",
    ),
)
"""What the user lays over the world's data."""

base_trade = click.option(
    "--base-trade",
    type=Choice(BASE_TRADE),
    default=BASE_TRADE[0],
    show_default=True,
    help="What the base year's trade rests on: the USITC's partner shares, the World Factbook's "
    "completed by gravity, or gravity alone.",
)

institutions = click.option(
    "--institutions",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with banks and lenders of your own.",
)

naive = click.option(
    "--naive",
    "--benchmark",  # as it was called before
    "naive",
    is_flag=True,
    help="The model to beat instead: gravity trade and trend Goals.",
)

shocks = click.option(
    "--shocks",
    is_flag=True,
    help="Draw shocks and business cycles from 2019 on, swings of trade and finance from 2014.",
)

audit = click.option(
    "--audit",
    is_flag=True,
    help="Check every bank's books each year; stop at the first that does not balance.",
)

profile = click.option("--profile", is_flag=True, help="Print the time each step took.")


FIELDS = (
    "scenario",
    "seed",
    "start",
    "end",
    "off",
    "keep",
    "data",
    "trade_matrix",
    "drop_unknown",
    "base_trade",
    "institutions",
    "plugins",
    "naive",
    "shocks",
    "audit",
    "parameters",
    "profile",
)
"""What of a command's values is one of `sscsim.settings.RunSettings`, ``changes`` apart."""


def gathered(command: Command) -> Command:
    """Give a command what its run is asked for as one value, ``settings``, instead of one by one.

    The process keeps to one thread, unless its environment says otherwise: linear algebra of this size gains nothing by
    more, and threads that wait for work do so at full speed. Libraries look when they are loaded.
    """

    @wraps(command)
    def with_settings(**given: Any) -> None:
        changes = parse_settings(given.pop("changes", ()), given.get("plugins", ()))
        fields = {name: given.pop(name) for name in FIELDS if name in given}
        for variable in THREAD_VARIABLES:
            os.environ.setdefault(variable, "1")
        from sscsim.settings import RunSettings

        told = given.get("quiet", False) or given.get("again") is not None
        _look_at_parameters(fields, given.get("source"), quiet=told)
        command(settings=RunSettings(**fields, set=changes), **given)

    return with_settings


def _look_at_parameters(fields: dict[str, Any], source: str | None, *, quiet: bool) -> None:
    """Read the parameters that are asked for before anything is run, and say what is to be known of them."""
    from sscsim import choices
    from sscsim.choices import chosen, notes, source_notes, stale_note, uses_posterior

    said: list[str] = []
    if "parameters" in fields:
        given = fields["parameters"]
        stale = stale_note() if uses_posterior(given or choices.USUAL) else None
        found = chosen(given, "--parameters")
        if given is not None:
            fields["parameters"] = found
        said = [] if quiet else notes(found)
    else:
        if source is None:
            return
        stale = stale_note() if uses_posterior(source) else None
        said = [] if quiet else source_notes(source)
    for text in [stale, *said]:
        if text is not None and not quiet:
            echo(f"Note: {text}", err=True)


def parse_settings(changes: tuple[str, ...], plugins: tuple[str, ...] = ()) -> dict[str, float]:
    """Return ``PARAM=VALUE`` texts as a mapping; the tables, and those of plug-ins, check names and bounds.

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
        from sscsim.plugins import load, with_parameters

        with_parameters(default_parameters(), load(plugins)).replace(result)
    return result


# ------------------------------------------------------------------------------ of many runs


executor = click.option(
    "--executor",
    type=Choice(EXECUTORS),
    help="How members are run.  [default: processes; dask with --scheduler]",
)

workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes.  [default: one for each processor]",
)

scheduler = click.option(
    "--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://host:8786."
)

store = click.option(
    "--store",
    "place",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the store.  [default: $SSCSIM_STORE, else results/store]",
)


# ------------------------------------------------------------------------- of what is shown


def quiet(help: str = "Print nothing but errors.") -> Option:
    """Return the option that silences a command."""
    return click.option("--quiet", is_flag=True, help=help)


def csv_table(help: str = "Print the table as CSV.") -> Option:
    """Return the option that prints a table for programs."""
    return click.option("--csv", "as_csv", is_flag=True, help=help)


def run_name(parameter: str) -> Option:
    """Return the option that names a saved run."""
    return click.option(
        "--run",
        parameter,
        metavar="RUN",
        help="A saved run: its folder, or its name in results/.",
    )


def _repeated(name: str, values: str, kind: type, metavar: str, help: str) -> Option:
    return click.option(name, values, type=kind, multiple=True, metavar=metavar, help=help)


years = _repeated("--year", "years", int, "YEAR", "Only this year; may be given several times.")

paragraphs = _repeated(
    "--paragraph",
    "paragraphs",
    int,
    "N",
    "Only rows of this paragraph of the report; may be repeated.",
)

targets_file = click.option(
    "--targets",
    "targets_file",
    type=click.Path(path_type=Path),
    metavar="YAML",
    help="Targets of your own instead of the report's.",
)
