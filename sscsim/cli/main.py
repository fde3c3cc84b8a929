"""The entry point: which commands there are, and how every failure ends.

A command is a line of `COMMANDS`: its module, its function, its help in one line. The module is
imported when the command is called. Every failure passes through `Application.main`: one message on
standard error, exit code 2 for the user's mistake and for Ctrl-C, 1 for ours, and a traceback only
with ``--debug``.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from sscsim.cli.terminal import (
    READER_LEFT,
    HelpFormatter,
    ReaderLeft,
    echo,
    echo_text,
    fit_streams,
    is_output_failure,
    output_error,
    output_failures,
)
from sscsim.errors import InputError, OutputError, SscsimError, nearest

__all__ = [
    "COMMANDS",
    "Application",
    "Choice",
    "LazyGroup",
    "cli",
    "examples",
    "main",
]

click.Context.formatter_class = HelpFormatter

Table = Mapping[str, tuple[str, str, str]]

COMMANDS: Table = {
    "run": ("sscsim.cli.running", "run", "Simulate a scenario and save the run."),
    "show": ("sscsim.cli.showing", "show", "Print the tables of a saved run."),
    "plot": ("sscsim.cli.showing", "plot", "Draw the figures of a saved run."),
    "export": ("sscsim.cli.exporting", "export", "Write a run or comparison for other programs."),
    "brief": (
        "sscsim.cli.briefing",
        "brief",
        "Write a comparison or run as a brief to be forwarded.",
    ),
    "targets": ("sscsim.cli.targets", "targets", "Set the report's figures beside a run."),
    "validate": (
        "sscsim.cli.validating",
        "validate",
        "Hold the model against facts that no fit has seen.",
    ),
    "score": ("sscsim.cli.scoring", "score", "Score the frozen forecast by what came."),
    "ensemble": ("sscsim.cli.ensembles", "ensemble", "Run scenarios many times into a store."),
    "store": ("sscsim.cli.ensembles", "store", "List, remove and verify what the store holds."),
    "compare": ("sscsim.cli.comparing", "compare", "Compare scenarios in fair pairs."),
    "why": ("sscsim.cli.attributing", "why", "Say what an effect comes from."),
    "seek": ("sscsim.cli.seeking", "seek", "Find the value of a lever that an outcome takes."),
    "cost": ("sscsim.cli.costing", "cost", "Say what scenarios cost, and what one effect costs."),
    "search": (
        "sscsim.cli.searching",
        "search",
        "Search for the package that gains most for less.",
    ),
    "identify": (
        "sscsim.cli.identifying",
        "identify",
        "Say what an effect's uncertainty comes from.",
    ),
    "sensitivity": (
        "sscsim.cli.sensing",
        "sensitivity",
        "Say which parameters an outcome or effect hangs on.",
    ),
    "discover": ("sscsim.cli.sensing", "discover", "Say in which futures an effect is above X."),
    "page": ("sscsim.cli.page", "page", "Write the classroom page: sliders in one file."),
    "dashboard": ("sscsim.cli.dashboard", "dashboard", "Run the real model in a browser."),
    "calibrate": (
        "sscsim.cli.calibrating",
        "calibrate",
        "Fit parameters to the report's figures.",
    ),
    "diagnose": ("sscsim.cli.diagnosing", "diagnose", "Say what a posterior is worth, in a page."),
    "screen": ("sscsim.cli.calibrating", "screen", "Rank parameters by what they move."),
    "scenario": ("sscsim.cli.scenarios", "scenario", "List, show, compare and validate scenarios."),
    "explain": (
        "sscsim.cli.explaining",
        "explain",
        "Explain any name: parameter, lever, indicator …",
    ),
    "plan": ("sscsim.cli.explaining", "plan", "Print the nine steps of a year."),
    "plugins": ("sscsim.cli.plugins", "plugins", "List what installed packages add to the model."),
    "bank": ("sscsim.cli.banks", "bank", "Show a bank or lender: its file, its books in a run."),
    "data": ("sscsim.cli.data", "data", "Show and check the figures of countries."),
}
"""Command → module, function, short help."""

ELSEWHERE = {
    "list": "sscsim scenario list",
    "scenarios": "sscsim scenario list",
    "diff": "sscsim scenario diff",
    "new": "sscsim scenario new",
    "levers": "sscsim scenario levers",
    "ls": "sscsim store ls",
    "runs": "sscsim store ls",
    "parameters": "sscsim explain parameters",
    "indicators": "sscsim explain indicators",
    "groups": "sscsim explain groups",
    "countries": "sscsim explain countries",
    "variables": "sscsim explain variables",
    "steps": "sscsim plan",
    "fetch": "sscsim data fetch",
    "import": "sscsim data import",
    "banks": "sscsim bank",
}
"""Words that one might try as a command, and the command that there is."""

HELP = """Simulate South-South and triangular cooperation of some 200 countries, 2013–2034.

    \b
    sscsim run                         the baseline, saved to results/baseline-seed1
    sscsim show baseline-seed1         its tables
    sscsim plot baseline-seed1         its figures
    sscsim run trade-integration       another scenario
    sscsim explain trade_elasticity    what a name means, its value and source

    Values are billions of current US dollars (bn USD), volumes billions of constant 2015 US dollars
    (bn 2015 USD). `sscsim COMMAND --help` explains a command.
    """


class LazyGroup(click.Group):
    """A group whose commands are imported when called, and that suggests the nearest name."""

    def __init__(self, *args: Any, lazy: Table | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy: Table = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the table."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module on the way."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = self.lazy[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = nearest(name, self.list_commands(ctx))
            there = ELSEWHERE.get(name) if ctx.parent is None else None
            hint = f" See `{there}`." if there else f" Did you mean {near!r}?" if near else ""
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        rows = [(name, help_text) for name, (_, _, help_text) in self.lazy.items()]
        for name in super().list_commands(ctx):
            command = super().get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(limit=200)))
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def examples(*lines: str) -> str:
    """Return lines as the end of a command's help, each kept as it stands."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


