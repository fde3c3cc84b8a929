from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from sscsim.dashboard import needed
from sscsim.dashboard.needed import QUIET
from sscsim.dashboard.serving import address, free_port
from sscsim.errors import InputError


def test_a_browser_is_sent_where_it_can_go() -> None:
    assert address("127.0.0.1", 80) == "http://127.0.0.1:80/"
    assert address("0.0.0.0", 8765) == "http://localhost:8765/"
    assert address("::1", 8765) == "http://[::1]:8765/"


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="cannot listen") as caught:
            free_port("127.0.0.1", port)
        assert caught.value.key == "--port"
    assert free_port("127.0.0.1", 0) > 0
    assert free_port("127.0.0.1", None) >= 8765
    with pytest.raises(InputError, match="cannot listen"):
        free_port("192.0.2.1", None)


@pytest.mark.parametrize("name", ["solara", "solara_assets", "uvicorn", "ipyvue"])
def test_what_is_missing_is_named_with_the_extra(monkeypatch, name) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError) as caught:
        needed.load()
    assert 'pip install "sscsim[dashboard]"' in str(caught.value)
    assert f"no {name}" in str(caught.value)


def test_assets_of_another_generation_are_refused(monkeypatch) -> None:
    needed.load()
    monkeypatch.setattr("ipyvuetify.__version__", "3.1.0")
    with pytest.raises(InputError, match="another generation"):
        needed.load()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """What is set for the server's process is not set for other tests."""
    monkeypatch.setattr("os.environ", {**os.environ})
    monkeypatch.setattr("warnings.filterwarnings", lambda *given, **more: None)


def test_nothing_is_told_and_nothing_is_fetched() -> None:
    """Solara's settings as a server of ours has them, in a process of its own: they are read once."""
    code = (
        "import os, json; from sscsim.dashboard.needed import QUIET; os.environ.update(QUIET)\n"
        "import solara.settings as s, solara.server.settings as v\n"
        "print(json.dumps([v.telemetry.mixpanel_enable, s.assets.cdn, v.theme.show_banner,"
        " v.main.mode, s.assets.proxy]))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    told = json.loads(run.stdout)
    assert told == [False, QUIET["SOLARA_ASSETS_CDN"], False, "production", True]
    assert QUIET["SOLARA_ASSETS_CDN"].startswith("http://127.0.0.1:")


def test_every_asset_that_a_page_asks_for_is_installed() -> None:
    """What the server's page names of a network for delivery lies beside the packages."""
    import re
    from pathlib import Path

    import solara.server.server as server
    import solara.server.settings as settings

    page = (Path(server.__file__).parent / "templates" / "solara.html.j2").read_text("utf-8")
    # Of each switch between generations, the first is Vue 3's.
    named = set(re.findall(r"\{\{cdn\}\}/(@widgetti/solara-vuetify-app@[\d.]+)", page))
    assert named
    places = [settings.assets.proxy_cache_dir, *settings.assets.extra_paths()]
    for name in named:
        assert any(
            (place / name / "dist" / "solara-vuetify-app8.min.js").is_file() for place in places
        )
    assert any((place / "echarts@5.4.0" / "dist" / "echarts.js").is_file() for place in places)
