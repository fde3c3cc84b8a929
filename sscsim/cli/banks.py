"""`sscsim bank`: development banks and lenders, as their files give them and as a run shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.main import Choice, examples
from sscsim.cli.printing import (
    fields,
    heading,
    number,
    print_quantities,
    print_table,
    years_shown,
)
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.reports.banks import Lending
    from sscsim.results.run import Run
    from sscsim.world.institutions import Bank, Lender

__all__ = ["bank"]

MILESTONES = (2016, 2018, 2020, 2025, 2030)
"""Years shown between the first and the last of a run."""

LIST = "list"


@click.command(
    epilog=examples(
        "sscsim bank list",
        "sscsim bank AIIB",
        "sscsim bank AIIB --run baseline-seed1",
        "sscsim bank IND_EXIM --run baseline-seed1 --year 2018",
        "sscsim bank NDB --run baseline-seed1 --plot .",
    )
)
@click.argument("name", metavar="list|CODE")
@options.run_name("run")
@options.years
@click.option(
    "--plot",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Draw approvals, disbursements, outstanding and headroom into this folder.",
)
@click.option(
    "--format",
    "formats",
    type=Choice(("png", "svg", "pdf")),
    multiple=True,
    default=("png",),
    show_default=True,
    help="Format of the picture; may be given several times.",
)
@click.option(
    "--draws",
    type=click.IntRange(min=10),
    metavar="N",
    help="With --plot: bands over so many draws of the posterior, as in `sscsim plot`.",
)
@options.institutions
@options.csv_table("With --run: the table by year as CSV.")
def bank(
    name: str,
    run: str | None,
    years: tuple[int, ...],
    folder: Path | None,
    formats: tuple[str, ...],
    draws: int | None,
    institutions: Path | None,
    as_csv: bool,
) -> None:
    """Show a development bank or lender: its file, or with --run its books in a run.

    `list` names all of them. With --run: balance sheet, flows, ratios, the largest borrowers, and
    where the lending goes.
    """
    if run is None:
        for option, given in (
            ("--plot", folder),
            ("--year", years),
            ("--csv", as_csv),
            ("--draws", draws),
        ):
            if given:
                raise click.UsageError(f"{option} goes with --run.")
        from sscsim.cli.places import check_institutions

        check_institutions(institutions)
        banks, lenders = _files(institutions)
        if name.casefold() == LIST:
            _print_list(banks, lenders)
        else:
            _print_file(name, banks, lenders)
        return
    if draws is not None and folder is None:
        raise click.UsageError("--draws goes with --plot.")
    if institutions is not None:
        raise click.UsageError(
            "A run knows its own institutions: --institutions goes without --run."
        )
    from sscsim.cli.places import open_run

    opened = open_run(run)
    if name.casefold() == LIST:
        _print_run_list(opened)
        return
    from sscsim.reports import banks as reports

    one = reports.lending(opened, _code(name, [c for kind in reports.names(opened) for c in kind]))
    if folder is not None:
        from sscsim.cli.places import check_folder
        from sscsim.cli.showing import bands_with_progress

        check_folder(folder)
        bands = None if draws is None else bands_with_progress(opened, draws)
        for path in reports.save_lending_figure(opened, one.code, folder, formats, bands=bands):
            echo(str(path))
        return
    if as_csv:
        echo_csv(one.years.to_csv(lineterminator="\n"))
        return
    _print_run(opened, one, years)


# --------------------------------------------------------------------------------------------- files


def _files(folder: Path | None) -> tuple[tuple[Bank, ...], tuple[Lender, ...]]:
    from sscsim.world.institutions import Bank, Lender, load_institutions

    files = load_institutions(folder=folder)
    return files.of(Bank), files.of(Lender)


def _code(name: str, codes: Sequence[str]) -> str:
    """Return the code that a name stands for, whatever its case."""
    by_fold = {code.casefold(): code for code in codes}
    if name.casefold() not in by_fold:
        raise unknown("bank or lender of this code", name, [LIST, *codes])
    return by_fold[name.casefold()]


def _print_list(banks: Sequence[Bank], lenders: Sequence[Lender]) -> None:
    heading("Development banks")
    print_table(
        ["code|", "name", "since>", "members>", "subscribed, bn USD>", "paid in, bn USD>"],
        [
            (
                b.code,
                b.name,
                str(b.opened_year),
                str(len(b.members.of)),
                number(b.capital.subscribed.value),
                number(b.capital.paid_in.value),
            )
            for b in banks
        ],
    )
    echo()
    heading("Lenders of credit lines and funds")
    print_table(
        ["code|", "name", "kind", "a year>", "before 2013, bn USD>"],
        [
            (
                one.code,
                one.name,
                one.kind.replace("_", " "),
                _volume(one),
                number(one.opening.approved) if one.opening else "–",
            )
            for one in lenders
        ],
    )


def _volume(one: Lender) -> str:
    if one.volume.share is not None:
        return f"{100 * one.volume.share:.3g} % of GDP"
    return f"{one.volume.approvals:g} bn USD"


def _print_file(name: str, banks: Sequence[Bank], lenders: Sequence[Lender]) -> None:
    code = _code(name, [b.code for b in banks] + [one.code for one in lenders])
    by_code: dict[str, Bank | Lender] = {b.code: b for b in banks}
    by_code |= {one.code: one for one in lenders}
    found = by_code[code]
    heading(f"{found.code}: {found.name}")
    fields(_lines(found.model_dump(exclude={"code", "name"})))


def _lines(content: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield what a file says, a line a figure or list of figures, with its source behind it."""
    source = str(content.get("source", ""))
    confirmed = content.get("confirmed", True)
    if source and confirmed is not True:
        only = f" but {_short(confirmed)}" if isinstance(confirmed, list) else ""
        source += f" [not confirmed{only}]"
    figures = []
    for key, value in content.items():
        if key in ("source", "confirmed", "width") or value is None:
            continue
        if isinstance(value, Mapping) and "source" in value:
            yield from _lines(value, f"{prefix}{key}")
        elif isinstance(value, Mapping) and any(_is_sourced(v) for v in value.values()):
            yield from _lines(value, f"{prefix}{key} ")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            for i, entry in enumerate(value, start=1):
                yield from _lines(entry, f"{prefix}{key} {i}")
        elif source:
            figures.append(_text(value) if key == "value" else f"{key} {_text(value)}")
        else:
            yield f"{prefix}{key}", _text(value)
    if figures:
        yield prefix.strip(), f"{'; '.join(figures)} – {source}"


