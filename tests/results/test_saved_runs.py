"""A run on disk: whole or not at all, read back the same, damage told plainly."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sscsim.errors import InputError, OutputError
from sscsim.results import KEEP, Recorder, Run, writing

ISO3 = ("BRA", "CHN", "IND")
ROWS = (
    ("World", "gdp", "bn 2015 USD"),
    ("World", "gdp_growth", "fraction"),
    ('A, "quoted" name', "gdp", "bn 2015 USD"),
    ("South → North", "trade_between", "bn USD"),
)
AWKWARD = (0.1 + 0.2, 1e-300, 5e-324, 1.7976931348623157e308, -0.0, 1 / 3)


def make_run(keep="standard", factor=1.0, years=range(2013, 2017), manifest=None):
    variables = [
        SimpleNamespace(name="gdp", axes=("country",)),
        SimpleNamespace(name="goals", axes=("country", "goal")),
    ]
    recorder = Recorder(
        iso3=ISO3, rows=ROWS, variables=variables, scenario="baseline", seed=3, keep=keep
    )
    for i, year in enumerate(years):
        rng = np.random.default_rng(year)
        goals = rng.uniform(0, 100, (3, 17))
        goals[0, 13] = np.nan
        state = SimpleNamespace(
            year=year,
            gdp=rng.random(3) * factor,
            goals=goals,
            trade=rng.random((3, 3)) - np.eye(3),
            fdi=np.zeros((3, 3)),
        )
        growth = math.nan if i == 0 else AWKWARD[i]
        recorder.record(state, np.array([factor, growth, AWKWARD[i], 1e22]))
    return recorder.run({"scenario": {"title": {"zh": "基准"}}, **(manifest or {})})


def only(folder):
    """Return everything in a folder, hidden things too."""
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("keep", KEEP)
def test_what_is_read_back_is_what_was_saved(tmp_path, keep, compact):
    run = make_run(keep, manifest={"duration_seconds": np.float64(1.5)})
    folder = run.save(tmp_path / "run", compact=compact)
    again = Run.load(folder)
    assert again == run
    assert again.content_hash == run.content_hash
    assert again.indicators.equals(run.indicators)
    assert again.manifest["scenario"]["title"]["zh"] == "基准"
    assert again.manifest["duration_seconds"] == 1.5
    assert again.value("gdp_growth", year=2014) == AWKWARD[1]
    if keep != "indicators":
        assert again.countries.equals(run.countries)
        assert again.matrix_years("fdi") == run.matrix_years("fdi")
    if keep in ("standard", "full"):
        assert again.trade(2016).equals(run.trade(2016))
        assert not again.fdi(2016).to_numpy().any()
    assert only(tmp_path) == ["run"]


def test_a_compact_manifest_says_the_same_in_a_line(tmp_path):
    details = {"b": [1, (2, 3)], "a": {"Zürich": 0.1, "none": None}, "place": Path("x")}
    run = make_run(manifest=details)
    plain, compact = (
        (run.save(tmp_path / name, compact=name == "compact") / "manifest.json").read_text("utf-8")
        for name in ("plain", "compact")
    )
    said, again = json.loads(plain), json.loads(compact)
    for one in (said, again):
        assert one["manifest_hash"] == writing.manifest_hash(one)
        del one["manifest_hash"], one["tables"]
    assert said == again
    assert "Zürich" in plain
    assert compact.count("\n") == 1
    assert plain.count("\n") > 10


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize(
    "odd", [{9: "x", 10: "y"}, {"path": [{2031: 0.5}]}, {"deep": ({None: 1},)}]
)
def test_keys_that_are_no_texts_are_read_back_as_texts(tmp_path, odd, compact):
    folder = make_run(manifest={"odd": odd}).save(tmp_path / "run", compact=compact)
    assert Run.load(folder).manifest["odd"] == json.loads(json.dumps(odd))


def test_files(tmp_path):
    folder = make_run().save(tmp_path / "run")
    assert only(folder) == [
        "countries.parquet",
        "fdi.parquet",
        "indicators.csv",
        "manifest.json",
        "trade.parquet",
    ]
    lines = (folder / "indicators.csv").read_text(encoding="utf-8").split("\n")
    assert lines[0] == "scenario,seed,year,group,indicator,value,unit"
    assert lines[1] == "baseline,3,2013,World,gdp,1.0,bn 2015 USD"
    assert lines[-1] == ""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["tables"]["indicators"]["rows"] == len(lines) - 2
    assert manifest["tables"]["trade"]["rows"] == 2 * 9  # two years; here the diagonal is not zero
    assert only(make_run("indicators").save(tmp_path / "b")) == ["indicators.csv", "manifest.json"]


def test_the_same_run_gives_the_same_bytes(tmp_path):
    one, two = make_run().save(tmp_path / "one"), make_run().save(tmp_path / "two")
    for name in only(one):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_other_programs_read_the_tables(tmp_path):
    import pandas as pd

    run = make_run()
    folder = run.save(tmp_path / "run")
    table = pd.read_csv(folder / "indicators.csv")
    assert list(table.columns) == list(run.indicators.columns)
    assert np.allclose(table["value"], run.indicators["value"], rtol=1e-12, atol=0.0)
    trade = pd.read_parquet(folder / "trade.parquet")
    assert list(trade.columns) == ["year", "origin", "destination", "value"]
    wide = trade[trade["year"] == 2016].pivot_table(
        index="origin", columns="destination", values="value", observed=True
    )
    assert np.allclose(wide, run.trade(2016))
    assert list(pd.read_parquet(folder / "countries.parquet").columns) == list(run.countries)


def test_a_saved_run_is_replaced_whole(tmp_path):
    make_run("full").save(tmp_path / "run")
    other = make_run("indicators", factor=2.0)
    other.save(tmp_path / "run")
    assert Run.load(tmp_path / "run") == other
    assert only(tmp_path / "run") == ["indicators.csv", "manifest.json"]
    assert only(tmp_path) == ["run"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "run").mkdir()
    run = make_run()
    run.save(tmp_path / "run")
    assert Run.load(tmp_path / "run") == run
    assert only(tmp_path) == ["run"]


def test_a_saved_folder_may_be_read_by_others(tmp_path):
    before = os.umask(0o022)
    try:
        folder = make_run().save(tmp_path / "run")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o755


# ------------------------------------------------------------------------- nowhere to write


def test_what_is_no_run_is_left_alone(tmp_path):
    thesis = tmp_path / "run" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    with pytest.raises(OutputError, match="something else than a saved run"):
        make_run().save(thesis.parent)
    (thesis.parent / "manifest.json").write_text('{"name": "a web page"}')
    with pytest.raises(OutputError, match="something else than a saved run"):
        make_run().save(thesis.parent)
    assert thesis.read_text() == "years of work"
    assert only(tmp_path) == ["run"]


def test_a_file_or_a_link_in_the_way(tmp_path):
    place = tmp_path / "run"
    place.write_text("here")
    with pytest.raises(OutputError, match="in the way"):
        make_run().save(place)
    with pytest.raises(OutputError, match="which is a file"):
        make_run().save(place / "inside")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="in the way"):
        make_run().save(link)
    assert place.read_text() == "here"
    assert only(tmp_path) == ["link", "run"]


def test_a_missing_parent(tmp_path):
    with pytest.raises(OutputError, match="does not exist"):
        make_run().save(tmp_path / "no" / "such" / "run")
    assert only(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_no_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="no permission"):
            make_run().save(tmp_path / "run")
    finally:
        tmp_path.chmod(0o700)


def test_a_name_too_long(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        make_run().save(tmp_path / ("x" * 300))
    assert only(tmp_path) == []


FAILURES = [
    (OSError(errno.ENOSPC, "No space left on device"), OutputError, "the disk is full"),
    (OSError(errno.EACCES, "Permission denied"), OutputError, "no permission"),
    (KeyboardInterrupt(), KeyboardInterrupt, None),
    (RuntimeError("ours"), RuntimeError, "ours"),
]


@pytest.mark.parametrize(("failure", "kind", "message"), FAILURES)
@pytest.mark.parametrize("after", [0, 2, 4])
@pytest.mark.parametrize("before", [None, "run"])
def test_a_failure_midway_leaves_what_was_there(
    tmp_path, monkeypatch, failure, kind, message, after, before
):
    first = make_run(factor=7.0)
    if before:
        first.save(tmp_path / before)
    write, written = writing._write, []

    def failing(path, data):
        if len(written) == after:
            path.write_bytes(data[: len(data) // 2])  # half of it is there already
            raise failure
        written.append(path)
        write(path, data)

    monkeypatch.setattr(writing, "_write", failing)
    with pytest.raises(kind, match=message):
        make_run().save(tmp_path / "run")
    assert len(written) == after
    assert only(tmp_path) == ([before] if before else [])
    if before:
        assert Run.load(tmp_path / before) == first


def test_a_failure_while_trading_places_puts_the_old_run_back(tmp_path, monkeypatch):
    first = make_run(factor=7.0)
    first.save(tmp_path / "run")
    from pathlib import Path

    rename = Path.rename

    def failing(self, target):
        if self.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="the disk fails"):
        make_run().save(tmp_path / "run")
    monkeypatch.undo()
    assert only(tmp_path) == ["run"]
    assert Run.load(tmp_path / "run") == first


def test_what_a_manifest_cannot_hold_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        make_run(manifest={"duration_seconds": math.nan}).save(tmp_path / "run")
    with pytest.raises(TypeError, match="cannot hold"):
        make_run(manifest={"thing": object()}).save(tmp_path / "run")
    assert only(tmp_path) == []


# ---------------------------------------------------------------------------- nothing to read


@pytest.fixture
def saved(tmp_path):
    return make_run().save(tmp_path / "run")


def edit(folder, *, hashed=False, **changes):
    """Change a manifest, and its own hash as well if that is asked for."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    for key, value in changes.items():
        if value is None:
            del manifest[key]
        else:
            manifest[key] = value
    if hashed:
        manifest["manifest_hash"] = writing.manifest_hash(manifest)
    path.write_text(json.dumps(manifest))


