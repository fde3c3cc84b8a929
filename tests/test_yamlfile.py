"""YAML is read strictly and fast: whatever a file holds, there is data or one clear message, never a traceback."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sscsim import yamlfile
from sscsim.errors import InputError
from sscsim.yamlfile import LARGEST_FILE_BYTES, Block, Complaint, Listed, read_yaml

ROOT = Path(__file__).resolve().parents[1]
QUICK = 2.0  # seconds


@pytest.fixture(autouse=True, scope="module", params=["libyaml", "plain"])
def parser(request):
    """Run every test with libyaml and with PyYAML's own parser."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "plain":
            patch.setattr(yamlfile, "PARSER", yamlfile._PlainParser)
        else:
            assert yamlfile.PARSER is not yamlfile._PlainParser, "PyYAML's compiled part is missing"
        yield request.param


def read(folder: Path, content: str | bytes):
    path = folder / "file.yaml"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    started = time.process_time()
    try:
        return read_yaml(path)
    finally:
        assert time.process_time() - started < QUICK


def refused(folder: Path, content: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(folder, content)
    error = caught.value
    assert error.file == str(folder / "file.yaml")
    assert error.exit_code == 2
    assert len(str(error)) < 1500, "a message, not the file"
    return error


# ------------------------------------------------------------------------------------------------------- what is read


def test_plain_data_with_the_line_of_every_key(tmp_path) -> None:
    document = read(tmp_path, "a: 1\nb:\n  c: [x, 2.5, 1e-3]\n  # a remark\n  d: {e: null}\n")
    assert document.data == {"a": 1, "b": {"c": ["x", 2.5, 0.001], "d": {"e": None}}}
    assert document.line("a") == 1
    assert document.line("b", "c") == 3
    assert document.line("b", "d", "e") == 5
    assert document.line("b", "d", "nowhere") == 5  # the nearest parent
    assert document.line() == 1


def test_words_and_numbers_as_yaml_1_2_reads_them(tmp_path) -> None:
    document = read(
        tmp_path,
        "country: NO\nanswer: yes\nsmall: 1e-3\nday: 2018-07-26\nquoted: '1'\n2020: year\ntrue_: true\n",
    )
    assert document.data == {
        "country": "NO",
        "answer": "yes",
        "small": 0.001,
        "day": "2018-07-26",
        "quoted": "1",
        2020: "year",
        "true_": True,
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("TRUE", True),
        ("false", False),
        ("tRue", "tRue"),
        ("~", None),
        ("Null", None),
        ("''", ""),
        ("12", 12),
        ("-12", -12),
        ("+3", 3),
        ("007", 7),
        ("1_000", 1000),
        ("0x1F", 31),
        ("-0o17", -15),
        ("0b101", 5),
        ("0x", "0x"),
        ("0x_", "0x_"),
        ("0b2", "0b2"),
        ("-_", "-_"),
        ("_1", "_1"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5e2", -50.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1e", "1e"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("'1e3'", "1e3"),
        ('"true"', "true"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "\N{ARABIC-INDIC DIGIT ONE}"),
        ("1\N{ARABIC-INDIC DIGIT ONE}", "1\N{ARABIC-INDIC DIGIT ONE}"),
    ],
)
def test_the_core_schema(tmp_path, written: str, value: object) -> None:
    read_as = read(tmp_path, f"a: {written}\n").data["a"]
    assert (type(read_as), read_as) == (type(value), value)


def test_both_parsers_read_what_ships_alike(parser: str) -> None:
    if parser == "plain":
        return
    files = [f for d in ("sscsim", "scenarios", "calibration") for f in (ROOT / d).rglob("*.yaml")]
    assert len(files) > 90
    started = time.process_time()
    fast = [read_yaml(f) for f in files]
    took = time.process_time() - started
    assert took < 1.0, "0.1 s where nothing else runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamlfile, "PARSER", yamlfile._PlainParser)
        slow = [read_yaml(f) for f in files]
    assert [repr(f) for f in fast] == [repr(f) for f in slow]


@pytest.mark.parametrize(
    "content", [b"a: 1\r\nb: 2\r\n", b"\xef\xbb\xbfa: 1\nb: 2\n", b"---\na: 1\nb: 2\n"]
)
def test_line_ends_marks_and_document_starts_do_not_matter(tmp_path, content: bytes) -> None:
    document = read(tmp_path, content)
    assert document.data == {"a": 1, "b": 2}
    assert document.line("b") - document.line("a") == 1


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing but a remark\n", "---\n"])
def test_an_empty_file_holds_nothing(tmp_path, content: str) -> None:
    try:
        assert read(tmp_path, content).data == {}
    except InputError as refusal:  # a document that says null is no mapping
        assert "mapping" in refusal.message  # noqa: PT017


def test_words_of_any_script(tmp_path) -> None:
    assert read(tmp_path, "title: {zh: 基准情景, ar: الجنوب}\n").data["title"]["zh"] == "基准情景"


# ---------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "twice"),
        ("a:\n  b: 1\n  b: 2\n", 3, "twice"),
        ("1: a\n1: b\n", 2, "twice"),
        ("2014: a\n'2014': b\n", 2, "twice"),
        ("a: {'-3': 1, -3: 2}\n", 1, "twice"),
        ("a:\n  0x10: 1\n  '16': 2\n", 3, "twice"),
        ("a: &x [1]\nb: *x\n", None, "alias"),
        ("a: *nowhere\n", 1, "alias"),
        ("a: &x\n  b: *x\n", None, "alias"),
        ("base: &b {x: 1}\nc:\n  <<: *b\n", None, "alias"),
        ("a: !!python/object/apply:os.system [id]\n", 1, "tag"),
        ("a: !custom 1\n", 1, "tag"),
        ("a: !!binary aGVsbG8=\n", 1, "tag"),
        ("a: !!set {x, y}\n", 1, "tag"),
        ("a: !!omap [x: 1]\n", 1, "tag"),
        ("!!map {a: !x [1]}\n", 1, "tag"),
        ("a: .nan\n", 1, "finite"),
        ("a: [1, .inf]\n", 1, "finite"),
        ("a:\n- -.inf\n", 2, "finite"),
        ("a: 1e999\n", 1, "finite"),
        ("a: 0x" + "F" * 5_000 + "\n", 1, "finite"),
        ("a: -0o" + "7" * 5_000 + "\n", 1, "finite"),
        ("a:\n- 0b" + "1" * 20_000 + "\n", 2, "finite"),
        ("a: " + "9" * 310 + "\n", 1, "finite"),
        ("0x" + "F" * 400 + ": 1\n", 1, "finite"),
        ("- 1\n- 2\n", 1, "mapping"),
        ("just a text\n", 1, "mapping"),
        ("42\n", 1, "mapping"),
        ("a: [1, 2\nb: 3\n", None, "YAML"),
        ("a: 'open\n", None, "YAML"),
        ("a: b: c\n", 1, "YAML"),
        ("a:\n\tb: 1\n", 2, "YAML"),
        ("a: 1\n  b: 2\n", None, "YAML"),
        ("? [1, 2]\n: x\n", 1, "key"),
        ("? {a: 1}\n: x\n", 1, "key"),
        ("true: x\n", 1, "key"),
        ("1.5: x\n", 1, "key"),
        ("null: x\n", 1, "key"),
        ("a: 1\n---\nb: 2\n", None, "YAML"),
        ("%YAML 9.9\n---\na: 1\n", None, None),
        ("a: \x00\n", None, "YAML"),
        ("a: \x07\n", None, "YAML"),
    ],
    ids=lambda v: repr(v)[:40],
)
def test_what_is_not_plain_data_is_refused_in_one_message(tmp_path, content, line, words) -> None:
    error = refused(tmp_path, content)
    if line is not None:
        assert error.line == line, str(error)
    if words is not None:
        assert words in str(error), str(error)


