"""Banks' files: what ships is read, and every mistake is one clear error with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.resources import package_folder
from sscsim.world.institutions import Bank, load_institutions, read_institution

BANKS = package_folder() / "institutions" / "banks"


def changed(tmp_path: Path, *changes: tuple[str, str], bank: str = "ndb") -> Path:
    text = (BANKS / f"{bank}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "bank.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_institution(Bank, path)
    error = caught.value
    assert error.exit_code == 2
    assert error.file == str(path)
    assert error.line is not None
    return error


def test_the_banks_that_ship_are_whole_and_sourced() -> None:
    banks = {bank.code: bank for bank in load_institutions().of(Bank)}
    assert {"AIIB", "CAF", "ISDB", "NDB"} <= set(banks)
    assert banks["NDB"].callable == pytest.approx(40.0)
    assert banks["AIIB"].opened_year == 2016
    assert banks["AIIB"].opened_at == pytest.approx(2016.04, abs=0.01)
    assert sum(m.share for m in banks["NDB"].members.of.values()) == pytest.approx(1.0)
    founders = [m for m in banks["AIIB"].members.of.values() if m.since is None]
    assert len(founders) == 54  # of 57 signatories, on 31 March 2020


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("    IND: {", "    INX: {", "members.of.INX", "no country of this name"),
        ("headquarters: CHN", "headquarters: CHX", "headquarters", "no country of this name"),
        ("  country:\n    value: 0.3", "  contry:\n    value: 0.3", "limits", "country"),
        ("BRA: {share: 0.2}", "BRA: {share: 0.3}", "members.of", "above 100 %"),
        ("2016: 0.075", "2016: 0.975", "capital.payments", "above 100 %"),
        ("energy: 0.27", "energy: 0.47", "sectors", "above 100 %"),
        ("grace: 4", "grace: 18", "windows.sovereign.grace", "never repay"),
        (
            "weights: {}",
            "weights: {asiaa: 1.0}",
            "regions.weights.asiaa",
            "no country or group of this name",
        ),
        ("share: 0.825\n", "share: 0.7\n", "", "windows add up"),
        ("opened: 2015-07-21", "opened: soon", "", "is written otherwise"),
        ("opened: 2015-07-21", "opened: 2005-07-21", "", "needs an opening_balance"),
        ("value: 10.0, source", "value: 60.0, source", "capital", "part of subscribed"),
        ("value: 50.0, source", "value: 150.0, source", "capital", "above authorised"),
        ("  base: capital", "  base: money", "limits.statutory.base", "capital"),
        ("scoring:\n", "scoring:\n  lcd: 1.0\n", "scoring.lcd", "not known here"),
    ],
)
def test_a_mistake_is_one_clear_error(tmp_path, old, new, key, words) -> None:
    error = complaint(changed(tmp_path, (old, new)))
    assert words in str(error)
    assert key in (error.key or "")


def test_a_missing_limit_is_named(tmp_path: Path) -> None:
    text = (BANKS / "ndb.yaml").read_text(encoding="utf-8")
    start = text.index("  country:\n    value: 0.3")
    end = text.index("  liquidity:")
    path = tmp_path / "bank.yaml"
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    error = complaint(path)
    assert "'country' is missing" in error.message
    assert error.key == "limits"


def test_the_nearest_code_is_suggested(tmp_path: Path) -> None:
    error = complaint(changed(tmp_path, ("    IND: {", "    INDD: {")))
    assert error.suggestion == "IND"


def test_an_opening_balance_must_balance(tmp_path: Path) -> None:
    text = (BANKS / "isdb.yaml").read_text(encoding="utf-8")
    line = next(x for x in text.splitlines() if x.strip().startswith("loans:"))
    error = complaint(changed(tmp_path, (line, "  loans: 1000.0"), bank="isdb"))
    assert "does not balance" in str(error)


def test_a_users_file_replaces_or_joins_those_that_ship(tmp_path: Path) -> None:
    changed(tmp_path, ("name: New Development Bank", "name: Another Bank"))
    banks = {b.code: b for b in load_institutions(folder=tmp_path).of(Bank)}
    assert banks["NDB"].name == "Another Bank"
    changed(tmp_path, ("code: NDB", "code: MINE"))  # the same path, edited
    assert "MINE" in {b.code for b in load_institutions(folder=tmp_path).of(Bank)}
    with pytest.raises(InputError, match="no such folder"):
        load_institutions(folder=tmp_path / "nowhere")
