// The pictures. Each is drawn only while it is seen and when something it shows has changed.
"use strict";
(() => {
  const { $, T, L, escape, number, digits, signed, withUnit, payload, emulator, state, countries } = SSC;

  const GAIN = "#0072b2"; // Okabe & Ito (2008): blue and vermilion are told apart with every form of colour blindness
  const LOSS = "#d55e00";
  const INK = "#1d2733";
  const PALE = "#8c98a4";
  const A_COLOUR = "#8a4f7d";
  const UNSURE = "#dfe3e8";
  const LAND = "#e9edf1";
  const DIVERGING = ["#b35806", "#e08214", "#fdb863", "#fee0b6", "#f5f5f3", "#d1e5f0", "#92c5de", "#4393c3", "#2166ac"];
  const SEQUENTIAL = ["#fdf6d8", "#d9efb5", "#9bd7a5", "#57bdb0", "#2d93b0", "#2565a0", "#253494"];
  // The colours of the seventeen Goals as the United Nations give them (Sustainable Development Goals: guidelines for
  // the use of the logo, 2019); numbers beside them tell the Goals apart without.
  const GOALS = ["#e5243b", "#dda63a", "#4c9f38", "#c5192d", "#ff3a21", "#26bde2", "#fcc30b", "#a21942", "#fd6925",
    "#dd1367", "#fd9d24", "#bf8b2e", "#3f7e44", "#0a97d9", "#56c02b", "#00689d", "#19486a"];
  const REGIONS = { "Asia-Pacific": "#0072b2", "Arab States": "#e69f00", "Latin America and the Caribbean": "#009e73", Africa: "#d55e00", "Europe and others": "#cc79a7" };
  const QUIET = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };
  const FONT = { family: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif', size: 12, color: INK };

  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  /** The colour at a share, 0 to 1, of a scale. */
  function colour(scale, share) {
    const place = Math.min(0.999999, Math.max(0, share)) * (scale.length - 1);
    const low = rgb(scale[Math.floor(place)]);
    const high = rgb(scale[Math.floor(place) + 1]);
    return `rgb(${low.map((part, i) => Math.round(part + (high[i] - part) * (place % 1))).join(",")})`;
  }
  const stops = (scale) => scale.map((one, i) => [i / (scale.length - 1), one]);

  /** The next of 1, 2, 5, 10 … above a size: axes jump seldom, and to round numbers. */
  function ladder(size, steps = [1, 2, 5, 10]) {
    if (!(size > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(size));
    return power * steps.find((one) => one * power >= size * 0.999);
  }

  // ------------------------------------------------------------------------------------------ what is to be drawn

  let now = null; // predictions of this frame: setting, A, and the one against the other
  function prepare() {
    const setting = SSC.shown();
    const a = state.mode === "explore" ? state.a : null;
    const difference = a && state.difference;
    now = {
      setting,
      b: emulator.predict(setting),
      a: a ? emulator.predict(a) : null,
      main: null,
      year: Math.min(state.year, SSC.lastYear()),
      level: state.view === "level",
      difference,
    };
    now.main = difference ? emulator.predict(setting, a) : now.b;
    return now;
  }

  const groupItem = (output) => {
    const place = emulator.item(output, state.group);
    return place >= 0 ? place : 0;
  };
  const isShown = (output, item) => output.shown[item] !== false;
  const unitOf = (output) => L(now.level ? output.unit : output.effect_unit);

  function describe(output, item) {
    if (now.level) {
      const { mid } = now.b.level(output, item, now.year);
      return withUnit(number(mid, output.decimals), L(output.unit));
    }
    const { mid, low, high } = now.main.change(output, item, now.year);
    const size = Math.max(Math.abs(mid), (high - low) / 4);
    return T("with_band", { value: withUnit(signed(mid, size), L(output.effect_unit)), low: signed(low, size), high: signed(high, size) });
  }

  const errorShort = (output) => (output.error_all == null ? "" : T("error_short", { error: number(100 * output.error_all, 0) }));
  const errorNote = (output) => (output.error_all == null ? "" : T("emulator_error", { error: number(100 * output.error_all, 0) }));

  // ---------------------------------------------------------------------------------------------------- the map

  const shapes = SSC.read("shapes");
  const land = shapes.geo.features.map((one) => one.id);
  const known = land.filter((id) => countries.has(id));
  const dots = shapes.dots.filter((one) => countries.has(one.iso3));
  const places = [...known, ...dots.map((one) => one.iso3)];

  const map = { id: "card-map", drawn: null, paths: null, rest: null };

  function mapValues() {
    const output = emulator.outputs.get(state.map);
    const values = places.map((iso3) => {
      const item = emulator.item(output, iso3);
      if (item < 0 || !isShown(output, item)) return null;
      if (now.level) return now.b.level(output, item, now.year).mid;
      return now.main.change(output, item, now.year).mid;
    });
    const finite = values.filter((value) => Number.isFinite(value)).map(Math.abs).sort((a, b) => a - b);
    // One country of extremes must not bleach the others.
    const most = finite[Math.floor(0.96 * (finite.length - 1))] ?? 1;
    const worse = output.better === "less";
    let scale, low, high;
    if (now.level) {
      const all = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
      low = all[Math.floor(0.03 * (all.length - 1))] ?? 0;
      high = Math.max(all[Math.floor(0.97 * (all.length - 1))] ?? 1, low + 1e-9);
      scale = worse ? [...SEQUENTIAL].reverse() : SEQUENTIAL;
    } else {
      high = ladder(Math.max(most, 1e-6));
      if (most < 1e-6) high = 1;
      low = -high;
      scale = worse ? [...DIVERGING].reverse() : DIVERGING;
    }
    return { output, values, scale, low, high };
  }

  function mapText(output) {
    return places.map((iso3) => {
      const item = emulator.item(output, iso3);
      const name = `<b>${escape(L(countries.get(iso3).name))}</b><br>`;
      if (item < 0 || !isShown(output, item)) return name + T("unsure");
      return name + escape(describe(output, item));
    });
  }

  function drawMap() {
    if (!state.map) return;
    const { output, values, scale, low, high } = mapValues();
    const share = (value) => (value - low) / (high - low);
    const fills = values.map((value) => (Number.isFinite(value) ? colour(scale, share(value)) : UNSURE));
    if (!map.drawn) {
      map.drawn = true;
      plotMap(output, values, scale, low, high);
      watchMap();
    }
    // A slider is followed by colours alone, which costs no new geometry; the rest follows when the hand rests.
    const gd = $("map");
    const areas = gd.querySelectorAll(".choroplethlayer .trace:last-child path");
    const points = gd.querySelectorAll(".scattergeo path.point");
    if (areas.length === known.length) areas.forEach((path, i) => (path.style.fill = fills[i]));
    if (points.length === dots.length) points.forEach((path, i) => (path.style.fill = fills[known.length + i]));
    clearTimeout(map.rest);
    map.rest = setTimeout(() => {
      const text = mapText(output);
      Plotly.restyle(gd, { text: [text.slice(0, known.length), text.slice(known.length)] }, [1, 2]).then(() => paintMap(fills));
    }, 400);
    legend(output, scale, low, high);
    extremes(output);
    gd.setAttribute("aria-label", `${L(output.title)}, ${now.year}. ${$("extremes").textContent}`);
  }

  function paintMap(fills) {
    const gd = $("map");
    gd.querySelectorAll(".choroplethlayer .trace:last-child path").forEach((path, i) => (path.style.fill = fills[i]));
    gd.querySelectorAll(".scattergeo path.point").forEach((path, i) => (path.style.fill = fills[known.length + i]));
  }

  function plotMap(output, values, scale, low, high) {
    const gd = $("map");
    const others = land.filter((id) => !countries.has(id));
    const line = { color: "#ffffff", width: 0.5 };
    const common = { type: "choropleth", geojson: shapes.geo, locationmode: "geojson-id", showscale: false };
    // What is not sure stands below the scale in a colour of its own: nobody sees it as the worst of all, not for a moment.
    const below = 0.02;
    const floor = low - below * (high - low);
    const z = values.map((value) => (Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : floor));
    const hues = [[0, UNSURE], [below / 2, UNSURE], ...stops(scale).map(([at, hue]) => [Math.min(1, (at + below) / (1 + below)), hue])];
    const traces = [
      { ...common, locations: others, z: others.map(() => 0), colorscale: [[0, LAND], [1, LAND]], marker: { line }, hoverinfo: "skip" },
      { ...common, locations: known, z: z.slice(0, known.length), zmin: floor, zmax: high, colorscale: hues, marker: { line }, hovertemplate: "%{text}<extra></extra>", text: known },
      {
        type: "scattergeo", mode: "markers", lon: dots.map((one) => one.longitude), lat: dots.map((one) => one.latitude),
        customdata: dots.map((one) => one.iso3), text: dots.map((one) => one.iso3), hovertemplate: "%{text}<extra></extra>",
        marker: { size: 6, color: LAND, line: { color: "#7d8893", width: 0.7 } },
      },
    ];
    const layout = {
      margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", font: FONT, dragmode: false, hoverlabel: { bgcolor: "#fff", font: FONT },
      geo: { projection: { type: "equal earth", rotation: { lon: 11 }, scale: 1.06 }, visible: false, bgcolor: "rgba(0,0,0,0)", lonaxis: { range: [-169, 191] }, lataxis: { range: [-56, 84] } },
      width: gd.clientWidth, height: gd.clientHeight,
    };
    Plotly.newPlot(gd, traces, layout, QUIET);
  }

  function watchMap() {
    $("map").on("plotly_click", (event) => {
      const point = event.points[0];
      const iso3 = point.location ?? point.customdata;
      if (countries.has(iso3)) SSC.choose(iso3);
    });
  }

  function legend(output, scale, low, high) {
    const size = Math.max(Math.abs(low), Math.abs(high));
    const write = now.level ? (value) => number(value, output.decimals) : (value) => signed(value, size / 5);
    const ends = now.level ? [low, (low + high) / 2, high] : [low, 0, high];
    const words = now.level ? "" : `<span class="ends"><span>${T("legend_worse")}</span><span>${T("legend_better")}</span></span>`;
    const better = output.better === "less" ? [...ends].reverse() : ends;
    const hues = output.better === "less" ? [...scale].reverse() : scale;
    $("legend").innerHTML =
      `<span class="unit">${escape(unitOf(output))}</span><span class="ramp"><span class="bar" style="background:linear-gradient(to right,${hues.join(",")})"></span>` +
      `<span class="ends">${better.map((value) => `<span>${write(value)}</span>`).join("")}</span>${output.better && !now.level ? words : ""}</span>` +
      `<span class="unsure"><i style="background:${UNSURE}"></i>${T("unsure")}</span><span class="error">${errorNote(output)}</span>`;
  }

  function extremes(output) {
    const better = output.better === "less" ? -1 : 1;
    const rows = payload.countries
      .map((one) => ({ iso3: one.iso3, item: emulator.item(output, one.iso3), south: one.south }))
      .filter((one) => one.south && one.item >= 0 && isShown(output, one.item))
      .map((one) => ({ ...one, value: now.main.change(output, one.item, now.year).mid * better }))
      .sort((a, b) => b.value - a.value);
    const button = (one) => `<button type="button" class="link" data-country="${one.iso3}">${escape(L(countries.get(one.iso3).name))}</button> ${signed(one.value * better)}`;
    const most = Math.max(...rows.map((one) => Math.abs(one.value)), 0);
    if (most < 1e-9) {
      $("extremes").innerHTML = T("extremes_none");
      return;
    }
    const gains = rows.filter((one) => one.value > most * 0.02).slice(0, 3);
    const losses = rows.filter((one) => one.value < -most * 0.02).slice(-3).reverse();
    const list = (few) => few.map(button).join(T("comma"));
    $("extremes").innerHTML = [
      gains.length ? T("extremes_gain", { list: list(gains) }) : T("nobody_gains"),
      losses.length ? T("extremes_lose", { list: list(losses) }) : T("nobody_loses"),
    ].join(" ");
  }

  // -------------------------------------------------------------------------------------------------- the lines

  const outline = (from, to) => [...from, ...[...to].reverse()];

  function lineTraces(output, item) {
    const years = output.base.years.filter((year) => year <= SSC.lastYear());
    const loop = outline(years, years);
    const traces = [];
    const band = (low, high, fill) => traces.push({ x: loop, y: outline(high, low), mode: "lines", line: { width: 0 }, fill: "toself", fillcolor: fill, hoverinfo: "skip" });
    const line = (y, style, name, extra = {}) => traces.push({ x: years, y, mode: "lines", line: style, name, hovertemplate: `%{y:,.${Math.max(0, output.decimals)}f}<extra>${escape(name)}</extra>`, ...extra });
    if (now.level) {
      const b = years.map((year) => now.b.level(output, item, year));
      band(b.map((one) => one.baseLow), b.map((one) => one.baseHigh), "rgba(140,152,164,.22)");
      band(b.map((one) => one.low), b.map((one) => one.high), "rgba(0,114,178,.18)");
      line(b.map((one) => one.base), { color: PALE, width: 2, dash: "dot" }, T("baseline"));
      if (now.a) line(years.map((year) => now.a.level(output, item, year).mid), { color: A_COLOUR, width: 2, dash: "dash" }, "A");
      line(b.map((one) => one.mid), { color: GAIN, width: 2.6 }, now.a ? "B" : T("setting"));
    } else {
      const b = years.map((year) => now.b.change(output, item, year));
      band(b.map((one) => one.low), b.map((one) => one.high), "rgba(0,114,178,.18)");
      const texts = (rows, name) => ({
        text: rows.map((one) => escape(`${name}: ${withUnit(signed(one.mid), L(output.effect_unit))}`)),
        hovertemplate: "%{x}<br>%{text}<extra></extra>",
      });
      if (now.a) {
        const rows = years.map((year) => now.a.change(output, item, year));
        line(rows.map((one) => one.mid), { color: A_COLOUR, width: 2, dash: "dash" }, "A", texts(rows, "A"));
      }
      line(b.map((one) => one.mid), { color: GAIN, width: 2.6 }, now.a ? "B" : T("setting"), texts(b, now.a ? "B" : T("setting")));
    }
    return traces;
  }

  function lineRange(output, item) {
    const years = output.base.years;
    if (now.level) {
      const rows = years.map((year) => now.b.level(output, item, year));
      const all = rows.flatMap((one) => [one.baseLow, one.baseHigh, one.low, one.high]).filter(Number.isFinite);
      const low = Math.min(...all);
      const high = Math.max(...all);
      const room = (high - low || 1) * 0.06;
      return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
    }
    const all = [now.b, now.a].filter(Boolean).flatMap((one) => {
      const { low, high, mid } = one.change(output, item, payload.meta.last_year);
      const { mid: half } = one.change(output, item, 2027);
      return [low, high, mid, half];
    });
    const top = Math.max(0, ...all);
    const bottom = Math.min(0, ...all);
    if (top - bottom < 1e-9) return [-1, 1];
    const up = (value) => ladder(value, [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]);
    const size = up(Math.max(top, -bottom));
    // A side that has nothing to show takes little room.
    return [bottom < -0.02 * size ? -up(-bottom) * 1.05 : -0.12 * size, top > 0.02 * size ? up(top) * 1.05 : 0.12 * size];
  }

  const axis = { gridcolor: "#e6eaee", zerolinecolor: PALE, zerolinewidth: 1.2, fixedrange: true, ticks: "", automargin: false };

  function drawLine(gd, output, item) {
    if (!output || !isShown(output, item)) {
      blank(gd, T("unsure"));
      return;
    }
    const last = payload.meta.last_year;
    const shapesOf = [{ type: "line", x0: now.year, x1: now.year, y0: 0, y1: 1, yref: "paper", line: { color: INK, width: 1, dash: "dot" } }];
    if (now.level) shapesOf.push({ type: "rect", x0: payload.meta.first_year, x1: payload.meta.record_ends, y0: 0, y1: 1, yref: "paper", fillcolor: "rgba(29,39,51,.05)", line: { width: 0 }, layer: "below" });
    const range = lineRange(output, item);
    const layout = {
      margin: { l: 40, r: 18, t: 6, b: 22 }, showlegend: false, font: { ...FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      width: gd.clientWidth, height: gd.clientHeight, dragmode: false, hovermode: "closest", hoverlabel: { bgcolor: "#fff", font: FONT },
      xaxis: { ...axis, range: [now.level ? payload.meta.first_year : payload.meta.fork_year - 1.2, last + 0.3], tickvals: now.level ? [2013, 2020, 2027, 2034] : [2019, 2024, 2029, 2034], zeroline: false, showgrid: false },
      yaxis: { ...axis, range, nticks: 5, tickformat: now.level ? undefined : "~r" },
      shapes: shapesOf,
    };
    Plotly.react(gd, lineTraces(output, item), layout, QUIET);
  }

  function blank(gd, text) {
    Plotly.react(gd, [], {
      width: gd.clientWidth, height: gd.clientHeight, margin: { l: 0, r: 0, t: 0, b: 0 }, font: FONT, xaxis: { visible: false, fixedrange: true }, yaxis: { visible: false, fixedrange: true },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", annotations: [{ text: escape(text), showarrow: false, x: 0.5, y: 0.5, xref: "paper", yref: "paper", font: { color: "#5c6874" } }],
    }, QUIET);
  }

  function lineCard(place) {
    const output = emulator.outputs.get(state.lines[place]);
    if (!output) return;
    const item = groupItem(output);
    const card = $(`card-line-${place}`);
    const label = output.axes[0][item];
    const group = payload.groups.find((one) => one.id === label);
    card.querySelector(".where").textContent = `${group ? L(group.title) : label} · ${unitOf(output)} · ${errorShort(output)}`;
    const words = isShown(output, item) ? describe(output, item) : T("unsure");
    card.querySelector(".now").textContent = `${now.year}: ${words}`;
    const gd = card.querySelector(".plot");
    gd.setAttribute("aria-label", `${L(output.title)}. ${now.year}: ${words}`);
    drawLine(gd, output, item);
  }

  // -------------------------------------------------------------------------------------------------- the wheel

  function drawWheel() {
    const output = emulator.outputs.get("goals");
    const gd = $("wheel");
    if (!output) return blank(gd, T("unsure"));
    const at = Math.max(0, output.axes[0].indexOf(state.group));
    const rows = payload.goals.map((goal, g) => {
      const item = at * payload.goals.length + g;
      const sure = isShown(output, item);
      const level = now.b.level(output, item, now.year);
      return { goal, item, sure: sure && Number.isFinite(level.base), level, change: now.main.change(output, item, now.year), a: now.a };
    });
    const theta = rows.map((_, i) => (i * 360) / rows.length);
    const width = rows.map(() => 360 / rows.length - 2);
    const text = rows.map((one) => `<b>${one.goal.id}. ${escape(L(one.goal.title))}</b><br>${one.sure ? escape(describe(output, one.item)) : T("unsure")}`);
    const fill = rows.map((one, i) => (one.sure ? GOALS[i] : UNSURE));
    const common = { type: "barpolar", theta, width, text, hovertemplate: "%{text}<extra></extra>" };
    let traces, range, ticks, names;
    if (now.level) {
      traces = [
        { ...common, r: rows.map((one) => (one.sure ? one.level.mid : 0)), marker: { color: fill, line: { color: "#fff", width: 1 } } },
        { type: "scatterpolar", mode: "markers", theta, r: rows.map((one) => (one.sure ? one.level.base : null)), marker: { color: INK, size: 5, symbol: "diamond" }, hoverinfo: "skip" },
      ];
      range = [0, 100];
      ticks = [0, 50, 100];
      names = ["0", "50", "100"];
    } else {
      const sure = rows.filter((one) => one.sure).map((one) => one.change.mid);
      const fine = [1, 1.5, 2, 3, 4, 6, 8, 10];
      const size = Math.max(...sure.map(Math.abs), 0) > 1e-6 ? ladder(Math.max(...sure.map(Math.abs)), fine) : 1;
      const loss = Math.max(0.3 * size, -Math.min(...sure));
      const gain = rows.map((one) => (one.sure ? one.change.mid : 0));
      traces = [{ ...common, base: gain.map((value) => Math.min(value, 0)), r: gain.map(Math.abs), marker: { color: fill, line: { color: "#fff", width: 1 } } }];
      range = [-loss - 0.5 * size, Math.max(...sure, 0.3 * size) * 1.08];
      ticks = [-size, 0, size];
      names = ticks.map((value) => (value ? signed(value, size) : "0"));
    }
    const layout = {
      margin: { l: 24, r: 24, t: 20, b: 20 }, showlegend: false, font: FONT, paper_bgcolor: "rgba(0,0,0,0)", width: gd.clientWidth, height: gd.clientHeight, dragmode: false,
      hoverlabel: { bgcolor: "#fff", font: FONT, align: "left" },
      polar: {
        bgcolor: "rgba(0,0,0,0)",
        angularaxis: { direction: "clockwise", rotation: 90, tickvals: theta, ticktext: rows.map((one) => one.goal.id), showgrid: false, ticks: "", linecolor: "#cfd6dd", tickfont: { size: 12 } },
        radialaxis: { range, tickvals: ticks, ticktext: names, angle: 90 - 360 / 34, tickangle: 90, gridcolor: "#aeb8c2", showline: false, ticks: "", tickfont: { size: 10, color: "#3d4a57" } },
      },
    };
    Plotly.react(gd, traces, layout, QUIET);
    const sorted = rows.filter((one) => one.sure).sort((p, q) => q.change.mid - p.change.mid);
    const most = sorted[0];
    const least = sorted[sorted.length - 1];
    const name = (one) => T("goal_named", { id: one.goal.id, title: L(one.goal.title), change: signed(one.change.mid) });
    const group = L(payload.groups.find((one) => one.id === output.axes[0][at])?.title);
    $("wheel-note").textContent = !sorted.length || Math.max(most.change.mid, -least.change.mid) < 1e-9
      ? T("wheel_none", { group })
      : T("wheel_note", { group, most: name(most), least: name(least), unit: L(output.effect_unit), error: errorShort(output) });
    gd.setAttribute("aria-label", `${T("wheel_title")}. ${$("wheel-note").textContent}`);
  }

  // ------------------------------------------------------------------------------- who learns from whom, and banks

  const shortRegion = (id) => T(`region_${id.replace(/\W+/g, "_").toLowerCase()}`);
  const broken = (id) => shortRegion(id).replace(/[ -]/, (sign) => (sign === "-" ? "-<br>" : "<br>"));

  function drawLearn() {
    const output = emulator.outputs.get(state.learn);
    const gd = $("learn");
    if (!output) return blank(gd, T("unsure"));
    const [from, to] = output.axes;
    const item = (i, j) => i * to.length + j;
    const cell = (i, j) => (isShown(output, item(i, j)) ? now.main.change(output, item(i, j), now.year) : null);
    const size = { width: gd.clientWidth, height: gd.clientHeight, font: { ...FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false, hoverlabel: { bgcolor: "#fff", font: FONT } };
    if (now.level) {
      const links = { source: [], target: [], value: [], color: [], customdata: [] };
      from.forEach((one, i) => to.forEach((other, j) => {
        const { mid } = now.b.level(output, item(i, j), now.year);
        if (!(mid > 0)) return;
        links.source.push(i);
        links.target.push(from.length + j);
        links.value.push(mid);
        links.color.push(REGIONS[one] + "88");
        links.customdata.push(withUnit(number(mid, output.decimals), L(output.unit)));
      }));
      Plotly.react(gd, [{
        type: "sankey", arrangement: "fixed", node: { label: [...from, ...to].map(shortRegion), color: [...from, ...to].map((one) => REGIONS[one]), pad: 12, thickness: 14, line: { width: 0 }, hoverinfo: "skip" },
        link: { ...links, hovertemplate: "%{source.label} → %{target.label}<br>%{customdata}<extra></extra>" },
      }], { ...size, margin: { l: 8, r: 8, t: 8, b: 8 } }, QUIET);
    } else {
      // A region of which nothing can be said takes no room.
      const given = from.map((_, i) => i).filter((i) => to.some((__, j) => cell(i, j)));
      const taken = to.map((_, j) => j).filter((j) => from.some((__, i) => cell(i, j)));
      const z = given.map((i) => taken.map((j) => cell(i, j)?.mid ?? null));
      const most = Math.max(...z.flat().filter(Number.isFinite).map(Math.abs), 0);
      const top = most > 1e-9 ? ladder(most) : 1;
      const text = z.map((row) => row.map((value) => (value === null ? "?" : signed(value, Math.max(Math.abs(value), top / 20)))));
      const hover = given.map((i) => taken.map((j) => `${shortRegion(from[i])} → ${shortRegion(to[j])}<br>${escape(isShown(output, item(i, j)) ? describe(output, item(i, j)) : T("unsure"))}`));
      Plotly.react(gd, [{
        type: "heatmap", x: taken.map((j) => broken(to[j])), y: given.map((i) => broken(from[i])), z, text, customdata: hover, texttemplate: "%{text}", hovertemplate: "%{customdata}<extra></extra>",
        zmin: -top, zmax: top, colorscale: stops(DIVERGING), showscale: false, xgap: 2, ygap: 2,
      }], {
        ...size, margin: { l: 66, r: 4, t: 56, b: 4 },
        xaxis: { side: "top", fixedrange: true, ticks: "", tickangle: 0, title: { text: T(state.learn === "m_trade" ? "to_importer" : "to_learner"), standoff: 4, font: { size: 11 } }, showgrid: false, zeroline: false },
        yaxis: { autorange: "reversed", fixedrange: true, ticks: "", showgrid: false, zeroline: false },
      }, QUIET);
    }
    const best = from.flatMap((one, i) => to.map((other, j) => ({ one, other, change: cell(i, j)?.mid ?? 0 }))).sort((p, q) => Math.abs(q.change) - Math.abs(p.change))[0];
    gd.setAttribute("aria-label", `${L(output.title)}, ${now.year}. ${shortRegion(best.one)} → ${shortRegion(best.other)}: ${signed(best.change)} ${L(output.effect_unit)}`);
  }

  function drawBanks() {
    const output = emulator.outputs.get(state.banks);
    const gd = $("banks");
    if (!output) return blank(gd, T("unsure"));
    const label = (id) => L(payload.banks.find((one) => one.id === id)?.name) || T("all_banks");
    const ids = output.axes[0];
    const names = ids.map((id, item) => (payload.banks.some((one) => one.id === id) ? id : T("all_banks")) + (isShown(output, item) ? "" : "<br>?"));
    const hover = ids.map((id, item) => `<b>${escape(label(id))}</b><br>${escape(isShown(output, item) ? describe(output, item) : T("unsure"))}`);
    const common = { type: "bar", x: names, text: undefined, customdata: hover, hovertemplate: "%{customdata}<extra></extra>" };
    let traces;
    if (now.level) {
      const rows = ids.map((_, item) => (isShown(output, item) ? now.b.level(output, item, now.year) : null));
      traces = [
        { ...common, y: rows.map((one) => one?.base), marker: { color: "#b9c2cb" } },
        { ...common, y: rows.map((one) => one?.mid), marker: { color: GAIN }, error_y: { type: "data", symmetric: false, array: rows.map((one) => (one ? one.high - one.mid : 0)), arrayminus: rows.map((one) => (one ? one.mid - one.low : 0)), thickness: 1.2, color: INK } },
      ];
    } else {
      const rows = ids.map((_, item) => (isShown(output, item) ? now.main.change(output, item, now.year) : null));
      traces = [{ ...common, y: rows.map((one) => one?.mid), width: 0.6, marker: { color: rows.map((one) => ((one?.mid ?? 0) < 0 ? LOSS : GAIN)) }, error_y: { type: "data", symmetric: false, array: rows.map((one) => (one ? one.high - one.mid : 0)), arrayminus: rows.map((one) => (one ? one.mid - one.low : 0)), thickness: 1.2, color: INK } }];
    }
    const flat = traces.every((one) => one.y.every((value) => !value || Math.abs(value) < 1e-9));
    Plotly.react(gd, traces, {
      width: gd.clientWidth, height: gd.clientHeight, margin: { l: 48, r: 10, t: 8, b: 36 }, showlegend: false, font: { ...FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false, bargap: 0.3,
      hoverlabel: { bgcolor: "#fff", font: FONT }, xaxis: { fixedrange: true, ticks: "" }, yaxis: { ...axis, nticks: 5, ...(flat ? { range: [-1, 1] } : {}), tickformat: now.level ? undefined : "~r" },
    }, QUIET);
    $("banks-note").textContent = `${unitOf(output)}. ${now.level ? T("banks_level") : T("banks_change")} ${errorNote(output)}`;
    gd.setAttribute("aria-label", `${T("banks_title")}, ${L(output.title)}, ${now.year}. ${ids.map((id, item) => `${label(id)}: ${isShown(output, item) ? describe(output, item) : T("unsure")}`).join("; ")}`);
  }

  // -------------------------------------------------------------------------------------------------- scheduling

  const charts = [
    { id: "card-map", draw: drawMap, plot: () => [$("map")] },
    { id: "card-wheel", draw: drawWheel, plot: () => [$("wheel")] },
    ...state.lines.map((_, place) => ({ id: `card-line-${place}`, draw: () => lineCard(place) })),
    { id: "card-learn", draw: drawLearn },
    { id: "card-banks", draw: drawBanks },
  ].map((one) => ({ ...one, seen: false, stale: true }));

  let waiting = false;
  /** Draw what is seen in the next frame; moves that come meanwhile are drawn once. */
  function request() {
    for (const one of charts) one.stale = true;
    if (waiting || !SSC.ready) return;
    waiting = true;
    requestAnimationFrame(frame);
  }

  function frame() {
    waiting = false;
    prepare();
    SSC.words(now);
    for (const one of charts) {
      if (!one.seen || !one.stale) continue;
      one.stale = false;
      one.draw();
    }
    SSC.drawn = performance.now();
    SSC.frames = (SSC.frames ?? 0) + 1;
  }

  function watch() {
    const sight = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const one = charts.find((chart) => chart.id === entry.target.id);
        one.seen = entry.isIntersecting;
        if (one.seen && one.stale && !waiting) {
          waiting = true;
          requestAnimationFrame(frame);
        }
      }
    }, { rootMargin: "40px" });
    for (const one of charts) sight.observe($(one.id));
    let again = null;
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      clearTimeout(again);
      // A phone that hides its bar of addresses changes the height alone.
      if (window.innerWidth === width && map.drawn) return;
      again = setTimeout(() => {
        width = window.innerWidth;
        resize();
      }, 150);
    });
  }

  /** Give the map the room that it has; the others are drawn anew with theirs. */
  function resize() {
    const gd = $("map");
    if (map.drawn && gd.clientWidth) Plotly.relayout(gd, { width: gd.clientWidth, height: gd.clientHeight }).then(request);
    request();
  }

  /** Keep Plotly from asking the network for a map of the world: the page has its own. */
  function own() {
    const none = { type: "GeometryCollection", geometries: [] };
    const layers = ["coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"];
    const nothing = { type: "Topology", arcs: [], objects: Object.fromEntries(layers.map((one) => [one, none])) };
    window.PlotlyGeoAssets = window.PlotlyGeoAssets ?? { topojson: {} };
    window.PlotlyGeoAssets.topojson.world_110m = nothing;
  }

  Object.assign(SSC, { request, watch, own, resize, prepare, isShown, ladder, drawLine, errorNote, charts, shortRegion, COLOURS: { GAIN, LOSS, INK, PALE, GOALS }, QUIET, FONT, current: () => now ?? prepare() });
})();
