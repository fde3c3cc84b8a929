"""Read YAML strictly: plain data only, with the line of every key, within stated limits.

The events of libyaml's parser are walked one by one, or those of PyYAML's own parser where its compiled part is
missing. Words and numbers are read by the core schema of YAML 1.2, so that ``NO`` is a text and ``1e-3`` a number. No
object is built but texts, numbers, truths, lists and mappings. Aliases are refused, which disarms expansion bombs, and
so are files above a size that no honest scenario reaches.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sscsim import files
from sscsim.errors import InputError, nearest, unknown

__all__ = ["Block", "Complaint", "Listed", "YamlFile", "read_text", "read_yaml"]

Model = TypeVar("Model", bound=BaseModel)
Keys = tuple[str | int, ...]

LARGEST_FILE_BYTES = 500_000
DEEPEST_NESTING = 30
MOST_VALUES = 50_000
"""Keys and values of a file: above, reading takes seconds. The largest table that ships has a twentieth of it."""

SHAPES = {
    "dict_type": ("this must be a mapping", "key: value"),
    "model_type": ("this must be a mapping", "key: value"),
    "list_type": ("this must be a list", "[one, another]"),
}
"""Pydantic's names for what is no mapping or no list, in words of ours."""


class Block(BaseModel):
    """A mapping of a file: no key but those declared, no value of another kind such as ``true`` for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


Item = TypeVar("Item")
Listed = Annotated[Item, Field(strict=False)]
"""A tuple that files write as a list."""


class Complaint(ValueError):
    """What a validator of a model may raise to say itself where, what stands there and what may.

    Parameters
    ----------
    message
        What is wrong.
    *keys
        Where, below the place of the validator.
    **details
        What stands there and what may, ``found`` and ``allowed``.
    """

    def __init__(self, message: str, *keys: str | int, **details: object) -> None:
        self.keys = keys
        self.details = details
        super().__init__(message)


@dataclass(frozen=True)
class YamlFile:
    """A YAML document as plain data, and where each of its keys stands."""

    path: Path
    data: dict[str, Any]
    lines: dict[tuple[str | int, ...], int]

    def line(self, *keys: str | int) -> int | None:
        """Return the line of a key, or of the nearest parent that has one."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.lines:
                return self.lines[keys[:length]]
        return 1 if self.data else None

    def error(self, message: str, *keys: str | int, **details: Any) -> InputError:
        """Return an `InputError` that names this file, the key and its line."""
        return InputError(
            message, file=self.path, line=self.line(*keys), key=_dotted(keys), **details
        )

    def unknown(
        self,
        what: str,
        found: str,
        names: Collection[str],
        *keys: str | int,
        allowed: str | None = None,
    ) -> InputError:
        """Return the error for a name that nothing has, at a key; see `sscsim.errors.unknown`."""
        return unknown(
            what,
            found,
            names,
            allowed=allowed,
            file=self.path,
            line=self.line(*keys),
            key=_dotted(keys),
        )

    def string(self, key: str) -> str:
        """Return a required top-level string."""
        value = self.data.get(key)
        if not isinstance(value, str):
            raise self.error("this key must be a text", key, found=value, allowed="a text")
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a required top-level mapping."""
        value = self.data.get(key)
        if not isinstance(value, dict):
            raise self.error("this key must be a mapping", key, found=value, allowed="key: value")
        return value

    def validate(self, model: type[Model], raw: object, *prefix: str | int) -> Model:
        """Return `raw` as the given pydantic model.

        Raises
        ------
        InputError
            For the first complaint, with file, line, key and the nearest known key.
        """
        try:
            return model.model_validate(raw)
        except ValidationError as failure:
            complaints = failure.errors(include_url=False)
        # Where a value may be of several kinds, pydantic complains once for each. The one that speaks of what the
        # author meant is the one that got furthest into the file, and not the one that expected another kind.
        first = max(
            complaints,
            key=lambda c: (len(self._found(prefix, c["loc"])), not c["type"].endswith("_type")),
        )
        details: dict[str, Any] = {}
        location = tuple(first["loc"])
        if first["type"] == "extra_forbidden":
            message = "this key is not known here"
            names = _known_keys(model, first["loc"][:-1])
            details = {"allowed": names, "suggestion": nearest(str(first["loc"][-1]), names)}
        elif first["type"] == "missing":
            message = f"the key {str(first['loc'][-1])!r} is missing"
        else:
            message = first["msg"].removeprefix("Value error, ")
            if not isinstance(first.get("input"), dict):
                details = {"found": first.get("input")}
            if first["type"] in SHAPES:
                message, details["allowed"] = SHAPES[first["type"]]
            said = first.get("ctx", {}).get("error")
            if isinstance(said, Complaint):
                details |= said.details
                location += said.keys
            names = _choices(model, first["loc"]) if first["type"] == "literal_error" else []
            if names:
                message = "this word is not known here"
                details |= {"allowed": names, "suggestion": nearest(str(first["input"]), names)}
        keys = self._found(prefix, location)
        about_a_key = first["type"] == "extra_forbidden" or "[key]" in location
        if about_a_key and self._value(keys) is None:
            # YAML reads {title: one, two} as two keys, and the second has no value.
            message = "this key has no value; a text that holds a comma must stand in quotes"
            details = {"found": keys[-1], "allowed": 'key: "one, two"'}
        raise self.error(message, *keys, **details)

    def _value(self, keys: tuple[str | int, ...]) -> Any:
        """Return what stands at a place of the file."""
        value: Any = self.data
        for key in keys:
            value = value[key]
        return value

    def _found(
        self, prefix: tuple[str | int, ...], location: tuple[str | int, ...]
    ) -> tuple[str | int, ...]:
        """Return the keys of a location that stand in the file, without pydantic's own steps."""
        keys = prefix
        for part in location:
            if (*keys, part) in self.lines:
                keys = (*keys, part)
        return keys


