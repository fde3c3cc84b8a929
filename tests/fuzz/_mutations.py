"""Mutated files: what a typing slip, a broken editor or an attacker may make of a good file, repeatably by seed.

`mutate(rng, text)` returns bytes. Mutations act on keys, types, values, encodings, sizes and structure; several may
follow one another. `CANARY` stands where a loader that builds objects or follows paths would act.
"""

# ruff: noqa: RUF001, SIM905 - lists of words are read as words

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

CANARY = "canary-of-the-mutations"
"""A file of this name appears where something is executed or written that must not be."""

Mutation = Callable[[Random, str], "str | bytes"]

NUMBERS = (
    "0 -0 -1 1e308 1e309 -1e309 1e-320 .inf -.inf .nan NaN inf 1_000 0x1F 0o17 017 1:30 1e 1e5.5 ٣ １２ ½ "
    "2012 2013 2034 2035 99999 -2020 2020.5 true null ~ yes ''"
).split()
NUMBERS += ["9" * 400, "9" * 5000, "1" + "0" * 320, "0." + "3" * 4000]
WORDS = (
    "baselin baseline LDC LDCs south_unctad_2014 BRA ZZZ AfCFTA ../../etc/passwd /etc/passwd ~/x .. . - -- trade_cost "
    "trade_costs __class__ __init__ constructor {} [] [1,2] {a:1} %s ${HOME} $(id) `id` <!--x--> NO yes Null"
).split()
WORDS += [
    "x" * 5000,
    "\u202eright to left",
    "😀",
    "名",
    "é" * 100,
    "a\tb",
    " ",
    "\u00a0",
    "\ufeff",
    "'",
    '"',
    "\\",
]
BAD_YAML = (
    "!!python/object/apply:os.system ['touch {canary}']",
    "!!python/object/new:subprocess.Popen [['touch', '{canary}']]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!ruby/object:Gem::Installer {{}}",
    "!!binary aGVsbG8=",
    "!!set {{a, b}}",
    "!!omap [a: 1]",
    "!!timestamp 2001-12-14t21:59:43.10-05:00",
    "!!bool maybe",
    "!!int x",
    "!!float x",
    "!!null x",
    "!!seq 1",
    "!!map 1",
    "!!str {{a: 1}}",
    "!<tag:example.org,2000:x> 1",
    "&anchor 1",
    "*anchor",
    "2018-07-26",
    "2018-02-31",
    "=",
    "<<",
    "? [a, b]",
    "|\n  text\n",
    ">-\n  text\n",
    "@at",
    "`tick`",
    "%directive",
    "'open",
    '"open',
    '"\\ud800"',
    '"\\x00"',
    "[1, [2, [3",
    "{{a: {{b: {{c: 1}}}}}}",
)


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _some_line(rng: Random, text: str, change: Callable[[str], str]) -> str:
    lines = _lines(text)
    full = [i for i, line in enumerate(lines) if line.strip()] or [0]
    i = rng.choice(full)
    lines[i] = change(lines[i])
    return "\n".join(lines)


def _key_typo(rng: Random, text: str) -> str:
    keys = [m.span(1) for m in re.finditer(r"([A-Za-z_][\w-]*)(?=\s*:)", text)]
    if not keys:
        return text
    start, end = rng.choice(keys)
    key = text[start:end]
    place = rng.randrange(len(key))
    typo = rng.choice(
        [
            key[:place] + key[place + 1 :],
            key[:place] + "x" + key[place:],
            key.upper(),
            key + " ",
            "",
            key + "é",
        ]
    )
    return text[:start] + typo + text[end:]


def _key_twice(rng: Random, text: str) -> str:
    return _some_line(rng, text, lambda line: f"{line}\n{line}")


def _line_gone(rng: Random, text: str) -> str:
    return _some_line(rng, text, lambda line: "")


def _lines_swapped(rng: Random, text: str) -> str:
    lines = _lines(text)
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return "\n".join(lines)


def _indented(rng: Random, text: str) -> str:
    by = rng.choice(["  ", " ", "\t", "        "])
    return _some_line(rng, text, lambda line: by + line if rng.random() < 0.7 else line.lstrip())


def _value(rng: Random, text: str, values: tuple[str, ...] | list[str]) -> str:
    found = [m.span(1) for m in re.finditer(r"(?:[:,\[]\s*)([^\s,\[\]{}:#][^,\[\]{}\n]*)", text)]
    if not found:
        return text
    start, end = rng.choice(found)
    return text[:start] + rng.choice(values) + text[end:]


def _number(rng: Random, text: str) -> str:
    found = [m.span() for m in re.finditer(r"-?\d+(\.\d+)?", text)]
    if not found:
        return text
    start, end = rng.choice(found)
    return text[:start] + rng.choice(NUMBERS) + text[end:]


def _word(rng: Random, text: str) -> str:
    return _value(rng, text, WORDS)


def _yaml(rng: Random, text: str) -> str:
    return _value(rng, text, [bad.format(canary=CANARY) for bad in BAD_YAML])


def _type(rng: Random, text: str) -> str:
    value = rng.choice(
        ["[]", "{}", "[1, 2]", "{a: 1}", "true", "null", "'1'", "1", "1.5", "[[]]", "[{}]", "''"]
    )
    return _value(rng, text, [value])


