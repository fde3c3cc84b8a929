"""A user's figures and trade: every command that runs the model takes them alike, and no result passes for another."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.errors import InputError
from sscsim.experiments.executors import _check_keys
from sscsim.experiments.members import Member, members
from sscsim.experiments.store import RunStore
from sscsim.settings import RunSettings
from sscsim.world.loading import laid_over_hash, load_world

FIGURES = "iso3,column,value\nBRA,gdp_current_busd,2600\nEUU,gdp_current_busd,18000\n"
TRADE = "exporter,importer,value\nBRA,CHN,46\nABW,CHN,4\n"
TARGETS = """
document: a part of the report
targets:
  ss_trade_value:
    paragraph: 79
    title: South-South merchandise trade
    stated: about 5 trillion USD
    unit: trn USD
    role: fit
    tolerance: 5.0 ± 0.25 trn
    checks:
      - {year: 2013, observable: trade_within, of: South, value: 5.0, within: {kind: interval, plus_minus: 0.25}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("mine.csv", FIGURES),
        ("own.csv", FIGURES.rsplit("EUU")[0]),
        ("trade.csv", TRADE),
        ("targets.yaml", TARGETS),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


COMMANDS = {
    "run": ["run", "--end", "2013", "--keep", "indicators"],
    "ensemble": [
        *("ensemble", "baseline", "--source", "defaults", "--draws", "1", "--end", "2013"),
        *("--executor", "serial"),
    ],
    "compare": [
        *("compare", "baseline", "full-agenda", "--source", "defaults", "--draws", "2"),
        *("--end", "2014", "--year", "2014", "--executor", "serial"),
    ],
    "calibrate": [
        *("calibrate", "--targets", "targets.yaml", "--parameters", "trade_record_scale"),
        *("--method", "fast", "--budget", "30", "--final-seeds", "4"),
    ],
    "screen": [
        *("screen", "--targets", "targets.yaml", "--submodel", "interlinkages"),
        *("--trajectories", "2"),
    ],
    "data": ["data", "check"],
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_no_economy_is_refused_before_anything_is_run(name: str, here: Path) -> None:
    for option, file, code in (
        ("--data", "mine.csv", "EUU"),
        ("--trade-matrix", "trade.csv", "ABW"),
    ):
        result = call(*COMMANDS[name], option, file)
        assert result.exit_code == 2, result.output
        assert file in result.stderr
        assert f"found: '{code}'" in result.stderr
    assert not list(here.rglob("member.json"))
    assert not list(here.rglob("manifest.json"))


@pytest.mark.parametrize("name", ["run", "ensemble", "compare", "data"])
def test_or_left_out_where_that_is_asked_for_and_said_once(name: str) -> None:
    result = call(*COMMANDS[name], "--data", "mine.csv", "--drop-unknown")
    assert result.exit_code == 0, result.output
    assert result.output.count("Note: mine.csv: left out: EUU") == 1


def test_own_figures_reach_every_run_of_a_fit() -> None:
    from sscsim.calibration.observing import ModelSimulator
    from sscsim.calibration.targets import load_targets

    targets = load_targets(Path("targets.yaml"))
    Path("mine.csv").write_text("iso3,column,value\nCHN,goods_exports_busd,3000\n")
    plain, own = (
        ModelSimulator.of(targets, RunSettings.of("baseline", data=file))
        for file in (None, "mine.csv")
    )
    assert (plain.end, own.end) == (2013, 2013)
    assert plain.identity != own.identity
    assert plain({}, 1) != own({}, 1)


# ------------------------------------------------------------------------------------- in the store


def one(data: Path | str | None = "mine.csv", **changes: object) -> Member:
    return members(
        ["baseline"], source="defaults", end=2013, data=data, drop_unknown=True, **changes
    )[0]


def test_a_member_is_known_by_what_its_files_hold(here: Path) -> None:
    first = one()
    assert first.key != one(None).key
    other = here / "sub" / "other.csv"
    other.parent.mkdir()
    other.write_text(FIGURES)
    assert one(other).key == first.key
    other.write_text(FIGURES.replace("2600", "2601"))
    assert one(other).key != first.key
    assert one(None, trade_matrix="trade.csv").key not in (first.key, one(None).key)
    plain = members(["baseline"], source="defaults", end=2013)[0]
    assert plain.key == one(None).key
    assert "shipped_data" not in plain.ingredients


def test_what_is_sent_is_known_by_the_files_where_it_arrives(here: Path) -> None:
    sent = one()
    keys, arrived = [sent.key], pickle.loads(pickle.dumps(sent))
    _check_keys((arrived,), keys)
    Path("mine.csv").write_text(FIGURES.replace("2600", "2601"))
    with pytest.raises(InputError, match="a worker has another version"):
        _check_keys((pickle.loads(pickle.dumps(sent)),), keys)
    Path("mine.csv").unlink()
    with pytest.raises(InputError, match="no such file"):
        _check_keys((pickle.loads(pickle.dumps(sent)),), keys)


def test_members_with_own_figures_stand_in_the_store_beside_the_others() -> None:
    asked = [*COMMANDS["ensemble"], "--store", "store"]
    assert ", 1 run" in call(*asked).output
    own = [*asked, "--data", "mine.csv", "--drop-unknown"]
    assert ", 1 run" in call(*own).output
    assert "1 were there" in call(*own).output
    store = RunStore("store")
    assert store.verify().sound
    assert [entry.stale for entry in store.ls()] == [False, False]
    Path("mine.csv").write_text(FIGURES.replace("2600", "2601"))
    assert ", 1 run" in call(*own).output


@pytest.mark.parametrize("choice", ["factbook", "gravity"])
def test_another_base_of_the_trade_matrix_is_another_member_and_not_stale(choice: str) -> None:
    asked = [*COMMANDS["ensemble"], "--store", "store"]
    assert ", 1 run" in call(*asked).output
    assert ", 1 run" in call(*asked, "--base-trade", choice).output
    assert "1 were there" in call(*asked, "--base-trade", choice).output
    assert "1 were there" in call(*asked, "--base-trade", "itpde").output
    assert [entry.stale for entry in RunStore("store").ls()] == [False, False]


@pytest.mark.parametrize("command", ["run", "compare", "calibrate", "screen"])
def test_every_command_refuses_a_base_that_there_is_not(command: str) -> None:
    result = call(*COMMANDS[command], "--base-trade", "gravitiy")
    assert result.exit_code == 2
    assert "gravity" in result.output


# --------------------------------------------------------------------------------- the world in memory


@pytest.mark.parametrize("choice", ["itpde", "factbook", "gravity"])
def test_the_hash_of_a_base_is_known_without_reading_it(choice: str) -> None:
    plain, over = load_world(base_trade=choice), load_world(Path("own.csv"), base_trade=choice)
    assert (plain.base_trade, over.base_trade) == (choice, choice)
    assert plain.data_hash == laid_over_hash(base_trade=choice)
    assert over.data_hash == laid_over_hash(Path("own.csv"), base_trade=choice)
    assert load_world(Path("own.csv"), base_trade=choice) is over
    with pytest.raises(InputError, match="base_trade"):
        laid_over_hash(base_trade=choice + "s")


def test_a_world_is_kept_for_as_long_as_the_files_hold_the_same() -> None:
    def world(name: str = "mine.csv"):
        return load_world(Path(name), drop_unknown=True)

    packed = Path("trade.parquet")
    pd.DataFrame({"exporter": ["BRA"], "importer": ["CHN"], "value": [46.0]}).to_parquet(packed)
    assert load_world(None, packed).data_hash == laid_over_hash(None, packed)
    assert load_world(None, packed) is load_world(None, packed)
    first = world()
    assert world() is first
    assert first.data_hash == laid_over_hash(Path("mine.csv"))
    assert load_world().data_hash == laid_over_hash()
    stamp = Path("mine.csv").stat()
    Path("mine.csv").write_text(FIGURES.replace("2600", "2601"))
    os.utime(
        "mine.csv", ns=(stamp.st_atime_ns, stamp.st_mtime_ns)
    )  # content decides, not the clock
    changed = world()
    assert changed is not first
    assert changed.base["gdp_current_busd"][changed.position("BRA")] == 2601.0
    with pytest.raises(InputError, match="EUU"):
        load_world(Path("mine.csv"))
