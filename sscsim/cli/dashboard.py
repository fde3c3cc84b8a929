"""`sscsim dashboard`: the live model in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.main import Choice, examples
from sscsim.cli.terminal import echo

if TYPE_CHECKING:
    from sscsim.settings import RunSettings

__all__ = ["dashboard"]

LANGUAGES = ("en", "zh")


@click.command(
    epilog=examples(
        "sscsim dashboard",
        "sscsim dashboard --lang zh --port 9000",
        "sscsim dashboard --host 0.0.0.0 --no-open",
        "sscsim dashboard --parameters tables",
    )
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Port to listen at; 0 takes any.  [default: the first free one from 8765 on]",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="HOST",
    help="Address to listen at: this machine alone, or 0.0.0.0 for a class.",
)
@click.option(
    "--open/--no-open", "open_browser", default=True, show_default=True, help="Open a browser."
)
@click.option(
    "--lang",
    type=Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language that sessions open in; each changes its own at a click.",
)
@options.parameters
@options.gathered
def dashboard(
    settings: RunSettings, port: int | None, host: str, open_browser: bool, lang: str
) -> None:
    """Run the real model in a browser: levers, mechanisms, every step of a year, any agent.

    What stands on the screen is the model itself and no emulator: a lever that is moved runs it
    anew from the year in which levers begin, in about a second, and sets it beside the baseline of
    the same seed and parameters. Nothing is fetched from the network. Several people may look at
    once; each has their own levers. Ctrl-C ends it. Packages that it takes are added by
    `pip install "sscsim[dashboard]"`.
    """
    from sscsim.dashboard.needed import load
    from sscsim.dashboard.serving import free_port, prepare, serve

    load()
    place = free_port(host, port)
    origin = settings.values().origin or {}
    parameters = str(origin.get("source", "central"))
    echo("The baseline runs ...", err=True)
    prepare(parameters)

    def ready(address: str) -> None:
        echo(f"The dashboard is at {address} – Ctrl-C ends it.")

    serve(
        host,
        place,
        language=lang,
        parameters=parameters,
        open_browser=open_browser,
        ready=ready,
    )
