"""A run's tables are declared once, and everybody goes by it; a format is a class in a file."""

from __future__ import annotations

import json
import sys
import textwrap
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sscsim import simulate
from sscsim.errors import InputError, OutputError
from sscsim.experiments.executors import perform
from sscsim.experiments.members import Member
from sscsim.experiments.store import RunStore
from sscsim.policy import load_scenario
from sscsim.results import KEEP, Run, formats
from sscsim.results.formats import Format
from sscsim.results.reading import files_of_a_run
from sscsim.results.schema import TABLES, declared, kept, landmarks
from sscsim.results.tables import Coded, Columns, RowTable
from sscsim.settings import RunSettings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate("baseline", end=2014, keep="full", shocks=True)


def test_a_run_has_the_tables_that_are_declared(run: Run) -> None:
    assert list(run.tables) == [one.name for one in TABLES]
    for one in TABLES:
        table = run.tables[one.name]
        assert isinstance(table, one.kind)
        columns = table.laid_out(run.named)
        for name, kind in one.columns.items():
            held = columns.held[name]
            assert isinstance(held, Coded) == (kind is str), (one.name, name)
            if not isinstance(held, Coded):
                assert held.dtype.kind == {int: "i", float: "f"}[kind], (one.name, name)
        assert len(run.table(one.name)) == len(table)


@pytest.mark.parametrize("keep", KEEP)
def test_an_amount_keeps_what_is_declared_of_it(keep: str) -> None:
    found = simulate("baseline", end=2015, keep=keep, shocks=True)
    assert set(found.tables) == set(kept(keep))
    plain = simulate("baseline", end=2013, keep=keep)
    assert set(plain.tables) == {name for name in kept(keep) if not declared(name).asked}
    for name, share in kept(keep).items():
        if "year" in declared(name).columns and not declared(name).asked:
            years = set(found.table(name)["year"])
            assert years == ({2013, 2014, 2015} if share.every_year else {2013, 2015}), name


def test_what_is_kept_of_a_table_is_said_by_its_absence() -> None:
    found = simulate("baseline", end=2013, keep="indicators")
    for one in TABLES[1:]:
        with pytest.raises(InputError, match=f"no table of {one.name}(.|\n)*{one.kept_by()}"):
            found.table(one.name)
    with pytest.raises(InputError, match="did you mean 'loans'"):
        found.table("loan")


def test_landmarks_are_years_of_the_run() -> None:
    assert landmarks(2013, 2034) == {2013, 2030, 2034}
    assert landmarks(2015, 2020) == {2015, 2020}
    assert landmarks(2013, 2013) == {2013}


def test_a_table_that_is_not_declared_is_refused(run: Run) -> None:
    with pytest.raises(LookupError, match="no table 'ships' is declared"):
        Run(run.manifest, run.tables | {"ships": RowTable("ships", {}, {})})


# -------------------------------------------------------------------------------------- the store


@pytest.mark.parametrize("keep", KEEP)
def test_the_store_and_distant_workers_carry_every_table(tmp_path: Path, keep: str) -> None:
    member = Member(RunSettings.of(load_scenario("baseline"), end=2014, keep=keep, shocks=True))
    near, far = RunStore(tmp_path / "near"), RunStore(tmp_path / "far")
    assert [o.status for o in perform((member,), near)] == ["run"]
    (outcome,) = perform((member,), None)
    assert set(outcome.files) <= files_of_a_run()
    assert far.put_files(member, outcome.files)
    for store in (near, far):
        found = store.verify()
        assert (found.whole, found.damaged, found.foreign) == (1, {}, [])
        back = store.get(member.key)
        assert back is not None
        assert set(back.tables) == set(kept(keep))
    assert near.get(member.key) == far.get(member.key)


# ----------------------------------------------------------------------------------------- formats


