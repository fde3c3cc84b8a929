"""`sscsim calibrate` and `sscsim screen`, as a user types them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli

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
SMALL = [
    *("--method", "fast", "--parameters", "trade_record_scale,gravity_south"),
    *("--budget", "80", "--final-seeds", "4"),
    "--quiet",
]


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("targets") / "targets.yaml"
    path.write_text(TARGETS, encoding="utf-8")
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="module")
def whole(targets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fits") / "whole"
    result = call("calibrate", "--targets", targets, "--out", folder, *SMALL)
    assert result.exit_code == 0, result.output
    assert "Every fitted figure is met." in result.output
    return folder


def test_a_fit_leaves_its_tables(whole: Path) -> None:
    assert {path.name for path in whole.iterdir()} == {
        "settings.json",
        "observations.jsonl",
        "best.yaml",
        "targets.csv",
        "region.csv",
        "points.csv",
    }
    assert "Every fitted figure is met." in (whole / "best.yaml").read_text(encoding="utf-8")
    assert "trade_record_scale" in (whole / "region.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_fit_of_the_model_killed_and_resumed_ends_in_the_same_bytes(
    targets: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "killed"
    words = ["calibrate", "--targets", str(targets), "--out", str(folder), "--workers", "2", *SMALL]
    fit = subprocess.Popen(
        [sys.executable, "-c", "from sscsim.cli.main import main; main()", *words],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    journal = folder / "observations.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and fit.poll() is None:
        if journal.is_file() and journal.read_bytes().count(b"\n") >= 16:
            break
        time.sleep(0.01)
    fit.kill()
    assert fit.wait() == -signal.SIGKILL
    done = journal.read_bytes().count(b"\n")
    assert 16 <= done < (whole / "observations.jsonl").read_bytes().count(b"\n")
    while time.monotonic() < deadline and _alive(fit.pid):  # its workers leave by themselves
        time.sleep(0.05)
    assert not _alive(fit.pid)
    again = call("calibrate", "--targets", targets, "--out", folder, *SMALL)
    assert again.exit_code == 2
    assert "--resume" in again.output
    resumed = call("calibrate", "--targets", targets, "--out", folder, "--resume", *SMALL)
    assert resumed.exit_code == 0, resumed.output
    assert f"{done} from the journal" in resumed.output
    for name in ("best.yaml", "targets.csv", "region.csv", "points.csv"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes(), name


def _alive(session: int) -> bool:
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_fit_of_a_paragraph_runs_as_far_as_its_rows_look_and_says_what_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("calibrate", "--paragraph", 79, *SMALL[:-1])
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "Fitting 1 figure (¶79) of baseline, 2013–2013, from the priors." in words
    assert "At most 80 runs: 56 in up to 3 waves, 24 to confirm the best point." in words
    assert "fdi_in_chn" not in words
    best = tmp_path / "results" / "fit-fast-seed1-paragraph-79" / "best.yaml"
    text = best.read_text(encoding="utf-8")
    assert "calibrate --method fast --paragraph 79 --budget 80 --seed 1`" in text
    assert "end: 2013" in text


@pytest.mark.slow
def test_a_figure_out_of_reach_is_said_to_bind(targets: Path, tmp_path: Path) -> None:
    result = call(
        *("calibrate", "--targets", targets, "--target", "ss_trade_value=50"),
        *("--out", tmp_path / "fit", *SMALL),
    )
    assert result.exit_code == 1
    words = " ".join(result.output.split())
    assert "ss_trade_value binds: 50 trn USD cannot be reached within the priors." in words
    assert "The nearest is 5." in words
    assert "trade_record_scale (upper, 1.0" in words


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "ss_trade_valeu=5"], "ss_trade_value"),
        (["--target", "ss_trade_value"], "ID=VALUE"),
        (["--target", "ss_trade_value=five"], "ID=VALUE"),
        (["--parameters", "trade_elastcity"], "trade_elasticity"),
        (["--parameters", "home_sales_floor"], "no prior of its own"),
        (["--method", "fast", "--budget", "20"], "too small"),
        (["--budget", "20"], "--method fast"),
        (["--final-seeds", "8"], "--method fast"),
        (["--method", "fast", "--second-road"], "--method posterior"),
        (["--method", "fast", "--coverage"], "--method posterior"),
        (["--method", "fast", "--budget", "-3"], "at least "),
        (["--method", "fast", "--budget", "0"], "at least "),
        (
            ["--method", "fast", "--parameters", "trade_elasticity", "--budget", "155"],
            "at least 156",
        ),
        (["--method", "fats"], "fast"),
        (["--scenario", "baselin"], "baseline"),
        (["--record", "--target", "ss_trade_value=6"], "--record"),
        (["--record", "--paragraph", "79"], "--record"),
        (["--paragraph", "80"], "allowed: 79"),
        (["--paragraph", "seventy"], "not a valid integer"),
        (["--paragraph", "79", "--target", "fdi_in_bra=60"], "paragraph is not fitted"),
    ],
)
def test_slips_are_said_before_anything_runs(
    words: list[str], message: str, targets: Path, tmp_path: Path
) -> None:
    extra = [] if "--target" in words else ["--targets", targets]
    result = call("calibrate", *extra, "--out", tmp_path / "fit", *words)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert not (tmp_path / "fit" / "observations.jsonl").exists()


def test_a_fit_writes_nothing_into_the_users_cache(tmp_path: Path) -> None:
    """What its packages keep as they are imported is thrown away, and a cache that is read-only is no hindrance."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "arviz").write_text("in the way of a folder")
    code = "from sscsim.calibration.evidence import smoothed; import numpy; smoothed(numpy.arange(50.0))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (cache / "arviz").is_file()


def test_screening_ranks_the_parameters_of_trade(targets: Path) -> None:
    result = call(
        *("screen", "--submodel", "trade", "--targets", targets, "--trajectories", "3", "--quiet")
    )
    assert result.exit_code == 0, result.output
    assert "trade_record_scale" in result.output.split("Worth fitting:")[1]
    assert result.output.index("trade_record_scale") < result.output.index("gravity_colonial_tie")
    nothing = call("screen", "--paragraph", "999")
    assert nothing.exit_code == 2
    assert "fitted or compared" in nothing.output
    unknown = call("screen", "--submodel", "trad", "--targets", targets)
    assert unknown.exit_code == 2
    assert "trade" in unknown.output


@pytest.mark.parametrize(
    ("package", "words"), [("SALib", ("--method", "fast")), ("sklearn", SMALL), ("arviz", ())]
)
def test_without_its_packages_nothing_is_announced_or_written(
    package: str, words: tuple[str, ...], targets: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    folder = tmp_path / "fit"
    result = call("calibrate", "--targets", targets, "--out", folder, *words)
    assert result.exit_code == 2
    assert "sscsim[calibration]" in result.output
    assert "Fitting" not in result.output
    assert not folder.exists()
