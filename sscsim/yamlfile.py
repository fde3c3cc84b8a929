"""Read YAML strictly: plain data only, with the line of every key, within stated limits.

The loader is ruamel.yaml's safe round-trip reader, which knows lines and reads ``1e-3`` and ``NO`` as YAML 1.2 does.
It builds no objects. Aliases are refused, which disarms expansion bombs, and so are files above a size that no
honest scenario reaches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sscsim.errors import InputError, nearest

__all__ = ["Complaint", "YamlFile", "read_text", "read_yaml"]

Model = TypeVar("Model", bound=BaseModel)

LARGEST_FILE_BYTES = 500_000
DEEPEST_NESTING = 30
MOST_VALUES = 10_000
"""Keys and values of a file: above, reading takes seconds. The largest table that ships has a quarter of it."""

SHAPES = {
    "dict_type": ("this must be a mapping", "key: value"),
    "model_type": ("this must be a mapping", "key: value"),
    "list_type": ("this must be a list", "[one, another]"),
}
"""Pydantic's names for what is no mapping or no list, in words of ours."""

YAML_TAG = "tag:yaml.org,2002:"
TIMESTAMP = f"{YAML_TAG}timestamp"
PLAIN_TAGS = {
    f"{YAML_TAG}{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")
} | {TIMESTAMP}
"""What a value may be; a date is read as the text it is written as."""


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
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    text = read_text(path) if text is None else text
    yaml = YAML(typ="safe", pure=True)
    lines: dict[tuple[str | int, ...], int] = {}

    def plain(node: Any, keys: tuple[str | int, ...]) -> Any:
        line = node.start_mark.line + 1
        lines.setdefault(keys, line)
        check_tag(node)
        if isinstance(node, MappingNode):
            result: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = scalar(key_node) if isinstance(key_node, ScalarNode) else None
                key_line = key_node.start_mark.line + 1
                if not isinstance(key, str | int) or isinstance(key, bool):
                    raise InputError(
                        "a key must be a text or a whole number",
                        file=path,
                        line=key_line,
                        found=getattr(key_node, "value", "a nested structure"),
                    )
                if key in result:
                    raise InputError(
                        "this key stands twice", file=path, line=key_line, key=str(key)
                    )
                lines[(*keys, key)] = key_line
                result[key] = plain(value_node, (*keys, key))
            return result
        if isinstance(node, SequenceNode):
            return [plain(child, (*keys, i)) for i, child in enumerate(node.value)]
        return scalar(node)

    def scalar(node: Any) -> Any:
        check_tag(node)
        if node.tag == TIMESTAMP:
            return node.value
        try:
            value = yaml.constructor.construct_object(node)
            if isinstance(value, str):
                value.encode()
        except (KeyError, ValueError):  # a tag such as !!bool before another word, half a letter
            raise InputError(
                "this value cannot be read",
                file=path,
                line=node.start_mark.line + 1,
                found=node.value,
            ) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(
                "a number must be finite",
                file=path,
                line=node.start_mark.line + 1,
                found=node.value,
            )
        return value

    def check_tag(node: Any) -> None:
        if node.tag not in PLAIN_TAGS:
            merge = str(node.tag).endswith(":merge")
            raise InputError(
                "aliases are not allowed, nor keys that merge them"
                if merge
                else "tags are not allowed: a file holds plain data only",
                file=path,
                line=node.start_mark.line + 1,
                found=node.value if merge else str(node.tag),
            )
        kind = {f"{YAML_TAG}map": MappingNode, f"{YAML_TAG}seq": SequenceNode}
        if not isinstance(node, kind.get(node.tag, ScalarNode)):
            raise InputError(
                "the tag is not that of the value",
                file=path,
                line=node.start_mark.line + 1,
                found=str(node.tag),
            )

    depth = 0
    count = 0
    compose = yaml.composer.compose_node

    def compose_within_depth(parent: Any, index: Any) -> Any:
        # While the file is parsed, not after: a hundred thousand brackets cost seconds and the stack.
        nonlocal depth, count
        event = yaml.parser.peek_event()
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None) is not None:
            raise InputError("aliases are not allowed, nor anchors for them", file=path, line=line)
        if depth > DEEPEST_NESTING:
            raise InputError("the file is nested too deeply", file=path, line=line)
        count += 1
        if count > MOST_VALUES:
            raise InputError(
                "the file holds too many keys and values",
                file=path,
                line=line,
                allowed=f"at most {MOST_VALUES:,}",
            )
        depth += 1
        try:
            return compose(parent, index)
        finally:
            depth -= 1

    yaml.composer.compose_node = compose_within_depth

    try:
        node = yaml.compose(text)
        data = {} if node is None else plain(node, ())
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        raise InputError(
            f"this is not valid YAML: {failure.problem or failure.context}",
            file=path,
            line=None if mark is None else mark.line + 1,
        ) from None
    except (YAMLError, ValueError, RecursionError) as failure:
        reason = "nested too deeply" if isinstance(failure, RecursionError) else str(failure)
        raise InputError(f"this is not valid YAML: {reason.splitlines()[0]}", file=path) from None
    if not isinstance(data, dict):
        raise InputError("the file must hold a mapping (key: value)", file=path, line=1, found=data)
    return YamlFile(path, data, lines)


def read_text(path: Path) -> str:
    """Return what a file holds.

    Raises
    ------
    InputError
        For a missing, unreadable, oversized or non-UTF-8 file.
    """
    try:
        if not path.is_file():
            raise InputError("there is no such file", file=path)
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise InputError(
                "the file is too large",
                file=path,
                found=f"{size} bytes",
                allowed=f"at most {LARGEST_FILE_BYTES} bytes",
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise InputError(
            "the file is not UTF-8 text", file=path, found=f"byte {failure.start}"
        ) from None
    except OSError as failure:
        raise InputError(f"the file cannot be read: {failure.strerror}", file=path) from None


def _dotted(keys: tuple[str | int, ...]) -> str | None:
    return ".".join(str(k) for k in keys) or None
