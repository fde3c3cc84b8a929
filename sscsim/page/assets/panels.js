// What is words and controls: sliders, headline, country card, table, dialogs, downloads.
"use strict";
(() => {
  const { $, T, L, escape, number, digits, signed, withUnit, payload, emulator, state, countries } = SSC;
  const TILES = [["s_goal_index", "South"], ["s_goal_index", "LDC"], ["s_income", "LDC"], ["s_trade_within", "South"], ["s_projects", "South"], ["s_bank_lending", "South"]];

  // ---------------------------------------------------------------------------------------------------- sliders

  /** Where a slider's control stands: its value, or for a slider of ratios the logarithm, so that half and double are as far. */
  const isLog = (one) => one.scale === "log";
  const position = (one, value) => (isLog(one) ? Math.log(value) : value);
  const valueAt = (one, place) => Math.min(one.max, Math.max(one.min, SSC.round(isLog(one) ? Math.exp(place) : place, one.step)));
  const decimalsOf = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  function valueText(one, value) {
    const text = number(value, decimalsOf(one.step));
    return L(one.unit).startsWith("×") ? `${text} ${L(one.unit)}` : withUnit(text, L(one.unit).startsWith("%") ? "%" : "") + (L(one.unit).startsWith("%") ? L(one.unit).slice(1) : ` ${L(one.unit)}`);
  }

  /** A control for a slider; `give` is called with its value, and whether the hand is still on it. */
  function sliderControl(one, prefix, give) {
    const item = document.createElement("li");
    item.className = "slider";
    item.dataset.slider = one.id;
    const id = `${prefix}-${one.id}`;
    const paragraphs = one.paragraphs.map((p) => `¶${p}`).join(" ");
    item.innerHTML =
      `<div class="line"><label for="${id}">${escape(L(one.title))}</label><output for="${id}"></output></div>` +
      `<div class="track"><span class="default" aria-hidden="true"></span><input type="range" id="${id}" aria-describedby="${id}-help"></div>` +
      `<p class="help" id="${id}-help">${escape(L(one.help))} <span class="paragraphs" title="${escape(T("paragraph_title"))}">${paragraphs}</span></p>`;
    const input = item.querySelector("input");
    input.min = position(one, one.min);
    input.max = position(one, one.max);
    input.step = isLog(one) ? (input.max - input.min) / 80 : one.step;
    item.querySelector(".default").style.left = `${(100 * (position(one, one.default) - input.min)) / (input.max - input.min)}%`;
    const near = (place) => {
      // The default is easy to come back to.
      const value = valueAt(one, place);
      return isLog(one) && Math.abs(place - position(one, one.default)) < input.step * 0.6 ? one.default : value;
    };
    input.addEventListener("input", () => give(near(Number(input.value)), true));
    input.addEventListener("change", () => give(near(Number(input.value)), false));
    input.addEventListener("keydown", (event) => {
      // On a scale of ratios a step of the control may be less than one of the value: keys go by the value.
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!isLog(one) || !way) return;
      event.preventDefault();
      const value = valueAt(one, Number(input.value));
      give(SSC.round(Math.min(one.max, Math.max(one.min, value + way * one.step)), one.step), false);
    });
    input.addEventListener("dblclick", () => give(one.default, false));
    return item;
  }

  function showValue(item, one, value, held = false) {
    const input = item.querySelector("input");
    if (!held) input.value = position(one, value);
    const text = valueText(one, value);
    item.querySelector("output").textContent = text;
    input.setAttribute("aria-valuetext", text);
    item.classList.toggle("moved", Math.abs(value - one.default) > 1e-9);
  }

  let held = null; // the slider that a hand is on, and the setting before it was touched
  function buildSliders() {
    $("sliders").replaceChildren(
      ...emulator.sliders.map((one) =>
        sliderControl(one, "slider", (value, moving) => {
          if (!held || held.id !== one.id) held = { id: one.id, before: state.setting };
          const next = { ...state.setting, [one.id]: value };
          if (moving) SSC.set(next, { remember: false });
          else {
            state.setting = held.before;
            held = null;
            SSC.set(next);
          }
        }),
      ),
    );
    showSliders();
  }

  function showSliders() {
    for (const item of $("sliders").children) {
      const one = SSC.slider(item.dataset.slider);
      showValue(item, one, state.setting[one.id] ?? one.default, held?.id === one.id);
    }
    $("undo").disabled = !SSC.history.past.length;
    $("redo").disabled = !SSC.history.future.length;
    $("reset").disabled = !Object.keys(state.setting).length;
  }

  // --------------------------------------------------------------------------------------------------- headline

  function tileRows(now) {
    return TILES.flatMap(([id, label]) => {
      const output = emulator.outputs.get(id);
      const item = output ? emulator.item(output, label) : -1;
      if (item < 0 || !SSC.isShown(output, item)) return [];
      return [{ output, item, label, change: now.main.change(output, item, now.year), level: now.b.level(output, item, now.year) }];
    });
  }

  const groupTitle = (id) => L(payload.groups.find((one) => one.id === id)?.title) || id;

  /** A change with its band: "+0.41 (0.22 to 0.60)". */
  function banded(change) {
    const size = Math.max(Math.abs(change.mid), (change.high - change.low) / 4);
    const text = { mid: signed(change.mid, size), low: signed(change.low, size), high: signed(change.high, size) };
    return { ...text, band: nothing(change) ? T("no_change") : hasBand(change) ? T("band", text) : T("no_band") };
  }

  /** Whether nothing changes, in no draw: no band is drawn about that. */
  const nothing = (change) => Math.max(Math.abs(change.low), Math.abs(change.high)) < 1e-9;

  /** Whether the emulator knows how a change spreads: where it moved too little from draw to draw to be fitted, it does not. */
  const hasBand = (change) => Math.abs(change.mid) < 1e-9 || change.high - change.low > 1e-6 * Math.abs(change.mid);

  function tiles(now) {
    $("tiles").innerHTML = tileRows(now)
      .map(({ output, item, label, change, level }) => {
        const text = banded(change);
        const unit = L(output.effect_unit);
        const before = now.b.level(output, item, Math.min(now.year, payload.meta.fork_year - 1)).base;
        const own = output.change === "log" ? 100 * (level.base / before - 1) : level.base - before;
        // Coloured only where the band says so surely.
        const sure = hasBand(change) && (change.low > 1e-9 || change.high < -1e-9);
        const good = output.better === "less" ? change.mid < 0 : change.mid > 0;
        const mark = !sure || !output.better ? "" : good ? "good" : "bad";
        const yardstick = now.year >= payload.meta.fork_year && Number.isFinite(own) ? T("yardstick", { own: withUnit(signed(own), unit), year: payload.meta.fork_year - 1 }) : "";
        // In each view the number with its unit, its band, and what to measure it by.
        const against = T(now.difference ? "tile_against_a" : "tile_against", { change: withUnit(text.mid, unit) });
        const said = now.level
          ? { value: number(level.mid, output.decimals), unit: L(output.unit), band: T("band", { low: number(level.low, output.decimals), high: number(level.high, output.decimals) }), own: nothing(change) ? yardstick : against }
          : { value: text.mid, unit, band: text.band, own: yardstick };
        const [near, apart] = said.unit === "%" ? ["%", ""] : ["", ` <small>${escape(said.unit)}</small>`];
        return `<li class="${mark}"><span class="name"><b>${escape(groupTitle(label))}</b><br>${escape(L(output.title))}</span><span class="value">${said.value}${near}${apart}</span><span class="band">${said.band}</span><span class="own">${escape(said.own)}</span></li>`;
      })
      .join("");
  }

  function summaryText(now) {
    const moved = Object.keys(now.setting).length;
    if (!moved && !now.difference) return T("summary_none");
    const rows = tileRows(now).filter((_, place) => [0, 2, 3].includes(place));
    const said = rows.map((one) => {
      const text = banded(one.change);
      return T("summary_part", { title: L(one.output.title), group: groupTitle(one.label), value: withUnit(text.mid, L(one.output.effect_unit)), band: text.band });
    });
    const output = emulator.outputs.get("goal_index");
    let who = "";
    if (output) {
      const values = payload.countries.filter((one) => one.south).map((one) => emulator.item(output, one.iso3)).filter((item) => item >= 0).map((item) => now.main.change(output, item, now.year));
      const gain = values.filter((one) => hasBand(one) && one.low > 1e-9).length;
      const lose = values.filter((one) => hasBand(one) && one.high < -1e-9).length;
      who = T("summary_who", { gain, lose, all: values.length });
    }
    const start = now.difference ? T("summary_difference", { year: now.year }) : T("summary_start", { moved, year: now.year });
    const gap = state.lang === "zh" ? "" : " ";
    return `${start}${gap}${said.join(T("semicolon"))}${T("stop")}${gap}${who}`;
  }

  let saying = null;
  function words(now) {
    tiles(now);
    const text = summaryText(now);
    // A screen reader is told when the hand rests, not at every pixel.
    clearTimeout(saying);
    if (!$("summary").textContent) $("summary").textContent = text;
    else saying = setTimeout(() => ($("summary").textContent = text), 250);
    // Nobody reads, and nothing reads out, a warning that is not given.
    const warning = emulator.outside(now.setting) ? T("outside") : "";
    if ($("outside").textContent !== warning) $("outside").textContent = warning;
    card(now);
  }

  // ------------------------------------------------------------------------------------------------ country card

  function card(now) {
    const body = $("country-body");
    if (!state.country) {
      body.innerHTML = `<p class="hint">${T("country_hint")}</p>`;
      return;
    }
    const one = countries.get(state.country);
    const groups = payload.groups.filter((group) => group.id !== "World" && group.members.includes(one.iso3)).map((group) => `<span class="chip">${escape(L(group.title))}</span>`).join(" ");
    const rows = SSC.kinds("country").map((output) => {
      const item = emulator.item(output, one.iso3);
      if (item < 0 || !SSC.isShown(output, item)) return `<tr><th scope="row">${escape(L(output.title))}</th><td colspan="3">${T("unsure")}</td></tr>`;
      const level = now.b.level(output, item, now.year);
      const change = now.main.change(output, item, now.year);
      const text = banded(change);
      return `<tr><th scope="row">${escape(L(output.title))} <small>${escape(L(output.unit))}</small></th><td>${number(level.base, output.decimals)}</td><td>${number(level.mid, output.decimals)}</td><td><b>${withUnit(text.mid, L(output.effect_unit) === "%" ? "%" : "")}</b><br><small>${text.band}</small></td></tr>`;
    });
    body.innerHTML = `<h4>${escape(L(one.name))}</h4><p class="chips">${groups}</p><table><thead><tr><th scope="col">${now.year}</th><th scope="col">${T("baseline")}</th><th scope="col">${now.a ? "B" : T("setting")}</th><th scope="col">${T("change")}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  }

  function choose(iso3) {
    state.country = iso3;
    $("country").value = iso3;
    picked($("country"));
    if (getComputedStyle($("tabs")).display !== "none") tab("card");
    else $("card-country").scrollIntoView({ block: "nearest", behavior: "smooth" });
    SSC.changed("country");
  }

  function table() {
    const now = SSC.current();
    const outputs = SSC.kinds("country");
    const sort = $("table-body").dataset.sort ?? state.map;
    const by = emulator.outputs.get(sort);
    const value = (output, iso3) => {
      const item = emulator.item(output, iso3);
      return item >= 0 && SSC.isShown(output, item) ? now.main.change(output, item, now.year).mid : NaN;
    };
    const rows = payload.countries.map((one) => ({ one, key: by ? value(by, one.iso3) : 0 })).sort((a, b) => (b.key || 0) - (a.key || 0));
    const head = outputs.map((output) => `<th scope="col"${sort === output.id ? ' aria-sort="descending"' : ""}><button type="button" class="link" data-sort="${output.id}">${escape(L(output.title))}</button><br><small>${escape(L(output.effect_unit))}</small></th>`);
    const body = rows.map(({ one }) => `<tr><th scope="row"><button type="button" class="link" data-country="${one.iso3}">${escape(L(one.name))}</button></th>${outputs.map((output) => `<td>${signed(value(output, one.iso3))}</td>`).join("")}</tr>`);
    $("table-body").innerHTML = `<table><caption>${T("table_caption", { year: now.year })}</caption><thead><tr><th scope="col">${T("country")}</th>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  }

  // ----------------------------------------------------------------------------------------------------- dialogs

  function dialog(title, body) {
    $("dialog-title").textContent = title;
    $("dialog-body").innerHTML = body;
    $("dialog").showModal();
  }

  function copyable(text, rows = 3) {
    return `<textarea readonly rows="${rows}" id="copied" aria-label="${escape(T("to_copy"))}">${escape(text)}</textarea><p><button type="button" id="copy">${T("copy")}</button> <span id="copy-done" role="status"></span></p>`;
  }

  async function copy() {
    const field = $("copied");
    field.select();
    let done = true;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // A file opened from disk may not be allowed the newer way.
      done = document.execCommand("copy");
    }
    $("copy-done").textContent = T(done ? "copy_done" : "copy_failed");
  }

  function command(setting) {
    const moved = Object.entries(setting).map(([id, value]) => `${id}=${value}`).join(" ");
    return payload.meta.command.replace("{setting}", moved || "baseline");
  }

  const share = () => dialog(T("share"), `<p>${T("share_text")}</p>${copyable(location.href.split("#")[0] + SSC.address())}`);
  const real = () => dialog(T("real_model"), `<p>${T("real_text")}</p>${copyable(command(SSC.shown()))}`);

  function about() {
    const meta = payload.meta;
    const rows = payload.outputs.map((output) => {
      const share = output.shown.filter(Boolean).length / Math.max(1, output.shown.length);
      return `<tr><th scope="row">${escape(L(output.title))}</th><td>${output.error_all == null ? "–" : number(100 * output.error_all, 1) + "%"}</td><td>${output.shown_all ? (share < 1 ? T("shown_part", { share: number(100 * share, 0) }) : T("shown_yes")) : T("shown_no")}</td></tr>`;
    });
    const facts = T("about_facts", {
      runs: number(meta.runs), draws: number(meta.draws), settings: number(meta.validation?.settings ?? 0), coverage: number(100 * (meta.validation?.coverage ?? NaN), 0),
      source: L(meta.source), version: meta.version, basis: meta.basis, trained: meta.trained, fork: meta.fork_year, record: meta.record_ends,
    });
    const stale = meta.stale?.length ? `<p class="notice">${T("stale", { what: escape(meta.stale.join("; ")) })}</p>` : "";
    dialog(T("about"), `<p>${T("about_text")}</p><p>${escape(facts)}</p>${stale}<h3>${T("about_error")}</h3><p>${T("about_error_text", { threshold: number(100 * meta.threshold, 0) })}</p><table><thead><tr><th scope="col">${T("indicator")}</th><th scope="col">${T("error")}</th><th scope="col">${T("is_shown")}</th></tr></thead><tbody>${rows.join("")}</tbody></table><h3>${T("about_keys")}</h3><p>${T("about_keys_text")}</p><p>${T("boundaries")}</p>`);
  }

  // --------------------------------------------------------------------------------------------------- downloads

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function csvText() {
    const b = emulator.predict(SSC.shown());
    const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const plain = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(8))) : "");
    const lines = [["output", "title", "item", "year", "unit", "baseline", "value", "effect_unit", "effect", "effect_low", "effect_high"].join(",")];
    for (const output of emulator.outputs.values()) {
      const labels = output.axes.reduce((all, axis) => all.flatMap((head) => axis.map((one) => [...head, one])), [[]]).map((one) => one.join(" > "));
      labels.forEach((label, item) => {
        if (!SSC.isShown(output, item)) return;
        for (const year of output.base.years.filter((one) => one <= SSC.lastYear())) {
          const level = b.level(output, item, year);
          const change = b.change(output, item, year);
          const [low, high] = hasBand(change) ? [plain(change.low), plain(change.high)] : ["", ""];
          lines.push([output.id, L(output.title), label, year, L(output.unit), plain(level.base), plain(level.mid), L(output.effect_unit), plain(change.mid), low, high].map((one) => cell(String(one))).join(","));
        }
      });
    }
    lines.push(`# ${command(SSC.shown())}`);
    return lines.join("\r\n") + "\r\n";
  }

  const csv = () => save(new Blob(["\ufeff", csvText()], { type: "text/csv;charset=utf-8" }), "sscsim-page.csv");

  function image(url) {
    return new Promise((resolve, reject) => {
      const one = new Image();
      one.onload = () => resolve(one);
      one.onerror = reject;
      one.src = url;
    });
  }

  /** Write a text into a picture, broken where it has no more room; gives where the next line stands. */
  function write(pen, text, left, top, room, height) {
    // Chinese has no spaces to break at: any sign will do.
    const words = state.lang === "zh" ? [...text] : text.split(/(?<= )/);
    let line = "";
    for (const word of words) {
      if (pen.measureText(line + word).width > room && line) {
        pen.fillText(line, left, top);
        top += height;
        line = "";
      }
      line += word;
    }
    pen.fillText(line, left, top);
    return top + height;
  }

  async function picture() {
    const canvas = document.createElement("canvas");
    canvas.width = 1600;
    canvas.height = 1240;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#1d2733";
    pen.textBaseline = "top";
    const font = (size, weight = "") => (pen.font = `${weight} ${size}px ${SSC.FONT.family}`);
    font(34, "bold");
    pen.fillText(T("heading"), 40, 28);
    font(21);
    let top = write(pen, summaryText(SSC.current()), 40, 80, 1520, 30) + 8;
    SSC.settled();
    const part = async (id, left, y, width, height) => {
      const gd = $(id);
      const own = { width: gd.clientWidth || width / 2, height: gd.clientHeight || height / 2 };
      const scale = Math.min(width / own.width, height / own.height);
      const url = await Plotly.toImage(gd, { format: "png", width: own.width, height: own.height, scale });
      pen.drawImage(await image(url), left, y, own.width * scale, own.height * scale);
    };
    const heading = (text, left, y) => {
      font(20, "bold");
      pen.fillText(text, left, y);
    };
    const output = emulator.outputs.get(state.map);
    heading(`${L(output.title)}, ${Math.min(state.year, SSC.lastYear())} (${L(state.view === "level" ? output.unit : output.effect_unit)})`, 40, top);
    heading(T("wheel_title"), 1040, top);
    await part("map", 40, top + 30, 960, 560);
    await part("wheel", 1040, top + 30, 520, 560);
    top = 800;
    for (let place = 0; place < state.lines.length; place++) {
      const line = emulator.outputs.get(state.lines[place]);
      if (!line) continue;
      heading(L(line.title), 40 + place * 385, top);
      await part(`line-${place}`, 40 + place * 385, top + 28, 370, 280);
    }
    font(16);
    pen.fillStyle = "#5c6874";
    top = write(pen, `${$("colophon").textContent} ${T("command")}: ${command(SSC.shown())}`, 40, 1130, 1520, 22);
    write(pen, T("boundaries"), 40, top, 1520, 22);
    canvas.toBlob((blob) => save(blob, "sscsim-page.png"));
  }

  // -------------------------------------------------------------------------------------------- words of the page

  function options(select, rows, chosen) {
    select.innerHTML = rows.map(([id, text]) => `<option value="${escape(id)}"${id === chosen ? " selected" : ""}>${escape(text)}</option>`).join("");
    picked(select);
  }

  /** What a menu stands at is written out below it, in as many lines as it takes: a menu cuts off what is longer than itself. */
  function picked(select) {
    const shown = select.parentElement.querySelector(".picked");
    if (shown) shown.textContent = select.selectedOptions[0]?.textContent ?? "";
  }

  function translate() {
    emulator.speak(state.lang);
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    for (const one of document.querySelectorAll("[data-t]")) one.textContent = T(one.dataset.t);
    for (const one of document.querySelectorAll("[data-l]")) {
      one.setAttribute("aria-label", T(one.dataset.l));
      if (one.tagName === "BUTTON") one.title = T(one.dataset.l);
    }
    selects();
    for (const one of document.querySelectorAll("[data-lang]")) one.setAttribute("aria-pressed", String(one.dataset.lang === state.lang));
    document.querySelectorAll(".line-label").forEach((one) => (one.textContent = T("indicator")));
    $("colophon").textContent = T("colophon", { version: payload.meta.version, basis: payload.meta.basis });
    buildSliders();
  }

  /** What the menus of the pictures offer, and what is chosen in them. */
  function selects() {
    const titles = (kind) => SSC.kinds(kind).map((output) => [output.id, L(output.title)]);
    options($("map-output"), titles("country"), state.map);
    options($("learn-output"), titles("matrix"), state.learn);
    options($("banks-output"), titles("bank"), state.banks);
    options($("group"), payload.groups.map((one) => [one.id, L(one.title)]), state.group);
    const sorted = [...payload.countries].sort((a, b) => L(a.name).localeCompare(L(b.name), state.lang));
    options($("country"), [["", T("choose_country")], ...sorted.map((one) => [one.iso3, L(one.name)])], state.country ?? "");
    document.querySelectorAll(".line-output").forEach((select, place) => options(select, titles("series"), state.lines[place]));
  }

  function buildLines() {
    $("lines").innerHTML = state.lines
      .map((_, place) => `<figure id="card-line-${place}" class="card"><figcaption><label class="title pick"><span class="visually-hidden line-label"></span><span class="picked" aria-hidden="true"></span><select class="line-output" data-place="${place}"></select></label><span class="where"></span></figcaption><div class="plot" id="line-${place}" role="img" data-l="tab_lines"></div><p class="now note"></p></figure>`)
      .join("");
  }

  function tab(name) {
    state.tab = name;
    $("views").dataset.tab = name;
    for (const one of document.querySelectorAll("#tabs [data-tab]")) one.setAttribute("aria-pressed", String(one.dataset.tab === name));
  }

  function controls() {
    const last = SSC.lastYear();
    const year = $("year");
    year.min = payload.meta.first_year;
    year.max = last;
    year.value = Math.min(state.year, last);
    $("year-shown").textContent = year.value;
    year.setAttribute("aria-valuetext", year.value);
    for (const one of document.querySelectorAll("[data-view]")) one.setAttribute("aria-pressed", String(one.dataset.view === state.view));
    for (const one of document.querySelectorAll("#modes [data-mode]")) one.setAttribute("aria-pressed", String(one.dataset.mode === state.mode));
    document.body.dataset.mode = state.mode;
    // In a lesson levers stand below the step.
    const panels = { explore: ["levers"], lesson: state.lesson ? ["lesson", "levers"] : ["lesson"] }[state.mode] ?? [state.mode];
    for (const id of ["lesson", "levers", "predict", "game"]) $(id).hidden = !panels.includes(id);
    $("views").dataset.look = SSC.looked?.() ?? "";
    $("keep-a").hidden = Boolean(state.a);
    for (const id of ["ab-key", "difference", "swap", "drop-a"]) $(id).hidden = !state.a;
    document.querySelector(".ab").hidden = state.mode !== "explore" && !(state.mode === "lesson" && state.lesson);
    $("difference").setAttribute("aria-pressed", String(state.difference));
    const veiled = SSC.veiled?.() ?? "";
    $("veil").hidden = !veiled;
    $("veil").firstElementChild.textContent = veiled;
    document.body.classList.toggle("veiled", Boolean(veiled));
    showSliders();
  }

  Object.assign(SSC, {
    words, tileRows, choose, table, selects, dialog, copy, share, real, about, csv, csvText, picture, translate, controls, tab, buildLines, options, picked,
    sliderControl, showValue, valueText, banded, hasBand, nothing, groupTitle, command, summaryText, position,
  });
})();
