"""`sscsim page`: the scenario of a setting, and what is refused."""

from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.policy import load_scenario


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli, ["page", *map(str, args)])


def test_a_setting_is_a_scenario_that_loads(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    result = invoke("--setting", "cooperation=1.5 aid=2", "--save", path)
    assert result.exit_code == 0, result.output
    found = load_scenario(path)
    assert set(found.levers) == {"cooperation", "aid_volume"}
    assert found.levers["aid_volume"][0].ramp == (1.0, 2.0)
    printed = invoke("--setting", "cooperation=1.5 aid=2").stdout
    assert yaml.safe_load(printed)["levers"] == yaml.safe_load(path.read_text("utf-8"))["levers"]


def test_the_page_is_written_from_an_emulator(tmp_path) -> None:
    from sscsim.page.sample import sample_emulator

    sample_emulator().save(tmp_path / "mine.npz")
    out = tmp_path / "lesson.html"
    result = invoke("--emulator", tmp_path / "mine.npz", "--out", out, "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert str(out) in result.output.replace("\n", "")
    assert '<html lang="zh">' in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--setting", "aids=2"), "aid"),
        (("--setting", "aid=2", "--save", "mine.txt"), ".yaml"),
        (("--setting", "aid=2", "--save", "My_own.yaml"), "small letters"),
        (("--setting", "aid=2", "--train"), "either"),
        (("--save", "mine.yaml"), "--setting"),
        (("--train", "--draws", "1"), "2 to 16"),
        (("--train", "--lang", "zh"), "for the page itself"),
        (("--draws", "4"), "only --train"),
        (("--out", "page.pdf"), "a name in .html"),
        (("--out", "nowhere/page.html"), "there is no folder"),
        (("--lang", "fr"), "'fr'"),
        (("--emulator", "nowhere.npz"), "no emulator yet"),
    ],
)
def test_what_cannot_be_is_refused(args, said) -> None:
    result = CliRunner().invoke(cli, ["page", *args])
    assert result.exit_code != 0
    assert said in f"{result.output}{result.exception}"
