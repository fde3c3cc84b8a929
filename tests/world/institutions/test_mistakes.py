"""Every kind of mistake in a file of a partner, body or fund: the message says where, what, and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.model import simulate
from sscsim.world.institutions import kinds, load_institutions

GOOD = {
    "partners": """code: MINE
name: A fund of mine
kind: southern
country: QAT
since: 2014
budget: {source: "Annual report", by_year: {2014: 0.002}}
project_money: {value: 0.0005, source: "Annual report"}
places: {source: "Annual report", weights: {LAS: 1.0}, elsewhere: 0.2}
domains: {source: "Annual report", weights: {health: 1.0}}
""",
    "bodies": """code: MINE
name: A body of mine
kind: regional
group: SAARC
since: 2015
coordination: {value: 0.1, source: "Its charter"}
reporting: {source: "Its report", since: 2020, rate: 0.3, method: 0.1}
programme: {source: "Its report", initiatives: 2, domains: {health: 1.0}}
""",
    "funds": """code: MINE
name: A fund of mine
contributors: [BRA, CHN]
grants: {source: "Its charter", by_year: {2016: 0.01}}
project_money: {value: 0.001, source: "Its charter"}
places: {source: "Its charter", weights: {LDC: 1.0}, elsewhere: 0.0}
domains: {source: "Its charter", weights: {health: 1.0}}
""",
}

# What is written wrong in which file: the line, the key, what the message shows of what stands there and of what may
# stand there, and the name that was meant.
MISTAKES = [
    # A key that does not exist, at the top and inside.
    ("partners", "since: 2014", "sinse: 2014", 5, "sinse", "sinse", "since", "since"),
    ("partners", "elsewhere: 0.2", "elswhere: 0.2", 8, "places.elswhere", "elswhere", "weights", "elsewhere"),
    ("bodies", "programme:", "program:", 8, "program", "program", "coordination", "programme"),
    ("bodies", "initiatives: 2", "initiative: 2", 8, "programme.initiative", "initiative", "money", "initiatives"),
    ("funds", "contributors:", "contributers:", 3, "contributers", "contributers", "grants", "contributors"),
    ("funds", "by_year:", "by_years:", 4, "grants.by_years", "by_years", "confirmed", "by_year"),
    # A name that nobody has: country, group, either, a member of a list.
    ("partners", "country: QAT", "country: QTA", 4, "country", "QTA", "AFG", "QAT"),
    ("partners", "LAS: 1.0", "ASEN: 1.0", 8, "places.weights.ASEN", "ASEN", "ASEAN", "ASEAN"),
    ("bodies", "group: SAARC", "group: SARC", 4, "group", "SARC", "ASEAN", "SAARC"),
    ("funds", "[BRA, CHN]", "[BRA, CHM]", 3, "contributors.1", "CHM", "AFG", None),
    ("funds", "LDC: 1.0", "LDCS: 1.0", 6, "places.weights.LDCS", "LDCS", "ASEAN", "LDC"),
    # A word that is none of those to choose from.
    ("partners", "kind: southern", "kind: southen", 3, "kind", "southen", "un_entity", None),
    ("partners", "health: 1.0", "helth: 1.0", 9, "domains.weights.helth", "helth", "food_security", None),
    ("bodies", "kind: regional", "kind: continental", 3, "kind", "continental", "united_nations", None),
    ("bodies", "{health: 1.0}", "{roads: 1.0}", 8, "programme.domains.roads", "roads", "infrastructure", None),
    ("funds", "health: 1.0", "helth: 1.0", 7, "domains.weights.helth", "helth", "food_security", None),
    # A number out of its range, and one that is no number.
    ("partners", "elsewhere: 0.2", "elsewhere: -0.2", 8, "places.elsewhere", "-0.2", "0 to 1000", None),
    ("partners", "since: 2014", "since: 1800", 5, "since", "1800", "1900 to 2034", None),
    ("partners", "2014: 0.002", "2014: much", 6, "budget.by_year.2014", "much", "0 to 10000", None),
    ("bodies", "rate: 0.3", "rate: -0.3", 7, "reporting.rate", "-0.3", "0 to 10", None),
    ("bodies", "method: 0.1", "method: 1.1", 7, "reporting.method", "1.1", "0 to 1", None),
    ("bodies", "since: 2015", "since: soon", 5, "since", "soon", "1900 to 2034", None),
    ("funds", "elsewhere: 0.0", "elsewhere: none", 6, "places.elsewhere", "none", "0 to 1000", None),
    ("funds", "value: 0.001", "value: little", 5, "project_money.value", "little", "1e-06 to 10000", None),
    # A code that cannot be one.
    ("partners", "code: MINE", "code: my own", 1, "code", "my own", "a capital letter first", None),
    ("bodies", "code: MINE", "code: m", 1, "code", "'m'", "a capital letter first", None),
    ("funds", "code: MINE", "code: ../MINE", 1, "code", "../MINE", "a capital letter first", None),
    # A key that is missing: a figure without its source above all.
    ("partners", '0.0005, source: "Annual report"', "0.0005", 7, "project_money", "'source' is", "missing", None),
    ("bodies", '0.1, source: "Its charter"', "0.1", 6, "coordination", "'source' is missing", "source", None),
    ("funds", 'grants: {source: "Its charter", ', "grants: {", 4, "grants", "'source' is missing", "source", None),
    # A source that is none.
    ("partners", '"Annual report", by_year', '"a", by_year', 6, "budget.source", "'a'", "5 to 1,000 letters", None),
    # A list or a mapping in place of something else.
    ("partners", "weights: {LAS: 1.0}", "weights: [LAS]", 8, "places.weights", "LAS", "key: value", None),
    ("funds", "[BRA, CHN]", "BRA", 3, "contributors", "BRA", "[one, another]", None),
]  # fmt: skip


def write(folder: Path, kind: str, text: str) -> Path:
    path = folder / kind / "mine.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "key", "found", "allowed", "suggestion"),
    MISTAKES,
    ids=[f"{m[0]}-{m[2]}" for m in MISTAKES],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path, kind, old, new, line, key, found, allowed, suggestion
) -> None:
    assert GOOD[kind].count(old) == 1
    path = write(tmp_path, kind, GOOD[kind].replace(old, new))
    with pytest.raises(InputError) as caught:
        load_institutions(folder=tmp_path)
    error, text = caught.value, str(caught.value)
    assert text.startswith(f"{path}:{line}: ")
    assert f"key: {key}" in text.splitlines()[1]
    assert error.key == key
    assert found in text
    assert allowed in text
    if suggestion is not None:
        assert text.endswith(f"did you mean {suggestion!r}?")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(
    ("wrong", "line", "message"),
    [
        ("code: MINE\nname: [one\n", 3, "not valid YAML"),
        ("code: MINE\ncode: MINE\n", 2, "stands twice"),
        ("- code: MINE\n", 1, "mapping"),
        ("code: !!python/name:os.system MINE\n", 1, "tags are not allowed"),
        ("code: &x MINE\nname: *x\n", 1, "aliases are not allowed"),
    ],
)
def test_a_file_that_is_no_plain_mapping_is_refused_at_its_line(
    tmp_path, kind, wrong, line, message
) -> None:
    path = write(tmp_path, kind, wrong)
    with pytest.raises(InputError, match=message) as caught:
        load_institutions(folder=tmp_path)
    assert caught.value.file == str(path)
    assert caught.value.line == line


@pytest.mark.parametrize("kind", GOOD)
def test_without_the_mistake_each_is_read(tmp_path, kind) -> None:
    write(tmp_path, kind, GOOD[kind])
    files = load_institutions(folder=tmp_path)
    assert "MINE" in {
        item.code for item in files.of(next(k.model for k in kinds() if k.folder == kind))
    }


def test_a_run_stops_at_the_mistake_before_it_begins(tmp_path) -> None:
    path = write(tmp_path, "partners", GOOD["partners"].replace("QAT", "QTA"))
    with pytest.raises(InputError) as caught:
        simulate(seed=1, end=2013, institutions=tmp_path)
    assert (caught.value.file, caught.value.line, caught.value.suggestion) == (str(path), 4, "QAT")
