"""Plug-ins: found by their entry points, off unless named, told of in manifests, and refused where they do not fit."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from _plugins import EXAMPLE, install, install_example, undone

from sscsim import simulate
from sscsim.added import added
from sscsim.errors import InputError
from sscsim.experiments.members import members
from sscsim.model import SouthSouthModel
from sscsim.outcomes.indicators.definitions import FUNCTIONS
from sscsim.plugins import installed, load
from sscsim.provenance import changes, marks, settings_of
from sscsim.results import Run
from sscsim.results.formats import formats, of_name
from sscsim.settings import RunSettings
from sscsim.steps.plan import OPENING, PLAN, variables

Put = Callable[..., None]

STEP = """
from pathlib import Path
from sscsim.plugins import Plugin
from sscsim.steps.submodel import Submodel
from sscsim.steps.trade import Trade
from sscsim.world.state import variable


class Step(Submodel):
    name = {name!r}
    title = "A toy"
    variables = (variable({variable!r}, "country", "ratio", "A toy's variable"),)
    {more}


plugin = Plugin("A toy", steps=(Step,))
"""


def step(name: str, variable: str | None = None, more: str = "") -> str:
    return STEP.format(name=name, variable=variable or f"{name}_level", more=more)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example, installed."""
    for folder in install_example(tmp_path / "site"):
        monkeypatch.syspath_prepend(folder)


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Install a toy of one module: its name, its code, the name of its plug-in."""

    def put(module: str, text: str, name: str | None = None, entry: str = "plugin") -> None:
        folder = tmp_path / module  # a path of its own: another one on the path is another look
        install(
            folder,
            f"toy-{module}",
            {name or module: f"{module}:{entry}"},
            files={f"{module}.py": textwrap.dedent(text)},
        )
        monkeypatch.syspath_prepend(str(folder))

    return put


def join(*names: str) -> tuple[str, ...]:
    return tuple(kind.name for kind in added(names, OPENING, PLAN).year)


# --------------------------------------------------------------------------------------- the order of tests


def test_what_a_plug_in_leaves_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def traces() -> tuple[bool, bool, bool]:
        return (
            "median_travellers" in FUNCTIONS,
            "jsonlines" in formats(),
            "sscsim_example" in sys.modules,
        )

    for folder in install_example(tmp_path / "site"):
        monkeypatch.syspath_prepend(folder)
    with undone([EXAMPLE.parent]):
        join("travel")
        assert all(traces())
    assert not any(traces())


@pytest.mark.parametrize("title", ["one", "another"])
def test_two_tests_may_give_modules_one_name(put: Put, title: str) -> None:
    put("same_name", f"from sscsim.plugins import Plugin\nplugin = Plugin({title!r})\n")
    (found,) = load(["same_name"])
    assert found.plugin.title == title


# ------------------------------------------------------------------------------------------ found, and off


def test_none_is_there_where_none_is_installed() -> None:
    assert installed() == {}
    with pytest.raises(InputError, match="no installed package declares one"):
        load(["travel"])


def test_being_installed_changes_nothing(example: None) -> None:
    assert list(installed()) == ["travel"]
    alone = added((), OPENING, PLAN)
    assert (alone.opening, alone.year, alone.table) == (OPENING, PLAN, None)
    assert alone.variables is variables()
    assert RunSettings().marks() == {}
    plain = members(["baseline"], 1, source="tables")[0]
    assert "plugins" not in plain.ingredients
    assert "plugins" not in SouthSouthModel("baseline", end=2013).manifest()


def test_a_run_that_names_it_has_what_it_adds_and_all_else_to_the_bit(example: None) -> None:
    options = {"seed": 1, "end": 2014, "parameters": "tables"}
    plain, both = (
        simulate("baseline", **options),
        simulate("baseline", plugins=["travel"], set={"travel_part": 0.2}, **options),
    )
    assert both.value("arrivals", "World", 2013) == pytest.approx(
        0.2 * both.value("population", "World", 2013), rel=1e-3
    )
    assert both.value("median_travellers", "World", 2014) > 0.0
    assert both.countries["arrivals"].sum() == pytest.approx(both.countries["departures"].sum())
    own = ("arrivals", "arrivals_per_head", "median_travellers")
    rest = both.indicators[~both.indicators["indicator"].isin(own)].reset_index(drop=True)
    assert rest.equals(plain.indicators)


def test_the_manifest_says_which_were_in_it_and_the_run_is_made_again(
    example: None, tmp_path: Path
) -> None:
    asked = {"end": 2013, "parameters": "tables", "set": {"travel_part": 0.2}}
    run = simulate("baseline", plugins=["travel"], **asked)
    run.save(tmp_path / "run")
    read = Run.load(tmp_path / "run")
    said = read.manifest["plugins"]["travel"]
    assert (said["package"], said["version"]) == ("sscsim-example", "0.1.0")
    assert said["steps"] == {"travel": "people travel to where their country trades"}
    assert said["variables"]["arrivals"]["unit"] == "million"
    assert said["indicators"]["arrivals_per_head"]["title"] == "Travellers a head"
    assert "plug-in travel (sscsim-example 0.1.0)" in marks(read.manifest)
    settings = settings_of(read.manifest)
    assert settings.plugins == ("travel",)
    assert changes(read.manifest, settings) == []
    assert simulate(settings).content_hash == run.content_hash
    said["sha256"] = "another"
    assert "the plug-in travel" in changes(read.manifest, settings)[0]
    table = read.to_xarray()
    assert table["arrivals"].attrs["long_name"] == "Travellers who arrive"


def test_a_step_is_switched_off_by_its_name_and_its_variables_stay(example: None) -> None:
    options = {"seed": 1, "end": 2014, "parameters": "tables", "plugins": ["travel"]}
    run = simulate("baseline", off=["travel"], **options)
    arrivals = run.countries.set_index("year")["arrivals"]
    assert arrivals[2014].to_numpy() == pytest.approx(arrivals[2013].to_numpy())
    assert arrivals[2014].sum() > 0.0


def test_members_that_run_with_it_have_keys_of_their_own(example: None) -> None:
    plain, both = (
        members(["baseline"], 1, source="tables", plugins=names)[0] for names in ([], ["travel"])
    )
    assert plain.key != both.key
    assert both.ingredients["plugins"]["travel"]["version"] == "0.1.0"
    held = members(["baseline"], 1, source="tables", plugins=["travel"], set={"travel_part": 0.3})
    assert held[0].settings.values()["travel_part"] == 0.3
    with pytest.raises(InputError, match="no parameter"):
        members(["baseline"], 1, source="tables", set={"travel_part": 0.3})


def test_a_format_is_found_by_its_name(example: None) -> None:
    found = of_name("jsonlines")
    assert found.suffix == ".jsonl"
    assert type(found) is type(formats()["jsonlines"])
    with pytest.raises(InputError, match="no format of this name") as caught:
        of_name("jsonline")
    assert caught.value.suggestion == "jsonlines"


# ------------------------------------------------------------------------------------------ order


def test_a_step_comes_last_or_behind_the_one_it_names(put: Put) -> None:
    put("toy_last", step("toy_last"))
    put("toy_early", step("toy_early", more="after = 'trade'"))
    names = join("toy_last", "toy_early")
    assert names[-1] == "toy_last"
    assert names[names.index("trade") + 1] == "toy_early"
    assert join("toy_early", "toy_last") == names, "in which order they are named changes nothing"


def test_one_that_derives_from_a_step_takes_its_place(put: Put) -> None:
    put(
        "toy_instead",
        """
        from sscsim.plugins import Plugin
        from sscsim.steps.goals import Goals


        class Still(Goals):
            title = "Goals stand still"

            def run(self, now):
                pass


        plugin = Plugin("Goals stand still", steps=(Still,))
        """,
    )
    there = added(["toy_instead"], OPENING, PLAN)
    assert [kind.name for kind in there.year] == [kind.name for kind in PLAN]
    assert there.variables == variables()
    assert there.origin(there.year[7]) == "toy-toy_instead 1.0"
    options = {"seed": 1, "end": 2014, "parameters": "tables"}
    plain = simulate("baseline", **options)
    still = simulate("baseline", plugins=["toy_instead"], **options)
    assert still.value("goal_index", "World", 2014) != plain.value("goal_index", "World", 2014)
    with pytest.raises(InputError, match="derives from it"):
        SouthSouthModel("baseline", naive=True, plugins=["toy_instead"])


# ------------------------------------------------------------------------------------------ errors


BROKEN = {
    "missing": ("import not_there_at_all", "cannot be loaded", "ModuleNotFoundError"),
    "raises": ("raise RuntimeError('no such luck')", "cannot be loaded", "no such luck"),
    "nothing": ("other = 1", "cannot be loaded", "plugin"),
    "no_plugin": ("plugin = 1", "entry point is to name", "int"),
    "no_tuple": (
        "from sscsim.plugins import Plugin\nplugin = Plugin('x', steps=[])",
        "steps are a tuple of classes",
        "[]",
    ),
    "no_step": (
        "from sscsim.plugins import Plugin\nclass A:\n    name = 'a'\nplugin = Plugin('x', steps=(A,))",
        "derives from sscsim.steps.submodel.Submodel",
        "",
    ),
    "no_name": (
        "from sscsim.plugins import Plugin\nclass A: pass\nplugin = Plugin('x', steps=(A,))",
        "has no name",
        "",
    ),
    "no_file": (
        "from pathlib import Path\nfrom sscsim.plugins import Plugin\n"
        "plugin = Plugin('x', indicators=Path('nowhere.yaml'))",
        "no such file or folder",
        "nowhere.yaml",
    ),
    "same_step": (step("trade"), "one that is to take its place derives from it", "Trade"),
    "same_part": (step("banking"), "a part of a step of this name", "Banking"),
    "same_variable": (step("toy", "gdp"), "a state variable of this name", "the model"),
    "no_such_step": (step("toy", more="after = 'trdae'"), "could follow", "did you mean 'trade'"),
    "no_such_read": (step("toy", more="reads = ('gpd',)"), "reads a variable", "mean 'gdp'"),
    "no_such_need": (
        step("toy", more="needs = (type('Other', (Submodel,), {'name': 'other'}),)"),
        "needs one that is not there",
        "Other",
    ),
    "a_lever": (
        step("toy", more="policy = (variable('toy_lever', 'country', 'ratio', 'x'),)"),
        "no lever could set this",
        "toy_lever",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_fit_is_refused_in_words(put: Put, case: str) -> None:
    text, message, also = BROKEN[case]
    module = f"broken_{case}"
    put(module, text)
    with pytest.raises(InputError) as caught:
        join(module)
    said = str(caught.value)
    assert message in said
    assert also in said
    assert f"toy-{module} 1.0" in said, "whose it is"


def test_two_plugins_of_one_name_are_an_error_that_names_both(put: Put) -> None:
    put("toy_one", step("toy_one"), name="same")
    put("toy_two", step("toy_two"), name="same")
    with pytest.raises(InputError, match="two installed packages") as caught:
        load(["same"])
    assert "toy-toy_one 1.0 and toy-toy_two 1.0" in str(caught.value)


def test_two_plugins_with_a_step_or_a_variable_of_one_name_do_not_go_together(put: Put) -> None:
    put("toy_a", step("toy_same"))
    put("toy_b", step("toy_same"))
    put("toy_c", step("toy_c", "toy_same_level"))
    assert join("toy_a")[-1] == join("toy_b")[-1] == "toy_same", "each alone does"
    with pytest.raises(InputError, match="a step of this name"):
        join("toy_a", "toy_b")
    with pytest.raises(InputError, match="a state variable of this name"):
        join("toy_a", "toy_c")


PARAMETER = """submodel: toy
parameters:
  {name}:
    symbol: t
    description: A parameter of a toy
    unit: ratio
    value: 1.0
    bounds: [0.0, 2.0]
    prior: {{distribution: fixed}}
    source: A toy
