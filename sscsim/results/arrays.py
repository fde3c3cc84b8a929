"""Tables of a run as labelled arrays: an `xarray.Dataset` each, with what the CF conventions ask for.

Metadata follow the CF conventions, version 1.11: https://cfconventions.org.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.results.extras import not_installed
from sscsim.results.tables import (
    Coded,
    Columns,
    CountryTable,
    IndicatorTable,
    MatrixTable,
    Named,
    RowTable,
    Table,
)
from sscsim.results.units import at_current_prices, plain_unit
from sscsim.results.words import ARROW, NO_WORDS, Meaning, Words

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["CONVENTIONS", "dataset"]

CONVENTIONS = "CF-1.11"

_Variables = dict[str, tuple[Sequence[str], NDArray[Any], dict[str, Any]]]


def dataset(name: str, table: Table, run: Named, words: Words = NO_WORDS) -> xr.Dataset:
    """Return a table as labelled arrays.

    Indicators and draws of a comparison get a variable each, over ``group`` and ``time`` (and ``scenario`` and
    ``draw``), variables of countries over ``country`` and ``time``, matrices over ``time``, ``origin`` and
    ``destination``. Any other table gets a variable a column, over a dimension of its own name. Flows from one group to
    another have groups of their own, ``A → B``, and the dimension ``pair``.

    Parameters
    ----------
    name, table
        The table, and what it is called.
    run
        What the run is called.
    words
        What names mean; without them variables have no titles, and no units but those in the table.

    Raises
    ------
    InputError
        If xarray is not installed.
    """
    try:
        import xarray as xr
    except ImportError:
        raise not_installed("xarray") from None
    if isinstance(table, IndicatorTable):
        held = _indicators(table.laid_out(run), words, ())
    elif isinstance(table, RowTable) and {"indicator", "draw", "value"} <= {*table.columns}:
        held = _indicators(table.laid_out(run), words, ("scenario", "draw"))
    elif isinstance(table, CountryTable):
        held = _countries(table, words)
    elif isinstance(table, MatrixTable):
        held = _matrices(table, words)
    else:
        held = _rows(name, table.laid_out(run))
    coordinates, variables = held
    about = {
        "Conventions": CONVENTIONS,
        "title": f"{name.replace('_', ' ').capitalize()} of {run.scenario}, seed {run.seed}",
        "source": words.model,
        "comment": "Dollars without a year are those of the year in which they are paid.",
    }
    return xr.Dataset(variables, coordinates, about)


def _time(years: Sequence[int]) -> tuple[_Variables, _Variables]:
    """Return the coordinate of time, and the bounds of each year, which CF has as a variable."""
    begin = np.array([f"{year}-01-01" for year in years], "datetime64[ns]")
    end = np.array([f"{year + 1}-01-01" for year in years], "datetime64[ns]")
    attributes = {
        "standard_name": "time",
        "long_name": "year that begins on this day",
        "axis": "T",
        "bounds": "time_bounds",
    }
    return (
        {"time": (("time",), begin, attributes)},
        {"time_bounds": (("time", "bound"), np.column_stack([begin, end]), {})},
    )


def _indicators(
    columns: Columns, words: Words, further: tuple[str, ...]
) -> tuple[_Variables, _Variables]:
    """Return a variable an indicator, with further dimensions ahead of group and time."""
    years, year = np.unique(columns.numbers("year"), return_inverse=True)
    coordinates, variables = _time(years.tolist())
    places: list[NDArray[np.intp]] = []
    sizes: list[int] = []
    for one in further:
        labels, place = _labels(columns.held[one])
        coordinates[one] = ((one,), labels, {"long_name": one})
        places.append(place)
        sizes.append(len(labels))
    group, indicator = columns.texts("group"), columns.texts("indicator")
    between = np.array([ARROW in name for name in group.names], np.bool_)[group.codes]
    values = columns.numbers("value")
    for name in dict.fromkeys(indicator.texts().tolist()):
        rows = indicator.codes == indicator.names.index(name)
        axis = "pair" if between[rows].any() else "group"
        names, _ = _labels(Coded(group.codes[between == (axis == "pair")], group.names))
        rank = {text: i for i, text in enumerate(names.tolist())}
        coordinates.setdefault(axis, ((axis,), names, _of_groups(axis)))
        if axis == "group" and words.groups:
            titles = [words.groups.get(str(one), str(one)) for one in names]
            coordinates.setdefault(
                "group_title", (("group",), np.array(titles, object), {"long_name": "in words"})
            )
        whole = np.full((*sizes, len(names), len(years)), np.nan)
        at = np.array([rank.get(text, -1) for text in group.names])[group.codes[rows]]
        whole[(*(p[rows] for p in places), at, year[rows])] = values[rows]
        unit = columns.texts("unit")
        plain = Meaning(name, unit.names[int(unit.codes[np.flatnonzero(rows)[0]])])
        meaning = words.indicators.get(name, plain)
        variables[name] = ((*further, axis, "time"), whole, _attributes(meaning))
    return coordinates, variables


def _of_groups(axis: str) -> dict[str, str]:
    return {"long_name": "group of countries" if axis == "group" else "from one group to another"}


def _labels(held: NDArray[Any] | Coded) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return what stands in a column, texts by first appearance and numbers by size, and the place of each row."""
    if not isinstance(held, Coded):
        found, place = np.unique(held, return_inverse=True)
        return found, place.reshape(-1)
    codes, first, place = np.unique(held.codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    return np.array([held.names[c] for c in codes[order]], object), rank[place.reshape(-1)]


def _countries(table: CountryTable, words: Words) -> tuple[_Variables, _Variables]:
    coordinates, variables = _time(table.years)
    coordinates |= _economies("country", table.iso3, words)
    shape = (len(table.years), len(table.iso3))
    for name, values in table.columns.items():
        meaning = words.column(name) or Meaning(name)
        variables[name] = (("country", "time"), values.reshape(shape).T, _attributes(meaning))
    return coordinates, variables


def _matrices(table: MatrixTable, words: Words) -> tuple[_Variables, _Variables]:
    coordinates, variables = _time(table.years)
    for end in ("origin", "destination"):
        coordinates |= _economies(end, table.iso3, words)
    meaning = words.variables.get(table.name, Meaning(table.name, "bn USD"))
    count = len(table.iso3)
    whole = np.array(list(table.matrices.values()), np.float64).reshape(-1, count, count)
    # A flow in the year: these tables hold no stocks.
    flow = Meaning(meaning.title, meaning.unit, meaning.description)
    variables[table.name] = (("time", "origin", "destination"), whole, _attributes(flow))
    return coordinates, variables


def _economies(axis: str, iso3: Sequence[str], words: Words) -> _Variables:
    found: _Variables = {
        axis: (
            (axis,),
            np.array(iso3, object),
            {"long_name": "economy, code of ISO 3166-1 alpha-3"},
        )
    }
    if words.countries:
        names = [words.countries.get(code, code) for code in iso3]
        # CF keeps its standard name ``region`` for a list of its own.
        called = {"long_name": "name of the economy"}
        found[f"{axis}_name"] = ((axis,), np.array(names, object), called)
    return found


def _rows(name: str, columns: Columns) -> tuple[_Variables, _Variables]:
    axis = f"{name}_row"
    variables: _Variables = {}
    for column, held in columns.held.items():
        values = held
        if isinstance(held, Coded):
            values = np.array(["" if text is None else text for text in held.texts()], object)
        elif held.dtype == np.bool_:
            values = held.astype(np.int8)
        variables[column] = ((axis,), np.asarray(values), {"long_name": column.replace("_", " ")})
    place: _Variables = {axis: ((axis,), np.arange(len(columns)), {"long_name": "line"})}
    return place, variables


def _attributes(meaning: Meaning) -> dict[str, str]:
    """Return what CF says of a variable; the unit ``1`` is that of a number without one."""
    found: Mapping[str, str] = {
        "units": plain_unit(meaning) or "1",
        "long_name": meaning.title,
        "comment": meaning.description,
        "prices": "current" if at_current_prices(meaning.unit) else "",
        "unit_in_tables": meaning.unit,
    }
    return {key: text for key, text in found.items() if text}
