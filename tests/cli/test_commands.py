"""Every command on a real run: what it prints, where it writes, how fast its help comes."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import sscsim
from sscsim.cli import data, explaining, targets
from sscsim.cli.main import COMMANDS, cli
from sscsim.cli.options import parse_settings
from sscsim.cli.places import default_output
from sscsim.cli.printing import WIDTH, number, text_of, unit_of
from sscsim.model import PLAN
from sscsim.policy import lever_table, list_scenarios
from sscsim.results import Run
from sscsim.world.columns import load_columns

ROOT = Path(__file__).resolve().parents[2]


def ok(*args: str) -> str:
    result = CliRunner().invoke(cli, list(args))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one saved run in `results/`, written by the command itself."""
    place = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        (place / "output.txt").write_text(ok("run", "--end", "2018", "--out", "run"))
        (place / "results").mkdir()
        (place / "run").rename(place / "results" / "baseline-seed1")
    return place


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(folder)
    return folder


# --------------------------------------------------------------------------------------------- help


def test_help_and_version() -> None:
    text = ok("--help")
    assert all(name in text for name in COMMANDS)
    assert ok() == text
    assert ok("--version") == f"sscsim {sscsim.__version__}\n"


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    text = ok(*path, "--help")
    assert text.startswith("Usage: ")
    assert len(text.splitlines()) > 4
    assert max(map(len, text.splitlines())) <= WIDTH
    assert not re.search(r"[a-z,]\.\.\.", text)  # no sentence is cut off
    if path[0] not in ("calibrate", "screen"):
        assert not re.search(
            r" (TEXT|INTEGER|FLOAT|PATH)\b", text
        )  # a value is named by what it is


def test_the_page_names_every_command_and_every_option_of_run() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert re.search(rf"`{name}\b", page), name
    for option in re.findall(r"^  (--[a-z-]+)", ok("run", "--help"), re.MULTILINE):
        assert f"`{option}" in page, option


def test_short_help_of_every_command_is_written_for_the_list() -> None:
    for name, (module, function, text) in COMMANDS.items():
        assert len(name) + len(text) < 72
        assert module.startswith("sscsim.cli.")
        assert function


