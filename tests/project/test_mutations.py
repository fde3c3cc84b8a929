"""The wiring is held tightly: a change of one line that breaks it fails a quick test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutations import MUTATIONS, ROOT, Misplaced, Mutation, place, survives


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_a_broken_wire_is_noticed(mutation: Mutation) -> None:
    assert not survives(mutation)


@pytest.mark.slow
def test_a_change_that_breaks_nothing_is_not_taken_for_one_that_is_noticed() -> None:
    first = MUTATIONS[0]
    assert survives(Mutation("none", first.text, first.text))


def test_mutations_have_names_of_their_own_and_change_something() -> None:
    assert len({m.name for m in MUTATIONS}) == len(MUTATIONS) >= 23
    for mutation in MUTATIONS:
        assert mutation.text != mutation.becomes, mutation.name
        for test in mutation.killed_by:
            assert (ROOT / test.partition("::")[0]).is_file(), mutation.name


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_every_mutation_has_its_place_in_the_code_as_it_stands(mutation: Mutation) -> None:
    assert place(mutation, ROOT / "sscsim").is_file()


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a.py": "x = 1\n"}, "nowhere"),
        ({"a.py": "x = 2\nx = 2\n"}, "2 times"),
        ({"a.py": "x = 2\n", "b/c.py": "x = 2\n"}, "b/c.py"),
    ],
)
def test_a_mutation_without_its_place_is_an_error(
    tmp_path: Path, files: dict[str, str], found: str
) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(Misplaced, match=found):
        place(Mutation("doubled", "x = 2\n", "x = 4\n"), tmp_path)
