"""What goes wrong: one clear message, the right exit code, nothing half-written, no traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from sscsim.cli.main import cli
from sscsim.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
SHORT = ("--end", "2013", "--keep", "indicators")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fails(*args: str, code: int = 2) -> str:
    """Run a command that must fail, and return its one message."""
    result = CliRunner().invoke(cli, list(args))
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.count("Error:") + result.stderr.count("Stopped") == 1
    return result.stderr


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def write(name: str, text: str | bytes) -> str:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


GOOD = "name: mine\ntitle: Mine\nextends: baseline\n"

MISTAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # command → words of the message
    "unknown command": (("rum",), ("no command 'rum'", "Did you mean 'run'?")),
    "command of a group": (("list",), ("no command 'list'", "See `sscsim scenario list`")),
    "unknown subcommand": (("scenario", "dif"), ("Did you mean 'diff'?",)),
    "unknown option": (("run", "--sed", "3"), ("--sed", "--seed")),
    "unknown value of an option": (("run", "--keep", "ful"), ("Did you mean 'full'?",)),
    "unknown scenario": (("run", "basline"), ("no scenario", "did you mean 'baseline'?")),
    "missing scenario file": (("run", "nowhere/mine.yaml"), ("nowhere/mine.yaml", "no such file")),
    "unknown parameter": (
        ("run", "--set", "trade_elastcity=4"),
        ("--set", "did you mean 'trade_elasticity'?"),
    ),
    "value out of bounds": (
        ("run", "--set", "trade_elasticity=400"),
        ("outside", "key: trade_elasticity", "found: 400", "2 to 12"),
    ),
    "value that is no number": (("run", "--set", "trade_elasticity=four"), ("found: 'four'",)),
    "value that is not finite": (("run", "--set", "trade_elasticity=nan"), ("finite",)),
    "change without a value": (("run", "--set", "trade_elasticity"), ("PARAM=VALUE",)),
    "parameter set twice": (
        ("run", "--set", "trade_elasticity=4", "--set", "trade_elasticity=5"),
        ("set twice",),
    ),
    "unknown step": (("run", "--off", "trad"), ("did you mean 'trade'?",)),
    "year outside": (("run", "--end", "2050"), ("2013 to 2034", "found: 2050")),
    "years in the wrong order": (("run", "--start", "2020", "--end", "2015"), ("found: 2020",)),
    "negative seed": (("run", "--seed", "-1"), ("--seed",)),
    "missing overlay": (("run", "--data", "no.csv"), ("no.csv",)),
    "missing trade matrix": (("run", "--trade-matrix", "no.csv"), ("no.csv",)),
    "missing run": (("show", "nothing"), ("no run", "found: 'nothing'")),
    "missing run to plot": (("plot", "nothing"), ("no run",)),
    "missing run beside targets": (("targets", "--run", "nothing"), ("no run",)),
    "folder without institutions": (
        ("run", "--institutions", "."),
        ("no file of an institution", "banks/", "lenders/"),
    ),
    "bank of a folder without": (("bank", "AIIB", "--institutions", "."), ("no file of an",)),
    "unknown paragraph": (("targets", "--paragraph", "3"), ("11, 44, 52",)),
    "unknown step of the plan": (("plan", "trad"), ("did you mean 'trade'?",)),
    "nobody to ask": (("store", "rm"), ("which members", "--stale")),
    "country by a wrong name": (("data", "show", "Brazi"), ("did you mean 'BRA'?",)),
    "unknown name": (("explain", "trade_elastcity"), ("did you mean 'trade_elasticity'?",)),
    "unknown country": (("data", "show", "ZFA"), ("ZFA", "did you mean 'ZAF'?")),
    "unknown reading": (("targets", "--reading", "decad"), ("did you mean 'decade'?",)),
    "scenario without a file": (("scenario", "validate", "no.yaml"), ("no.yaml",)),
    "missing folder": (("run", "--out", "no/such/run"), ("no/such/run", "no folder")),
    "missing folder in results": (("run", "--out", "results/a/b"), ("no folder results/a",)),
    "missing folder of what is sought": (
        ("seek", "goal_index LDC 2030 = 60", "--lever", "cooperation", "--save", "no/x.yaml"),
        ("no/x.yaml", "no folder no", "make it first"),
    ),
    "missing folder of figures": (
        ("targets", "--check", "--draws", "5", "--out", "no/x.csv"),
        ("no/x.csv", "no folder no"),
    ),
}


@pytest.mark.parametrize("name", list(MISTAKES))
def test_mistake(name: str, empty_folder: Path) -> None:
    args, words = MISTAKES[name]
    message = fails(*args)
    for word in words:
        assert word in message
    assert files(empty_folder) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [mine\n", ("mine.yaml:", "not valid YAML")),
        (b"name: \xff\n", ("mine.yaml", "not UTF-8")),
        (GOOD + "levers: {trade_csot: 0.1}\n", ("mine.yaml:4", "did you mean 'trade_cost'?")),
        (GOOD + "levers: {trade_cost: 9}\n", ("mine.yaml:4", "bounds", "found: 9")),
        (GOOD + "level: {}\n", ("mine.yaml:4", "did you mean 'levers'?")),
        (GOOD + "parameters: {no_such: 1}\n", ("no_such",)),
        (
            GOOD + "levers:\n  trade_cost: {value: 0.1, where: {group: south_unctad_2041}}\n",
            ("mine.yaml:5", "did you mean 'south_unctad_2014'?"),
        ),
        (
            GOOD + "levers:\n  trade_cost: {value: 0.1, where: {countries: [BRA, XXX]}}\n",
            ("mine.yaml:5", "no country"),
        ),
        (GOOD + "levers:\n  trade_cost: {from: 1999, value: 0.1}\n", ("mine.yaml:5", "1999")),
    ],
)
@pytest.mark.parametrize("command", [("run", *SHORT), ("scenario", "validate")])
def test_broken_scenario(
    text: str | bytes, words: tuple[str, ...], command: tuple[str, ...], empty_folder: Path
) -> None:
    write("mine.yaml", text)
    message = fails(*command, "mine.yaml")
    for word in words:
        assert word in message
    assert files(empty_folder) == ["mine.yaml"]


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--data", "iso3,gdp_current_busd\nBRX,1\n"),
        ("--data", "iso3,gdp_curent_busd\nBRA,1\n"),
        ("--data", "iso3,gdp_current_busd\nBRA,much\n"),
        ("--data", "iso3,gdp_current_busd\nBRA,-1\n"),
        ("--data", ""),
        ("--data", b"\xff\xfe\x00"),
        ("--trade-matrix", "exporter,importer,value\nBRA,XXX,1\n"),
        ("--trade-matrix", "from,to,value\nBRA,IND,1\n"),
        ("--trade-matrix", "exporter,importer,value\nBRA,IND,-1\n"),
    ],
)
@pytest.mark.parametrize("command", [("run", *SHORT), ("data", "check")])
def test_broken_table(
    option: str, text: str | bytes, command: tuple[str, ...], empty_folder: Path
) -> None:
    write("mine.csv", text)
    assert "mine.csv" in fails(*command, option, "mine.csv")
    assert files(empty_folder) == ["mine.csv"]


# -------------------------------------------------------------------------------------------- the output


@pytest.fixture
def no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("the place must be looked at before anything is simulated")

    monkeypatch.setattr("sscsim.model.simulate", simulate)


@pytest.mark.usefixtures("no_simulation")
@pytest.mark.parametrize(
    ("out", "word"),
    [
        ("file", "a file stands"),
        ("file/run", "is a file"),
        ("file/deep/run", "is a file"),
        ("full", "something else"),
        ("missing/run", "no folder"),
        ("link", "a link stands"),
        ("x" * 300, "too long"),
    ],
)
def test_output_is_looked_at_first(out: str, word: str, empty_folder: Path) -> None:
    write("file", "mine")
    (empty_folder / "full").mkdir()
    write("full/letter.txt", "mine")
    (empty_folder / "link").symlink_to("full")
    before = files(empty_folder)
    assert word in fails("run", "--out", out)
    assert files(empty_folder) == before
    assert Path("file").read_text() == "mine"


def test_results_is_made_and_no_other_folder(empty_folder: Path) -> None:
    """What is written to `results` by default, and what one names there, takes no folder made before."""
    done = CliRunner().invoke(cli, ["run", *SHORT, "--quiet", "--out", "results/mine"])
    assert done.exit_code == 0, done.output
    assert Path("results/mine/manifest.json").is_file()
    message = fails("run", "--out", "resluts/mine")
    assert "there is no folder resluts to write it in; make it first" in message
    assert sorted(path.name for path in empty_folder.iterdir()) == ["results"]
    assert "allowed: mine" in fails("show", "mien")


@pytest.mark.usefixtures("no_simulation")
def test_results_that_is_a_file(empty_folder: Path) -> None:
    write("results", "mine")
    assert "is a file" in fails("run")
    assert files(empty_folder) == ["results"]


@pytest.mark.usefixtures("no_simulation")
@pytest.mark.parametrize(
    ("number", "word"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "permission")],
)
def test_place_without_space_or_permission(
    number: int, word: str, monkeypatch: pytest.MonkeyPatch, empty_folder: Path
) -> None:
    def fsync(handle: int) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    assert word in fails("run", "--out", "run")
    assert files(empty_folder) == []


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space"), KeyboardInterrupt()])
def test_nothing_half_written_when_saving_fails(
    failure: BaseException, monkeypatch: pytest.MonkeyPatch, empty_folder: Path
) -> None:
    """Fail in the middle of the files, with an earlier run in place: that one must survive."""
    runner = CliRunner()
    assert runner.invoke(cli, ["run", *SHORT, "--quiet", "--out", "run"]).exit_code == 0
    before = {name: Path(name).read_bytes() for name in files(empty_folder) if Path(name).is_file()}
    written = []

    def write_one(path: Path, data: bytes) -> None:
        if written:
            raise failure
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr("sscsim.results.writing._write", write_one)
    message = fails("run", *SHORT, "--seed", "2", "--quiet", "--out", "run")
    assert ("full" in message) != ("Ctrl-C" in message)
    assert written
    after = {name: Path(name).read_bytes() for name in files(empty_folder) if Path(name).is_file()}
    assert after == before


# --------------------------------------------------------------------------------------------- how it ends


def ending(monkeypatch: pytest.MonkeyPatch, failure: BaseException, *args: str) -> Any:
    def simulate(*_: Any, **__: Any) -> NoReturn:
        raise failure

    monkeypatch.setattr("sscsim.model.simulate", simulate)
    return CliRunner().invoke(cli, ["run", "--out", "run", *args])


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch, empty_folder: Path) -> None:
    result = ending(monkeypatch, KeyboardInterrupt())
    assert result.exit_code == 2
    assert result.stderr.strip() == "Stopped by Ctrl-C. Nothing half-written was left behind."
    assert files(empty_folder) == []


def test_our_mistake_is_one_line(monkeypatch: pytest.MonkeyPatch, empty_folder: Path) -> None:
    result = ending(monkeypatch, ZeroDivisionError("division by zero\nsecond line"))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Internal error: ZeroDivisionError: division by zero" in result.stderr
    assert "--debug" in result.stderr
    assert files(empty_folder) == []


@pytest.mark.parametrize("failure", [ZeroDivisionError("x"), InputError("bad", found=1)])
def test_debug_shows_where(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ending(monkeypatch, failure, "--debug")
    assert "Traceback" in result.stderr
    assert result.exit_code == (2 if isinstance(failure, InputError) else 1)


def shell(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=options.pop("cwd", None),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        check=False,
        stderr=subprocess.PIPE,
        **options,
    )


CALL = "import sys; from sscsim.cli.main import main; sys.argv = ['sscsim', {}]; main()"


def test_signal_in_a_real_process(empty_folder: Path) -> None:
    code = (
        "import os, signal, time, sscsim.model\n"
        "def simulate(*a, **k): os.kill(os.getpid(), signal.SIGINT); time.sleep(10)\n"
        "sscsim.model.simulate = simulate\n" + CALL.format("'run'")
    )
    done = shell(code, stdout=subprocess.PIPE, cwd=empty_folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith("Stopped by Ctrl-C. Nothing half-written was left behind.\n")
    assert files(empty_folder) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_full_disk_behind_the_output() -> None:
    with Path("/dev/full").open("w") as full:
        done = shell(CALL.format("'explain', 'parameters'"), stdout=full)
    assert done.returncode == 2
    assert done.stderr.strip() == "Error: the output cannot be written: the disk is full"


def test_reader_that_leaves_early() -> None:
    read, write_end = os.pipe()
    os.close(read)
    with os.fdopen(write_end, "w") as pipe:
        done = shell(CALL.format("'explain', 'parameters'"), stdout=pipe)
    assert done.stderr == ""


def test_a_run_says_what_in_own_figures_contradicts_what() -> None:
    Path("mine.csv").write_text(
        "iso3,column,value\nSLE,gdp_current_busd,5000\nGMB,gdp_current_busd,1400\n"
    )
    done = CliRunner().invoke(cli, ["run", "--data", "mine.csv", *SHORT])
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for code in ("SLE", "GMB"):
        assert f"Note: {code}, gdp_current_busd" in text
    assert "is the unit right?" in text
    assert "Note:" not in CliRunner().invoke(cli, ["run", *SHORT]).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--end", "2013", "--out", "out/run"),
        ("run", "mine", *SHORT),
        ("scenario", "list"),
        ("scenario", "show", "full-agenda"),
        ("compare", "baseline", "full-agenda", "--draws", "2", "--end", "2013"),
        ("show", "saved"),
        ("brief", "saved"),
        ("targets",),
        ("explain", "trade"),
    ],
    ids=" ".join,
)
def test_a_folder_that_is_gone_is_said(words: tuple[str, ...], empty_folder: Path) -> None:
    """Whoever works in a folder that somebody removed is told so; what needs no folder does its work."""
    gone = empty_folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        result = CliRunner().invoke(cli, list(words))
    finally:
        os.chdir(empty_folder)
    assert "Internal error" not in result.output
    assert result.exit_code in (0, 2), result.output
    if result.exit_code:
        assert "no longer there" in result.stderr or "there is no" in result.stderr
    assert files(empty_folder) == []
