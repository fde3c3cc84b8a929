"""Packages that a user adds for a purpose."""

from __future__ import annotations

from sscsim.errors import InputError

__all__ = ["not_installed"]


def not_installed(package: str, extra: str = "exchange") -> InputError:
    """Return the error for a package of an extra that is not there, with what installs it."""
    return InputError(
        f"this needs the package {package}, which is not installed",
        allowed=f"pip install 'sscsim[{extra}]'",
    )