@pytest.mark.parametrize(
    "content",
    [
        b"a: \xff\xfe\n",
        b"\xff\xfea\x00:\x00 \x001\x00",
        b"a: \xe9t\xe9\n",
        b"\x89PNG\r\n\x1a\n\x00",
    ],
)
def test_a_file_that_is_not_utf_8_is_refused(tmp_path, content: bytes) -> None:
    assert "UTF-8" in refused(tmp_path, content).message


def test_a_bomb_of_aliases_does_not_go_off(tmp_path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert "alias" in refused(tmp_path, "\n".join(lines)).message


@pytest.mark.parametrize(
    "content",
    [
        "a: " + "[" * 20_000 + "]" * 20_000,
        "a: " + "{x: " * 5_000 + "1" + "}" * 5_000,
        "".join("  " * i + "a:\n" for i in range(400)),
        "a: " + "[" * 100_000,
        "a: " + "- " * 50_000,
    ],
    ids=["lists", "mappings", "indented", "open lists", "dashes"],
)
def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack(tmp_path, content: str) -> None:
    refused(tmp_path, content)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path) -> None:
    error = refused(tmp_path, "a: 1\n" + "#" * LARGEST_FILE_BYTES)
    assert "large" in error.message


def test_a_number_of_many_digits_does_not_stall(tmp_path) -> None:
    try:
        read(tmp_path, "a: " + "9" * 100_000 + "\n")
    except InputError as refusal:
        assert len(str(refusal)) < 1500  # noqa: PT017


