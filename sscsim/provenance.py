"""What a run was made of: every input that changes its numbers, by content, so that it can be repeated or told apart.

A run's manifest holds what `inputs` returns. `marks` says in a few words what makes it another than the plain run of
its scenario and seed; `settings_of` asks for it again; `changes` says what is another here and now.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sscsim
from sscsim import choices
from sscsim.errors import InputError
from sscsim.files import read_bytes
from sscsim.parameters import default_parameters
from sscsim.plugins import installed, load, with_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.resources import package_folder
from sscsim.results.run import platform_report
from sscsim.settings import RunSettings
from sscsim.world.base_trade import BASE_TRADE

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = [
    "MOST_LISTED",
    "changes",
    "inputs",
    "marks",
    "marks_of",
    "model_hash",
    "model_identity",
    "of_this_model",
    "own_classes",
    "settings_of",
]

# What shows, judges and keeps results, and cannot change them. Whatever else there is or comes counts.
_NOT_THE_MODEL = (
    "brief",
    "calibration",
    "cli",
    "costs",
    "dashboard",
    "experiments",
    "page",
    "reports",
    "results",
    "search",
    "shipped",
)
_NOT_THE_MODEL_FILES = frozenset(
    {
        "__init__.py",
        "__main__.py",
        "basis.py",
        "calibrated.py",  # whatever a posterior holds reaches a run as numbers
        "choices.py",
        "errors.py",
        "meanings.py",
        "provenance.py",
        "py.typed",
        "resources.py",
        "staging.py",
        "unpacking.py",
    }
)
_NOTICES = "world/data/DATA-LICENSES.md"
_OF_RESULTS = ("results/recorder.py", "results/schema.py", "results/tables.py")

LARGEST_FILE_BYTES = 50_000_000
FILES = {
    "data": "own figures",
    "trade_matrix": "own trade",
    "institutions": "own institutions",
}
"""Settings that name a file or folder of the user's, and what each is called."""


def model_identity() -> str:
    """Return the package's version and `model_hash`, for manifests."""
    return f"{sscsim.__version__}+{model_hash()}"


def of_this_model(identity: object) -> bool:
    """Return whether what a manifest or an entry of a store says of its model is said of the one here.

    Files decide and no version: a release that changes none of them is the same model.
    """
    return str(identity).rpartition("+")[2] == model_hash()