def put(folder, name, data):
    """Put another file in a table's place, and all hashes of files right."""
    (folder / name).write_bytes(data)
    tables = json.loads((folder / "manifest.json").read_bytes())["tables"]
    tables[name.split(".")[0]]["sha256"] = hashlib.sha256(data).hexdigest()
    edit(folder, hashed=True, tables=tables)


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        Run.load(tmp_path / "nothing")


def test_a_folder_without_a_manifest(tmp_path):
    with pytest.raises(InputError, match="manifest is missing"):
        Run.load(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2", "nonsense", b"\xff\xfe\x00", "[" * 100_000, '{"a": 1,\n "b"}']
)
def test_a_manifest_that_is_no_json(saved, text):
    data = text.encode() if isinstance(text, str) else text
    (saved / "manifest.json").write_bytes(data)
    with pytest.raises(InputError, match="not valid JSON"):
        Run.load(saved)


@pytest.mark.parametrize("text", ["[]", "null", "3", "{}", '{"format": "another"}'])
def test_a_manifest_of_something_else(saved, text):
    (saved / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"not the manifest of a saved run|keys and values"):
        Run.load(saved)


def test_another_version_of_the_format(saved):
    edit(saved, format_version=99)
    with pytest.raises(InputError, match=r"another version(.|\n)*99"):
        Run.load(saved)


@pytest.mark.parametrize("key", ["scenario_name", "seed", "tables", "content_hash", "keep"])
def test_a_manifest_that_lacks_a_key(saved, key):
    edit(saved, **{key: None})
    with pytest.raises(InputError, match=key):
        Run.load(saved)


@pytest.mark.parametrize(
    "tables",
    [
        {},
        [],
        {"indicators": "indicators.csv"},
        {"indicators": {"file": "../../secret"}},
        {"passwords": {"file": "indicators.csv"}},
        {"indicators": {"file": ["indicators.csv"]}},
    ],
)
def test_a_manifest_with_strange_tables(saved, tables):
    edit(saved, hashed=True, tables=tables)
    with pytest.raises(InputError, match=r"manifest is damaged|manifest names"):
        Run.load(saved)


@pytest.mark.parametrize("name", ["indicators.csv", "countries.parquet", "trade.parquet"])
def test_a_table_that_is_missing_or_changed(saved, name):
    data = (saved / name).read_bytes()
    (saved / name).write_bytes(data[:-1])
    with pytest.raises(InputError, match="changed or damaged") as caught:
        Run.load(saved)
    assert caught.value.file == str(saved / name)
    (saved / name).unlink()
    with pytest.raises(InputError, match="is missing"):
        Run.load(saved)


@pytest.mark.parametrize("name", ["indicators.csv", "countries.parquet", "trade.parquet"])
@pytest.mark.parametrize("data", [b"", b"nonsense", b"PAR1", b"scenario,seed\n1,2\n"])
def test_a_table_that_is_none_though_its_hash_agrees(saved, name, data):
    put(saved, name, data)
    with pytest.raises(InputError, match="cannot be read") as caught:
        Run.load(saved)
    assert caught.value.exit_code == 2


def test_tables_of_another_run(saved):
    edit(saved, hashed=True, scenario_name="optimism")
    with pytest.raises(InputError, match="'scenario' holds something that the run does not"):
        Run.load(saved)
    edit(saved, hashed=True, scenario_name="baseline", content_hash="0" * 64)
    with pytest.raises(InputError, match="not those that the manifest was written for"):
        Run.load(saved)


def test_a_run_that_recorded_nothing_is_not_saved(tmp_path: Path) -> None:
    from sscsim.model import SouthSouthModel

    run = SouthSouthModel(end=2013).recorded()  # not a step of it has been simulated
    with pytest.raises(InputError, match="recorded nothing"):
        run.save(tmp_path / "empty")
    assert not list(tmp_path.iterdir())
