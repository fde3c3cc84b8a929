"""What ships may be passed on: every source has a notice, and nothing of the refused ones is in it."""

from __future__ import annotations

import json
import subprocess
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import _refused
import numpy as np
import pandas as pd
import pytest

from sscsim.world.columns import load_columns
from sscsim.world.sources import licence_expression, notices

ROOT = Path(__file__).resolve().parents[2]
NOTICES = ROOT / "sscsim" / "world" / "data" / "DATA-LICENSES.md"
REFUSED: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[1] / "refused.json").read_text("utf-8")
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def sources_of_columns() -> set[str]:
    tables = load_columns().tables.values()
    return {code for columns in tables for column in columns.values() for code in column.source}


def test_every_column_has_a_source_with_a_notice_and_every_notice_a_column() -> None:
    assert set(load_columns().sources) == sources_of_columns()
    text = NOTICES.read_text("utf-8")
    for code in load_columns().sources:
        assert f"- Code: `{code}`\n" in text, code


def test_every_column_of_every_table_is_described() -> None:
    described = load_columns()
    folder = NOTICES.parent
    for path in sorted(folder.glob("*.csv")) + sorted(folder.glob("*.parquet")):
        table = _refused.read_table(path.name, path.read_bytes())
        assert table is not None
        for name in table.columns:
            assert described.find(path.name, str(name)) is not None, f"{path.name} {name}"
    # No notice speaks of a table that is not there.
    assert all((folder / name).is_file() for name in described.tables)


def test_the_notices_are_those_of_the_sources() -> None:
    assert NOTICES.read_text("utf-8") == notices(), "python -m tools.world_data.notices"


@pytest.mark.parametrize(
    "word", ["Edition", "Address", "Licence", "Terms", "Copyright", "Changes", "To pass on"]
)
def test_a_notice_says_what_a_licence_asks_for(word: str) -> None:
    text = NOTICES.read_text("utf-8")
    assert text.count(f"\n- {word}: ") == len(load_columns().sources)
    assert f"\n- {word}: \n" not in text


def test_the_licence_covers_code_and_data() -> None:
    assert PROJECT["license"] == licence_expression()
    assert str(NOTICES.relative_to(ROOT)) in PROJECT["license-files"]
    assert {"MIT", "CC-BY-4.0"} <= set(PROJECT["license"].split(" AND "))


def test_figures_of_the_base_year_have_a_publisher_or_a_mark() -> None:
    folder = NOTICES.parent
    read = {"keep_default_na": False, "na_values": [""]}
    table = pd.read_csv(folder / "base_year.csv", **read).set_index("iso3")
    owners = pd.read_csv(folder / "base_year_sources.csv", **read).set_index("iso3")
    marks = pd.read_csv(folder / "imputed.csv", **read)
    marks = marks[marks["table"] == "base_year"].drop_duplicates(["iso3", "column"])
    imputed = pd.crosstab(marks["iso3"], marks["column"]).reindex(
        index=table.index, columns=table.columns, fill_value=0
    )
    assert ((imputed == 1) == owners.loc[table.index, table.columns].isna()).all(axis=None)
    for column in table.columns:
        named = set(load_columns().tables["base_year.csv"][column].source)
        for codes in owners[column].dropna().unique():
            assert set(codes.split("+")) <= named, f"{column}: {codes}"
    assert imputed.to_numpy().mean() < 0.15


# ------------------------------------------------------------------------------ refused sources


def repository() -> Iterator[tuple[str, bytes]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    ).stdout.decode()
    names = [name for name in listed.split("\0") if name] or [
        str(path.relative_to(ROOT))
        for folder in ("sscsim", "tools", "tests", "benchmarks", "calibration", "docs")
        for path in (ROOT / folder).rglob("*.*")
    ]
    for name in names:
        if (ROOT / name).is_file() and Path(name).suffix in (".csv", ".parquet"):
            yield name, (ROOT / name).read_bytes()


def archive(kind: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    if kind == "wheel":
        from hatchling.builders.wheel import WheelBuilder

        built = Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder)))))
        with zipfile.ZipFile(built) as wheel:
            assert any(
                n.endswith("licenses/sscsim/world/data/DATA-LICENSES.md") for n in wheel.namelist()
            )
            assert "sscsim/world/data/DATA-LICENSES.md" in wheel.namelist()
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
        return
    from hatchling.builders.sdist import SdistBuilder

    built = Path(next(iter(SdistBuilder(str(ROOT)).build(directory=str(folder)))))
    with tarfile.open(built) as sdist:
        for member in sdist.getmembers():
            file = sdist.extractfile(member)
            if file is not None and member.name.endswith((".csv", ".parquet")):
                yield member.name, file.read()


@pytest.mark.parametrize("place", ["repository", "wheel", "sdist"])
def test_nothing_of_a_refused_source_is_in(place: str, tmp_path: Path) -> None:
    files = repository() if place == "repository" else archive(place, tmp_path)
    assert _refused.search(files, REFUSED) == []


@pytest.mark.parametrize("disguise", ["as it is", "renamed", "in shares", "long", "parquet"])
def test_the_search_would_find_it(disguise: str) -> None:
    codes = list(_refused.ECONOMIES)
    values = np.array([0.754, 0.719, 0.911, 0.586, 0.535, 0.756, 0.914, 0.658])
    secret = {"the publisher": [_refused.fingerprint(values) or ""]}
    table = pd.DataFrame({"iso3": [*codes, "NAM"], "index": [*values, 0.62]})
    if disguise == "renamed":
        table = table.rename(columns={"index": "quality"}).sample(frac=1.0, random_state=1)
    elif disguise == "in shares":
        table["index"] *= 100.0
    elif disguise == "long":
        other = table.assign(variable="other", index=np.linspace(1.0, 9.0, 9))
        table = pd.concat([table.assign(variable="mine"), other])
    name = "t.parquet" if disguise == "parquet" else "t.csv"
    raw = (
        table.to_parquet(index=False)
        if disguise == "parquet"
        else table.to_csv(index=False).encode()
    )
    found = _refused.search(iter([(name, raw)]), secret)
    assert len(found) == 1
    assert "the publisher" in found[0]
    assert _refused.search(iter([(name, raw)]), {"another": ["0" * 20]}) == []


def test_the_search_knows_some_dozens_of_figures() -> None:
    assert len(REFUSED) >= 12
    assert sum(map(len, REFUSED.values())) >= 60
