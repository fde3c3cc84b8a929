"""`sscsim bank`: the files, a run's books, and one message for each mistake."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from _lending import lending_run
from click.testing import CliRunner

from sscsim.cli.banks import bank
from sscsim.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sscsim.cli.places.open_run", lambda name: lending_run())


def ok(*args: str) -> str:
    result = CliRunner().invoke(bank, list(args), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_list_names_every_file_with_its_size() -> None:
    text = ok("list")
    for code in ("AIIB", "NDB", "ISDB", "CAF", "IND_EXIM", "CHN_POLICY", "OFID", "BADEA"):
        assert re.search(rf"^{code} ", text, re.MULTILINE), code
    assert "0.125 % of GDP" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_file_is_shown_with_its_sources_whatever_the_case_of_the_code() -> None:
    text = ok("isdb")
    assert "Islamic Development Bank" in text
    assert "limits country" in text
    assert "0.15 – Exposure to one country" in text
    assert "[not confirmed]" in " ".join(text.split())
    assert "56 more" not in text
    assert "and 49 more" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100


def test_a_users_institutions_are_listed(tmp_path: Path) -> None:
    for name, content in documented_files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    text = ok("list", "--institutions", str(tmp_path))
    assert "DBSS" in text
    assert "ZAF_LINES" in text
    assert "Development Bank of the Southern Seas" in ok("DBSS", "--institutions", str(tmp_path))


def documented_files() -> dict[str, str]:
    """Return the example files of the documentation, as a reader would copy them."""
    text = (ROOT / "docs" / "add-a-bank.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", text, re.DOTALL))
    assert set(found) == {"banks/DBSS.yaml", "lenders/zaf_lines.yaml"}
    return found


def test_the_books_of_a_bank_in_a_run() -> None:
    text = ok("aab", "--run", "mine")
    for part in (
        "AAB, development bank; scenario baseline, seed 7",
        "Balance sheet at the end of the year",
        "Flows of the year",
        "Ratios, %",
        "Beside external finance of developing economies",
        "Largest borrowers at the end of 2034",
        "Approvals since 2013, %",
    ):
        assert part in text
    assert re.search(r"^IND +1\.50 +2\.00$", text, re.MULTILINE)
    assert re.search(r"^energy +75", text, re.MULTILINE)
    assert re.search(r"^Disbursed, % of it .* 0\.100$", text, re.MULTILINE)


def test_chosen_years_only() -> None:
    head = ok("AAB", "--run", "mine", "--year", "2018", "--year", "2016").splitlines()[3]
    assert head.split() == ["2016", "2018"]


def test_a_lender_in_a_run_and_the_list_of_a_run() -> None:
    assert "of which in arrears" in ok("IND_EXIM", "--run", "mine")
    text = ok("list", "--run", "mine")
    assert re.search(r"^IND_EXIM +3\.00 +1\.50 +23$", text, re.MULTILINE)


def test_csv_holds_every_year() -> None:
    rows = list(csv.DictReader(io.StringIO(ok("AAB", "--run", "mine", "--csv"))))
    assert [int(row["year"]) for row in rows] == list(range(2013, 2035))
    assert float(rows[-1]["loans"]) == 19.0


def test_the_picture_is_written_and_its_place_printed(tmp_path: Path) -> None:
    printed = ok("AAB", "--run", "mine", "--plot", str(tmp_path), "--format", "svg").split()
    assert printed == [str(tmp_path / "bank_AAB.svg")]
    assert (tmp_path / "bank_AAB.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("AIB",), "did you mean 'AIIB'"),
        (("AAX", "--run", "mine"), "did you mean 'AAB'"),
        (("AAB", "--run", "mine", "--year", "2050"), "2013 to 2034"),
        (("AAB", "--institutions", "nowhere"), "no such folder"),
    ],
)
def test_a_mistake_is_one_clear_error(args: tuple[str, ...], says: str) -> None:
    with pytest.raises(InputError, match=says):
        CliRunner().invoke(bank, list(args), catch_exceptions=False)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("AIIB", "--plot", "."), "--plot goes with --run"),
        (("AIIB", "--csv"), "--csv goes with --run"),
        (("AIIB", "--year", "2018"), "--year goes with --run"),
        (("AIIB", "--draws", "20"), "--draws goes with --run"),
        (("AAB", "--run", "mine", "--draws", "20"), "--draws goes with --plot"),
        (("AAB", "--run", "mine", "--institutions", "."), "goes without --run"),
        ((), "Missing argument"),
    ],
)
def test_options_that_do_not_go_together(args: tuple[str, ...], says: str) -> None:
    result = CliRunner().invoke(bank, list(args))
    assert result.exit_code == 2
    assert says in result.output
