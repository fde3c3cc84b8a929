"""The dashboard in a real browser: a session walked, ten at once, and Mesa's own page with our parts."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from dashboard._served import Server, Session, browser, served

from sscsim.dashboard.asked import Asked
from sscsim.page.sliders import sliders

# Seconds each: the server and the browser start, and the model runs to its end for every answer.
pytestmark = [pytest.mark.browser, pytest.mark.long]

NAMES = sliders().names
PLAIN = Asked.of(parameters="tables")
COMMAND = ["-m", "sscsim", "dashboard", "--port", "0", "--no-open", "--parameters", "tables"]

MESA = """
from mesa.visualization import SolaraViz
from sscsim import SouthSouthModel
from sscsim.dashboard import components as parts

page = SolaraViz(
    SouthSouthModel(seed="7", parameters="tables"),
    components=[
        parts.series("goal_index", "South"),
        parts.world("income"),
        parts.plan(),
        parts.agent("Kenya"),
    ],
    model_params=parts.model_params(seed=7, parameters="tables"),
)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with served(COMMAND, tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as found:
        yield found


def fills(session: Session) -> list[str]:
    return session.page.evaluate(
        "[...document.querySelectorAll('.ssc-map [data-id]')].map(one => one.getAttribute('fill'))"
    )


def clean(session: Session, server: Server) -> None:
    """Nothing was asked of others, by the page or by the server, and nothing broke."""
    assert session.abroad == []
    assert session.wrong == []
    assert "Could not load" not in "".join(server.said)
    assert "Traceback" not in "".join(server.said)


def test_a_session_is_walked(server, opened, tmp_path) -> None:
    here = Session(opened, server.address())
    page = here.page
    assert here.answer() == PLAIN.key
    plain = fills(here)
    assert set(plain) <= {"#f2f2f2", "#ffffff", "#e8e8e8"}

    # A lever.
    here.press(NAMES.index("cooperation"), "ArrowRight", "ArrowRight")
    moved = PLAIN.with_lever("cooperation", 1.1)
    here.wait_for(moved.key)
    assert fills(here) != plain
    page.get_by_text("Requests for cooperation: 1.1 × plan").wait_for()
    assert "cooperation=1.1" in page.locator("code").inner_text()

    # A mechanism.
    page.get_by_label("knowledge: needs meet offers").uncheck(force=True)
    here.wait_for(moved.switched("knowledge", on=False).key)
    page.get_by_role("cell", name="switched off").wait_for()

    # The years: back to the start, a step, and play to where it is paused.
    page.get_by_role("button", name="Reset", exact=True).click()
    here.wait_for(PLAIN.key)
    page.wait_for_selector(".ssc-map[data-year='2013']")
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_selector(".ssc-map[data-year='2014']")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(".ssc-map[data-year='2016']")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Play", exact=True).wait_for()

    # An agent, by name and by a click on the map.
    page.get_by_label("Country, bank or partner").fill("asian infra")
    page.get_by_role("button", name="Asian Infrastructure Investment Bank").click()
    page.get_by_role("cell", name="Loans outstanding of a bank").wait_for()
    page.locator(".ssc-map [data-id=BRA]").first.click()
    page.get_by_role("heading", name="Brazil (country, BRA)").wait_for()

    # What is wrong is said, and mended.
    page.get_by_label("Seed").fill("seven")
    page.get_by_label("Seed").press("Enter")
    page.get_by_text("must be a whole number").wait_for()
    page.get_by_label("Seed").fill("2")
    page.get_by_label("Seed").press("Enter")
    here.wait_for(Asked.of(seed=2, parameters="tables").key)

    page.get_by_role("button", name="中文", exact=True).click()
    page.get_by_text("世界地图").wait_for()
    clean(here, server)
    here.close()


def test_ten_sessions_at_once_show_their_own(server, opened) -> None:
    sessions = [Session(opened, server.address()) for _ in range(10)]
    for one in sessions:
        assert one.answer() == PLAIN.key
    # Each moves another lever by one step; all before anyone has an answer.
    for number, one in enumerate(sessions):
        one.press(number, "ArrowRight")
    wanted = []
    for number, one in enumerate(sessions):
        lever = sliders().table[NAMES[number]]
        asked = PLAIN.with_lever(NAMES[number], lever.default + lever.step)
        wanted.append(asked.key)
        one.wait_for(asked.key)
    assert len(set(wanted)) == 10
    for key, one in zip(wanted, sessions, strict=True):
        assert one.answer() == key
        clean(one, server)
        one.close()


def test_mesa_s_page_steps_and_begins_anew(opened, tmp_path) -> None:
    (tmp_path / "app.py").write_text(MESA, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "solara", "run", "app.py", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--production", "--no-open", "--no-check-version"]
    with served(command, tmp_path) as server:
        # It tells its address before it listens there.
        for _ in range(600):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.1)
        here = Session(opened, server.address())
        page = here.page
        page.get_by_text("No year yet").first.wait_for()
        for year in (2013, 2014):
            page.get_by_role("button", name="Step", exact=True).click()
            page.wait_for_selector(f".ssc-map[data-year='{year}']")
        page.get_by_role("heading", name="Kenya (country, KEN)").wait_for()
        assert page.locator(".ssc-table tbody tr").count() > 10
        page.get_by_label("Seed").fill("8.0")
        page.get_by_label("Seed").press("Enter")
        page.get_by_role("button", name="Reset", exact=True).click()
        page.get_by_text("No year yet").first.wait_for()
        page.get_by_role("button", name="Step", exact=True).click()
        page.wait_for_selector(".ssc-map[data-year='2013']")
        assert here.abroad == []
        assert "Could not load" not in "".join(server.said)
        here.close()
