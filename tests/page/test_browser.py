"""The page in a real browser: a teacher's lesson and a round of the game, in two languages and two sizes, offline."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _browser import PATIENCE, SIZES, Visit, browser, serious, visit

from sscsim.page.design import design
from sscsim.page.html import texts, write_page
from sscsim.page.lessons import Step, lessons
from sscsim.page.sample import sample_emulator, sample_payload
from sscsim.page.sliders import sliders

pytestmark = [pytest.mark.browser, pytest.mark.long]

WALKS = [(size, language) for size in SIZES for language in ("en", "zh")]
# Both sizes and both languages, each once: for what is the same in all four.
PAIRS = [("desk", "en"), ("phone", "zh")]


@pytest.fixture(scope="module")
def payload() -> dict:
    return json.loads(json.dumps(sample_payload()))


@pytest.fixture(scope="module")
def file(payload, tmp_path_factory) -> Path:
    return write_page(tmp_path_factory.mktemp("page") / "page.html", "en", payload)


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as found:
        yield found


KEEP = """() => {
    const { state, game, predict } = SSC;
    window.kept = structuredClone({ state, game, predict });
}"""

AFRESH = """(lang) => {
    document.getElementById("dialog").close();
    document.getElementById("table").open = false;
    window.dispatchEvent(new Event("afterprint"));
    for (const [name, was] of Object.entries(structuredClone(window.kept))) Object.assign(SSC[name], was);
    Object.assign(SSC.history, { past: [], future: [] });
    SSC.state.lang = lang;
    SSC.translate();
    SSC.tab(SSC.state.tab);
    SSC.changed("language");
    window.scrollTo(0, 0);
}"""

Sit = Callable[..., Visit]


@pytest.fixture(scope="module")
def sit(opened, file) -> Iterator[Sit]:
    """Sit down before the page at a size, in a language: it is opened once a size and put back for the next."""
    pages: dict[str, Visit] = {}
    with ExitStack() as stack:

        def down(size: str, language: str = "en") -> Visit:
            if size not in pages:
                pages[size] = stack.enter_context(visit(opened, file, size))
                pages[size].page.evaluate(KEEP)
            here = pages[size]
            width, height = SIZES[size]
            here.page.set_viewport_size({"width": width, "height": height})
            here.page.emulate_media(media="null")
            here.page.evaluate(AFRESH, language)
            here.settled()
            here.asked.clear()
            here.wrong.clear()
            return here

        yield down


def words(language: str, key: str, **values: object) -> str:
    text = texts()[language][key]
    return re.sub(r"\{(\w+)\}", lambda m: str(values.get(m[1], "")), text)


def fills(here: Visit) -> str:
    return here.page.evaluate(
        "[...document.querySelectorAll('#map .choroplethlayer .trace:last-child path')]"
        ".map(one => one.style.fill).join(';')"
    )


def press(here: Visit, place: str, key: str, times: int = 1) -> None:
    for _ in range(times):
        here.page.locator(place).press(key)
    here.settled()


def setting(here: Visit) -> dict[str, float]:
    return here.page.evaluate("SSC.state.setting")


def fits(here: Visit) -> bool:
    return here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def show(here: Visit, size: str, tab: str) -> None:
    if size == "phone":
        here.page.locator(f"#tabs [data-tab={tab}]").click()
        here.settled()


@pytest.mark.parametrize(("size", "language"), WALKS)
def test_a_lesson_is_walked(sit, opened, file, payload, size, language, tmp_path) -> None:
    here = sit(size)
    page = here.page
    if language == "zh":
        page.locator("[data-lang=zh]").click()
        here.settled()
    assert page.title() == words(language, "title")
    assert page.locator("#summary").inner_text() == words(language, "summary_none")
    assert page.locator("#sliders li").count() == len(payload["sliders"])
    assert page.locator("#outside").text_content() == ""
    plain = fills(here)

    # A lever is moved by the keyboard, and everything answers.
    press(here, "#slider-cooperation", "ArrowRight", 4)
    assert setting(here) == {"cooperation": 1.2}
    assert page.locator("#slider-cooperation").get_attribute("aria-valuetext") is not None
    assert fills(here) != plain
    start = words(language, "summary_start", moved=1, year=2034)
    assert page.locator("#summary").inner_text().startswith(start)
    assert re.search(r"[+−]\d", page.locator("#tiles").inner_text())
    press(here, "body", "Control+z")
    assert setting(here) == {"cooperation": 1.15}
    press(here, "body", "Control+y")
    assert setting(here) == {"cooperation": 1.2}
    # A scale of ratios goes by steps of its value, too.
    press(here, "#slider-banks", "ArrowRight", 2)
    assert setting(here) == {"cooperation": 1.2, "banks": 1.1}
    press(here, "body", "Control+z", 2)
    assert setting(here) == {"cooperation": 1.2}
    assert serious(here) == []

    # The year goes back to before anything was done.
    page.locator("#year").fill("2018")
    here.settled()
    assert fills(here) == plain
    if (size, language) in PAIRS:
        page.locator("#play").click()
        page.wait_for_function("SSC.state.year === 2034", timeout=PATIENCE)
    else:
        page.locator("#year").fill("2034")
    here.settled()
    assert fills(here) != plain

    # A country, from the list and from the map.
    show(here, size, "card")
    page.locator("#country").select_option("KEN")
    here.settled()
    kenya = next(one for one in payload["countries"] if one["iso3"] == "KEN")
    assert page.locator("#country-body h4").inner_text() == kenya["name"][language]
    show(here, size, "map")
    page.evaluate("window.scrollTo(0, 0)")
    brazil = page.evaluate(
        "(() => { const ids = SSC.read('shapes').geo.features.map(one => one.id)"
        ".filter(id => SSC.countries.has(id));"
        "const box = document.querySelectorAll('#map .choroplethlayer .trace:last-child path')[ids.indexOf('BRA')]"
        ".getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    page.mouse.move(*brazil)
    page.mouse.click(*brazil)
    here.settled()
    assert page.evaluate("SSC.state.country") == "BRA"

    # Every picture has something in it, at its level and as a change.
    for view in ("level", "change"):
        page.locator(f"[data-view={view}]").click()
        for tab, place in (
            ("lines", "#line-0 .scatterlayer path"),
            ("wheel", "#wheel .barlayer path"),
            ("learn", "#learn .sankey-link" if view == "level" else "#learn .heatmaplayer"),
            ("banks", "#banks .barlayer path"),
        ):
            show(here, size, tab)
            page.locator(
                f"#card-{tab}" if tab != "lines" else "#lines"
            ).scroll_into_view_if_needed()
            page.locator(place).first.wait_for(state="attached")
    assert fits(here)

    # Two settings are compared, and the link that is shared holds both.
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("#keep-a").click()
    press(here, "#slider-aid", "End")
    page.locator("#difference").click()
    here.settled()
    assert (
        page.locator("#summary")
        .inner_text()
        .startswith(words(language, "summary_difference", year=2034))
    )
    page.locator("#share").click()
    link = page.locator("#copied").input_value()
    if (size, language) in PAIRS:
        assert serious(here) == []
        with visit(opened, file, size, "#" + link.split("#")[1]) as other:
            assert setting(other) == setting(here) == {"cooperation": 1.2, "aid": 2.3}
            assert other.page.evaluate("SSC.state.a") == {"cooperation": 1.2}
            assert other.page.title() == words(language, "title")
            assert (other.asked, other.wrong) == ([], [])
    assert link.endswith(page.evaluate("SSC.address()"))
    page.keyboard.press("Escape")

    # The command that runs the model, how sure it is, the data and the picture.
    page.locator("#real").click()
    assert "cooperation=1.2 aid=2.3" in page.locator("#copied").input_value()
    page.locator("#close").click()
    page.locator("#about").click()
    assert page.locator("#dialog-body tbody tr").count() == len(payload["outputs"])
    if (size, language) in PAIRS:
        assert serious(here) == []
    page.locator("#close").click()
    check_data(here, tmp_path / "data.csv")
    if (size, language) in PAIRS:
        check_picture(here, tmp_path / "picture.png")
    assert here.asked == []
    assert here.wrong == []


def check_data(here: Visit, place: Path) -> None:
    here.page.locator(".menu summary").click()
    with here.page.expect_download(timeout=PATIENCE) as download:
        here.page.locator("#csv").click()
    download.value.save_as(place)
    with place.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    row = next(
        one
        for one in rows
        if (one["output"], one["item"], one["year"]) == ("s_goal_index", "South", "2034")
    )
    effect = here.page.evaluate(
        "(() => { const o = SSC.emulator.outputs.get('s_goal_index');"
        "return SSC.emulator.predict(SSC.state.setting).change(o, SSC.emulator.item(o, 'South'), 2034).mid; })()"
    )
    assert float(row["effect"]) == pytest.approx(effect, rel=1e-6)
    assert float(row["effect_low"]) <= float(row["effect"]) <= float(row["effect_high"])


def check_picture(here: Visit, place: Path) -> None:
    import matplotlib.image

    here.page.locator(".menu summary").click()
    with here.page.expect_download(timeout=PATIENCE) as download:
        here.page.locator("#png").click()
    download.value.save_as(place)
    picture = matplotlib.image.imread(place)
    assert picture.shape[:2] == (1240, 1600)
    # Each quarter holds more than white paper.
    for part in (
        picture[:600, :800],
        picture[:600, 800:],
        picture[600:, :800],
        picture[600:, 800:],
    ):
        assert (part[..., :3] < 0.9).any(axis=-1).mean() > 0.01


@pytest.mark.parametrize(("size", "language"), PAIRS)
def test_a_guided_lesson_is_walked(sit, size, language) -> None:
    """By keyboard alone from the link to its last step; what is found is what the emulator says."""
    here = sit(size, language)
    here.page.evaluate("location.hash = '#lesson=2'")
    here.settled()
    page = here.page
    lesson = lessons()["banks"]
    assert fits(here)
    assert serious(here) == []
    for number, step in enumerate(lesson.steps, 1):
        title = getattr(step.title, language)
        assert title in page.locator("#lesson-step").inner_text()
        assert getattr(step.task, language) in page.locator("#lesson").inner_text()
        assert setting(here) == step.setting
        assert page.evaluate("SSC.state.a") == step.against
        assert page.evaluate("SSC.state.year") == (step.look.year or 2034)
        assert page.locator("#veil").is_visible() == bool(step.predict)
        assert page.locator("#lesson .result").count() == 0
        if step.predict:
            assert page.locator("#lesson .slider").count() == len(step.predict)
            press(here, "#lesson .slider input >> nth=0", "ArrowRight", 2)
        page.locator("#lesson-open").press("Enter")
        here.settled()
        assert page.locator("#views").is_visible()
        assert page.locator(f"[data-in={step.look.picture}]").is_visible()
        assert page.locator("#lesson .result > ul > li").count() == len(step.expect)
        assert getattr(step.question, language) in page.locator("#lesson").inner_text()
        assert page.evaluate("document.activeElement.id") == "lesson-finding"
        check_findings(here, step)
        if number == 2:
            assert serious(here) == []
        page.locator("#lesson-next").press("Enter")
        here.settled()
    assert page.locator("#lesson [data-lesson]").count() == len(lessons())
    # What the one who explores had set is back.
    page.locator("#modes [data-mode=explore]").click()
    here.settled()
    assert setting(here) == {}
    assert (here.asked, here.wrong) == ([], [])


def check_findings(here: Visit, step: Step) -> None:
    """Every change that a step finds stands there with the number that the emulator gives."""
    told = here.page.locator("#lesson .result").inner_text()
    for one in step.expect:
        if one.kind == "change":
            for where in (step.setting, step.against):
                if where is not None:
                    mid = here.page.evaluate(FOUND, [one.output, one.item, where])
                    assert mid is None or mid in told, one.output


FOUND = """([id, item, setting]) => {
    const output = SSC.emulator.outputs.get(id);
    const [first, second] = [].concat(item);
    const axes = output.axes;
    const place = axes[0].indexOf(first) * (axes[1]?.length ?? 1) + (axes[1] ? axes[1].indexOf(second) : 0);
    if (output.shown[place] === false) return null;
    return SSC.banded(SSC.emulator.predict(setting).change(output, place, 2034)).mid;
}"""


def test_a_link_opens_a_step_as_far_as_there_is_one(opened, file) -> None:
    with visit(opened, file, "desk", "#lesson=9&step=3") as here:
        assert here.page.evaluate("[SSC.state.lesson, SSC.state.step]") == [4, 3]
        assert here.page.evaluate("SSC.address()") == "#lang=en&lesson=4&step=3"
        here.page.evaluate("location.hash = '#lang=zh&lesson=1'")
        here.settled()
        title = lessons()["trade"].steps[0].title.zh
        assert title in here.page.locator("#lesson-step").inner_text()
        # Sliders that were moved away go back at a click.
        press(here, "#slider-aid", "ArrowRight")
        here.page.locator("#lesson-set").click()
        assert setting(here) == {}
        assert here.wrong == []


@pytest.mark.parametrize(("size", "language"), WALKS)
def test_a_guess_comes_before_the_pictures(sit, size, language) -> None:
    here = sit(size, language)
    page = here.page
    page.locator("#modes [data-mode=predict]").click()
    assert page.locator("#veil").is_visible()
    assert not page.locator("#views").is_visible()
    page.locator("#challenge").select_option("trade_cost")
    press(here, "#predict .slider input >> nth=0", "ArrowRight", 3)
    if (size, language) in PAIRS:
        assert serious(here) == []
    page.locator("#reveal").click()
    here.settled()
    assert page.locator("#answers tbody tr").count() == page.locator("#predict .slider").count() > 0
    assert page.locator("#views").is_visible()
    assert (
        words(language, "summary_start", moved=1, year=2034)
        in page.locator("#summary").inner_text()
    )
    assert serious(here) == []
    page.locator("#again").click()
    assert page.locator("#veil").is_visible()
    # The setting of the one who explores was left alone.
    page.locator("#modes [data-mode=explore]").click()
    assert setting(here) == {}
    assert (here.asked, here.wrong) == ([], [])


@pytest.mark.parametrize(("size", "language"), WALKS)
def test_a_game_is_played(sit, payload, size, language) -> None:
    here = sit(size, language)
    page = here.page
    page.locator("#modes [data-mode=game]").click()
    if (size, language) in PAIRS:
        assert serious(here) == []
    page.locator("#game-start").click()
    assert page.locator("#veil").is_visible()
    for number, role in enumerate(payload["roles"]):
        page.locator(f"[data-team={role['id']}]").click()
        name = role["sliders"][0]
        press(here, f"#team-{role['id']}-{name}", "ArrowRight", 2)
        left = page.evaluate(f"SSC.game.purse['{role['id']}']")
        shown = int(
            re.search(r"\d+", page.locator(f"[data-team={role['id']}] small").inner_text())[0]
        )
        assert 0 <= shown < left, number
    # Nobody spends more than there is.
    last = payload["roles"][-1]
    press(here, f"#team-{last['id']}-{last['sliders'][0]}", "End")
    assert page.locator("#resolve").is_disabled()
    press(here, f"#team-{last['id']}-{last['sliders'][0]}", "Home")
    press(here, f"#team-{last['id']}-{last['sliders'][0]}", "ArrowRight", 2)
    for year in (2024, 2029, 2034):
        page.locator("#resolve").click()
        here.settled()
        assert page.evaluate("Math.min(SSC.state.year, SSC.lastYear())") == year
        assert page.locator("#round-result tbody tr").count() == len(payload["roles"])
        assert page.locator("#views").is_visible()
        if year == 2024:
            # The rounds that follow have the same form.
            assert serious(here) == []
        page.locator("#resolve").click()
        here.settled()
    assert page.locator("#game h2").inner_text() == words(language, "debrief")
    page.locator("#debrief-plot .barlayer path").first.wait_for(state="attached")
    assert page.locator("#game table").count() == 2
    assert re.search(r"[+−]\d.*[+−]\d", page.locator("#game").inner_text())
    assert serious(here) == []
    assert fits(here)
    assert (here.asked, here.wrong) == ([], [])


def test_a_sheet_a_role_is_printed_in_both_languages(sit, payload, tmp_path) -> None:
    here = sit("desk")
    page = here.page
    page.evaluate("window.print = () => {}")
    page.locator(".menu summary").click()
    page.locator("#print-sheets").click()
    page.locator("[data-print=both]").click()
    assert page.locator("article.sheet").count() == 2 * len(payload["roles"])
    page.emulate_media(media="print")
    sheets = page.locator("article.sheet")
    for number in range(sheets.count()):
        assert sheets.nth(number).is_visible()
        role = payload["roles"][number % len(payload["roles"])]
        language = "en" if number < len(payload["roles"]) else "zh"
        assert role["title"][language] in sheets.nth(number).inner_text()
    assert not page.locator("#stage").is_visible()
    # As many pages as sheets: none runs over.
    pdf = page.pdf(path=tmp_path / "sheets.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == sheets.count()


TILES = """() => [...document.querySelectorAll('#tiles li')].map(one => one.querySelector('.value').textContent)"""
# A nought with digits behind its point, or with a sign.
NOUGHT = re.compile(r"(?<![\d.,])[+−-]?0\.0+(?![\d])|(?<![\d.,])[−-]0(?![\d.])")


@pytest.mark.parametrize(("size", "language"), PAIRS)
def test_every_tile_says_its_unit_and_its_level(sit, payload, size, language) -> None:
    here = sit(size, language)
    known = {one["id"]: one for one in payload["outputs"]}
    for moved in ({}, {"cooperation": 1.5}):
        here.page.evaluate("one => SSC.set(one)", moved)
        for view in ("change", "level"):
            here.page.locator(f"[data-view={view}]").click()
            here.settled()
            tiles = here.page.evaluate(TILES)
            units = here.page.evaluate(
                "SSC.tileRows(SSC.current()).map(one => [one.output.id, one.level.mid])"
            )
            assert len(tiles) == len(units) > 3
            for said, (name, level) in zip(tiles, units, strict=True):
                unit = known[name]["unit" if view == "level" else "effect_unit"][language]
                assert said.endswith(unit), said
                if view == "level":
                    number = float(re.match(r"[\d.,]+", said)[0].replace(",", ""))
                    assert number == pytest.approx(level, abs=0.51)
            assert not NOUGHT.search(here.page.locator("body").inner_text())
    assert here.wrong == []


def test_no_number_is_written_as_nought_with_digits(sit) -> None:
    here = sit("desk")
    for value in (0, -0.0, 1e-9, -1e-7, 4e-4, -4e-4, 0.049, -0.049, 0.3, -0.3, 12):
        for decimals in range(5):
            for signed in (False, True):
                said = here.page.evaluate(
                    "([v, d, s]) => SSC.number(v, d, s)", [value, decimals, signed]
                )
                assert not NOUGHT.fullmatch(said), (value, decimals, said)
                if abs(value) >= 1e-5:
                    assert re.search("[1-9]", said), (value, decimals, said)
                    assert said.startswith("−") == (value < 0)


@pytest.mark.parametrize(("size", "language"), PAIRS)
def test_ctrl_p_prints_the_step_and_its_task(sit, size, language) -> None:
    here = sit(size, language)
    page = here.page
    page.evaluate(f"location.hash = '#lang={language}&lesson=1&step=2'")
    here.settled()
    # What an address names stands at once.
    assert page.locator("#sliders .moved").count() == 1
    page.locator("#lesson-open").click()
    here.settled()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    step = lessons()["trade"].steps[1]
    for text in (step.task, step.question, step.why):
        assert page.get_by_text(getattr(text, language)).is_visible()
    assert page.locator("#lines").is_visible()
    assert not page.locator("#card-map").is_visible()
    assert not page.locator("#lesson-next").is_visible()
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#lines .main-svg')].map(one => one.getBoundingClientRect().right))"
    )
    assert widest <= 695
    page.emulate_media(media="null")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    here.settled()
    assert not page.evaluate("document.body.classList.contains('paper')")
    # Before a game has begun its sheets are printed, and their button is in sight.
    page.locator("#modes [data-mode=game]").click()
    page.evaluate("window.scrollTo(0, 0)")
    box = page.locator("#game-sheets").bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"]
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("article.sheet").first.is_visible()
    assert here.wrong == []


def test_javascript_predicts_what_python_predicts(sit, payload) -> None:
    here = sit("desk")
    found = here.page.evaluate(
        """SSC.payload.checks.map((check) => {
            const prediction = SSC.emulator.predict(check.setting);
            return [SSC.emulator.outside(check.setting), check.effects.map((one) => {
                const output = SSC.emulator.outputs.get(one.output);
                if (!output) return null;
                const { mid, low, high } = prediction.change(output, one.item, one.year);
                const own = prediction.own(output, one.item, one.year);
                const raw = prediction.raw(output, one.item, one.year);
                return [...raw, own, output.change, output.times, high - mid, mid - low];
            })];
        })"""
    )
    # What moves in no draw has no band, nor has what the fit found no spread of: neither is said to be sure.
    said = here.page.evaluate(
        "[[0, 0, 0], [1, 1, 1], [1, 0.5, 1.5]].map(([mid, low, high]) => SSC.banded({ mid, low, high }).band)"
    )
    assert said == [words("en", "no_change"), words("en", "no_band"), "+0.5 to +1.5"]
    emulator = sample_emulator().as_saved()
    judged = np.asarray(sliders().scaled(design().unseen))
    usual = np.sqrt((judged**2).sum(axis=1).mean())
    owns = {name: emulator.own_error(name, judged) for name in emulator.outputs}
    told = 0
    for check, (outside, effects) in zip(payload["checks"], found, strict=True):
        assert outside == check["outside"]
        for one, pair in zip(check["effects"], effects, strict=True):
            if pair is None:
                continue
            effect, sd, own, change, times, above, below = pair
            assert effect == pytest.approx(one["effect"], rel=1e-5, abs=1e-9)
            assert sd == pytest.approx(one["sd"], rel=1e-5, abs=1e-9)
            reach = min(1.0, np.sqrt((emulator.scaled(check["setting"]) ** 2).sum()) / usual)
            whole = owns[one["output"]]
            missed = reach * whole[one["item"], one["year"] - sliders().first]
            assert own == pytest.approx(missed, rel=1e-6, abs=whole.max() / 32767)
            if change == "add":
                # The band is of both: what draws do, and what the emulator misses.
                half = 1.645 * times * math.hypot(sd, own)
                assert [above, below] == pytest.approx([half, half], rel=1e-6, abs=1e-9)
            told += 1
    assert told > 50


# Menus of which not all is to be read: what is chosen stands above each, broken into lines.
CUT = """[...document.querySelectorAll(".pick")].filter((one) => {
    if (!one.getClientRects().length) return false;
    const [shown, menu] = [one.querySelector(".picked"), one.querySelector("select")];
    const whole = shown.textContent === menu.selectedOptions[0].textContent;
    const right = (node) => node.getBoundingClientRect().right;
    return !whole || shown.scrollWidth > shown.clientWidth + 1 || right(shown) > right(one);
}).map((one) => one.textContent)"""


@pytest.mark.parametrize("width", [360, 768, 1024, 1920])
def test_no_width_needs_to_be_scrolled_sideways(sit, width) -> None:
    here = sit("desk")
    here.page.evaluate("SSC.set({ cooperation: 1.5 })")
    here.page.set_viewport_size({"width": width, "height": 900})
    here.settled()
    for mode in ("explore", "lesson", "predict", "game"):
        here.page.locator(f"#modes [data-mode={mode}]").click()
        assert fits(here), mode
        assert here.page.evaluate(CUT) == [], mode


PICTURES = """() => {
    const box = (node) => { const b = node.getBBox(); return [b.x, b.y, b.width, b.height]; };
    const text = (node) => `${Math.round(node.getBoundingClientRect().y)} ${node.textContent}`;
    const of = (place, what) => [...document.querySelectorAll(place)].map(what);
    const lines = "#lines .scatterlayer path.js-line, #lines .scatterlayer path.js-fill";
    const year = "#lines .layer-above path[data-index='0']";
    const areas = "#map .choroplethlayer .trace:last-child path, #map .scattergeo path.point";
    return {
        boxes: [lines, "#wheel .barlayer .point path", year].flatMap((one) => of(one, box)).flat(),
        labels: of("#lines .ytick > text, #wheel .radial-axis text", text).sort(),
        fills: of(areas, (one) => getComputedStyle(one).fill),
    };
}"""

MOVED = """async ([id, value]) => {
    const frame = () => new Promise(requestAnimationFrame);
    const before = SSC.frames;
    const input = document.getElementById(id);
    input.value = value;
    let whole = 0;
    const react = Plotly.react;
    Plotly.react = (...all) => (whole++, react(...all));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    while (SSC.frames === before) await frame();
    Plotly.react = react;
    return whole;
}"""


def test_what_a_hand_moves_is_what_plotly_then_draws(sit) -> None:
    """A slider's step moves paths and labels alone; when the hand rests Plotly draws, and nothing is elsewhere."""
    here = sit("desk")
    here.page.evaluate("SSC.set({ cooperation: 1.6 })")
    here.settled()
    page = here.page
    for view in ("change", "level"):
        page.locator(f"[data-view={view}]").click()
        here.settled()
        for id, value in (("slider-cooperation", 1.65), ("year", 2030)):
            start = page.evaluate(PICTURES)
            whole = page.evaluate(MOVED, [id, value])
            moved = page.evaluate(PICTURES)
            here.settled()
            drawn = page.evaluate(PICTURES)
            assert moved != start, (view, id)
            assert moved["labels"] == drawn["labels"]
            assert moved["fills"] == drawn["fills"]
            assert moved["boxes"] == pytest.approx(drawn["boxes"], abs=0.6), (view, id)
            if id == "slider-cooperation":
                assert whole == 0, view
        # What is out of sight is not forgotten, and what is taken along is what is seen.
        assert page.evaluate("SSC.charts.every(one => !one.stale && !one.moved)")
        z = page.evaluate("[document.getElementById('map').data[1].z, SSC.current().year]")
        assert len(set(z[0])) > 20
        assert z[1] == 2030
    assert here.wrong == []


def test_a_bad_address_is_read_as_far_as_it_goes(opened, file) -> None:
    address = "#lang=xx&s=cooperation:9,nothing:1,aid:x,banks:1.5&year=1812&map=gold&view=sideways"
    with visit(opened, file, "desk", address) as here:
        assert setting(here) == {"cooperation": 2, "banks": 1.5}
        assert here.page.evaluate(
            "[SSC.state.year, SSC.state.map, SSC.state.view, SSC.state.lang]"
        ) == [
            2034,
            "goal_index",
            "change",
            "en",
        ]
        assert here.wrong == []