def test_help_imports_nothing_heavy() -> None:
    # One process for all: whatever one help text imports is seen.
    code = (
        "import sys\n"
        "from sscsim.cli.main import COMMANDS, cli\n"
        "for args in (['--help'], ['--version'], *([n, '--help'] for n in COMMANDS)):\n"
        "    try: cli.main(args)\n"
        "    except SystemExit as end: assert not end.code, args\n"
        "heavy = 'pandas mesa matplotlib scipy pyarrow numpy rich pydantic'.split()\n"
        "print('imported:', sorted(set(heavy) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "imported: []"


# ---------------------------------------------------------------------------------------------- run


def test_run_prints_the_reports_figures_and_where_it_wrote(folder: Path) -> None:
    text = (folder / "output.txt").read_text()
    assert "FDI into Brazil" in text
    assert "FDI into developing" in text
    assert "met" in text
    assert "Written to run" in text
    assert "[2015]" not in text  # the year has a column of its own
    assert "not yet simulated" not in text
    assert "Simulated 2013–2018 in" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_run_writes_what_was_asked_for(here: Path) -> None:
    ok(
        "run", "trade-integration", "--seed", "7", "--end", "2015", "--set", "trade_elasticity=4",
        "--off", "investment", "--keep", "indicators", "--out", "mine", "--quiet",
    )  # fmt: skip
    manifest = json.loads((here / "mine" / "manifest.json").read_text())
    assert manifest["seed"] == 7
    run = Run.load(here / "mine")
    assert run.years == (2013, 2014, 2015)
    assert run.scenario == "trade-integration"
    assert run.keep == "indicators"
    text = json.dumps(manifest)
    assert '"trade_elasticity"' in text
    assert '"investment"' in text
    head = ok("show", "mine").splitlines()[0]
    for part in ("trade-integration", "seed 7", "without investment", "trade_elasticity = 4"):
        assert part in head


def test_quiet_prints_nothing_and_a_second_run_replaces_the_first(here: Path) -> None:
    for end in ("2013", "2014"):
        result = CliRunner().invoke(cli, ["run", "--end", end, "--out", "again", "--quiet"])
        assert (result.exit_code, result.output) == (0, "")
    assert Run.load(here / "again").years == (2013, 2014)


def test_run_equals_the_api(here: Path) -> None:
    api = sscsim.simulate("baseline", seed=1, end=2018)
    assert Run.load(here / "results" / "baseline-seed1") == api


def test_profile_names_every_step(here: Path) -> None:
    text = ok("run", "--end", "2014", "--out", "timed", "--profile")
    assert "ms" in text
    for step in PLAN:
        assert step.name in text


def test_default_place_tells_changes_apart() -> None:
    plain = default_output("baseline", 1, {"set": {}, "off": [], "data": None})
    assert plain == Path("results/baseline-seed1")
    assert default_output("mine/green.yaml", 3, {}) == Path("results/green-seed3")
    changed = {
        default_output("baseline", 1, {"set": {"x": value}, "off": off}).name
        for value in (1.0, 2.0)
        for off in ([], ["trade"])
    }
    assert len(changed) == 4
    assert all(name.startswith("baseline-seed1-") for name in changed)


def test_settings_are_parsed() -> None:
    assert parse_settings((" trade_elasticity = 4e0 ",)) == {"trade_elasticity": 4.0}
    assert parse_settings(()) == {}


# ------------------------------------------------------------------------------------- show and plot


def test_show_summary(here: Path) -> None:
    text = ok("show", "baseline-seed1")
    for word in (
        "World",
        "South",
        "North",
        "Regions in 2018",
        "bn 2015 USD",
        "2013",
        "Arab States",
    ):
        assert word in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text == ok("show", "results/baseline-seed1")


def test_show_filters(here: Path) -> None:
    text = ok("show", "baseline-seed1", "--group", "LDC", "--indicator", "goal_index")
    assert "LDC" in text
    assert "goal_index" in text
    assert "World" not in text
    text = ok("show", "baseline-seed1", "--indicator", "trade_within", "--year", "2015")
    assert "bn USD" in text
    assert "2013" not in text


def test_show_csv_is_the_long_table(here: Path) -> None:
    text = ok("show", "baseline-seed1", "--indicator", "fdi_inflow", "--group", "South", "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["year"]) for row in rows] == list(range(2013, 2019))
    run = Run.load(here / "results" / "baseline-seed1")
    assert float(rows[-1]["value"]) == run.value("fdi_inflow", "South", 2018)


def test_show_country(here: Path) -> None:
    text = ok("show", "baseline-seed1", "--country", "bra")
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert "bn 2015 USD" in lines["gdp"]
    assert "bn USD" in lines["fdi_inflow"]
    assert "goal_17" in lines
    assert "0 to 100" in lines["goal_17"]
    assert "points" not in lines["gdp"]
    rows = list(
        csv.DictReader(io.StringIO(ok("show", "baseline-seed1", "--country", "BRA", "--csv")))
    )
    assert len(rows) == 6
    assert {row["iso3"] for row in rows} == {"BRA"}


def test_maps_of_a_run_and_of_the_difference_of_two(here: Path) -> None:
    text = ok(
        "plot", "baseline-seed1", "--map", "poverty_headcount", "--year", "2018", "--out", "m"
    )
    assert text.split() == ["m/map_poverty_headcount_2018.png"]
    text = ok("plot", "baseline-seed1", "baseline-seed1", "--map", "goal_index", "--format", "svg")
    assert text.split() == [
        "results/baseline-seed1-and-baseline-seed1/difference_goal_index_2018.svg"
    ]
    assert (here / text.strip()).exists()


def test_what_plot_is_not_asked_for_together() -> None:
    for options, words in (
        (("a", "b", "c"), "two side by side"),
        (("a", "--year", "2030"), "that of a map"),
        (("a", "--map", "gdp", "--figure", "growth"), "nothing but maps"),
        (("a", "--map", "gdp", "--draws", "20"), "nothing but maps"),
    ):
        result = CliRunner().invoke(cli, ["plot", *options])
        assert result.exit_code == 2
        assert words in result.stderr


def test_plot(here: Path) -> None:
    text = ok("plot", "baseline-seed1", "--out", "pictures", "--figure", "growth")
    assert text == "pictures/growth.png\n"
    assert (here / "pictures" / "growth.png").stat().st_size > 10_000
    assert sorted(p.name for p in (here / "pictures").iterdir()) == ["growth.png"]


# ------------------------------------------------------------------------------- explain and plan


STEPS = [
    *("policy", "institutions", "trade", "investment", "finance"),
    *("knowledge", "growth", "goals", "measurement"),
]


def test_the_plan_is_one_screen_with_what_leaves_each_step_out() -> None:
    text = ok("plan")
    heads = [line for line in text.splitlines() if line[:1].isdigit()]
    assert [line.split()[1] for line in heads] == STEPS
    assert [line.split(".")[0] for line in heads] == [str(i) for i in range(1, 10)]
    assert all(line.endswith(f"--off {name}") for line, name in zip(heads, STEPS, strict=True))
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= WIDTH


def test_the_plan_of_one_step_says_what_its_variables_mean() -> None:
    text = ok("plan", "trade")
    assert "step 3 of 9" in text
    assert "sscsim run --off trade" in text
    reads, writes = text.split("\nWrites\n")
    assert "Ad-valorem trade cost" in reads
    assert re.search(r"^wage +ratio +Price of own output", writes, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= WIDTH


def test_the_plan_with_all_variables() -> None:
    words = set(ok("plan", "--variables").replace(",", " ").split())
    for step in PLAN:
        assert {*step.all_reads(), *step.all_writes()} <= words


@pytest.mark.parametrize("kind", list(explaining.KINDS))
def test_lists_hold_every_name(kind: str) -> None:
    text = ok("explain", kind)
    names = [item.name for item in explaining.KINDS[kind].items()]
    assert f"{len(names)} names" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    shown = {line.split("  ")[0] for line in text.splitlines()}
    for name in names:
        each_goal = "." in name or name.startswith("goal_")
        assert each_goal or name in shown, name


@pytest.mark.parametrize("kind", list(explaining.KINDS))
def test_names_known_fast_are_those_of_all(kind: str) -> None:
    names = [item.name for item in explaining.KINDS[kind].items()]
    assert sorted(explaining.KINDS[kind].names()) == sorted(names)


@pytest.mark.parametrize("kind", list(explaining.KINDS))
def test_everything_is_explained(kind: str) -> None:
    for item in explaining.KINDS[kind].items():
        details = dict(item.details())
        assert item.brief
        assert any(details.values()), item.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "trade_elasticity",
            ["parameter", "θ", "5.03", "normal (mean 5.03, sd 1)", "¶79", "--set"],
        ),
        ("guarantee_capacity", ["lever", "¶39, 86", "in a scenario file"]),
        ("trade_within", ["indicator", "bn USD", "both ends in the group"]),
        ("South", ["group", "139 countries", "BRA"]),
        ("Viet Nam", ["VNM – country", "Asia-Pacific", "sscsim data show VNM"]),
        ("LDC", ["group", "list of countries", "47 countries"]),
        ("price_index", ["state variable", "ratio", "country"]),
        ("knowledge", ["step", "6 of 9", "needs meet offers"]),
        ("global-slowdown", ["scenario", "baseline → global-slowdown", "sscsim run"]),
        (
            "fdi_in_ind",
            ["target", "¶80", "from 44 to 40", "level (fitted)"],
        ),
        ("trade_cost", ["lever", "state variable"]),
    ],
)
def test_explain(name: str, words: list[str]) -> None:
    text = " ".join(ok("explain", name).split())
    for word in words:
        assert word in text