def _known_keys(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """Return the keys that a model nested in another takes, by the way to it."""
    kinds: list[Any] = [model]
    for part in location:
        kinds = [found for kind in kinds for found in _inside(kind, part)] or kinds
    return [
        field.alias or name
        for kind in kinds
        for branch in _branches(kind)
        if isinstance(branch, type) and issubclass(branch, BaseModel)
        for name, field in branch.model_fields.items()
    ]


def _choices(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """Return the words that may stand at a place of a model, where it takes one of a list."""
    kinds: list[Any] = [model]
    for part in location:
        if (
            part == "[key]"
        ):  # pydantic's name for a key of a mapping, as against what stands under it
            kinds = [get_args(kind)[0] for kind in kinds if get_origin(kind) is dict]
        else:
            kinds = [found for kind in kinds for found in _inside(kind, part)] or kinds
    return [
        str(word)
        for kind in kinds
        for branch in _branches(kind)
        if get_origin(branch) is Literal
        for word in get_args(branch)
    ]


def _inside(kind: Any, part: str | int) -> list[Any]:
    """Return what stands under a key of a kind of value; nothing where the part is a step of pydantic's."""
    result = []
    for branch in _branches(kind):
        if isinstance(branch, type) and issubclass(branch, BaseModel):
            if branch.__name__ == part:
                return [branch]
            result += [
                field.annotation
                for name, field in branch.model_fields.items()
                if part in (name, field.alias)
            ]
        elif get_origin(branch) is dict or (get_origin(branch) is list and isinstance(part, int)):
            result.append(get_args(branch)[-1])
    return result


def _branches(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def read_yaml(path: Path, text: str | None = None) -> YamlFile:
    """Read one YAML file that holds a mapping.

    Parameters
    ----------
    text
        What the file holds, where it has been read already.

    Raises
    ------
    InputError
        For a missing, unreadable, oversized, non-UTF-8, syntactically wrong or too deeply nested file, for aliases,
        tags, duplicate keys, non-finite numbers, and for a document that is no mapping.
    """
    text = read_text(path) if text is None else text
    document = _Document(path)
    try:
        for event in _events(text):
            document.take(event)
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        problem = failure.problem or failure.context
        if (
            problem == "exceeded maximum nesting depth"
        ):  # libyaml's own limit, seen some tokens ahead
            problem = TOO_DEEP
        raise InputError(
            f"this is not valid YAML: {problem}",
            file=path,
            line=None if mark is None else mark.line + 1,
        ) from None
    except yaml.reader.ReaderError as failure:
        raise InputError(
            f"this is not valid YAML: {str(failure).splitlines()[0]}",
            file=path,
            line=_line_of_odd_sign(text),
        ) from None
    data = document.data if document.values else {}
    if not isinstance(data, dict):
        raise InputError("the file must hold a mapping (key: value)", file=path, line=1, found=data)
    return YamlFile(path, data, document.lines)


class _PlainParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's parser in plain Python, which gives the same events ten times slower."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def _fastest() -> Callable[[str], Any]:
    try:
        from yaml._yaml import CParser
    except ImportError:
        return _PlainParser
    return CParser


PARSER = _fastest()


def _events(text: str) -> Iterator[Any]:
    parser = PARSER(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    finally:
        parser.dispose()


def _line_of_odd_sign(text: str) -> int | None:
    """Return the line of the first sign that no YAML file may hold."""
    odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return None if odd is None else text.count("\n", 0, odd.start()) + 1


class _Document:
    """The data of one document, as it grows event by event, and the line of each key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: Any = None
        self.lines: dict[Keys, int] = {}
        self.values = 0
        self._open: list[tuple[Any, Keys]] = []
        """Mappings and lists that are not closed yet, with the way to each."""
        self._key: list[str | int | None] = []
        """For each the key that waits for its value."""
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take in the next event of the parser."""
        if isinstance(event, yaml.NodeEvent):
            self._check(event)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            else:
                held: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                keys = self._place(held, event)
                self._open.append((held, keys))
                self._key.append(None)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._error("this is not valid YAML: a second document begins here", event)

    def _error(self, message: str, event: Any, **details: Any) -> InputError:
        return InputError(message, file=self.path, line=event.start_mark.line + 1, **details)

    def _check(self, event: Any) -> None:
        # While the file is parsed, not after: a hundred thousand brackets cost seconds and memory.
        if event.anchor is not None:
            raise self._error("aliases are not allowed, nor anchors for them", event)
        if len(self._open) > DEEPEST_NESTING:
            raise self._error(TOO_DEEP, event)
        self.values += 1
        if self.values > MOST_VALUES:
            raise self._error(
                "the file holds too many keys and values", event, allowed=f"at most {MOST_VALUES:,}"
            )
        if event.tag is not None:
            raise self._error(
                "tags are not allowed: a file holds plain data only", event, found=event.tag
            )

    def _scalar(self, event: Any) -> None:
        plain = event.implicit[0]
        if plain and event.value == "<<":
            raise self._error(
                "aliases are not allowed, nor keys that merge them", event, found=event.value
            )
        try:
            value = _plain(event.value) if plain else event.value
            if isinstance(value, str):
                value.encode()
        except OverflowError:
            raise self._error("a number must be finite", event, found=event.value) from None
        except UnicodeEncodeError:  # half a letter, which libyaml refuses itself
            raise self._error("this value cannot be read", event, found=event.value) from None
        if self._key and self._key[-1] is None and isinstance(self._open[-1][0], dict):
            self._name(value, event)
        else:
            self._place(value, event)

    def _name(self, key: Any, event: Any) -> None:
        """Take the key of the value that comes next."""
        held, way = self._open[-1]
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise self._error(NO_KEY, event, found=event.value)
        other = str(key) if isinstance(key, int) else _whole(key)
        if key in held or other in held:
            raise self._error("this key stands twice", event, key=str(key))
        self._key[-1] = key
        self.lines[(*way, key)] = event.start_mark.line + 1

    def _place(self, value: Any, event: Any) -> Keys:
        """Put a value where it belongs and return the way to it."""
        if not self._open:
            self.data = value
            way: Keys = ()
        else:
            held, above = self._open[-1]
            if isinstance(held, list):
                way = (*above, len(held))
                held.append(value)
            else:
                key = self._key[-1]
                if key is None:
                    raise self._error(NO_KEY, event, found="a nested structure")
                way = (*above, key)
                held[key] = value
                self._key[-1] = None
        self.lines.setdefault(way, event.start_mark.line + 1)
        return way


TOO_DEEP = "the file is nested too deeply"
NO_KEY = "a key must be a text or a whole number"

NULL = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS = {w: w.lower() == "true" for w in ("true", "True", "TRUE", "false", "False", "FALSE")}
WHOLE = re.compile(r"[-+]?(?:0b[01][01_]*|0o[0-7][0-7_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)")
BROKEN = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)"
)
NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
MOST_DIGITS = 1100
"""Of a whole number, to whatever base: with more it has no counterpart among floats."""


def _plain(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted text by the core schema of YAML 1.2.

    Raises
    ------
    OverflowError
        For a number that is infinite, no number, or too large for a float.
    """
    if text in NULL:
        return None
    if text[0] not in "+-.0123456789":
        return TRUTHS.get(text, text)
    if WHOLE.fullmatch(text):
        return _integer(text.replace("_", ""))
    if BROKEN.fullmatch(text):
        value = float(text.replace("_", ""))
        if not math.isfinite(value):
            raise OverflowError
        return value
    if NOT_FINITE.fullmatch(text):
        raise OverflowError
    return text


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise OverflowError
    value = int(text, {"b": 2, "o": 8, "x": 16}.get(text.lstrip("+-")[1:2], 10))
    float(value)
    return value


def _whole(text: str) -> int | None:
    """Return the whole number that a quoted text could be taken for."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) and str(int(text)) == text else None


def read_text(path: Path) -> str:
    """Return what a file holds.

    Raises
    ------
    InputError
        For a missing, unreadable, oversized or non-UTF-8 file.
    """
    return files.read_text(path, LARGEST_FILE_BYTES)


def _dotted(keys: tuple[str | int, ...]) -> str | None:
    return ".".join(str(k) for k in keys) or None
