"""Figures as files: all of them or none, and no half file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sscsim.errors import InputError, OutputError, in_words, nearest
from sscsim.reports.style import (
    style_context,
)
from sscsim.staging import staged

__all__ = ["FORMATS", "draw_figures", "known", "write_figures"]


FORMATS = ("png", "svg", "pdf")


def known(given: Iterable[str], allowed: Iterable[str], message: str) -> list[str]:
    """Return names without repetition, after a look whether each is allowed."""
    names = list(dict.fromkeys([given] if isinstance(given, str) else given))
    choices = list(allowed)
    for name in names:
        if name not in choices:
            raise InputError(
                message, found=name, allowed=choices, suggestion=nearest(name, choices)
            )
    return names


def draw_figures(
    makers: Mapping[str, Callable[..., Figure]],
    given: tuple[object, ...],
    names: Iterable[str] | None,
    beside: Mapping[str, Mapping[str, object]],
    on_skip: Callable[[str, str], None] | None,
) -> dict[str, Figure]:
    """Return the figures that are asked for, or all that can be drawn.

    Parameters
    ----------
    makers
        Functions that draw, by name.
    given
        What each is given.
    names
        Which; None for all.
    beside
        By name, what else some are given.
    on_skip
        Called with name and reason of what cannot be drawn, where figures are not named; a named one is an error.

    Raises
    ------
    InputError
        For an unknown figure, and when nothing can be drawn.
    """
    wanted = list(makers) if names is None else known(names, makers, "there is no such figure")
    drawn: dict[str, Figure] = {}
    failure: InputError | None = None
    for name in wanted:
        try:
            drawn[name] = makers[name](*given, **beside.get(name, {}))
        except InputError as error:
            if names is not None:
                raise
            failure = error
            if on_skip is not None:
                on_skip(name, error.message)
    if not drawn and failure is not None:
        raise failure
    return drawn


def write_figures(
    drawn: Mapping[str, Figure], folder: Path, endings: Sequence[str], dpi: int
) -> list[Path]:
    """Write figures aside, then move all to their names."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with staged(folder, "figures") as aside, style_context():
            files = [(name, f"{name}.{ending}") for name in drawn for ending in endings]
            for name, file in files:
                drawn[name].savefig(aside / file, dpi=dpi, metadata=_metadata(file))
            for _, file in files:
                paths.append((aside / file).replace(folder / file))
    except OSError as error:
        raise OutputError(f"figures cannot be written to {folder}: {in_words(error)}") from error
    finally:
        if not paths:
            for path in new:
                with contextlib.suppress(OSError):
                    path.rmdir()
    return paths


def _metadata(file: str) -> dict[str, None]:
    """Leave the date out, so that the same run writes the same bytes."""
    return {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[file.rsplit(".", 1)[1]]
