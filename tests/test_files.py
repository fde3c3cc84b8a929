"""A user's file is opened only where it is a regular one within its budget: nothing hangs, nothing fills the memory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.files import json_of, open_file, read_bytes, read_text, write_text, write_whole
from sscsim.results.records import read_record

unix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices as files")


def refused(path: Path, most: int = 1000) -> InputError:
    started = time.monotonic()
    with pytest.raises(InputError) as caught:
        read_bytes(path, most)
    assert time.monotonic() - started < 1
    with pytest.raises(InputError):
        open_file(path, most)
    return caught.value


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data in (b"", b"x", b"x" * 1000):
        path.write_bytes(data)
        assert read_bytes(path, 1000) == data
        with open_file(path, 1000) as file:
            assert file.read() == data
    link = tmp_path / "link"
    link.symlink_to(path)
    assert len(read_bytes(link, 1000)) == 1000


@unix
def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(pipe)
    for path in (pipe, link):
        assert "a pipe" in refused(path).message


@unix
def test_a_pipe_that_somebody_writes_to_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY)
    try:
        os.write(writer, b"a: 1")
        assert "a pipe" in refused(pipe).message
    finally:
        os.close(writer)
        os.close(reader)


@unix
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/null", "/dev/tty"])
def test_a_link_to_a_device_is_refused(tmp_path: Path, device: str) -> None:
    link = tmp_path / "file.yaml"
    link.symlink_to(device)
    assert refused(link).file == str(link)


@unix
def test_a_socket_and_a_folder_are_refused(tmp_path: Path, monkeypatch) -> None:
    assert "a folder" in refused(tmp_path).message
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        refused(Path("socket"))


@unix
def test_what_is_not_there_or_no_name(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    (tmp_path / "file").write_text("x")
    for path in (
        tmp_path / "none",
        tmp_path / "file" / "inside",
        Path("x" * 5000),
        Path("a\0b"),
        circle,
    ):
        assert str(refused(path))


def test_a_file_above_its_budget_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 1001)
    error = refused(path)
    assert (error.found, error.allowed) == ("1,001 bytes", "at most 1,000 bytes")
    with path.open("wb") as file:
        file.truncate(10**12)  # a terabyte of nothing
    assert "too large" in refused(path).message


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="a file that says it is empty")
def test_a_file_that_says_it_is_empty_is_not_read_beyond_the_budget() -> None:
    path = Path("/proc/self/maps")
    assert path.stat().st_size == 0
    with pytest.raises(InputError, match="too large"):
        read_bytes(path, 100)


def test_text_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\ufeffé\r\nb".encode())
    assert read_text(path, 100) == "é\r\nb"
    for mark in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(mark + b"a\nb\n\xe9t\xe9")
        with pytest.raises(InputError, match="UTF-8") as caught:
            read_text(path, 100)
        assert (caught.value.line, caught.value.found) == (3, b"\xe9")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 9000 + "]" * 9000, '{"a":' * 50_000, "9" * 5000, "{", "", "nan"]
)
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        json_of(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400"])
def test_a_number_that_is_none_is_refused_where_it_is_written_again(number: str, tmp_path) -> None:
    text = f'{{"draws": [1.5, {{"seed": {number}}}]}}'
    json_of(text)
    with pytest.raises(ValueError, match="number"):
        json_of(text, finite=True)
    place = tmp_path / "manifest.json"
    place.write_text(text)
    with pytest.raises(InputError, match="number") as caught:
        read_record(place)
    assert str(caught.value.file) == str(place)
    assert json_of('{"a": 1e300}', finite=True) == {"a": 1e300}


# --------------------------------------------------------------------------------------------------------- one file

WRITER = """
import sys, time
from pathlib import Path
from sscsim.files import write_whole
write, halves = Path.write_bytes, {halves}
def slow(self, data):
    write(self, data[: len(data) // 2] if halves else data)
    print("ready", flush=True)
    time.sleep(60)
Path.write_bytes = slow
write_whole(Path(sys.argv[1]), b"new" * 1000)
"""


def killed(path: Path, with_: int, *, halves: bool) -> None:
    """Let a process be killed while it writes a file: at half of it, or before it takes its name."""
    code = WRITER.format(halves=halves)
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(with_)
    process.wait()
    process.stdout.close()


@unix
@pytest.mark.parametrize("with_", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("halves", [True, False])
@pytest.mark.parametrize("next_one", ["page.html", "another.html"])
def test_what_a_killed_writer_leaves_is_swept_by_the_next(
    tmp_path: Path, with_: int, halves: bool, next_one: str
) -> None:
    (tmp_path / "page.html").write_text("old")
    killed(tmp_path / "page.html", with_, halves=halves)
    assert (tmp_path / "page.html").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
    write_text(tmp_path / next_one, "next")
    assert (tmp_path / next_one).read_text() == "next"
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", next_one}


def test_one_who_is_writing_is_not_disturbed(tmp_path: Path) -> None:
    code = WRITER.format(halves=True).replace("time.sleep(60)", "sys.stdin.readline()")
    code = code.replace("if halves else data", "if False else data")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "page.html")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        write_whole(tmp_path / "page.html", b"first")
        other.communicate(b"\n")
    assert (tmp_path / "page.html").read_bytes() == b"new" * 1000
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").stat().st_mode & 0o044 == 0o644 & ~_umask() & 0o044


def _umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before
