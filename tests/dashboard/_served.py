"""A dashboard that is served from this machine, and a browser that can reach nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _browser import PATIENCE, chromium

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A process, what it said, and where it listens."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.said: list[str] = []
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
            # What asks for the network is told that there is none.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-u", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env=environment,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)

    def address(self) -> str:
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http://[\w.\[\]:]+:\d+", "".join(self.said))
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError("".join(self.said))


@contextmanager
def served(command: Sequence[str], folder: Path) -> Iterator[Server]:
    """Serve from a process of its own; it is ended again."""
    server = Server(command, folder)
    try:
        server.address()
        yield server
    finally:
        server.process.terminate()
        try:
            server.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
        if server.process.stdout is not None:
            server.process.stdout.close()


@contextmanager
def browser() -> Iterator[Any]:
    """Run a browser without a screen that knows this machine alone."""
    from playwright.sync_api import sync_playwright

    place = chromium()
    with sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=place,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        try:
            yield found
        finally:
            found.close()


class Session:
    """A page of the dashboard, what it asked of others, and what went wrong."""

    def __init__(self, browser: Any, address: str, size: tuple[int, int] = (1280, 900)) -> None:
        width, height = size
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.context.set_default_timeout(PATIENCE)
        self.abroad: list[str] = []
        self.wrong: list[str] = []
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type == "error" else None
        )
        self.page.goto(address, wait_until="commit")

    def _route(self, route: Any) -> None:
        if re.match(r"https?://(127\.0\.0\.1|localhost)[:/]|data:|blob:", route.request.url):
            route.continue_()
        else:
            self.abroad.append(route.request.url)
            route.abort()

    def answer(self) -> str:
        """Return the key of the answer that the map shows."""
        self.page.wait_for_selector(".ssc-map")
        return str(self.page.get_attribute(".ssc-map", "data-answer"))

    def wait_for(self, key: str) -> None:
        """Wait until the map shows an answer."""
        self.page.wait_for_function(
            "key => document.querySelector('.ssc-map')?.dataset.answer === key", arg=key
        )

    def press(self, lever: int, *keys: str) -> None:
        """Press keys on the slider of a lever, by its place."""
        thumb = self.page.locator(".v-navigation-drawer .v-slider__thumb-container").nth(lever)
        thumb.focus()
        for key in keys:
            thumb.press(key)

    def close(self) -> None:
        self.context.close()