def test_a_missing_file_a_folder_and_one_that_may_not_be_read(tmp_path) -> None:
    for path in (tmp_path / "nothing.yaml", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            read_yaml(path)


def test_a_name_no_file_can_have() -> None:
    with pytest.raises(InputError):
        read_yaml(Path("x" * 5000))
    with pytest.raises(InputError):
        read_yaml(Path("a\x00b"))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
    )
)
def test_any_bytes_give_data_or_one_message(tmp_path, content: bytes) -> None:
    try:
        assert isinstance(read(tmp_path, content).data, dict)
    except InputError as refusal:
        assert str(refusal)  # noqa: PT017


PIECES = (
    "a|b|:|-|[|]|{|}|,|&|*|!|>|'|\"|%|@|`|#|?|1|1.5|.nan|.inf|true|null|~|<<|\n|\t|\n  | |: |- |&a |*a|!!set |---\n"
    "|!!timestamp |2001-12-14|0o7|0x1F"
)
YAMLISH = st.lists(
    st.sampled_from([*PIECES.split("|"), "|"]),
    max_size=25,
).map("".join)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(YAMLISH)
def test_anything_that_looks_like_yaml_gives_plain_data_or_one_message(
    tmp_path, content: str
) -> None:
    def check(value) -> None:
        assert type(value) in (dict, list, str, int, float, bool, type(None)), repr(value)
        for part in (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        ):
            check(part)

    try:
        check(read(tmp_path, content).data)
    except InputError as refusal:
        assert str(refusal)  # noqa: PT017


# --------------------------------------------------------------------------------------------------------- validation


class Kinds(Block):
    number: float = 1.0
    count: int = 1
    flag: bool = True
    text: str = ""
    pair: Listed[tuple[float, float]] = (0.0, 1.0)
    by_year: dict[int, float] = Field({})
    many: list[int] = Field([])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("number: true", "number"),
        ("number: '1.5'", "number"),
        ("count: false", "count"),
        ("count: 2.0", "count"),
        ("count: '2'", "count"),
        ("flag: 1", "flag"),
        ("flag: yes", "flag"),
        ("text: 1", "text"),
        ("text: 2018", "text"),
        ("pair: [0, true]", "pair"),
        ("pair: {0: 1}", "pair"),
        ("by_year: {2014: true}", "by_year.2014"),
        ("by_year: {'2014': 1}", "by_year.2014"),
        ("many: [1, true]", "many"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path, content: str, key: str) -> None:
    document = read(tmp_path, content)
    with pytest.raises(InputError) as caught:
        document.validate(Kinds, document.data)
    assert str(caught.value.key).startswith(key)