"""
INDICATOR = """indicators:
  {name}: {{title: Toy, unit: ratio, description: Toy., groups: all, how: {how}, law: any}}
"""
TABLES = """
from pathlib import Path
from sscsim.plugins import Plugin

here = Path(__file__).parent


def goal_losers_of_a_toy(year, rows):
    return rows


def trade_within_without_hubs(year, rows):
    return rows


plugin = Plugin("A toy", {what})
"""


@pytest.mark.parametrize(
    ("what", "file", "text", "message"),
    [
        (
            "parameters=here / 'tables'",
            "tables/toy.yaml",
            PARAMETER.format(name="trade_elasticity"),
            "a parameter of this name is there already",
        ),
        (
            "parameters=here / 'tables'",
            "tables/toy.yaml",
            "submodel: toy\nparameters: 1\n",
            "toy.yaml",
        ),
        (
            "indicators=here / 'toy.yaml'",
            "toy.yaml",
            INDICATOR.format(name="gdp", how="sum of gdp"),
            "toy.yaml:2: there is an indicator of this name already",
        ),
        (
            "indicators=here / 'toy.yaml'",
            "toy.yaml",
            INDICATOR.format(name="toy", how="sum of gpd"),
            "toy.yaml:2",
        ),
        (
            "indicators=here / 'toy.yaml'",
            "toy.yaml",
            INDICATOR.format(name="toy", how="function"),
            "there is no function of this name",
        ),
        (
            "functions=(trade_within_without_hubs,)",
            "toy.yaml",
            "",
            "a function of indicators of this name is there already",
        ),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    put: Put, tmp_path: Path, what: str, file: str, text: str, message: str
) -> None:
    module = f"toy_tables_{tmp_path.name}"
    put(module, TABLES.format(what=what))
    path = tmp_path / module / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        SouthSouthModel("baseline", plugins=[module])
    assert message in str(caught.value)


def test_a_format_of_a_name_that_is_taken_is_refused(put: Put) -> None:
    text = """
    from sscsim.plugins import Plugin
    from sscsim.results.formats import Format


    class Toy(Format):
        name = "toyform"
        suffix = ".toy"


    plugin = Plugin("A format", formats=(Toy,))
    """
    put("toy_form_a", text)
    put("toy_form_b", text)
    with pytest.raises(InputError, match="a format of this name is there already"):
        of_name("toyform")


def test_one_that_does_not_load_keeps_nobody_from_the_formats_that_there_are(put: Put) -> None:
    put("toy_broken_form", "import not_there_at_all")
    assert of_name("csv").suffix == ".csv"
    with pytest.raises(InputError, match="do not work") as caught:
        of_name("nothing_has_it")
    assert "toy_broken_form (toy-toy_broken_form 1.0)" in str(caught.value)
