"""One reader for all kinds: whose file counts, what clashes, what is kept by content, and which folders are slips."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.model import SouthSouthModel
from sscsim.resources import package_folder
from sscsim.world.institutions import (
    Bank,
    Centre,
    Fund,
    InstitutionFiles,
    Lender,
    Partner,
    kinds,
    load_institutions,
)
from sscsim.world.institutions.schema import names_in

SHIPPED = package_folder() / "institutions"
SOME = {kind.folder: sorted((SHIPPED / kind.folder).glob("*.yaml"))[0] for kind in kinds()}
"""A file of each kind."""


def own(folder: Path, kind: str, *changes: tuple[str, str], name: str = "mine") -> Path:
    """Write a file of a kind, changed, into a user's folder."""
    text = SOME[kind].read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / kind / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def code_of(kind: str) -> str:
    line = next(
        x for x in SOME[kind].read_text(encoding="utf-8").splitlines() if x.startswith("code: ")
    )
    return line.removeprefix("code: ")


def refused(folder: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_institutions(folder=folder)
    assert caught.value.exit_code == 2
    return caught.value


# ------------------------------------------------------------------------------------------------------- whose counts


@pytest.mark.parametrize("kind", SOME)
def test_a_users_file_joins_or_replaces_one_that_ships(tmp_path: Path, kind: str) -> None:
    model = next(k.model for k in kinds() if k.folder == kind)
    before = load_institutions().of(model)
    own(tmp_path, kind, (f"code: {code_of(kind)}", "code: MINE"))
    assert len(load_institutions(folder=tmp_path).of(model)) == len(before) + 1
    own(tmp_path, kind, ("name: ", "name: Another "))
    after = load_institutions(folder=tmp_path).of(model)
    assert [item.code for item in after] == [item.code for item in before]
    assert sum(item.name.startswith("Another ") for item in after) == 1
    assert load_institutions().of(model) == before, "and the next run without the folder has none"


def test_every_kind_has_a_folder_that_ships_and_no_folder_is_without_a_kind() -> None:
    assert {kind.folder for kind in kinds()} == {p.name for p in SHIPPED.iterdir() if p.is_dir()}


def test_names_are_found_wherever_they_stand() -> None:
    files = load_institutions()
    lender = next(f for f in files.of(Lender) if f.code == "IND_EXIM")
    found = {keys: (name, named.what) for keys, name, named in names_in(lender)}
    assert found["headquarters",] == ("IND", "country")
    assert found["funders", "of", "IND"] == ("IND", "country")
    assert found["terms", 0, "to"] == ("LDC", "country or group")
    assert found["alliance", "members", 0] == ("tropics", "country or group")
    partner = next(p for p in files.of(Partner) if p.code == "ISDB-RL")
    assert ("ISDB", "bank") in {(name, named.what) for _, name, named in names_in(partner)}


# ------------------------------------------------------------------------------------------------------ what clashes

CLASHES = [
    (kind, other) for kind in SOME for other in SOME if kind != other and {kind, other} & {"banks"}
] + [("funds", "centres"), ("lenders", "partners"), ("corridors", "bodies")]


@pytest.mark.parametrize(("kind", "other"), CLASHES)
def test_a_code_names_one_institution_whatever_its_kind(tmp_path, kind, other) -> None:
    path = own(tmp_path, kind, (f"code: {code_of(kind)}", f"code: {code_of(other)}"))
    error = refused(tmp_path)
    one = next(k.one for k in kinds() if k.folder == other)
    assert f"this code is that of a {one}" in error.message
    assert (error.file, error.key, error.found) == (str(path), "code", code_of(other))
    assert error.line is not None


@pytest.mark.parametrize("code", ["Aiib", "AIIb", "NDb"])
def test_codes_that_differ_in_case_alone_clash(tmp_path, code) -> None:
    own(tmp_path, "banks", (f"code: {code_of('banks')}", f"code: {code}"))
    assert f"any but {code.upper()}" in str(refused(tmp_path))


@pytest.mark.parametrize("kind", SOME)
def test_two_files_of_a_folder_with_one_code_are_refused(tmp_path, kind) -> None:
    own(tmp_path, kind, name="a")
    path = own(tmp_path, kind, name="b")
    error = refused(tmp_path)
    assert error.file == str(path)
    assert "a.yaml has this code already" in error.message


def test_a_bank_at_the_top_and_one_in_its_folder_clash(tmp_path) -> None:
    shutil.copy(own(tmp_path, "banks"), tmp_path / "top.yaml")
    assert "has this code already" in refused(tmp_path).message


@pytest.mark.parametrize(
    ("kind", "file", "change", "key", "what"),
    [
        ("partners", "isdb", ("bank: ISDB", "bank: ISDBB"), "bank", "no bank of this code"),
        ("partners", "isdb", ("bank: ISDB", "bank: KFAED"), "bank", "no bank of this code"),
        ("corridors", "china_pakistan", ("CHN_STATE", "CHN_STAT"), "lender.1", "no lender"),
    ],
)
def test_who_is_named_by_code_must_be_there(tmp_path, kind, file, change, key, what) -> None:
    text = (SHIPPED / kind / f"{file}.yaml").read_text(encoding="utf-8")
    (tmp_path / kind).mkdir()
    path = tmp_path / kind / f"{file}.yaml"
    path.write_text(text.replace(*change), encoding="utf-8")
    error = refused(tmp_path)
    assert what in error.message
    assert (error.file, error.key) == (str(path), key)
    assert error.line is not None


def test_who_is_named_may_be_the_users_own(tmp_path) -> None:
    own(tmp_path, "banks", (f"code: {code_of('banks')}", "code: MYBANK"))
    (tmp_path / "partners").mkdir()
    text = (SHIPPED / "partners" / "isdb.yaml").read_text(encoding="utf-8")
    text = text.replace("bank: ISDB", "bank: MYBANK").replace("code: ISDB-RL", "code: MINE")
    (tmp_path / "partners" / "mine.yaml").write_text(text, encoding="utf-8")
    assert "MINE" in {p.code for p in load_institutions(folder=tmp_path).of(Partner)}


# ----------------------------------------------------------------------------------------------- kept by the content


@pytest.mark.parametrize("kind", SOME)
def test_a_file_that_is_edited_is_read_again_whatever_its_time(tmp_path, kind) -> None:
    def names() -> set[str]:
        return {item.name for item in load_institutions(folder=tmp_path).of(model)}

    model = next(k.model for k in kinds() if k.folder == kind)
    path = own(tmp_path, kind, ("name: ", "name: First "))
    times = path.stat().st_mtime_ns
    assert any(name.startswith("First ") for name in names())
    text = path.read_text(encoding="utf-8").replace("name: First ", "name: Other ")
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(times, times))  # as long as before, and of the same time
    assert any(name.startswith("Other ") for name in names())
    assert not any(name.startswith("First ") for name in names())


