"""The tables: every number the model uses, one YAML file a submodel, each with its reason.

An entry is symbol, description, unit, value, bounds, prior, source and, where the report has one, its paragraph.
The same table drives validation, ``sscsim explain``, the priors of the calibration and the documentation. To change
a default, change it here and say where the new one comes from; to change it for one run, ``--set NAME=VALUE``.
"""

from sscsim.parameters.table import (
    Entry,
    Parameters,
    Prior,
    WatchedParameters,
    default_parameters,
    load_tables,
)

__all__ = [
    "Entry",
    "Parameters",
    "Prior",
    "WatchedParameters",
    "default_parameters",
    "load_tables",
]
