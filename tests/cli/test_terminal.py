"""What reaches the terminal: signs it can show, lines that stay lines, and how a reader's leaving ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sscsim.cli import terminal
from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH, fields, heading, print_table, say, text_of, width
from sscsim.cli.terminal import READER_LEFT, ReaderLeft, echo, echo_csv, fitted, styled
from sscsim.errors import COMMANDS, clean

ROOT = Path(__file__).resolve().parents[2]
CODE = "import sys; from sscsim.__main__ import main; sys.argv = ['sscsim', *{!r}]; main()"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and descriptors of POSIX")


def process(
    *args: str, before: str = "", shell: str = "", **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, its streams changed by a piece of shell."""
    call = [sys.executable, "-c", before + CODE.format(args)]
    if shell:
        call = ["/bin/sh", "-c", f'exec "$@" {shell}', "sh", *call]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(call, env=environment, check=False, **options)


# --------------------------------------------------------------------------------------- encodings

PRINTED = [
    ("--help",),
    ("plan",),
    ("plan", "trade"),
    ("explain", "trade_elasticity"),
    ("explain", "goals"),
    ("explain", "parameters"),
    ("explain", "targets"),
    ("scenario", "list"),
    ("scenario", "show", "green-banks"),
    ("scenario", "diff", "baseline", "trade-integration"),
    ("data", "show", "CIV"),
    ("targets",),
    ("bank", "list"),
]


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("args", PRINTED, ids=" ".join)
def test_whatever_is_printed_fits_the_encoding(args: tuple[str, ...], charset: str) -> None:
    result = CliRunner(charset=charset).invoke(cli, list(args))
    assert result.exit_code == 0, result.exception
    text = result.stdout_bytes.decode(charset)
    whole = CliRunner().invoke(cli, list(args)).stdout
    if "|" not in text and args[0] in ("plan", "explain", "targets"):
        assert len(text.splitlines()) >= len(whole.splitlines())
    assert max(map(len, text.splitlines())) <= WIDTH + 1