def test_explain_without_a_name_says_what_can_be_listed() -> None:
    text = ok("explain")
    assert all(f"sscsim explain {kind}" in text for kind in explaining.KINDS)


# --------------------------------------------------------------------------------- targets and data


def test_targets_without_a_run_list_every_row() -> None:
    text = ok("targets")
    for name in ("ss_trade_value", "lac_with_other_regions", "caf_cities"):
        assert name in text
    assert "not yet" not in text


@pytest.mark.parametrize(
    ("when", "text"), [("2018–2033", "2018–33"), ("2017", "2017"), ("1998–2003", "1998–2003")]
)
def test_years_take_little_room(when: str, text: str) -> None:
    assert targets._short_years(when) == text


def test_targets_beside_a_run(here: Path) -> None:
    text = ok("targets", "--run", "baseline-seed1")
    assert "not yet simulated" not in text
    assert "4.75–5.25" in text
    rows = list(csv.DictReader(io.StringIO(ok("targets", "--run", "baseline-seed1", "--csv"))))
    assert {"id", "value", "observed", "distance", "verdict"} <= set(rows[0])


def check(here: Path) -> Result:
    return CliRunner().invoke(
        cli,
        ["targets", "--run", "baseline-seed1", "--check", "--paragraph", "79", "--paragraph", "80"],
    )


