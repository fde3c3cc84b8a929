from __future__ import annotations

import os
import socket
import sys

import pytest
from click.testing import CliRunner

from sscsim.cli.main import cli
from sscsim.dashboard import serving


@pytest.fixture
def served(monkeypatch):
    """What would be served, and with which baseline."""
    found = {}
    monkeypatch.setattr(serving, "prepare", lambda parameters: found.update(baseline=parameters))
    monkeypatch.setattr(
        serving,
        "serve",
        lambda host, port, **more: (
            found.update(host=host, port=port, **more),
            more["ready"](serving.address(host, port)),
        ),
    )
    # What Solara is told stays in a process of its own.
    monkeypatch.setattr("sscsim.dashboard.needed.load", lambda: None)
    return found


def test_options_go_where_they_belong(served) -> None:
    result = CliRunner().invoke(
        cli, ["dashboard", "--port", "0", "--lang", "zh", "--no-open", "--parameters", "draw:3"]
    )
    assert result.exit_code == 0, result.output
    assert served["baseline"] == served["parameters"] == "draw:3"
    assert (served["host"], served["language"]) == ("127.0.0.1", "zh")
    assert served["open_browser"] is False
    assert f"http://127.0.0.1:{served['port']}/" in result.output


def test_a_port_that_is_taken_stops_before_anything_is_run(served) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(cli, ["dashboard", "--port", str(port)])
    assert result.exit_code != 0
    assert served == {}


@pytest.mark.parametrize(
    "words",
    [["--lang", "fr"], ["--port", "99999"], ["--parameters", "nowhere"], ["extra"]],
    ids=str,
)
def test_what_is_wrong_is_refused(served, words) -> None:
    assert CliRunner().invoke(cli, ["dashboard", *words]).exit_code != 0
    assert served == {}


def test_without_its_packages_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "solara", None)
    monkeypatch.setattr("os.environ", dict(os.environ))
    monkeypatch.setattr("warnings.filterwarnings", lambda *given, **more: None)
    result = CliRunner().invoke(cli, ["dashboard"])
    assert 'pip install "sscsim[dashboard]"' in str(result.output) + str(result.exception)
