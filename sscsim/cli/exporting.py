"""`sscsim export`: a saved run or comparison for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from sscsim.cli import options
from sscsim.cli.main import examples
from sscsim.cli.places import RESULTS, check_output, run_folder
from sscsim.cli.terminal import echo

__all__ = ["export"]


@click.command(
    epilog=examples(
        "sscsim export baseline-seed1 --to csv",
        "sscsim export baseline-seed1 --to xlsx --table indicators --table banks",
        "sscsim export baseline-seed1 --to iamc --out baseline-iamc",
        "sscsim export results/areas --to netcdf",
    )
)
@click.argument("run", metavar="RUN|COMPARISON")
@click.option(
    "--to",
    "form",
    required=True,
    metavar="FORMAT",
    help="csv, iamc, netcdf, parquet or xlsx, or a plug-in's.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder to write.  [default: results/NAME-FORMAT]",
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="NAME",
    help="Only this table; may be given several times.",
)
@options.quiet()
def export(run: str, form: str, out: Path | None, tables: tuple[str, ...], quiet: bool) -> None:
    """Write the tables of RUN or COMPARISON for other programs.

    RUN is a folder that `sscsim run` wrote, COMPARISON one of `sscsim compare --out`, or its name in
    results/. iamc is the format of integrated assessment models, wide and long, which pyam reads;
    netcdf carries units and titles by the CF conventions. xlsx, iamc and netcdf say what names
    mean. Packages for xlsx and netcdf are added by `pip install "sscsim[exchange]"`.
    """
    from sscsim.results.comparison import COMPARISON, Comparison
    from sscsim.results.formats import of_name
    from sscsim.results.run import Run
    from sscsim.results.writing import is_saved_run

    of_name(form)  # a slip is said before anything is read
    folder = run_folder(run, comparisons=True)
    place = out or RESULTS / f"{folder.resolve().name}-{form}"
    check_output(place)
    held = Comparison.load(folder) if is_saved_run(folder, COMPARISON) else Run.load(folder)
    held.export(place, form, tables=tables or None)
    if not quiet:
        for path in sorted(place.iterdir()):
            echo(str(path))