@lru_cache(maxsize=1)
def model_hash() -> str:
    """Return a hash of the files that can change results; without the package's version, which can change none.

    Tables of data and values of parameters are not among them: a member counts those by their content.
    """
    from sscsim.world.loading import TABLES
    from sscsim.world.tables import DATA

    package = package_folder()
    by_content = {*(DATA / name for name in TABLES), *(package / "parameters").glob("*.yaml")}
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        place = path.relative_to(package)
        outside = (
            place.parts[0] in _NOT_THE_MODEL or str(place) in _NOT_THE_MODEL_FILES
        ) and place.as_posix() not in _OF_RESULTS
        hidden = path.name.startswith(".") or "__pycache__" in place.parts
        notices = place.as_posix() == _NOTICES
        if outside or hidden or notices or path in by_content or not path.is_file():
            continue
        digest.update(place.as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def inputs(
    settings: RunSettings, world: World, classes: Mapping[str, type], *, world_given: bool = False
) -> dict[str, Any]:
    """Return what a run's numbers rest on beside scenario and parameters, as plain data.

    Parameters
    ----------
    settings
        What the run was asked for.
    world
        The world it began from.
    classes
        Classes of agents that are not the model's own, by what they take the place of.
    world_given
        Whether the world was handed over in Python rather than loaded from files.
    """
    found: dict[str, Any] = {"model": model_identity()}
    for name in FILES:
        path = getattr(settings, name)
        if path is not None:
            found[name] = {
                "name": path.name,
                "path": str(path.expanduser().resolve()),
                "sha256": _hash_of(path),
            }
    if settings.drop_unknown:
        found["drop_unknown"] = True
    if settings.base_trade != BASE_TRADE[0]:
        found["base_trade"] = settings.base_trade
    if settings.shocks:
        found["shocks"] = True
    if settings.figures:
        found["figures"] = dict(settings.figures)
    if world_given:
        found["world"] = {"handed over in Python": world.data_hash}
    if classes:
        found["classes"] = {role: _qualified(one) for role, one in sorted(classes.items())}
    return found


def marks_of(settings: RunSettings) -> list[str]:
    """Return in a few words what all members of an ensemble are asked for beside scenario and source."""
    files = {
        name: {"name": path.name} for name in FILES if (path := getattr(settings, name)) is not None
    }
    said: dict[str, Any] = {"shocks": settings.shocks, "drop_unknown": settings.drop_unknown}
    said["base_trade"] = settings.base_trade if settings.base_trade != BASE_TRADE[0] else None
    asked = {
        "parameters_from": {"source": choices.USUAL},
        "parameters_set": dict(settings.set),
        "off": list(settings.off),
        "naive": settings.naive,
        "plugins": {one.name: one.said() for one in load(settings.plugins)},
        "inputs": files | {name: value for name, value in said.items() if value},
    }
    return marks(asked, MOST_LISTED)


def marks(manifest: Mapping[str, Any], most: int | None = None) -> list[str]:
    """Return in a few words what makes a run another than the plain one of its scenario and seed; [] for the plain.

    Parameters
    ----------
    manifest
        The run's.
    most
        Parameters, and figures of institutions, that are named one by one.
    """
    most = MOST_NAMED if most is None else most
    said = manifest.get("inputs") or {}
    own = (manifest.get("scenario") or {}).get("parameters") or {}
    given = manifest.get("parameters_from")
    key = "parameters_changed" if given is None else "parameters_set"
    changed = {
        name: value for name, value in (manifest.get(key) or {}).items() if own.get(name) != value
    }
    source = choices.USUAL if given is None else str(given.get("asked", given["source"]))
    found = [] if source == choices.USUAL else [IN_WORDS.get(source, f"parameters of {source}")]
    found += [f"{name} = {value:g}" for name, value in list(changed.items())[:most]]
    if len(changed) > most:
        found[-most:] = [f"{len(changed)} parameters changed"]
    if manifest.get("off"):
        found.append(f"without {', '.join(manifest['off'])}")
    found += [
        f"plug-in {name} ({one['package']} {one['version']})"
        for name, one in (manifest.get("plugins") or {}).items()
    ]
    if manifest.get("naive"):
        found.append("the model to beat")
    if said.get("shocks"):
        found.append("shocks drawn")
    found += [f"{what} {said[name]['name']}" for name, what in FILES.items() if name in said]
    figures = said.get("figures") or {}
    if len(figures) > most:
        found.append(f"{len(figures)} figures of institutions changed")
    else:
        found += [f"{name} = {value:g}" for name, value in figures.items()]
    if said.get("drop_unknown"):
        found.append("what is no economy left out")
    if said.get("base_trade"):
        found.append(f"trade of 2013 by {said['base_trade']}")
    if "world" in said:
        found.append("a world handed over in Python")
    for role, name in (said.get("classes") or {}).items():
        found.append(f"{role} {name.rpartition(':')[2]}")
    return found


IN_WORDS = {
    "central": choices.in_words("central"),
    "tables": "parameters of the tables",
    "given": "parameters handed over in Python",
}

MOST_NAMED = 3
"""Parameters that are named one by one in the head of a table."""

MOST_LISTED = 12
"""… at the foot of a figure, which goes from hand to hand without its run."""


def settings_of(manifest: Mapping[str, Any], source: Path | None = None) -> RunSettings:
    """Return the settings that ask for a run again.

    Raises
    ------
    InputError
        If the manifest does not say enough, or a parameter is none by now.
    """
    try:
        said = manifest["scenario"]
        scenario = Scenario(
            name=said["name"],
            title=said["title"],
            levers={
                name: tuple(Setting(**one) for one in settings)
                for name, settings in said["levers"].items()
            },
            parameters=dict(said["parameters"]),
            lineage=tuple(said["lineage"]),
        )
        files: dict[str, Any] = {
            name: Path(manifest["inputs"][name]["path"])
            for name in FILES
            if name in manifest["inputs"]
        }
        asked: dict[str, Any] = {
            "seed": manifest["seed"],
            "start": manifest["start"],
            "end": manifest["end"],
            "keep": manifest["keep"],
            "off": tuple(manifest["off"]),
            "plugins": tuple(manifest.get("plugins") or ()),
            "naive": bool(manifest["naive"]),
            "drop_unknown": bool(manifest["inputs"].get("drop_unknown", False)),
            "base_trade": manifest["inputs"].get("base_trade", BASE_TRADE[0]),
            "shocks": bool(manifest["inputs"].get("shocks", False)),
            "figures": dict(manifest["inputs"].get("figures", {})),
        }
        changed = dict(manifest["parameters_changed"])
        single = dict(manifest.get("parameters_set") or {})
        origin = manifest.get("parameters_from")
    except (KeyError, TypeError, ValueError) as failure:
        raise InputError(
            "this manifest does not say enough to repeat the run",
            file=source,
            found=f"{type(failure).__name__}: {failure}",
            allowed="a run that `sscsim run` or `simulate` saved",
        ) from None
    values = {name: value for name, value in changed.items() if name not in scenario.parameters}
    if origin is None:  # a run of before there was a posterior: the tables, and what it changed
        return RunSettings.of(scenario, **asked, **files, parameters="tables", set=values)
    own = with_parameters(default_parameters(), load(asked["plugins"]))
    parameters = own.replace(values).called(origin)
    return RunSettings.of(scenario, **asked, **files, parameters=parameters, set=single)


def changes(manifest: Mapping[str, Any], settings: RunSettings) -> list[str]:
    """Return in words what a run's numbers rest on and is another here and now.

    Parameters
    ----------
    manifest
        The run's.
    settings
        What `settings_of` returns for it.
    """
    found = []
    said = manifest.get("inputs") or {}
    if not of_this_model(said.get("model")):
        found.append(f"the model: {said.get('model')} then, {model_identity()} now")
    for name, what in FILES.items():
        path = getattr(settings, name)
        if path is None:
            continue
        try:
            now = _hash_of(path)
        except InputError as failure:
            found.append(f"{what}: {path}: {failure.message}")
            continue
        if now != said[name]["sha256"]:
            found.append(f"{what}: {path} holds something else")
    for name, was in (manifest.get("plugins") or {}).items():
        here = installed()[name]
        if here.said() != {key: was.get(key) for key in here.said()}:
            before = f"{was.get('package')} {was.get('version')}"
            found.append(f"the plug-in {name}: {before} then, {here.origin} now, with other files")
    laid_over = any(one.startswith(("own figures", "own trade")) for one in found)
    if not laid_over and settings.data_hash() != manifest.get("data_hash"):
        found.append("the world's tables")
    parameters = settings.values().replace(settings.resolved().parameters)
    if parameters.content_hash != manifest.get("parameter_hash"):
        found.append("the parameter tables")
    then, now_here = manifest.get("platform") or {}, platform_report()
    for name in sorted(set(then) | set(now_here)):
        if then.get(name) != now_here.get(name):
            found.append(f"{name}: {then.get(name, 'none')} then, {now_here.get(name, 'none')} now")
    if "world" in said:
        found.append("the world, which was handed over in Python and is in no file")
    for role, one in (said.get("classes") or {}).items():
        if _imported(one) is None:
            found.append(f"{role}: {one} cannot be imported here")
    return found


def own_classes(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the classes of a run's agents as `simulate` takes them, as far as they can be imported."""
    found: dict[str, Any] = {}
    for role, name in ((manifest.get("inputs") or {}).get("classes") or {}).items():
        one = _imported(name)
        if one is None:
            continue
        if role.startswith("bank "):
            found.setdefault("bank_classes", {})[role.removeprefix("bank ")] = one
        else:
            found[f"{role}_class"] = one
    return found


def _imported(name: str) -> type | None:
    module, _, qualified = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in qualified.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found if isinstance(found, type) else None


def _qualified(one: type) -> str:
    return f"{one.__module__}:{one.__qualname__}"


def _hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files with their places."""
    path = path.expanduser()
    if not path.is_dir():
        return hashlib.sha256(read_bytes(path, LARGEST_FILE_BYTES)).hexdigest()
    digest = hashlib.sha256()
    for one in sorted(path.rglob("*.yaml")):
        digest.update(one.relative_to(path).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(read_bytes(one, LARGEST_FILE_BYTES)).digest())
    return digest.hexdigest()
