"""`sscsim plugins`, and what other commands list of plug-ins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from sscsim.cli.main import examples
from sscsim.cli.printing import fields, heading, print_table, say
from sscsim.cli.terminal import echo
from sscsim.errors import InputError

if TYPE_CHECKING:
    from sscsim.added import Added
    from sscsim.outcomes.indicators import Indicator
    from sscsim.parameters.table import Definition
    from sscsim.plugins import Installed
    from sscsim.results.formats import Format
    from sscsim.steps.submodel import Submodel

__all__ = ["called", "each_installed", "indicators_of", "parameters_of", "plugins", "steps_with"]


@click.command(epilog=examples("sscsim plugins", "sscsim run --plugin NAME"))
@click.argument("name", required=False)
def plugins(name: str | None) -> None:
    """List the plug-ins of installed packages, and what each adds.

    With NAME, all that this one adds. A plug-in's steps, parameters and indicators join a run that names it
    with --plugin, and no other; its formats are there for `sscsim export --to`. How one is written
    stands in docs/extending.md.
    """
    from sscsim.plugins import installed, load

    if name is not None:
        (one,) = load([name])
        _print_one(one)
        return
    there = installed()
    if not there:
        say("No installed package has a plug-in; docs/extending.md says how one is written.")
        return
    rows = []
    for one in there.values():
        try:
            _with(one.name)
            _formats_of(one)
            rows.append((one.name, one.origin, one.plugin.title))
        except InputError as failure:
            # `sscsim plugins NAME` says it whole.
            what = f"{failure.message}: {failure.found}" if failure.found else failure.message
            rows.append((one.name, one.origin, f"Does not work: {what}"))
    print_table(["plug-in|", "package", "what it adds"], rows)
    echo()
    say("sscsim plugins NAME tells all about one; sscsim run --plugin NAME lets it join a run.")


def steps_with(names: Sequence[str]) -> Added:
    """Return steps, variables and indicators with those of plug-ins."""
    from sscsim.added import added
    from sscsim.steps.plan import OPENING, PLAN

    return added(names, OPENING, PLAN)


def each_installed() -> Iterator[tuple[Installed, Added]]:
    """Yield installed plug-ins, each with what a run consists of that it joins; say of others why they do not work."""
    from sscsim.plugins import installed

    for one in installed().values():
        try:
            yield one, _with(one.name)
        except InputError as failure:
            _say_once(str(failure))


def called(one: Installed) -> str:
    """Return how a plug-in is called where something of it is listed."""
    return f"plug-in {one.name} ({one.origin})"


def indicators_of(one: Installed) -> dict[str, Indicator]:
    """Return the indicators that a plug-in adds, by name."""
    from sscsim.added import own_indicators

    return own_indicators(one)


def _with(name: str) -> Added:
    return steps_with([name])


def _say_once(text: str) -> None:
    """Say of a plug-in why it does not work, once in a command."""
    told = click.get_current_context().meta.setdefault("plug-ins told of", set())
    if text not in told:
        told.add(text)
        echo(f"Note: {text}", err=True)


def _formats_of(one: Installed) -> dict[str, Format]:
    from sscsim.results.formats import formats_of

    return formats_of(one)


def parameters_of(one: Installed) -> tuple[Definition, ...]:
    """Return the parameters that a plug-in adds."""
    from sscsim.parameters import default_parameters
    from sscsim.plugins import with_parameters

    own = default_parameters()
    both = with_parameters(own, [one])
    return tuple(d for d in both.definitions() if d.name not in own)


def _print_one(one: Installed) -> None:
    there = _with(one.name)
    heading(f"{one.name} – {one.plugin.title}")
    fields([("package", one.origin), ("entry point", one.entry.value), ("hash", one.sha256[:16])])
    names = [step.name for step in there.year]

    def place(step: type[Submodel]) -> str:
        at = names.index(step.name)
        instead = step.name in {kind.name for kind in steps_with(()).year}
        return "in place of the model's own" if instead else f"behind {names[at - 1]}"

    for title, heads, rows in (
        ("Steps", ["step|", "place", "what it does"],
         [(s.name, place(s), s.title) for s in one.plugin.steps]),
        ("Parameters", ["parameter|", "value>", "unit", "meaning"],
         [(d.name, f"{d.default:g}", d.entry.unit, d.entry.description) for d in parameters_of(one)]),
        ("Indicators", ["indicator|", "unit", "title"],
         [(i.name, i.unit, i.title) for i in indicators_of(one).values()]),
        ("Formats", ["format|", "files end in"],
         [(f.name, f.suffix) for f in _formats_of(one).values()]),
    ):  # fmt: skip
        if rows:
            echo()
            heading(title)
            print_table(heads, rows)
    echo()
    say(f"sscsim run --plugin {one.name} lets it join a run; `--off STEP` leaves a step out.")