@POSIX
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "koi8-r"])
def test_a_process_whose_output_is_not_utf_8(encoding: str) -> None:
    done = process("show", "Ελλάδα – x", env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 2
    assert done.stderr.decode(encoding).startswith("Error: there is no run of this name")


@pytest.mark.parametrize(
    ("charset", "text", "expected"),
    [
        ("ascii", "2013–2034 → ±10 … ¶79", "2013-2034 -> +/-10 ... par.79"),
        ("ascii", "Côte d’Ivoire, Türkiye, Guimerà", "Cote d'Ivoire, Turkiye, Guimera"),
        ("ascii", "km² 10⁻⁶ ½ ŵ β", r"km2 10-6 1/2 w \u03b2"),
        ("latin-1", "Côte d’Ivoire ± ¶ · ≥ −1", "Côte d'Ivoire ± ¶ · >= -1"),
        ("cp1252", "a – b … − Šč", "a – b … - Šc"),
        ("iso8859-7", "β ≤ é", "β <= e"),
        ("gbk", "南南合作 → é", "南南合作 → é"),
        ("utf-8", "南 β – \u0302", "南 β – \u0302"),
        ("no such encoding", "β –", "β –"),
    ],
)
def test_signs_are_those_that_an_encoding_has(
    charset: str, text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        encoding = charset

    monkeypatch.setattr(sys, "stdout", Stream())
    assert fitted(text) == expected


@given(text=st.text(), charset=st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8", "gbk"]))
def test_any_text_can_be_printed(text: str, charset: str) -> None:
    raw = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=charset))
        terminal.fit_streams()
        echo(text)
        sys.stdout.write("\udcff\ud800" + text)  # what is printed without us
        sys.stdout.flush()
        printed = raw.getvalue().decode(charset)
    assert printed.count("\n") == 1 + text.count("\n")
    assert printed.isascii() or charset != "ascii"


def test_a_table_keeps_its_columns_where_signs_are_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    lines = text_of(["¶|", "when|", "n>"], [("79", "2013–2034", "1"), ("79, 98", "…", "22")])
    assert lines.splitlines() == [
        "par.    when        n",
        "79      2013-2034   1",
        "79, 98  ...        22",
    ]


# ---------------------------------------------------------------------------------- what users name

NASTY = {
    "colour": "\x1b[31mred",
    "title of the window": "\x1b]0;owned\x07",
    "control of eight bits": "\x9b31m",
    "back to the line's beginning": "good\rError",
    "backspace": "abc\b\b\bxyz",
    "turned direction": "\u202egnp.exe",
    "another kind of newline": "one\u2028Error: two",
    "vertical tab": "one\x0bError: two",
    "newline": "one\nError: two",
    "bytes that are no text": "na\udcffme",
    "deletion": "\x7f",
}


def harmless(text: str) -> bool:
    return not COMMANDS.search(text)


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_what_a_user_names_is_shown_and_not_obeyed(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for show in (
        lambda: echo(name),
        lambda: heading(name),
        lambda: say(name),
        lambda: fields([("a", name), (name, "b")]),
        lambda: print_table(["a", "b|"], [(name, "1"), ("2", name)]),
    ):
        show()
        printed = capsys.readouterr().out
        assert harmless(printed)
        assert not any(line.startswith("Error") for line in printed.splitlines())
    assert "\n" not in clean(name)


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize(
    "args",
    [
        ("show",),
        ("run",),
        ("scenario", "validate"),
        ("run", "--out"),
        ("run", "--set"),
        ("run", "--keep"),
        ("plan", "trade"),
        ("data", "show"),
        (),
        ("run", "--end", "2013", "--data"),
    ],
    ids=" ".join,
)
def test_a_name_in_a_message_is_one_line(
    args: tuple[str, ...], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if args == ("run", "--out"):
        name = f"missing/{name}"
    result = CliRunner().invoke(cli, [*args, name])
    assert result.exit_code == 2
    assert harmless(result.stderr)
    assert len([line for line in result.stderr.splitlines() if line.startswith("Error")]) == 1


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_titles_of_scenarios_are_cleaned(name: str, tmp_path: Path) -> None:
    escaped = "".join(f"\\u{ord(c):04x}" for c in name.replace("\udcff", "\x85"))
    for key in ("title", "description", "source"):
        rest = "" if key == "title" else "title: x\n"
        file = tmp_path / "mine.yaml"
        file.write_text(f'name: mine\n{rest}{key}: "a {escaped}"\n')
        for command in (("show",), ("validate",), ("diff", "baseline")):
            result = CliRunner().invoke(cli, ["scenario", *command, str(file)])
            assert harmless(result.output)
            assert not [x for x in result.output.splitlines() if x.startswith("Error: two")]


def test_tables_for_programs_are_left_alone_in_a_pipe_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = 'a,b\n"one\ntwo",\x1b[31m\n'
    echo_csv(table)
    assert capsys.readouterr().out == table
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    echo_csv(table)
    assert capsys.readouterr().out == 'a,b\n"one\ntwo",\\x1b[31m\n'


# -------------------------------------------------------------------------------------- the terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("name", "value", "bold"),
    [
        ("NO_COLOR", "1", False),
        ("NO_COLOR", "", True),  # as no-color.org says
        ("TERM", "dumb", False),
        ("TERM", "xterm", True),
    ],
)
def test_bold_is_for_terminals_that_want_it(
    name: str, value: str, bold: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(variable, raising=False)
    assert not styled(io.StringIO())
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv(name, value)
    assert styled() is bold
    heading("Title")
    assert ("\x1b[1m" in sys.stdout.getvalue()) is bold
    assert ("\x1b" in text_of(["a", "b>"], [("x", "1")])) is bold


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_tables_are_as_wide_as_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    assert width() == columns
    text = text_of(["name|", "words"], [("poverty_headcount", "word " * 60)])
    wide = max(len(line.rstrip()) for line in text.splitlines())
    assert columns - 6 <= wide <= columns
    sys.stdout.truncate(0)
    say("word " * 100)
    assert max(map(len, sys.stdout.getvalue().splitlines())) <= min(columns, WIDTH)


# ------------------------------------------------------------------------------ who does not listen


@POSIX
@pytest.mark.parametrize(
    "args",
    [
        ("data", "sources"),
        ("explain", "parameters"),
        ("targets",),
        ("data", "check", "--notes"),
        ("--help",),
        ("run", "--help"),
        ("data", "sources", "--csv"),
        ("--version",),
    ],
    ids=" ".join,
)
def test_a_closed_pipe_is_quiet_and_has_its_own_code(args: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        done = process(*args, stdout=pipe)
    assert (done.returncode, done.stderr) == (READER_LEFT, b"")


@POSIX
def test_a_pipe_that_is_not_the_output_is_no_reader_that_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def simulate(*args: Any, **kwargs: Any) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("sscsim.model.simulate", simulate)
    result = CliRunner().invoke(cli, ["run", "--out", str(tmp_path / "run")])
    assert result.exit_code == 1
    assert "Internal error" in result.stderr


@POSIX
def test_closed_streams_do_not_undo_a_run(tmp_path: Path) -> None:
    short = ("run", "--end", "2013", "--keep", "indicators", "--out", "run")
    done = process(*short, shell="<&- >&- 2>&-", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "run" / "manifest.json").is_file()


@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_a_stream_that_the_caller_closed_takes_everything(closed: str) -> None:
    done = process("plan", shell=closed)
    assert (done.returncode, done.stderr) == (0, b"")


@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "1</dev/null", "2</dev/null"])
def test_a_mistake_keeps_its_code_where_nobody_listens(closed: str) -> None:
    done = process("show", "no such name", shell=closed)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@POSIX
def test_output_that_takes_nothing_is_said() -> None:
    done = process("plan", shell="1</dev/null")
    assert done.returncode == 2
    assert b"Error: the output cannot be written" in done.stderr


def test_a_failure_to_print_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(ReaderLeft):
        echo("x")


# ------------------------------------------------------------------------------------------- Ctrl-C

STOPPED = b"Stopped by Ctrl-C. Nothing half-written was left behind.\n"
INTERRUPT = """
import os, signal, sys
class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == {!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Stop())
"""


@POSIX
@pytest.mark.parametrize(
    "module", ["click", "sscsim.errors", "sscsim.cli.main", "sscsim.cli.explaining", "numpy"]
)
def test_ctrl_c_while_libraries_load_is_one_line(module: str) -> None:
    done = process("explain", "parameters", before=INTERRUPT.format(module))
    assert (done.returncode, done.stderr.lstrip()) == (2, STOPPED)


@POSIX
def test_ctrl_c_at_the_very_end_shows_no_traceback() -> None:
    late = (
        "import atexit, os, signal\natexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
    )
    done = process("--version", before=late)
    assert done.returncode in (0, -signal.SIGINT)
    assert done.stderr == b""


# --------------------------------------------------------------------------------------------- home


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("--out=~/runs/x", "--out={home}/runs/x"),
        ("--store=~", "--store={home}"),
        ("--data=a~b", "--data=a~b"),
        ("--out=~nobody-of-this-name/x", "--out=~nobody-of-this-name/x"),
        ("~/x", "~/x"),  # the shell has written these, if they were meant
        ("--set=a=~", "--set=a=~"),
    ],
)
def test_home_after_an_equals_sign(
    word: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from sscsim.cli.main import _at_home

    monkeypatch.setenv("HOME", str(tmp_path))
    assert _at_home(word) == expected.format(home=tmp_path)


def test_a_run_goes_to_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    short = ["run", "--end", "2013", "--keep", "indicators", "--quiet", "--out=~/mine"]
    assert CliRunner().invoke(cli, short).exit_code == 0
    assert (tmp_path / "mine" / "manifest.json").is_file()


# ------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize("shift", [-259_195.0, -1.0, 1e9])
def test_time_is_told_by_a_clock_that_nobody_sets(
    shift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscsim.cli.running import total_time

    before = total_time()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + shift)
    assert 0.0 <= before <= total_time() <= before + 10.0


def test_every_duration_is_measured_by_a_clock_that_nobody_sets() -> None:
    """Who reads the clock on the wall compares it with times of files."""
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "sscsim").rglob("*.py")
        if "time.time()" in path.read_text()
    ]
    assert sorted(found) == ["sscsim/compiled.py", "sscsim/staging.py"]
