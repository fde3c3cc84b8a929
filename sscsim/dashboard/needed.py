"""What the dashboard needs beside the model: loaded to keep to this machine, or an error that says how to get it."""

from __future__ import annotations

import logging
import os
import warnings

from sscsim.errors import InputError

__all__ = ["EXTRA", "QUIET", "load"]

EXTRA = 'pip install "sscsim[dashboard]"'
NOWHERE = "http://127.0.0.1:9/"
"""Where an asset that is not installed is looked for: nobody answers there, and nothing leaves the machine."""

QUIET = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_ASSETS_CDN": NOWHERE,
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_CHECK_HOOKS": "off",  # of Mesa's components, which a user cannot mend
    "SOLARA_MODE": "production",
}
"""Variables by which Solara is told to keep to itself; it reads them when it is loaded."""


def load() -> None:
    """Load what serves the dashboard.

    Raises
    ------
    InputError
        With the command that installs it, where a package is missing, or is of another generation than the assets that
        are installed: a browser would be sent to the network for the rest.
    """
    os.environ.update(QUIET)
    warnings.filterwarnings("ignore", message="Cookies with samesite=none require https")
    try:
        import ipyvue
        import ipyvuetify
        import solara  # noqa: F401
        import solara_assets  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as failure:
        raise InputError(
            "the dashboard takes packages that are not installed",
            key="dashboard",
            found=f"no {failure.name}",
            allowed=EXTRA,
        ) from None
    logging.getLogger("solara").setLevel(logging.ERROR)
    for one in (ipyvue, ipyvuetify):
        if not one.__version__.startswith("1."):
            raise InputError(
                "the assets that are installed are for another generation of this package",
                key="dashboard",
                found=f"{one.__name__} {one.__version__}",
                allowed=EXTRA,
            )