def _appended(rng: Random, text: str) -> str:
    more = rng.choice(
        [
            "extends: {w}",
            "extends: [baseline]",
            "levers: {{{w}: 1}}",
            "levers: {{trade_cost: {{value: {n}, where: {{group: {w}}}}}}}",
            "levers: {{trade_cost: {{table: {{{n}: {n}}}}}}}",
            "levers: {{aid_volume: [{{value: {n}, from: {n}}}, {{ramp: [{n}, {n}], from: 2019, to: {n}}}]}}",
            "levers: {{trade_cost: []}}",
            "parameters: {{trade_elasticity: {n}}}",
            "parameters: {{{w}: 1}}",
            "paragraphs: [{n}]",
            "title: {{en: {w}, zh: {n}}}",
            "{w}: {n}",
            "targets: {{{w}: {n}}}",
            "---\na: 1",
            "...",
            "<<: {{name: x}}",
        ]
    ).format(w=rng.choice(WORDS), n=rng.choice(NUMBERS))
    return f"{text}\n{more}\n"


def _prefixed(rng: Random, text: str) -> str:
    starts = ["%YAML 1.1\n---\n", "%YAML 9.9\n---\n", "%TAG ! tag:x:\n---\n", "---\n", "- "]
    return rng.choice([*starts, "\ufeff\ufeff", "#"]) + text


def _cut(rng: Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _repeated(rng: Random, text: str) -> str:
    return text * rng.choice([2, 3, 20])


def _deep(rng: Random, text: str) -> str:
    times = rng.choice([40, 500, 20_000])
    opened, closed = rng.choice([("[", "]"), ("{a: ", "}"), ("? ", ""), ("- ", "")])
    return f"{text}\ndeep: {opened * times}{closed * rng.choice([0, times])}\n"


def _wide(rng: Random, text: str) -> str:
    times = rng.choice([1000, 20_000])
    more = rng.choice(
        [
            "\n".join(f"key_{i}: {i}" for i in range(times)),
            "wide: [" + ", ".join(["1"] * times) + "]",
            "wide: {" + ", ".join(f"{i}: 1" for i in range(times)) + "}",
            "long: " + "x " * times,
            "x" * times + ": 1",
            "#" + "c" * times * 10,
            "\n" * times,
            "BRA,gdp_current_busd,1\n" * times,
            "," * times,
        ]
    )
    return f"{text}\n{more}\n"


def _huge(rng: Random, text: str) -> str:
    return (
        text
        + "\n"
        + rng.choice(["# padding\n", "a", "- ", "[", '"', "{", "BRA,x,1\n", " ", ","])
        * rng.choice([60_000, 300_000, 1_500_000])
    )


def _bomb(rng: Random, text: str) -> str:
    bomb = ['b0: &b0 ["x","x","x","x","x","x","x","x","x"]']
    bomb += [f"b{i}: &b{i} [{','.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 9)]
    merged = "m0: &m0 {x: 1}\n" + "\n".join(
        f"m{i}: &m{i}\n  <<: [*m{i - 1}, *m{i - 1}]" for i in range(1, 20)
    )
    return (
        text
        + "\n"
        + rng.choice(["\n".join(bomb), merged, "loop: &loop [*loop]", "loop: &loop {a: *loop}"])
        + "\n"
    )


def _line_ends(rng: Random, text: str) -> str:
    return text.replace(
        "\n", rng.choice(["\r\n", "\r", "\n\n", "\u2028", "\u0085", "\x0b", "\n\r"])
    )


def _cells(rng: Random, text: str) -> str:
    """For tables: cells lost, added, quoted, moved."""
    change = rng.choice(
        [
            lambda line: line + ",extra",
            lambda line: line.rpartition(",")[0],
            lambda line: line.replace(",", ";"),
            lambda line: '"' + line,
            lambda line: line.replace(",", ',"', 1),
            lambda line: ",".join(reversed(line.split(","))),
            lambda line: line.replace(",", ",,"),
            lambda line: "=cmd|' /C calc'!A0," + line,
            lambda line: line + "\n" + line,
        ]
    )
    return _some_line(rng, text, change)


def _encoded(rng: Random, text: str) -> bytes:
    encoding = rng.choice(
        ["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp1252", "utf-7"]
    )
    return (text + "é€").encode(encoding, errors="replace")


def _bytes(rng: Random, text: str) -> bytes:
    raw = bytearray(text.encode("utf-8", errors="surrogatepass") or b"x")
    for _ in range(rng.choice([1, 3, 30])):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw)


def _control(rng: Random, text: str) -> bytes:
    raw = text.encode("utf-8", errors="surrogatepass")
    at = rng.randrange(len(raw) + 1)
    return (
        raw[:at]
        + rng.choice([b"\0", b"\x07", b"\x1b[31m", b"\xed\xa0\x80", b"\xff", b"\xc3", b"\x7f"])
        + raw[at:]
    )


def _anything(rng: Random, text: str) -> bytes:
    del text
    return rng.randbytes(rng.choice([0, 1, 100, 5000]))


TEXT_MUTATIONS: tuple[Callable[[Random, str], str], ...] = (
    _key_typo, _key_twice, _line_gone, _lines_swapped, _indented, _number, _word, _yaml, _type, _appended, _prefixed,
    _cut, _repeated, _deep, _wide, _huge, _bomb, _line_ends, _cells,
)  # fmt: skip
BYTE_MUTATIONS: tuple[Callable[[Random, str], bytes], ...] = (_encoded, _bytes, _control, _anything)


def mutate(rng: Random, text: str) -> tuple[str, bytes]:
    """Return the names of the mutations made, and what they made of a file."""
    names = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        # What is common in life is drawn more often than what is large.
        mutation = rng.choice(TEXT_MUTATIONS[:11] * 2 + TEXT_MUTATIONS[11:])
        names.append(mutation.__name__.strip("_"))
        text = mutation(rng, text)
        if len(text) > 50_000:
            break  # the patterns above would take longer than what is tested
    if rng.random() < 0.2:
        last = rng.choice(BYTE_MUTATIONS)
        names.append(last.__name__.strip("_"))
        return "+".join(names), last(rng, text)
    return "+".join(names), text.encode("utf-8", errors="surrogatepass")