def _is_sourced(value: object) -> bool:
    return isinstance(value, Mapping) and "source" in value


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        inner = [
            f"{k} {_text(v.get('share', v) if isinstance(v, Mapping) else v)}"
            for k, v in value.items()
        ]
        return _short(inner)
    if isinstance(value, list | tuple):
        return _short([str(v) for v in value])
    return str(value)


def _short(parts: Sequence[str], most: int = 8) -> str:
    """Return a list as text, its tail as a count."""
    rest = len(parts) - most
    shown = ", ".join(parts[:most]) or "none"
    return f"{shown} and {rest} more" if rest > 0 else shown


# ----------------------------------------------------------------------------------------------- run


def _print_run_list(run: Run) -> None:
    from sscsim.reports import banks as reports

    for title, codes in zip(
        ("Development banks", "Lenders of credit lines and funds"), reports.names(run), strict=True
    ):
        heading(f"{title}, bn USD a year on average and at the end")
        rows = []
        for code in codes:
            years = reports.lending(run, code).years
            owed = years["loans"] if "loans" in years else years["outstanding"]
            rows.append(
                (
                    code,
                    *(number(float(years[c].mean())) for c in ("approvals", "disbursements")),
                    number(float(owed.iloc[-1])),
                )
            )
        print_table(["code|", "approvals>", "disbursements>", "outstanding>"], rows)
        echo()


def _print_run(run: Run, one: Lending, years: tuple[int, ...]) -> None:
    from sscsim.reports import banks as reports

    shown = years_shown(one.years.index, years, MILESTONES)
    kind = "development bank" if one.bank else "lender"
    echo(f"{one.code}, {kind}; scenario {run.scenario}, seed {run.seed}", "")
    _print_by_year(
        "Balance sheet at the end of the year, bn USD", reports.balance_sheet(one), shown
    )
    _print_by_year("Flows of the year, bn USD", reports.flows(one), shown)
    _print_by_year("Ratios, %", reports.ratios(one), shown, "fraction")
    _print_beside(run, one, shown)
    if not len(one.loans):
        return
    last = int(one.years.index[-1])
    heading(f"Largest borrowers at the end of {last}, bn USD")
    largest = reports.borrowers(one)
    print_table(
        ["country", "outstanding>", "approved since 2013>"],
        [
            (str(code), number(float(owed)), number(float(new)))
            for code, owed, new in largest.itertuples()
        ],
    )
    echo()
    heading("Approvals since 2013, %")
    shares = reports.mix(one, "sector")
    print_table(
        ["sector", "share>"],
        [(str(sector), number(float(share), "fraction")) for sector, share in shares.items()],
    )


def _print_by_year(title: str, table: pd.DataFrame, years: Sequence[int], unit: str = "") -> None:
    heading(title)
    rows = [(str(label), unit, [float(row[y]) for y in years]) for label, row in table.iterrows()]
    print_quantities("", years, rows, with_unit=False)
    echo()


def _print_beside(run: Run, one: Lending, years: Sequence[int]) -> None:
    """Print disbursements beside all external finance of developing economies: what a bank is small against."""
    try:
        total = [run.value("external_finance", group="WIR developing", year=y) for y in years]
    except InputError:
        return
    heading("Beside external finance of developing economies")
    paid = [float(one.years["disbursements"][y]) for y in years]
    rows = [
        ("External finance, bn USD", "", total),
        ("Disbursed, % of it", "fraction", [a / b for a, b in zip(paid, total, strict=True)]),
    ]
    print_quantities("", years, rows, with_unit=False)
    echo()