def test_check_fails_exactly_when_a_fit_row_is_missed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscsim.calibration import compare, observables

    items = compare(Run.load("results/baseline-seed1"))
    values = {item.id: item.check.value for item in items if item.check}

    def pretend(shift: float) -> None:
        def fdi(run: Run, year: int, of: str | None) -> float:
            by_name = {"WIR developing": "developing", "WIR developed": "developed"}
            return shift * values[f"fdi_in_{by_name.get(of or '', (of or '').lower())}"]

        found = observables.OBSERVABLES["fdi_inflow"]
        changed = type(found)(found.name, found.unit, found.description, fdi)
        monkeypatch.setitem(observables.OBSERVABLES, "fdi_inflow", changed)

    pretend(1.0)
    assert check(here).exit_code == 0
    assert "6 of 6 simulated fit rows met" in check(here).stdout
    pretend(1.15)  # outside ± 10 %, inside ± 20 %
    failed = check(here)
    assert failed.exit_code == 1
    assert "not met: fdi_in_developing, fdi_in_developed" in failed.stdout


def test_data_commands() -> None:
    assert "imputed_cells" in ok("data", "sources", "--csv").splitlines()[0]
    assert "World Bank" in ok("data", "sources")
    notices = ok("data", "sources", "--notices")
    assert "- To pass on: " in notices
    assert "The ITPD-E is a public good" in notices
    assert "0 errors" in ok("data", "check")


def test_figures_of_a_country_stand_with_their_own_years_and_short_publishers() -> None:
    text = ok("data", "show", "AFG")
    assert "Afghanistan (AFG)" in text
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert lines["contraceptive_use_pct"].split()[2:] == ["%", "2011", "World", "Bank"]
    assert lines["hdi"].endswith("UNDP")
    assert lines["maternal_mortality_per_100k"].split()[-3:] == ["2015", "World", "Bank"]
    assert "nearest to" not in text
    assert "US USD" not in text
    assert "Member of: " in text
    assert max(map(len, text.splitlines())) <= WIDTH
    table = text.partition("figure ")[2].partition("\n\n")[0].splitlines()
    assert not [line for line in table[1:] if line.startswith(" ")]  # no line is broken
    rows = {row["column"]: row for row in csv.DictReader(io.StringIO(csv_of("AFG")))}
    assert rows["contraceptive_use_pct"]["year"] == "2011"
    assert rows["hdi"]["publisher"] == "United Nations Development Programme"


def csv_of(country: str) -> str:
    return ok("data", "show", country, "--csv")


def test_every_publisher_of_a_figure_is_short_enough_for_a_column() -> None:
    publishers = {s.publisher for s in load_columns().sources.values()}
    shown = {row["publisher"] for row in csv.DictReader(io.StringIO(csv_of("BRA")))}
    assert set(data.SHORT) <= publishers
    assert max(len(data.short_publisher(text)) for text in shown) <= 22


@pytest.mark.parametrize("country", ["bra", "Brazil", "BRAZIL"])
def test_a_country_is_found_by_code_and_name(country: str, here: Path) -> None:
    assert "Brazil (BRA)" in ok("data", "show", country)
    assert "Brazil (BRA)" in ok("show", "baseline-seed1", "--country", country)


# ---------------------------------------------------------------------------------------- scenarios


def test_scenarios_are_listed_and_shown() -> None:
    text = ok("scenario", "list")
    assert all(name in text for name in list_scenarios())
    assert "基准情景" in text
    assert "\\n" not in text
    text = ok("scenario", "show", "trade-integration")
    assert "baseline → trade-integration" in text
    assert "0 → -0.1" in text
    assert "No lever" in ok("scenario", "show", "baseline")