class Choice(click.Choice[str]):
    """A choice that suggests the nearest value."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return what is wrong, what is allowed, and what was perhaps meant."""
        near = nearest(str(value), [str(choice) for choice in self.choices])
        hint = f" Did you mean {near!r}?" if near else ""
        return f"{super().get_invalid_choice_message(value, ctx)}{hint}"


class Application(LazyGroup):
    """The command `sscsim`: runs a command and turns whatever goes wrong into one message."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that the arguments name, then leave with its exit code."""
        given = [_at_home(word) for word in (sys.argv[1:] if args is None else args)]
        debug = _take_debug(given)
        extra["windows_expand_args"] = windows_expand_args
        name = prog_name or "sscsim"
        if not standalone_mode:
            return super().main(given, name, complete_var, standalone_mode=False, **extra)
        fit_streams()
        code: object = 0
        try:
            code = super().main(given, name, complete_var, standalone_mode=False, **extra)
            with output_failures():
                sys.stdout.flush()  # a full disk is noticed here and not by the interpreter
        except (Exception, KeyboardInterrupt) as failure:
            _leave(failure, debug)
        sys.exit(code if isinstance(code, int) else 0)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line; where the help is printed on the way, so that no failure is lost."""
        with output_failures():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click would make the exit code of our mistakes of a closed pipe."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as failure:
            echo()  # fails where it was the output; there are other pipes, to processes of ours
            raise ConnectionError(str(failure)) from failure


def _at_home(word: str) -> str:
    # A shell writes the folder for ``--out ~/runs``, and leaves ``--out=~/runs`` to us.
    option, equals, place = word.partition("=")
    if not (option.startswith("--") and place.startswith("~")):
        return word
    try:
        return f"{option}{equals}{Path(place).expanduser()}"
    except RuntimeError:  # nobody of this name has a home
        return word


def _take_debug(given: list[str]) -> bool:
    # It may stand anywhere, so that a failed command is repeated with one word at its end.
    end = given.index("--") if "--" in given else len(given)
    places = [i for i, word in enumerate(given[:end]) if word == "--debug"]
    for i in reversed(places):
        del given[i]
    return bool(places)


def _leave(failure: BaseException, debug: bool) -> NoReturn:
    code = READER_LEFT if isinstance(failure, ReaderLeft) else describe(failure)[1]
    try:
        if not isinstance(failure, ReaderLeft):
            _tell(failure, debug)
        with output_failures():
            sys.stdout.flush()
    except (ReaderLeft, OutputError):
        pass  # nobody hears what went wrong; the exit code still tells
    sys.exit(code)


def _tell(failure: BaseException, debug: bool) -> None:
    if debug:
        echo_text("".join(traceback.format_exception(failure)), err=True)
    if isinstance(failure, click.exceptions.NoArgsIsHelpError):
        echo_text(failure.format_message(), err=True)
        return
    if isinstance(failure, click.UsageError) and failure.ctx is not None:
        name = failure.ctx.command_path
        echo_text(f"{failure.ctx.get_usage()}\nTry '{name} --help' for help.\n", err=True)
    # A line that a name broke in two is no second message.
    first, *more = describe(failure)[0].split("\n")
    echo(first, *(line if line[:1] in (" ", "\t") else f"  {line}" for line in more), err=True)


def _is_nowhere() -> bool:
    """Return whether the working folder was removed: whoever asks for a whole path then fails."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def describe(failure: BaseException) -> tuple[str, int]:
    """Return the one message of a failure and the exit code that goes with it."""
    if isinstance(failure, click.ClickException):
        return f"Error: {failure.format_message()}", failure.exit_code
    if isinstance(failure, click.Abort | KeyboardInterrupt):
        return "Stopped by Ctrl-C. Nothing half-written was left behind.", 2
    if isinstance(failure, SscsimError):
        return f"Error: {failure}", failure.exit_code
    if isinstance(failure, OSError) and is_output_failure(failure):
        return f"Error: {output_error(failure)}", OutputError.exit_code
    if isinstance(failure, FileNotFoundError) and _is_nowhere():
        return "Error: the folder that this is run from is no longer there", InputError.exit_code
    text = str(failure).strip().partition("\n")[0] or "no message"
    kind = type(failure).__name__
    return f"Internal error: {kind}: {text} – rerun with --debug to see where", 1


@click.command(
    cls=Application,
    lazy=COMMANDS,
    invoke_without_command=True,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--version", is_flag=True, help="Print the version and leave.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error; may stand anywhere.")
@click.pass_context
def cli(ctx: click.Context, version: bool, debug: bool) -> None:
    """Print the help, or the version, where no command is given."""
    if version:
        from sscsim import __version__

        echo(f"sscsim {__version__}")
        ctx.exit(0)
    if ctx.invoked_subcommand is None:
        echo_text(ctx.get_help())


def main() -> None:
    """Run the command, as ``sscsim.__main__`` does after a look at Ctrl-C."""
    import warnings

    # Where in the source a warning came from tells a user nothing.
    warnings.formatwarning = lambda message, *where: f"Note: {message}\n"
    cli.main()
