"""`sscsim data import` and `sscsim data fetch` as a user types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.world import fetching
from sscsim.world.fetching import Published


def called(*args: str) -> Result:
    return CliRunner().invoke(cli, ["data", *args])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Four economies, with a group, a federation of yesterday and one report that is far from the other."""
    path = tmp_path / "DOT.csv"
    rows = [
        ("China", "Germany", "XG_FOB_USD", 80.0),
        ("Germany", "China", "MG_CIF_USD", 90.0),
        ("Germany", "Kenya", "XG_FOB_USD", 50.0),
        ("Kenya", "Germany", "MG_CIF_USD", 0.5),
        ("China", "World", "XG_FOB_USD", 2000.0),
        ("China", "Serbia and Montenegro", "XG_FOB_USD", 1.5),
    ]
    head = "DATASET,COUNTRY,COUNTERPART_COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,SCALE,OBS_VALUE"
    path.write_text(
        "\n".join([head, *(f"IMTS,{a},{b},{c},A,2013,Billions,{v}" for a, b, c, v in rows)])
    )
    return path


def test_import_says_what_it_did_and_writes_a_matrix(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = called("import", table.name, "--out", "trade.csv")
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    for said in (
        "imf-dots (IMF, Direction of Trade Statistics",
        "unit dollars",
        "aggregates World",
        "Serbia and Montenegro, until 2006 among SRB, MNE",
        "2 pairs by both",
        "DEU–KEN 50 and 0.472 bn",
        "sscsim run --trade-matrix trade.csv",
    ):
        assert said in text, said
    lines = (tmp_path / "trade.csv").read_text().splitlines()
    assert lines[0] == "exporter,importer,value"
    assert len(lines) == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "trade.xlsx"), "the ending of this name says no format"),
        (("--out", "trade.csv", "--format", "imf"), "did you mean 'imf-dots'?"),
        (("--out", "trade.csv", "--year", "2001"), "the table has no trade of 2001"),
        (("--out", "trade.csv", "--unit", "busd"), "far from the recorded trade"),
        (("--out", "missing/trade.csv"), "missing"),
    ],
)
def test_mistakes_leave_nothing(
    table: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = called("import", table.name, *arguments)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert [one.name for one in tmp_path.iterdir()] == [table.name]


def test_fetch_lists_what_there_is_and_says_when_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = called("fetch")
    assert listed.exit_code == 0
    assert all(name in listed.output for name in fetching.PUBLISHED)
    nowhere = Published("made up", "none", "http://127.0.0.1:9/file.zip", "0 MB")
    monkeypatch.setitem(fetching.PUBLISHED, "baci", nowhere)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    failed = called("fetch", "baci", "--out", str(tmp_path / "down"))
    assert failed.exit_code == 2, failed.output
    assert "cannot be reached" in failed.output
    assert called("fetch", "bacci").exit_code == 2