def test_diff_is_what_differs_in_effect(tmp_path: Path) -> None:
    assert "come to the same" in ok("scenario", "diff", "baseline", "baseline")
    text = ok("scenario", "diff", "baseline", "trade-integration")
    assert "2025–2034" in text
    assert "south_unctad_2014" in text
    assert "79, 98" in text
    # The same in other words: a table instead of a value.
    for name, setting in (("one", "{from: 2020, value: 0.5}"), ("two", "{table: {2020: 0.5}}")):
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\ntitle: x\nlevers:\n  outward_investment: {setting}\n"
        )
    paths = [str(tmp_path / f"{name}.yaml") for name in ("one", "two")]
    assert "come to the same" in ok("scenario", "diff", *paths)
    (tmp_path / "three.yaml").write_text(
        "name: three\ntitle: x\nextends: one\nparameters: {trade_elasticity: 4}\n"
        "levers:\n  outward_investment: {from: 2020, value: 0.5, where: {countries: [BRA, IND]}}\n"
    )
    text = ok("scenario", "diff", paths[0], str(tmp_path / "three.yaml"))
    assert "trade_elasticity" in text
    assert "2020–2034" in text
    assert "195 countries" in text  # all but the two


@pytest.mark.parametrize("name", list_scenarios())
def test_every_scenario_that_ships_can_be_shown_compared_and_validated(name: str) -> None:
    assert name in ok("scenario", "show", name)
    text = ok("scenario", "diff", "baseline", name)
    assert ("come to the same" in text) == (name == "baseline")
    assert "valid; " in ok("scenario", "validate", str(ROOT / "scenarios" / f"{name}.yaml"))


WHERE = {  # scope of a lever → where, its words in `show`, its words in `diff`
    "country": ("{countries: [BRA, IND]}", "BRA, IND", "BRA, IND"),
    "pair": ("{origin: BRA, destination: LDC}", "from BRA; to LDC", "from BRA; to LDC"),
    "world": ("", "all", "all"),
    "bank": ("{bank: NDB}", "NDB", "NDB"),
}


@pytest.mark.parametrize("name", lever_table())
def test_every_lever_can_be_shown_compared_and_validated(name: str, tmp_path: Path) -> None:
    lever = lever_table()[name]
    end = next(bound for bound in lever.bounds if bound != lever.default)
    middle = (end + lever.default) / 2
    where, shown, told = WHERE[lever.scope]
    place = f", where: {where}" if where else ""
    files = {}
    for file, settings in {
        "all": f"{{value: {end}}}",
        "some": f"{{from: 2020, value: {middle}{place}}}",
    }.items():
        files[file] = str(tmp_path / f"{file}.yaml")
        Path(files[file]).write_text(f"name: {file}\nlevers: {{{name}: {settings}}}\n")

    def row(*command: str) -> list[str]:
        text = ok("scenario", *command)
        (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
        return re.split(r"\s{2,}", line)

    assert row("show", files["some"])[1:3] == ["2020–2034", f"{middle:g}"]
    assert shown in row("show", files["some"])
    assert "1 lever moved" in ok("scenario", "validate", files["some"])
    assert row("diff", "baseline", files["some"])[1:3] == ["2020–2034", told]
    assert row("diff", "baseline", files["all"])[1:3] == ["2013–2034", "all"]
    assert "2013–2019" in ok("scenario", "diff", files["some"], files["all"])


def test_banks_are_named_where_scenarios_differ_for_some(tmp_path: Path) -> None:
    for name, banks in (("two", ("NDB", "CAF")), ("one", ("NDB",))):
        settings = ", ".join(f"{{value: 2, where: {{bank: {bank}}}}}" for bank in banks)
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\nlevers: {{bank_capital: [{settings}]}}\n"
        )
    files = [str(tmp_path / f"{name}.yaml") for name in ("one", "two")]
    assert "CAF" in ok("scenario", "diff", *files)
    assert "NDB" not in ok("scenario", "diff", *files)
    assert "CAF, NDB" in ok("scenario", "diff", "baseline", files[1])


