"""CSV is read strictly: a row has its line, whatever is wrong is one message with file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sscsim.csvfile import CsvFile, read_csv
from sscsim.errors import InputError


def table(text: str | bytes) -> CsvFile:
    return CsvFile(Path("a.csv"), text.encode() if isinstance(text, str) else text)


def test_rows_have_their_lines() -> None:
    file = table('a, b \n1,2\n\n,\n"3\n",4\n5,"6"\n,7\n')
    assert file.header == ["a", "b"]
    assert list(file.rows()) == [
        (2, ["1", "2"]),
        (5, ["3\n", "4"]),
        (7, ["5", "6"]),
        (8, ["", "7"]),
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_ends_of_lines_and_a_mark_of_order_mean_nothing(ends: str, mark: str) -> None:
    file = table(mark + ends.join(["a,b", "é,2", ""]))
    assert (file.header, list(file.rows())) == (["a", "b"], [(2, ["é", "2"])])


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        ("", None, "empty"),
        (" \n\n", None, "empty"),
        ("a\n\0\n", None, "no text|not a text"),
        (b"a,b\n1,2\n\xe9,3\n", 3, "UTF-8"),
        (b"\xff\xfea\0,\0", None, "text"),
        ("a,b\n1\n", 2, "as many cells"),
        ("a,b\n1,2\n1,2,3\n", 3, "as many cells"),
        ('a,b\n1,2\n"1,2\n', 3, "well-formed"),
        ('a,b\n"1"x,2\n', 2, "well-formed"),
        ('"a,b\n', 1, "well-formed"),
        ("a,b\n" + "x" * 200_000 + ",1\n", 2, "well-formed"),
        ("\na,b\n1,2\n", 1, "names no column"),
        (",\n1,2\n", 1, "names no column"),
        ("\r\r\x01", 1, "names no column"),
        ("a,b\n", 1, "no rows"),
        ("a,b\n , \n", 1, "no rows"),
        ("a,b\n,\n\n", 1, "no rows"),
    ],
)
def test_what_is_no_table_is_one_message(raw: str | bytes, line: int | None, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        list(table(raw).rows())
    assert (caught.value.file, caught.value.line) == ("a.csv", line)


@pytest.mark.parametrize(
    ("header", "found", "suggestion"),
    [
        ("iso3,valu", "valu", "value"),
        ("iso3,value,value", "value", None),
        ("iso3", "iso3", None),
        ("iso3,value,note,more", "more", None),
    ],
)
def test_a_header_holds_what_is_required(header: str, found: str, suggestion: str | None) -> None:
    file = table(f"{header}\n")
    with pytest.raises(InputError) as caught:
        file.check_header(("iso3", "value"), ("note",))
    assert (caught.value.line, caught.value.found) == (1, found)
    assert caught.value.suggestion == suggestion
    table("value,note,iso3\n").check_header(("iso3", "value"), ("note",))


def test_a_number_and_a_name_that_are_none() -> None:
    file = table("a\n1\n")
    assert file.number(" 1e3 ", 2, "a") == 1000
    for text in ("", "one", "1,5", "0x10"):
        with pytest.raises(InputError) as caught:
            file.number(text, 2, "a")
        assert (caught.value.line, caught.value.key, caught.value.found) == (2, "a", text)
    error = file.unknown("group of this name", "Sowth", ["South"], 2, "a")
    assert (error.file, error.line, error.suggestion) == ("a.csv", 2, "South")


def test_the_budget_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    assert list(read_csv(path, 4).rows()) == [(2, ["1"])]
    with pytest.raises(InputError, match="too large"):
        read_csv(path, 3)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=60), st.text('ab1,"\n\r \0é', max_size=40).map(str.encode)))
def test_any_bytes_give_rows_of_one_length_or_one_message(raw: bytes) -> None:
    try:
        file = table(raw)
        rows = list(file.rows())
    except InputError as refusal:
        assert str(refusal)  # noqa: PT017
        return
    assert rows
    assert all(len(cells) == len(file.header) for _, cells in rows)
    lines = [line for line, _ in rows]
    assert lines == sorted(set(lines))
