"""The picture of the classroom page in the README: ``python -m tools.page_picture`` draws ``docs/images/page.png``.

It needs the packages of the extra ``test`` and a Chromium. The setting is the report's agenda at
the sizes that scenario `full-agenda` has, with cheaper trade within the South and larger banks.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE = ROOT / "docs" / "images" / "page.png"
SETTING = (
    "cooperation:1.5,institutions:50,reporting:50,centres:50,platform:50,un:50,partner_budget:3,"
    "trade_cost:-10,banks:1.5"
)


def main() -> int:
    """Draw the picture from the emulator that ships."""
    from sscsim.page.emulator import load
    from sscsim.page.html import write_page
    from sscsim.page.payload import payload

    sys.path.insert(0, str(ROOT / "tests"))
    from _browser import browser, visit

    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        page = write_page(Path(folder) / "page.html", "en", payload(load()))
        with visit(chromium, page, "desk", f"#s={SETTING}") as here:
            here.page.set_viewport_size({"width": 1280, "height": 1060})
            here.settled()
            here.page.screenshot(path=IMAGE)
    print(IMAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
