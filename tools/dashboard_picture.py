"""The picture of the dashboard: ``python -m tools.dashboard_picture`` draws ``docs/images/dashboard.png``.

It needs the packages of the extra ``test`` and a Chromium. Cooperation is doubled, in the year 2030, and Kenya is
looked into.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE = ROOT / "docs" / "images" / "dashboard.png"


def main() -> int:
    """Draw the picture from the real model."""
    from sscsim.dashboard.asked import Asked

    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "dashboard")]
    from _served import Session, browser, served

    command = ["-m", "sscsim", "dashboard", "--port", "0", "--no-open"]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(command, Path(folder)) as server,
        browser() as chromium,
    ):
        here = Session(chromium, server.address(), (1400, 1180))
        here.answer()
        here.press(0, "End")
        here.wait_for(Asked.of(levers={"cooperation": 2.0}).key)
        page = here.page
        thumb = page.locator(".ssc-page .v-slider__thumb-container").first
        for _ in range(4):
            thumb.press("ArrowLeft")
        page.wait_for_selector(".ssc-map[data-year='2030']")
        page.get_by_label("Country, bank or partner").fill("Kenya")
        page.get_by_role("button", name="Kenya (country)").click()
        page.get_by_role("heading", name="Kenya (country, KEN)").wait_for()
        page.get_by_role("button", name="Reset", exact=True).scroll_into_view_if_needed()
        page.wait_for_timeout(1000)
        page.screenshot(path=IMAGE)
        here.close()
    print(IMAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
