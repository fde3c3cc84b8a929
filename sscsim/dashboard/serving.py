"""Serving the dashboard from this machine: nothing is asked of the network, nothing is told to anybody."""

from __future__ import annotations

import os
import socket
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress

from sscsim.dashboard.needed import load
from sscsim.errors import InputError

__all__ = ["address", "free_port", "prepare", "serve"]

APP = "sscsim.dashboard.app"
FIRST_PORT, PORTS = 8765, 20
"""Ports that are tried where none is given."""


def address(host: str, port: int) -> str:
    """Return the address that a browser goes to."""
    name = "localhost" if host in ("", "0.0.0.0", "::") else host
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def free_port(host: str, port: int | None) -> int:
    """Return the port that is given, or the first that is free; 0 gives any.

    Raises
    ------
    InputError
        If it is taken, or not ours to take.
    """
    if port == 0:
        return _free(host, 0)
    wanted = range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else (port,)
    why = ""
    for one in wanted:
        try:
            return _free(host, one)
        except OSError as failure:
            why = failure.strerror or str(failure)
    raise InputError(
        f"cannot listen at {host}: {why}",
        key="--port",
        found=port if port is not None else f"{wanted[0]} to {wanted[-1]}",
        allowed="a port that is free; 0 takes any",
    )


def _free(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        return int(found.getsockname()[1])


def prepare(parameters: str = "central") -> None:
    """Have at hand what every session needs: the world's outlines, and the baseline.

    Raises
    ------
    InputError
        For parameters that there are not.
    """
    from sscsim.dashboard.asked import Asked
    from sscsim.dashboard.pictures import outlines
    from sscsim.dashboard.running import answers

    answers.get(Asked.of(parameters=parameters))
    outlines()


def serve(
    host: str,
    port: int,
    *,
    language: str = "en",
    parameters: str = "central",
    open_browser: bool = False,
    ready: Callable[[str], None] = lambda place: None,
) -> None:
    """Serve the dashboard until Ctrl-C.

    Parameters
    ----------
    host, port
        Where it listens.
    language, parameters
        What sessions open with.
    open_browser
        Whether a browser is opened.
    ready
        Called with the address once it listens.

    Raises
    ------
    InputError
        Where the packages that it takes are not installed.
    """
    load()
    os.environ["SOLARA_APP"] = APP
    from sscsim.dashboard import app

    os.environ[app.LANGUAGE], os.environ[app.PARAMETERS] = language, parameters
    import solara.server.starlette
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            solara.server.starlette.app,
            host=host,
            port=port,
            log_level="error",
            timeout_graceful_shutdown=1,
        )
    )
    place = address(host, port)
    threading.Thread(
        target=_when_started, args=(server, place, open_browser, ready), daemon=True
    ).start()
    with suppress(KeyboardInterrupt):  # how it is meant to end
        server.run()


def _when_started(
    server: object, place: str, open_browser: bool, ready: Callable[[str], None]
) -> None:
    while not getattr(server, "started", False):
        if getattr(server, "should_exit", False):
            return
        time.sleep(0.05)
    ready(place)
    if open_browser:
        webbrowser.open(place)