def test_a_format_is_one_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "drawer").mkdir()
    (tmp_path / "drawer" / "tabbed.py").write_text(
        textwrap.dedent('''
        from sscsim.results.formats import Format

        class Tabbed(Format):
            """Values between tabs."""

            name = "tabbed"
            suffix = ".tsv"

            def write(self, columns):
                from sscsim.results.frames import frame

                return frame(columns).to_csv(sep="\\t", index=False).encode()
        ''')
    )
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "drawer")])
    try:
        assert "tabbed" in formats.formats()
        folder = run.export(tmp_path / "out", "tabbed")
        assert {p.name for p in folder.iterdir()} == {
            "manifest.json",
            *(f"{one.name}.tsv" for one in TABLES),
        }
        assert len(pd.read_csv(folder / "loans.tsv", sep="\t")) == len(run.loans)
    finally:
        forget(sys.modules.pop("sscsim.results.formats.tabbed").Tabbed)


def forget(kind: type[Format]) -> None:
    """Let no other test see a format."""
    kind.name = ""


def test_a_format_may_put_all_into_one_file(run: Run, tmp_path: Path) -> None:
    class Summary(Format):
        name: ClassVar[str] = "summary"
        suffix: ClassVar[str] = ".json"

        def files(self, tables, named):  # type: ignore[no-untyped-def]
            counts = {name: len(table) for name, table in tables.items()}
            return {"all.json": json.dumps([named.scenario, counts]).encode()}

    try:
        folder = run.export(tmp_path / "out", "summary")
        assert json.loads((folder / "all.json").read_bytes()) == [
            "baseline",
            {name: len(table) for name, table in run.tables.items()},
        ]
        run.export(tmp_path / "out", "csv")  # what was exported gives way to another export
        assert not (folder / "all.json").exists()
    finally:
        forget(Summary)


def test_a_format_may_have_no_room_for_some_tables(run: Run, tmp_path: Path) -> None:
    class Rows(Format):
        name: ClassVar[str] = "rows"
        suffix: ClassVar[str] = ".rows"

        def holds(self, table):  # type: ignore[no-untyped-def]
            return isinstance(table, RowTable)

        def write(self, columns: Columns) -> bytes:
            return str(len(columns)).encode()

    try:
        folder = run.export(tmp_path / "out", "rows")
        names = {p.stem for p in folder.iterdir() if p.suffix == ".rows"}
        assert names == {one.name for one in TABLES if one.kind is RowTable}
    finally:
        forget(Rows)


def test_an_export_is_no_saved_run_and_takes_no_runs_place(run: Run, tmp_path: Path) -> None:
    folder = run.export(tmp_path / "out", "parquet")
    with pytest.raises(InputError, match="not the manifest of a saved run"):
        Run.load(folder)
    saved = run.save(tmp_path / "run")
    with pytest.raises(OutputError, match="something else"):
        run.export(saved)
    with pytest.raises(InputError, match="did you mean 'parquet'"):
        run.export(tmp_path / "more", "parkuet")
    assert not (tmp_path / "more").exists()


def test_what_is_exported_says_the_same(run: Run, tmp_path: Path) -> None:
    # NumPy reads the text of a number to its last bit, which pandas' own reader does not.
    texts = partial(pd.read_csv, dtype=str)
    for form, read in (("csv", texts), ("parquet", pd.read_parquet)):
        folder = run.export(tmp_path / form, form)
        for one in TABLES:
            found = read(folder / f"{one.name}.{form}")
            wanted = run.table(one.name)
            assert list(found) == list(wanted)
            for name in wanted:
                if wanted[name].dtype.kind in "if":
                    assert np.array_equal(
                        found[name].to_numpy(float), wanted[name].to_numpy(float), equal_nan=True
                    )


def test_the_page_on_results_names_every_table_and_file() -> None:
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    for one in TABLES:
        assert f"`{one.name}`" in page
        assert f"{one.name}.{one.form}" in page


# ---------------------------------------------------------------------------------------- frames


def test_a_column_can_be_added_to_a_frame_without_a_warning(run: Run) -> None:
    for one in TABLES:
        table = run.table(one.name)
        for i in range(3):
            table[f"mine_{i}"] = float(i)  # warnings are errors here
    assert len(run.countries.columns) > 100
    copied = run.countries.copy()
    copied["share"] = copied["gdp"] / copied.groupby("year")["gdp"].transform("sum")
    assert copied["share"].sum() == pytest.approx(2.0)
