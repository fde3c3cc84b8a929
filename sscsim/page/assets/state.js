// What the page knows: language, settings, undo, the address. Nothing here draws.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const TEXTS = SSC.read("texts");
  const payload = SSC.read("payload");
  const emulator = new SSC.Emulator(payload);
  const listeners = [];

  const state = {
    lang: document.documentElement.lang || "en",
    mode: "explore",
    setting: {}, // slider id → value, only those off their default
    a: null, // the setting kept to compare with
    difference: false, // the map and the wheel show this setting against A and not against the baseline
    year: payload.meta.last_year,
    view: "change",
    group: "South",
    map: "goal_index",
    lines: ["s_goal_index", "s_poverty", "s_trade_within", "s_projects"],
    learn: "m_projects",
    banks: "b_approvals",
    country: null,
    tab: "map",
    lesson: null, // which lesson is on, from 1, and which step of it
    step: 1,
  };
  const PLAIN = ["year", "view", "group", "map", "learn", "banks", "country"];

  // ------------------------------------------------------------------------------------------------------- words

  /** A text of the page in the language chosen; {name} in it is filled in. */
  function T(key, values = {}) {
    const text = TEXTS[state.lang][key];
    if (text === undefined) throw new Error(`no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }
  /** A text of the payload, {en, zh}. */
  const L = (both) => (both ? both[state.lang] ?? both.en : "");
  const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
  const locale = () => (state.lang === "zh" ? "zh-CN" : "en-GB");
  const writers = new Map();

  const LEAST = 5; // digits behind the point, at most

  /** How many digits behind the point a number takes so as not to be written as nought: one that means something, or none for nought. */
  function enough(value, decimals) {
    const size = Math.abs(value);
    if (size >= 0.5 * 10 ** -decimals) return decimals;
    for (let more = decimals + 1; more <= LEAST; more++) if (size >= 0.5 * 10 ** -more) return more;
    return 0;
  }

  /**
   * A number with so many digits behind the point and a real minus. Nought is "0", never "0.000" or "−0.0", and what only
   * rounds to nought is given the digits that tell it from nought, down to the fifth.
   */
  function number(value, wanted = 0, signed = false) {
    if (!Number.isFinite(value)) return "–";
    const decimals = enough(value, wanted);
    const key = `${locale()} ${decimals} ${signed}`;
    if (!writers.has(key)) {
      const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
      if (signed) options.signDisplay = "exceptZero";
      writers.set(key, new Intl.NumberFormat(locale(), options));
    }
    const tiny = Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value;
    return writers.get(key).format(tiny).replace("-", "−");
  }

  /** Digits that show a change of this size with two figures that mean something. */
  const digits = (size) => (size > 0 && Number.isFinite(size) ? Math.min(LEAST, Math.max(0, 1 - Math.floor(Math.log10(size)))) : 1);
  const signed = (value, size = Math.abs(value)) => number(value, digits(size), true);

  /** A unit as it follows a number: without room before the sign of per cent. */
  function withUnit(text, unit) {
    return unit === "%" ? `${text}%` : unit ? `${text} ${unit}` : text;
  }

  // ---------------------------------------------------------------------------------------------------- settings

  const slider = (id) => emulator.sliders.find((one) => one.id === id);

  function clean(setting) {
    const kept = {};
    for (const one of emulator.sliders) {
      const value = Number(setting[one.id] ?? one.default);
      if (!Number.isFinite(value)) continue;
      const inside = Math.min(one.max, Math.max(one.min, value));
      if (Math.abs(inside - one.default) > 1e-9) kept[one.id] = inside;
    }
    return kept;
  }

  const history = { past: [], future: [] };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /** Change the setting; what was can be undone unless the slider is still being moved. */
  function set(setting, { remember = true } = {}) {
    const next = clean(setting);
    if (remember && !same(next, state.setting)) {
      history.past.push(state.setting);
      history.future = [];
    }
    state.setting = next;
    changed("setting");
  }

  function step(from, to) {
    if (!history[from].length) return;
    history[to].push(state.setting);
    state.setting = history[from].pop();
    changed("setting");
  }

  function changed(what) {
    if (what !== "start") remember();
    for (const listener of listeners) listener(what);
  }

  // ------------------------------------------------------------------------------------------------- the address

  const written = (setting) => Object.entries(setting).map(([id, value]) => `${id}:${value}`).join(",");
  const readSetting = (text) => clean(Object.fromEntries(text.split(",").filter(Boolean).map((one) => one.split(":"))));

  function address() {
    const parts = new URLSearchParams();
    parts.set("lang", state.lang);
    if (state.mode === "lesson" && state.lesson) {
      // A step sets the rest.
      parts.set("lesson", state.lesson);
      if (state.step > 1) parts.set("step", state.step);
      return "#" + parts.toString();
    }
    if (Object.keys(state.setting).length) parts.set("s", written(state.setting));
    if (state.a) parts.set("a", written(state.a));
    for (const key of PLAIN) if (state[key] !== null && state[key] !== START[key]) parts.set(key, state[key]);
    return "#" + parts.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  }

  let waiting = null;
  function remember() {
    // Browsers refuse to change the address a hundred times in a few seconds.
    clearTimeout(waiting);
    waiting = setTimeout(() => history_replace(address()), 250);
  }
  function history_replace(hash) {
    try {
      window.history.replaceState(null, "", hash);
    } catch {
      // Some viewers of files have no address to write to; the page works without.
    }
  }

  const START = { ...state };
  function arrive(hash) {
    const parts = new URLSearchParams(hash.replace(/^#/, ""));
    if (parts.has("lang") && TEXTS[parts.get("lang")]) state.lang = parts.get("lang");
    if (parts.has("s")) state.setting = readSetting(parts.get("s"));
    if (parts.has("a")) state.a = readSetting(parts.get("a"));
    if (parts.has("lesson")) {
      const plan = Object.values(SSC.read("lessons"));
      const inside = (text, most) => Math.min(Math.max(1, Math.round(Number(text)) || 1), most);
      state.mode = "lesson";
      state.lesson = inside(parts.get("lesson"), plan.length);
      state.step = inside(parts.get("step"), plan[state.lesson - 1].steps.length);
    }
    const allowed = {
      year: (text) => Number(text) >= payload.meta.first_year && Number(text) <= payload.meta.last_year,
      view: (text) => text === "change" || text === "level",
      group: (text) => payload.groups.some((one) => one.id === text),
      map: (text) => emulator.outputs.get(text)?.kind === "country",
      learn: (text) => emulator.outputs.get(text)?.kind === "matrix",
      banks: (text) => emulator.outputs.get(text)?.kind === "bank",
      country: (text) => payload.countries.some((one) => one.iso3 === text),
    };
    for (const key of PLAIN) {
      if (!parts.has(key) || !allowed[key](parts.get(key))) continue;
      state[key] = key === "year" ? Math.round(Number(parts.get(key))) : parts.get(key);
    }
  }

  // Start with what the payload has.
  const kinds = (kind) => [...emulator.outputs.values()].filter((output) => output.kind === kind);
  const have = (id, kind) => (emulator.outputs.has(id) ? id : kinds(kind)[0]?.id ?? null);
  state.map = START.map = have(state.map, "country");
  state.learn = START.learn = have(state.learn, "matrix");
  state.banks = START.banks = have(state.banks, "bank");
  const series = kinds("series").map((output) => output.id);
  state.lines = state.lines.map((id) => (series.includes(id) ? id : null));
  for (let i = 0; i < state.lines.length; i++) {
    if (!state.lines[i]) state.lines[i] = series.find((id) => !state.lines.includes(id)) ?? series[0] ?? null;
  }

  Object.assign(SSC, {
    $, T, L, escape, number, digits, signed, withUnit, payload, emulator, state, slider, kinds,
    set, changed, clean, address, arrive, history,
    undo: () => step("past", "future"),
    redo: () => step("future", "past"),
    listen: (listener) => listeners.push(listener),
    texts: TEXTS,
    countries: new Map(payload.countries.map((one, place) => [one.iso3, { ...one, place }])),
    /** What is drawn: the pupil's own setting, or what the lesson or the game shows; the same for A. */
    shown: () => SSC.override?.() ?? state.setting,
    lastYear: () => SSC.overrideYear?.() ?? payload.meta.last_year,
  });
})();
