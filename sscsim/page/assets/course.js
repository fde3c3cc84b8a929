// The lessons: step by step through a task, a guess, what the emulator finds, and a question. Findings are worded from numbers by rule.
"use strict";
(() => {
  const { $, T, L, escape, number, signed, withUnit, payload, emulator, state, countries } = SSC;
  const LESSONS = Object.entries(SSC.read("lessons")).map(([id, one]) => ({ id, ...one }));
  const LAST = payload.meta.last_year;

  const course = { guesses: {}, open: {}, own: null };
  const lesson = () => LESSONS[state.lesson - 1];
  const step = () => lesson()?.steps[state.step - 1];
  const name = () => `${state.lesson}.${state.step}`;
  const revealed = () => Boolean(course.open[name()]);

  // ------------------------------------------------------------------------------------------------- where we are

  /** What the one who explores had set is put by while a lesson sets the sliders, and put back. */
  function putBy() {
    if (course.own) return;
    const { setting, a, difference, view, group, year, map, learn, banks, country, tab } = state;
    course.own = { setting, a, difference, view, group, year, map, learn, banks, country, tab, lines: [...state.lines] };
  }

  function leave() {
    if (course.own) Object.assign(state, course.own);
    course.own = null;
  }

  /** Set the page as the step wants it. */
  function arrange() {
    const one = step();
    if (!one) return leave();
    putBy();
    const { look } = one;
    state.setting = SSC.clean(one.setting);
    state.a = one.against ? SSC.clean(one.against) : null;
    state.difference = false;
    state.view = look.view;
    state.year = look.year ?? LAST;
    if (look.group) state.group = look.group;
    if (look.output) {
      if (look.picture === "lines") {
        // An output that already stands elsewhere changes places.
        const at = state.lines.indexOf(look.output);
        if (at > 0) state.lines[at] = state.lines[0];
        state.lines[0] = look.output;
      } else if (look.picture in state) state[look.picture] = look.output;
    }
    SSC.tab(look.picture);
    SSC.selects();
  }

  function go(number, place) {
    state.lesson = number;
    state.step = place;
    arrange();
    build();
    SSC.changed("lesson");
    $("side").scrollTo({ top: 0 });
    window.scrollTo({ top: 0 });
    $(number ? "lesson-step" : "lesson-list")?.focus();
  }

  // --------------------------------------------------------------------------------------------------- the finding

  const place = (output, item) => (Array.isArray(item) ? output.axes[0].indexOf(item[0]) * output.axes[1].length + output.axes[1].indexOf(item[1]) : emulator.item(output, item));
  function itemTitle(output, item) {
    if (!Array.isArray(item)) return output.kind === "bank" ? L(payload.banks.find((one) => one.id === item)?.name) || T("four_banks") : SSC.groupTitle(item);
    const goal = output.kind === "goals" ? payload.goals.find((one) => one.id === item[1]) : null;
    return goal ? `${SSC.groupTitle(item[0])} · ${goal.id}. ${L(goal.title)}` : item.map(SSC.groupTitle).join(" → ");
  }
  const titled = (output, item) => `${L(output.title)} · ${itemTitle(output, item)}`;
  const dated = (title, year) => `<b>${escape(T("dated", { title, year }))}</b>`;

  /** Whether a change is sure: 1 up, -1 down, 0 where the band holds zero, null where the emulator has no band. */
  function surely(change) {
    if (!(change.high - change.low > 1e-9 * Math.max(1, Math.abs(change.mid)))) return Math.abs(change.mid) < 1e-9 ? 0 : null;
    return change.low > 0 ? 1 : change.high < 0 ? -1 : 0;
  }

  const verdict = (change) => T(SSC.nothing(change) ? "finding_still" : { 1: "finding_up", "-1": "finding_down", 0: "finding_open", null: "finding_no_band" }[surely(change)]);

  function changeText(output, change) {
    const { mid, band } = SSC.banded(change);
    return `${escape(T("with_band", { value: withUnit(mid, L(output.effect_unit)), band }))}${T("stop")}`;
  }

  const found = {
    change(one, output, item) {
      const year = one.year ?? LAST;
      const { setting, against } = step();
      const rows = [[against ? T("finding_b") : "", setting], ...(against ? [[T("finding_a"), against]] : [])];
      return `${dated(titled(output, one.item), year)}<ul>${rows.map(([mark, where]) => {
        const change = emulator.predict(where).change(output, item, year);
        return `<li>${mark ? `${escape(mark)}${T("colon")}` : ""}${changeText(output, change)} ${verdict(change)}</li>`;
      }).join("")}</ul>`;
    },
    level(one, output, item) {
      const { base } = emulator.predict({}).level(output, item, one.year);
      return `${dated(titled(output, one.item), one.year)}${T("colon")}${escape(withUnit(number(base, output.decimals), L(output.unit)))}`;
    },
    pairs(one, output) {
      const prediction = emulator.predict({});
      const all = output.axes[0].flatMap((from, i) => output.axes[1].map((to, j) => ({ from, to, item: i * output.axes[1].length + j })))
        .map((pair) => ({ ...pair, value: prediction.level(output, pair.item, one.year).base }))
        .filter((pair) => Number.isFinite(pair.value))
        .sort((p, q) => q.value - p.value);
      const total = all.reduce((sum, pair) => sum + pair.value, 0);
      const text = (pair) => T("finding_pair", { from: SSC.groupTitle(pair.from), to: SSC.groupTitle(pair.to), value: withUnit(number(pair.value, output.decimals), L(output.unit)), share: number((100 * pair.value) / total, pair.value < total / 100 ? 1 : 0) });
      return `${dated(L(output.title), one.year)}<ul><li>${T("finding_most", { pair: escape(text(all[0])) })}</li><li>${T("finding_least", { pair: escape(text(all[all.length - 1])) })}</li></ul>`;
    },
    countries(one, output) {
      const prediction = emulator.predict(step().setting);
      const better = output.better === "less" ? -1 : 1;
      const rows = payload.countries.filter((country) => country.south).map((country) => ({ country, item: emulator.item(output, country.iso3) }))
        .filter(({ item }) => item >= 0 && SSC.isShown(output, item))
        .map(({ country, item }) => ({ country, change: prediction.change(output, item, LAST) }))
        .sort((p, q) => better * (q.change.mid - p.change.mid));
      const count = (way) => rows.filter(({ change }) => surely(change) === way * better).length;
      const named = ({ country, change }) => `${L(country.name)} ${withUnit(signed(change.mid), L(output.effect_unit))}`;
      return `${dated(L(output.title), LAST)}${T("colon")}${escape(T("finding_countries", { all: rows.length, gain: count(1), lose: count(-1), first: named(rows[0]), last: named(rows[rows.length - 1]) }))}`;
    },
    parts(one, output, item) {
      const { setting } = step();
      const at = (where) => emulator.predict(where).change(output, item, LAST);
      const whole = at(setting);
      const parts = Object.entries(setting).map(([id, value]) => ({ id, change: at({ [id]: value }) }));
      const sum = parts.reduce((all, { change }) => all + change.mid, 0);
      const apart = whole.mid - sum;
      const wide = (whole.high - whole.low) / 2;
      const key = Math.abs(apart) < 0.05 * Math.abs(sum) ? "finding_as_sum" : apart * Math.sign(sum) > 0 ? "finding_above_sum" : "finding_below_sum";
      const rows = parts.map(({ id, change }) => `<li>${escape(L(SSC.slider(id).title))}${T("colon")}${escape(withUnit(signed(change.mid), L(output.effect_unit)))}</li>`);
      return `${dated(titled(output, one.item), LAST)}<ul>${rows.join("")}<li>${T("finding_together")}${T("colon")}${changeText(output, whole)} ${T(key, { sum: signed(sum) })} ${Math.abs(apart) < wide ? T("finding_within") : ""}</li></ul>`;
    },
    levers(one, output, item) {
      const rows = emulator.sliders.map((slider) => ({ slider, change: emulator.predict({ [slider.id]: SSC.farEnd(slider) }).change(output, item, LAST) }));
      const sure = rows.filter(({ change }) => surely(change));
      return `${dated(titled(output, one.item), LAST)}${T("colon")}${escape(T("finding_levers", { all: rows.length, sure: sure.length, list: sure.map(({ slider }) => L(slider.title)).join(T("comma")) || T("finding_none") }))}`;
    },
    outside() {
      return T(emulator.outside(step().setting) ? "finding_outside" : "finding_inside");
    },
  };

  function finding(one) {
    if (one.kind === "outside") return found.outside();
    const output = emulator.outputs.get(one.output);
    const item = output && one.item ? place(output, one.item) : -1;
    if (!output || (one.item && (item < 0 || !SSC.isShown(output, item)))) return `${escape(one.output)}${T("colon")}${T("unsure")}`;
    return found[one.kind](one, output, item);
  }

  // ----------------------------------------------------------------------------------------------------- the panel

  const guessed = () => step().predict.flatMap(({ output: id, item: label }) => {
    const output = emulator.outputs.get(id);
    const item = output ? place(output, label) : -1;
    return item >= 0 && SSC.isShown(output, item) ? [SSC.guess.of(output, item, itemTitle(output, label), `lesson-${name()}-${id}-${label}`.replace(/\W/g, "-"))] : [];
  });

  function build() {
    const panel = $("lesson");
    if (!lesson()) {
      panel.innerHTML = `<div class="side-head"><h2 id="lesson-list" tabindex="-1">${T("lessons_title")}</h2></div><p>${T("lessons_text")}</p><ol class="plain cards">${LESSONS.map((one, i) =>
        `<li><button type="button" data-lesson="${i + 1}"><b>${i + 1}. ${escape(L(one.title))}</b><span>${escape(L(one.goal))}</span><small>${T("lesson_facts", { minutes: one.steps.reduce((all, each) => all + each.minutes, 0), steps: one.steps.length, paragraphs: one.paragraphs.map((p) => `¶${p}`).join(" ") })}</small></button></li>`).join("")}</ol>`;
      return;
    }
    const one = step();
    const last = lesson().steps.length;
    const asks = guessed();
    const open = revealed();
    const moved = JSON.stringify(SSC.clean(one.setting)) !== JSON.stringify(state.setting);
    panel.innerHTML =
      `<div class="side-head"><p class="hint">${T("lesson_number", { number: state.lesson })} · ${escape(L(lesson().title))}</p><button type="button" id="lesson-leave">${T("lesson_all")}</button></div>` +
      `<h2 id="lesson-step" tabindex="-1">${T("lesson_step", { step: state.step, last, title: escape(L(one.title)) })}</h2><p class="hint">${T("lesson_minutes", { minutes: one.minutes })}</p>` +
      (state.step === 1 ? `<p class="hint">${T("lesson_goal")}${T("colon")}${escape(L(lesson().goal))}</p>` : "") +
      `<p>${escape(L(one.task))}</p>` +
      (asks.length ? `<p>${T("predict_guess", { year: LAST })}</p><ol class="sliders">${SSC.guess.list(asks, course.guesses, open)}</ol>` : "") +
      (open ? "" : `<p><button type="button" id="lesson-open" class="primary">${T(asks.length ? "reveal" : "lesson_open")}</button></p>`) +
      `<div id="lesson-found" role="status">${open ? `${asks.length ? SSC.guess.table(one.setting, asks, course.guesses) : ""}<div class="result"><h3 id="lesson-finding" tabindex="-1">${T("lesson_found")}</h3><ul class="plain">${one.expect.map((each) => `<li>${finding(each)}</li>`).join("")}</ul></div><h3>${T("lesson_why")}</h3><p>${escape(L(one.why))}</p><h3>${T("lesson_question")}</h3><p>${escape(L(one.question))}</p>` : ""}</div>` +
      `<p class="steps"><button type="button" id="lesson-back"${state.step > 1 ? "" : " disabled"}>${T("lesson_back")}</button> <button type="button" id="lesson-next" class="${open ? "primary" : ""}">${T(state.step < last ? "lesson_next" : "lesson_end")}</button></p>` +
      `<p class="hint" id="lesson-moved"${moved ? "" : " hidden"}>${T("lesson_moved")} <button type="button" class="link" id="lesson-set">${T("lesson_set")}</button></p>`;
  }

  $("lesson").addEventListener("input", (event) => {
    const one = guessed().find(({ id }) => id === event.target.id);
    if (one) SSC.guess.take(one, event.target, course.guesses);
  });
  $("lesson").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.lesson) go(Number(button.dataset.lesson), 1);
    else if (button.id === "lesson-leave") go(null, 1);
    else if (button.id === "lesson-back") go(state.lesson, state.step - 1);
    else if (button.id === "lesson-next") state.step < lesson().steps.length ? go(state.lesson, state.step + 1) : go(null, 1);
    else if (button.id === "lesson-set") {
      SSC.set(step().setting);
      $("lesson-step").focus();
    } else if (button.id === "lesson-open") {
      course.open[name()] = true;
      build();
      SSC.changed("revealed");
      $("lesson-finding").focus();
    }
  });

  SSC.listen((what) => {
    if (what === "mode") state.mode === "lesson" ? arrange() : leave();
    if (state.mode !== "lesson") return;
    if (what === "mode" || what === "language") build();
    if (what === "setting" && step()) $("lesson-moved").hidden = JSON.stringify(SSC.clean(step().setting)) === JSON.stringify(state.setting);
  });

  const { veiled } = SSC;
  SSC.veiled = () => (state.mode === "lesson" && step()?.predict.length && !revealed() ? T("veil_predict") : veiled());
  /** What a step looks at comes first. */
  SSC.looked = () => (state.mode === "lesson" && step() ? step().look.picture : "");
  Object.assign(SSC, { course, buildCourse: build, arrangeLesson: arrange, LESSONS, surely });
})();
