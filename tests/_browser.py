"""A real browser on a page from disk, with every other request refused and told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
PATIENCE = 120_000  # milliseconds: a machine that runs other tests beside is slow


def chromium() -> str:
    """Return the browser's path; skip where there is none."""
    found = next((place for place in map(shutil.which, NAMES) if place), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """Run a browser without a screen."""
    from playwright.sync_api import sync_playwright

    place = chromium()
    with sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=place,
            # No name is looked up: what a page asks of others is refused before it leaves the machine.
            args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        try:
            yield found
        finally:
            found.close()


# A chart is an image with a label, to axe as to whoever cannot see it: its thousand paths are not looked at one by one.
AXE = "axe.run({exclude: ['.plot > *']}, {resultTypes: ['violations']})"


class Visit:
    """A page that was opened, what it asked for beside itself, and what went wrong in it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.wrong: list[str] = []

    def note(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.asked.append(request.url)

    def settled(self) -> None:
        """Wait until the pictures are drawn, and what follows when the hand rests."""
        # What was just done is drawn in the next frame.
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        self.page.wait_for_function("window.SSC && SSC.still", timeout=PATIENCE)


@contextmanager
def visit(browser: Any, file: Path, size: str, address: str = "") -> Iterator[Visit]:
    """Open a page at a size; it is closed again."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=size == "phone",
        has_touch=size == "phone",
        accept_downloads=True,
        offline=True,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    found = Visit(page)
    page.on("request", found.note)
    page.on("pageerror", lambda error: found.wrong.append(str(error)))
    page.on(
        "console",
        lambda said: found.wrong.append(said.text) if said.type in ("error", "warning") else None,
    )
    try:
        page.goto(file.as_uri() + address, wait_until="commit")
        found.settled()
        yield found
    finally:
        context.close()


def serious(here: Visit) -> list[str]:
    """What axe finds that keeps somebody out."""
    from axe_playwright_python.sync_playwright import Axe

    if not here.page.evaluate("'axe' in window"):
        here.page.evaluate(Axe().axe_script)
    found = here.page.evaluate(AXE)["violations"]
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
