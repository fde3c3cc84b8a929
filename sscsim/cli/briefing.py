"""`sscsim brief`: a comparison or a run as one file that can be forwarded."""

from __future__ import annotations

from pathlib import Path

import click

from sscsim.cli import options
from sscsim.cli.main import Choice, examples
from sscsim.cli.places import RESULTS, check_file, run_folder
from sscsim.cli.terminal import echo
from sscsim.files import write_whole

__all__ = ["brief"]

LANGUAGES = ("en", "zh", "fr", "es", "ru", "ar")
FORMATS = ("html", "docx", "pdf")


@click.command(
    epilog=examples(
        "sscsim compare baseline full-agenda --out results/agenda",
        "sscsim brief agenda",
        "sscsim brief agenda --lang zh --format pdf --country Kenya",
        "sscsim compare baseline trade-integration --country Kenya --out results/kenya",
        "sscsim brief kenya  # with a page for Kenya",
        "sscsim brief baseline-seed1 --format docx",
    )
)
@click.argument("source", metavar="COMPARISON|RUN")
@click.option(
    "--lang",
    type=Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language. en and zh are complete; the others have headings, titles and names of countries.",
)
@click.option(
    "--format",
    "form",
    type=Choice(FORMATS),
    default="html",
    show_default=True,
    help='docx and pdf take `pip install "sscsim[brief]"`.',
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="COUNTRY",
    help="Add a page for a country: KEN, or Kenya; may be given several times.  "
    "[default: those that the comparison was asked for]",
)
@click.option(
    "--scenario", metavar="SCENARIO", help="Of a comparison of several, the one it is about."
)
@click.option(
    "--year", type=int, metavar="YEAR", help="Of a comparison of several years.  [default: 2030]"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write.  [default: results/NAME-LANG.FORMAT]",
)
@options.quiet()
def brief(
    source: str,
    lang: str,
    form: str,
    countries: tuple[str, ...],
    scenario: str | None,
    year: int | None,
    out: Path | None,
    quiet: bool,
) -> None:
    """Write COMPARISON or RUN as a brief: one file of sentences, figures and tables.

    COMPARISON is a folder of `sscsim compare --out`, RUN one of `sscsim run`, or its name in
    results/. The brief answers in a paragraph with numbers, intervals and yardsticks, says who
    gains and loses and why, how surely and what cannot be told, and ends with tables by region,
    assumptions, sources with the report's paragraphs, and the commands that do it again. Countries
    that the comparison was asked for get a page each. It makes no outside request. Chinese takes a
    font with Chinese characters.
    """
    from sscsim.brief import COMPLETE, brief_of, written

    folder = run_folder(source, comparisons=True)
    codes = [_code(country) for country in countries] or None
    place = out or RESULTS / f"{folder.resolve().name}-{lang}.{form}"
    check_file(place, "brief")
    made = brief_of(folder, lang, country=codes, scenario=scenario, year=year)
    write_whole(place, written(made, form))
    if not quiet and lang not in COMPLETE:
        echo(
            f"Note: in {lang} headings, titles and names of countries are translated; sentences stay English.",
            err=True,
        )
    echo(str(place))


def _code(country: str) -> str:
    from sscsim.cli.countries import find_country
    from sscsim.world.loading import load_world

    names = load_world().countries["name"]
    return find_country(country, {str(code): str(name) for code, name in names.items()})