def test_validate(tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text("name: good\ntitle: Good\nextends: baseline\nlevers: {aid_volume: 1.5}\n")
    assert "valid; 1 lever moved, 0 parameters changed" in ok("scenario", "validate", str(good))


# ------------------------------------------------------------------------------------------- printing


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (5012.4, "bn USD", "5,012"),
        (638.21, "bn USD", "638.2"),
        (134.0, "countries", "134"),
        (0.391, "fraction", "39.1"),
        (4.808, "trn USD", "4.81"),
        (0.0, "bn USD", "0"),
        (-0.0, "bn USD", "0"),
        (float("nan"), "bn USD", "–"),
        (-1234.5, "bn USD", "-1,234"),
        (0.00012, "log", "0.00012"),
    ],
)
def test_numbers(value: float, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_units() -> None:
    assert unit_of("fraction") == "%"
    assert unit_of("bn USD") == "bn USD"


def test_tables_in_a_pipe_are_plain_and_stay_within_the_width() -> None:
    rows = [("a", "1", "long " * 60), ("[red]b[/red]", "22", "x")]
    text = text_of(["name|", "value>", "words"], rows)
    assert "\x1b" not in text
    assert "[red]b[/red]" in text  # a name is never taken for a command to the printer
    assert max(map(len, text.splitlines())) <= WIDTH
    assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_tables_on_a_narrow_terminal_lose_nothing(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sscsim.cli.printing.width", lambda: min(columns, WIDTH))
    rows = [
        ("government_health_spending_usd_pc", "8,511,960", "per 100 000 live births", "World Bank"),
        ("x", "1", "score", "Stockholm International Peace Research Institute"),
    ]
    text = text_of(["figure|", "value>", "unit", "publisher"], rows)
    letters = "".join(text.split())
    for word in ("8,511,960", "live", "births", "International", "publisher"):
        assert word in letters
    assert sorted(letters) == sorted(
        "".join(("figurevalueunitpublisher", *map("".join, rows))).replace(" ", "")
    )
    wide = max(map(len, text.splitlines()))
    assert wide <= columns or columns == 40  # numbers are never broken
    if columns >= 100:
        assert "government_health_spending_usd_pc" in text


def narrow(columns: int, heads: list[str], rows: list[tuple[str, ...]]) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sscsim.cli.printing.width", lambda: columns)
        return text_of(heads, rows).splitlines()


def test_a_narrow_table_is_broken_where_it_hurts_least() -> None:
    heads = ["", "unit", "interval>"]
    rows = [("poverty, LDC", "country-Goals", "−0.282 … −0.148")]
    assert narrow(46, heads, rows)[1] == "poverty, LDC  country-Goals  −0.282 … −0.148"
    assert [line.split() for line in narrow(38, heads, rows)[1:]] == [
        ["poverty,", "country-Goals", "−0.282", "…"],
        ["LDC", "−0.148"],
    ]
    assert [line.split() for line in narrow(28, heads, rows)[1:]] == [
        ["poverty,", "country-", "−0.282", "…"],
        ["LDC", "Goals", "−0.148"],
    ]
    # Names are the last to be broken, and a number never is.
    lines = narrow(24, ["name|", "n>"], [("government_health_spending", "8,511,960")])
    assert [line.split() for line in lines[1:]] == [
        ["government_", "8,511,960"],
        ["health_"],
        ["spending"],
    ]


@pytest.mark.parametrize(
    ("columns", "name", "parts"),
    [
        (26, "poverty_headcount", ["poverty_", "headcount"]),
        (26, "goals_on_track_share", ["goals_on_track_", "share"]),
        (26, "results/trade-seed1", ["results/trade-", "seed1"]),
        (26, "antidisestablishment", ["antidisestablis", "hment"]),  # where nothing else is left
        (40, "poverty_headcount", ["poverty_headcount"]),
    ],
)
def test_words_are_broken_at_their_joints(columns: int, name: str, parts: list[str]) -> None:
    rows = [(name, "8,511,960")]
    assert [line.split()[0] for line in narrow(columns, ["name|", "n>"], rows)[1:]] == parts


def test_an_indented_line_stays_indented() -> None:
    lines = narrow(20, ["figure", "n>"], [("trade", "1"), ("  the same without hubs", "2")])
    assert lines[2:] == ["  the same         2", "  without hubs"]


@pytest.mark.parametrize("typed", ["79", "¶79"])
def test_a_number_is_a_paragraph_of_the_report(typed: str) -> None:
    text = " ".join(ok("explain", typed).split())
    assert text.startswith("¶79 – paragraph of the report")
    for name in ("ss_trade_value", "trade_cost", "trade_elasticity", "trade-integration"):
        assert f" {name} " in text


def test_a_paragraph_that_there_is_not_is_said() -> None:
    result = CliRunner().invoke(cli, ["explain", "900"])
    assert result.exit_code == 2
    assert "1 to 1" in result.stderr
    assert "Nothing of the model rests on it." in ok("explain", "1")
