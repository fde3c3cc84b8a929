"""Packages that a user adds for the exchange with other programs."""

from __future__ import annotations

from sscsim.errors import InputError

__all__ = ["not_installed"]


def not_installed(package: str) -> InputError:
    """Return the error for a package of the extra ``exchange`` that is not there, with what installs it."""
    return InputError(
        f"this needs the package {package}, which is not installed",
        allowed="pip install 'sscsim[exchange]'",
    )