def test_a_lender_that_is_edited_lends_otherwise_in_the_next_run(tmp_path) -> None:
    def terms() -> float:
        model = SouthSouthModel(seed=1, end=2013, institutions=tmp_path)
        base = model.submodels["credit"].base  # type: ignore[attr-defined]
        return float(base.lenders.tied[base.lenders.codes.index("ADFD")])

    assert code_of("lenders") == "ADFD"
    path = own(tmp_path, "lenders", ("tied: {value: 0.0", "tied: {value: 0.2"))
    times = path.stat().st_mtime_ns
    assert terms() == 0.2
    own(tmp_path, "lenders", ("tied: {value: 0.0", "tied: {value: 0.7"))
    os.utime(path, ns=(times, times))
    assert terms() == 0.7


def test_the_same_files_are_one_object_and_others_are_not(tmp_path) -> None:
    once = load_institutions()
    assert load_institutions() is once
    assert hash(load_institutions()) == hash(once)
    own(tmp_path, "funds", ("name: ", "name: Another "))
    mine = load_institutions(folder=tmp_path)
    assert isinstance(mine, InstitutionFiles)
    assert mine != once
    assert mine.content_hash != once.content_hash
    other = tmp_path / "other"
    own(other, "funds", ("name: ", "name: Another "))
    again = load_institutions(folder=other)
    assert again == mine, "the same bytes in another folder"
    assert again.of(Fund) == mine.of(Fund)


# ----------------------------------------------------------------------------------------------------------- folders


@pytest.mark.parametrize(
    ("name", "meant"), [("bank", "banks"), ("partner", "partners"), ("centers", "centres")]
)
def test_a_folder_whose_name_is_a_slip_is_refused(tmp_path, name, meant) -> None:
    own(tmp_path, "funds")
    (tmp_path / name).mkdir()
    shutil.copy(SOME["centres"], tmp_path / name / "one.yaml")
    error = refused(tmp_path)
    assert (error.found, error.suggestion) == (name, meant)


def test_a_folder_of_something_else_is_left_alone(tmp_path) -> None:
    own(tmp_path, "centres")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").write_text("name: mine\n", encoding="utf-8")
    assert len(load_institutions(folder=tmp_path).of(Centre)) == len(load_institutions().of(Centre))


@pytest.mark.parametrize("where", ["", "banks", "lenders", "centres"])
def test_a_file_that_ends_otherwise_is_not_left_out_in_silence(tmp_path, where) -> None:
    own(tmp_path, "funds")
    place = tmp_path / where
    place.mkdir(exist_ok=True)
    (place / "mine.yml").write_text("code: MINE\n", encoding="utf-8")
    assert "ends otherwise" in refused(tmp_path).message


@pytest.mark.parametrize("inside", [None, "banks", "scenarios"])
def test_a_folder_without_a_file_of_an_institution_is_refused(tmp_path, inside) -> None:
    if inside is not None:
        (tmp_path / inside).mkdir()
    assert "no file of an institution" in refused(tmp_path).message


def test_banks_at_the_top_are_banks(tmp_path) -> None:
    text = (
        SOME["banks"].read_text(encoding="utf-8").replace(f"code: {code_of('banks')}", "code: TOP")
    )
    (tmp_path / "top.yaml").write_text(text, encoding="utf-8")
    assert "TOP" in {bank.code for bank in load_institutions(folder=tmp_path).of(Bank)}
