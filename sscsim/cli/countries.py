"""Which country is meant, at the command line: the rule of `sscsim.world.naming`."""

from __future__ import annotations

from collections.abc import Mapping

from sscsim.world.naming import COMMON, Gazetteer

__all__ = ["COMMON", "find_country"]


def find_country(typed: str, names: Mapping[str, str]) -> str:
    """Return the ISO code of the country that is meant.

    Parameters
    ----------
    typed
        A code, a name, or a common name, in any case and with or without accents.
    names
        Name of each country by its code.

    Raises
    ------
    InputError
        Where none is called so, with the one that was probably meant, or with the few that may be.
    """
    return Gazetteer(names).code(typed)
