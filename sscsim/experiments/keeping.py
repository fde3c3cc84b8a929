"""What is kept of a comparison: its tables, as `sscsim.results.comparison` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import sscsim
from sscsim.provenance import model_identity
from sscsim.results.comparison import Comparison
from sscsim.results.tables import Coded, Columns, RowTable
from sscsim.types import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["comparison_of"]


def comparison_of(
    about: Mapping[str, Any],
    frames: Mapping[str, pd.DataFrame],
    questions: Sequence[tuple[str, str, int, str]],
    names: Sequence[str],
    values: Array,
) -> Comparison:
    """Return the tables of a comparison.

    Parameters
    ----------
    about
        What was compared, as `Comparison` has it.
    frames
        Tables by name; those without a line are left out.
    questions
        Indicator, group, year and unit of each number.
    names
        Scenarios, the reference first.
    values
        ``(question, scenario, draw)``.
    """
    said = {"version": sscsim.__version__, "model": model_identity(), **about}
    tables = {name: _rows(name, one) for name, one in frames.items() if len(one)}
    return Comparison(said, tables | {"draws": _draws(questions, names, values)})


def _rows(name: str, table: pd.DataFrame) -> RowTable:
    """Return a data frame of numbers, truths and texts as rows."""
    columns: dict[str, np.ndarray[Any, Any]] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for column in table.columns:
        values = table[column].to_numpy()
        if values.dtype.kind in "iuf":
            columns[column] = values
        elif values.dtype.kind == "b":
            columns[column] = values.astype(np.int64)
        else:
            found = [str(value) for value in values.tolist()]
            texts[column] = tuple(dict.fromkeys(found))
            place = {text: i for i, text in enumerate(texts[column])}
            columns[column] = np.array([place[text] for text in found], np.int64)
    return RowTable(name, columns, texts)


def _draws(
    asked: Sequence[tuple[str, str, int, str]], names: Sequence[str], values: Array
) -> RowTable:
    """Return every number of every member, a line each: question, scenario and draw in this order."""
    question, scenario, draw = (axis.ravel() for axis in np.indices(values.shape))
    held = Columns(
        {
            "scenario": Coded.of(scenario, names),
            "draw": draw,
            "year": np.array([year for _, _, year, _ in asked], np.int64)[question],
            "group": Coded.of(question, [group for _, group, _, _ in asked]),
            "indicator": Coded.of(question, [one for one, _, _, _ in asked]),
            "value": values.ravel(),
            "unit": Coded.of(question, [unit for _, _, _, unit in asked]),
        }
    )
    return RowTable.from_columns("draws", held)
