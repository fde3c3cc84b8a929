"""Loops that Numba compiles, for who has it (the extra ``fast``): when a process takes them up.

What they compute is the same to the bit as the plain code beside them, which is the reference. To load them takes a
process most of a second, to compile them ten, once on a machine: Numba keeps what it has compiled, beside the source or
in the user's cache (its own ``NUMBA_CACHE_DIR`` says otherwise). So a process works plainly until the loops would have
saved as much as it costs to take them up; a run from the shell never does, a worker of an ensemble after some runs. It
compiles when that would have been saved, too, if the result can be kept and no other process is at it.

``SSCSIM_COMPILED`` set to 1 takes them up at once, compiled if need be, 0 never.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from sscsim.errors import InputError

__all__ = ["SWITCH", "compiled", "compiled_loops"]

SWITCH = "SSCSIM_COMPILED"

SAVED = 0.0025
"""Seconds that a year's loops save (`benchmarks/run_cost.py`: 0.06 in the 22 years of a run)."""
LOADING = 0.8
"""Seconds to import Numba and load what it has kept: 0.25 and 0.55."""
COMPILING = 10.0
"""Seconds to compile."""
_ABANDONED = 300.0
"""Seconds after which who said that it compiles is taken to have been stopped."""

_lock = threading.Lock()


class _NotKept(Exception):
    """What is asked for has not been compiled, and is not to be now."""


class _State:
    """What this process knows of the loops."""

    modules: ClassVar[dict[str, ModuleType]] = {}
    """Those that it has taken up, by name."""
    refused = False
    """Whether they cannot be had here."""
    missed = 0.0
    """Seconds that they would have saved so far."""
    next_look = LOADING
    """What must have been missed before it is looked for them (again)."""
    compiling = False
    """Whether what is not kept is compiled, by whoever imports the loops now."""


def compiled_loops(name: str, saved: float | None = None) -> ModuleType | None:
    """Return a module of compiled loops, None where the plain code is to be used.

    Called once for each year that they would work in, by each part of the year that they work in.

    Parameters
    ----------
    name
        Of the module.
    saved
        Seconds that they would save it; those of matching if left out.

    Raises
    ------
    InputError
        When they are asked for and cannot be had, or the switch is neither 0 nor 1.
    """
    switch = os.environ.get(SWITCH, "")
    if switch == "0":
        return None
    if switch == "1":
        return _State.modules.get(name) or _at_once(name)
    if switch:
        raise InputError("the switch is on or off", key=SWITCH, found=switch, allowed="0 or 1")
    if name in _State.modules or _State.refused:
        return _State.modules.get(name)
    _State.missed += SAVED if saved is None else saved
    # A process of several threads takes them up in one and goes on plainly in the others.
    if _State.missed < _State.next_look or not _lock.acquire(blocking=False):
        return None
    try:
        module = _when_it_pays(name)
        if module is not None:
            _State.modules[name] = module
    finally:
        _lock.release()
    return module


def _at_once(name: str) -> ModuleType:
    with _lock:
        try:
            _State.modules[name] = _imported(name, compiling=True)
        except ImportError as problem:
            raise InputError(
                "compiled loops are asked for, and Numba does not work here: pip install 'sscsim[fast]'",
                key=SWITCH,
                found=f"1 ({problem})",
                allowed="0, or nothing, which takes the plain code",
            ) from None
    return _State.modules[name]


def _when_it_pays(name: str) -> ModuleType | None:
    """Return the loops if they are kept, or if enough was missed to compile them; None otherwise."""
    try:
        if importlib.util.find_spec("numba") is None:
            raise ImportError("not installed")
        try:
            return _imported(name, compiling=False)
        except _NotKept as missing:
            folder = missing.args[0]
            _State.refused = folder is None
            _State.next_look = _State.missed + LOADING
            if folder is not None and _State.missed >= COMPILING:
                return _compiled_by_one(name, Path(folder))
    except ImportError:
        _State.refused = True
    except Exception as problem:
        # An accelerator is no reason to stop.
        warnings.warn(
            f"the compiled loops do not work here, and the plain code is used: {problem}",
            stacklevel=4,
        )
        _State.refused = True
    return None


def _compiled_by_one(name: str, folder: Path) -> ModuleType | None:
    """Compile and keep the loops, unless another process is at it."""
    mark = folder / f"{name}.compiling"
    try:
        if time.time() - mark.stat().st_mtime > _ABANDONED:
            mark.unlink()
    except FileNotFoundError:
        pass
    try:
        mark.touch(exist_ok=False)
    except OSError:
        return None
    try:
        return _imported(name, compiling=True)
    finally:
        mark.unlink(missing_ok=True)


def _imported(name: str, *, compiling: bool) -> ModuleType:
    if np.dtype(np.intp).itemsize != 8:
        raise ImportError("places are not 64 bits wide")
    _State.compiling = compiling
    try:
        return importlib.import_module(name)
    finally:
        _State.compiling = False


def compiled(*types: str | tuple[str, ...]) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function, or loads what was compiled before.

    Parameters
    ----------
    types
        Of its arguments: ``int64``, arrays that are read as ``int64[]`` and those that are written into as
        ``int64[:]``, all in one piece; a tuple of these for what travels together.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        import numba

        config: Any = numba.config
        if config.DISABLE_JIT:
            raise ImportError("NUMBA_DISABLE_JIT is set")
        signature = tuple(_type(numba, one) for one in types)
        try:
            kept = numba.njit(cache=True, nogil=True)(function)
        except RuntimeError:  # no folder that can be written into
            kept = None
        folder = None if kept is None else kept.stats.cache_path
        if not _State.compiling and not _is_kept(function, folder):
            raise _NotKept(folder)
        try:
            if kept is not None:
                return _of_one_type(kept, signature)
        except OSError:  # no room to keep it
            pass
        return _of_one_type(numba.njit(nogil=True)(function), signature)

    return decorate


def _of_one_type(dispatcher: Any, signature: tuple[Any, ...]) -> Any:
    dispatcher.compile(signature)
    # Other types would be compiled unasked, for seconds; they are a mistake.
    dispatcher.disable_compile()
    return dispatcher


def _is_kept(function: Callable[..., Any], folder: str | None) -> bool:
    """Return whether a folder of Numba's has a function as compiled after its source was written."""
    if folder is None:
        return False
    source = Path(function.__code__.co_filename)
    indexes = Path(folder).glob(f"{source.stem}.{function.__qualname__}-*.nbi")
    written = source.stat().st_mtime
    return any(index.stat().st_mtime >= written for index in indexes)


def _type(numba: Any, name: str | tuple[str, ...]) -> Any:
    if not isinstance(name, str):
        return numba.types.Tuple([_type(numba, one) for one in name])
    of, bracket, rest = name.partition("[")
    one = getattr(numba.types, of)
    return numba.types.Array(one, 1, "C", readonly=rest == "]") if bracket else one