def test_a_whole_number_is_a_number_and_a_list_fills_a_pair(tmp_path) -> None:
    document = read(tmp_path, "number: 2\npair: [1, 2.5]\nby_year: {2014: 3}\nflag: false\n")
    kinds = document.validate(Kinds, document.data)
    assert (kinds.number, kinds.pair, kinds.by_year, kinds.flag) == (2, (1, 2.5), {2014: 3}, False)


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int
    first: int | None = Field(None, alias="from")


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["a", "b"]
    inner: float | Inner | list[Inner]
    many: dict[str, Inner] = {}


@pytest.mark.parametrize(
    ("content", "line", "key", "suggestion"),
    [
        ("kind: a\ninner: 1\nkinds: b\n", 3, "kinds", "kind"),
        ("kind: a\ninner:\n  size: 1\n  form: 2\n", 4, "inner.form", "from"),
        ("kind: a\ninner:\n- size: 1\n- size: 2\n  sise: 3\n", 5, "inner.1.sise", "size"),
        (
            "kind: a\ninner: 1\nmany:\n  x: {size: 1}\n  y: {syze: 1, size: 1}\n",
            5,
            "many.y.syze",
            "size",
        ),
        ("kind: c\ninner: 1\n", 1, "kind", None),
        ("kind: a\ninner: wide\n", 2, "inner", None),
        ("kind: a\ninner: {size: wide}\n", 2, "inner.size", None),
        ("kind: a\ninner: {from: 2}\n", 2, "inner", None),
        ("inner: 1\n", None, None, None),
    ],
)
def test_a_complaint_names_the_key_that_is_wrong(tmp_path, content, line, key, suggestion) -> None:
    document = read(tmp_path, content)
    with pytest.raises(InputError) as caught:
        document.validate(Outer, document.data)
    error = caught.value
    assert (error.key, error.suggestion) == (key, suggestion), str(error)
    assert line is None or error.line == line
    assert "Traceback" not in str(error)


def test_required_texts_and_mappings(tmp_path) -> None:
    document = read(tmp_path, "name: x\ntable: {a: 1}\nnumber: 3\n")
    assert document.string("name") == "x"
    assert document.mapping("table") == {"a": 1}
    for ask, key in (
        (document.string, "number"),
        (document.mapping, "name"),
        (document.string, "none"),
    ):
        with pytest.raises(InputError) as caught:
            ask(key)
        assert caught.value.key == key


def test_a_validator_says_itself_what_may_stand_where(tmp_path: Path) -> None:
    class Whole(BaseModel):
        parts: dict[str, float]

        @model_validator(mode="after")
        def _adds_up(self) -> Whole:
            for name, part in self.parts.items():
                if part > 1:
                    raise Complaint("no part", "parts", name, found=part, allowed="at most 1")
            return self

    path = tmp_path / "parts.yaml"
    path.write_text("whole:\n  parts:\n    a: 0.5\n    b: 1.5\n", encoding="utf-8")
    document = read_yaml(path)
    with pytest.raises(InputError) as caught:
        document.validate(Whole, document.data["whole"], "whole")
    error = caught.value
    assert (error.line, error.key, error.found, error.allowed) == (
        4,
        "whole.parts.b",
        1.5,
        "at most 1",
    )
    assert error.message == "no part"


def test_a_text_that_was_read_is_not_read_again(tmp_path: Path) -> None:
    assert read_yaml(tmp_path / "nowhere.yaml", "a: 1\n").data == {"a": 1}
