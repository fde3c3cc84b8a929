"""Downloads from a server of this machine that breaks off, goes on, refuses, and is not there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sscsim.errors import InputError, UserError
from sscsim.world import fetching
from sscsim.world.fetching import PUBLISHED, Published, cache_folder, fetch

CONTENT = bytes(range(256)) * 40


class Server(BaseHTTPRequestHandler):
    """Sends `CONTENT`; the first answer for ``broken.zip`` ends in its middle, ``plain.zip`` knows no ranges."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        ranged = self.headers.get("Range")
        self.asked.append((self.path, ranged))
        if self.path == "/gone.zip":
            self.send_error(404)
            return
        begin = int(ranged.split("=")[1].rstrip("-")) if ranged and self.path != "/plain.zip" else 0
        if begin >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        first = self.path in ("/broken.zip", "/plain.zip") and len(self.asked) == 1
        self.wfile.write(CONTENT[begin : len(CONTENT) // 2] if first else CONTENT[begin:])

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetching, "BLOCK", 512)
    handler = type("Own", (Server,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.asked = handler.asked  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        Server.asked = handler.asked
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def offered(server: str, name: str, sha256: str | None = None) -> Published:
    return Published("made up", "none", f"{server}/{name}", "10 kB", sha256)


def test_a_file_is_downloaded_once(server: str, tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    one = offered(server, "whole.zip", hashlib.sha256(CONTENT).hexdigest())
    for _ in range(2):
        path = fetch("baci", tmp_path, published=one, progress=lambda *now: said.append(now))
        assert path.read_bytes() == CONTENT
    assert len(Server.asked) == 1
    assert said[-1] == (len(CONTENT), len(CONTENT))
    assert [p.name for p in tmp_path.iterdir()] == ["whole.zip"]


@pytest.mark.parametrize("name", ["broken.zip", "plain.zip"])
def test_a_download_that_broke_off_goes_on(server: str, tmp_path: Path, name: str) -> None:
    """From a server that sends the rest alone, and from one that begins again whatever it is asked."""
    one = offered(server, name)
    with pytest.raises(UserError, match="cannot be reached"):
        fetch("baci", tmp_path, published=one)
    assert not (tmp_path / name).exists()
    assert fetch("baci", tmp_path, published=one).read_bytes() == CONTENT
    assert Server.asked[1][1] == f"bytes={len(CONTENT) // 2}-"


def test_a_part_that_is_the_whole_is_begun_again(server: str, tmp_path: Path) -> None:
    (tmp_path / "whole.zip.part").write_bytes(CONTENT)
    assert fetch("baci", tmp_path, published=offered(server, "whole.zip")).read_bytes() == CONTENT


def test_what_goes_wrong_is_one_sentence(server: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"refused \(404\)"):
        fetch("baci", tmp_path, published=offered(server, "gone.zip"))
    with pytest.raises(UserError, match="is not the file that its publisher states"):
        fetch("baci", tmp_path, published=offered(server, "whole.zip", "0" * 64))
    with pytest.raises(UserError, match="cannot be reached"):
        fetch("baci", tmp_path, published=offered("http://127.0.0.1:9", "whole.zip"))
    with pytest.raises(InputError) as refused:
        fetch("bacy", tmp_path)
    assert refused.value.suggestion == "baci"


def test_every_offer_says_terms_and_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for one in PUBLISHED.values():
        assert one.address.startswith("https://")
        assert one.terms
        assert one.size
    monkeypatch.setenv("SSCSIM_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
