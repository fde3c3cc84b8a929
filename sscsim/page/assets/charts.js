// The pictures. Each is drawn only while it is seen and when something it shows has changed.
"use strict";
(() => {
  const { $, T, L, escape, number, digits, signed, withUnit, payload, emulator, state, countries, ladder } = SSC;
  const { show, polyline, sector, share, changeAxis, levelAxis, QUIET } = SSC.follow;

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
    const text = SSC.banded({ mid, low, high });
    return T("with_band", { value: withUnit(text.mid, L(output.effect_unit)), band: text.band });
  }

  const errorShort = (output) => (output.error_all == null ? "" : T("error_short", { error: number(100 * output.error_all, 0) }));
  const errorNote = (output) => (output.error_all == null ? "" : T("emulator_error", { error: number(100 * output.error_all, 0) }));

  // ---------------------------------------------------------------------------------------------------- the map

  const shapes = SSC.read("shapes");
  const land = shapes.geo.features.map((one) => one.id);
  const known = land.filter((id) => countries.has(id));
  const dots = shapes.dots.filter((one) => countries.has(one.iso3));
  const places = [...known, ...dots.map((one) => one.iso3)];

  const map = { drawn: false, areas: [], points: [], fills: [], busy: Promise.resolve() };

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

  function drawMap(whole) {
    if (!state.map) return;
    const found = mapValues();
    const { output, values, scale, low, high } = found;
    const share = (value) => (value - low) / (high - low);
    const fills = values.map((value) => (Number.isFinite(value) ? colour(scale, share(value)) : UNSURE));
    const gd = $("map");
    if (!map.drawn) {
      map.drawn = true;
      map.busy = Plotly.newPlot(gd, mapTraces(found, mapText(output)), mapLayout(gd), QUIET).then(repaint);
      watchMap();
    } else if (whole) {
      const [, areas, points] = mapTraces(found, mapText(output));
      // What is undefined stays as it is.
      map.busy = Plotly.restyle(gd, {
        text: [areas.text, points.text], z: [areas.z, undefined], zmin: [areas.zmin, undefined], zmax: [areas.zmax, undefined],
        colorscale: [areas.colorscale, undefined], "marker.color": [undefined, points.marker.color],
      }, [1, 2]).then(repaint);
    }
    // A hand is followed by colours alone, which cost no new geometry; what Plotly shows of a country follows when it rests.
    paintMap(fills);
    legend(output, scale, low, high);
    extremes(output);
    gd.setAttribute("aria-label", `${L(output.title)}, ${now.year}. ${$("extremes").textContent}`);
  }

  /** Plotly draws maps when it comes to it, perhaps with nodes of its own choice; what was painted last is painted on these. */
  function repaint() {
    const { fills } = map;
    findMap();
    paintMap(fills);
  }

  function findMap() {
    map.areas = [...$("map").querySelectorAll(".choroplethlayer .trace:last-child path")];
    map.points = [...$("map").querySelectorAll(".scattergeo path.point")];
    map.fills = [];
  }

  function paintMap(fills) {
    if (map.areas.length !== known.length || map.points.length !== dots.length || !map.areas[0].isConnected || !map.points[0].isConnected) findMap();
    const nodes = [...map.areas, ...map.points];
    fills.forEach((fill, i) => {
      if (nodes[i] && map.fills[i] !== fill) nodes[i].style.fill = fill;
    });
    map.fills = fills;
  }

  function mapTraces({ values, scale, low, high }, text) {
    const others = land.filter((id) => !countries.has(id));
    const line = { color: "#ffffff", width: 0.5 };
    const common = { type: "choropleth", geojson: shapes.geo, locationmode: "geojson-id", showscale: false };
    // What is not sure stands below the scale in a colour of its own: nobody sees it as the worst of all, not for a moment.
    const below = 0.02;
    const floor = low - below * (high - low);
    const z = values.map((value) => (Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : floor));
    const hues = [[0, UNSURE], [below / 2, UNSURE], ...stops(scale).map(([at, hue]) => [Math.min(1, (at + below) / (1 + below)), hue])];
    return [
      { ...common, locations: others, z: others.map(() => 0), colorscale: [[0, LAND], [1, LAND]], marker: { line }, hoverinfo: "skip" },
      { ...common, locations: known, z: z.slice(0, known.length), zmin: floor, zmax: high, colorscale: hues, marker: { line }, hovertemplate: "%{text}<extra></extra>", text: text.slice(0, known.length) },
      {
        type: "scattergeo", mode: "markers", lon: dots.map((one) => one.longitude), lat: dots.map((one) => one.latitude),
        customdata: dots.map((one) => one.iso3), text: text.slice(known.length), hovertemplate: "%{text}<extra></extra>",
        marker: { size: 6, color: values.slice(known.length).map((value) => (Number.isFinite(value) ? colour(scale, (value - low) / (high - low)) : UNSURE)), line: { color: "#7d8893", width: 0.7 } },
      },
    ];
  }

  const mapLayout = (gd) => ({
    margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", font: FONT, dragmode: false, hoverlabel: { bgcolor: "#fff", font: FONT },
    geo: { projection: { type: "equal earth", rotation: { lon: 11 }, scale: 1.06 }, visible: false, bgcolor: "rgba(0,0,0,0)", lonaxis: { range: [-169, 191] }, lataxis: { range: [-56, 84] } },
    ...room(gd),
  });

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
    const line = (y, style, name, text = y.map((one) => `${name}: ${withUnit(number(one, output.decimals), L(output.unit))}`)) =>
      traces.push({ x: years, y, mode: "lines", line: style, name, text: text.map(escape), hovertemplate: "%{x}<br>%{text}<extra></extra>" });
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
      const texts = (rows, name) => rows.map((one) => `${name}: ${withUnit(signed(one.mid), L(output.effect_unit))}`);
      if (now.a) {
        const rows = years.map((year) => now.a.change(output, item, year));
        line(rows.map((one) => one.mid), { color: A_COLOUR, width: 2, dash: "dash" }, "A", texts(rows, "A"));
      }
      line(b.map((one) => one.mid), { color: GAIN, width: 2.6 }, now.a ? "B" : T("setting"), texts(b, now.a ? "B" : T("setting")));
    }
    return traces;
  }

  function lineAxis(output, item) {
    if (now.level) return levelAxis(output.base.years.flatMap((year) => {
      const one = now.b.level(output, item, year);
      return [one.baseLow, one.baseHigh, one.low, one.high];
    }));
    return changeAxis([now.b, now.a].filter(Boolean).flatMap((one) => {
      const { low, high, mid } = one.change(output, item, payload.meta.last_year);
      return [low, high, mid, one.change(output, item, 2027).mid];
    }));
  }

  const axis = { gridcolor: "#e6eaee", zerolinecolor: PALE, zerolinewidth: 1.2, fixedrange: true, ticks: "", automargin: false };
  const LINE = { l: 44, r: 18, t: 6, b: 22 };

  /** Years below a line: as many as stand side by side in its room. */
  function yearTicks(wide) {
    const all = now.level ? [2013, 2020, 2027, 2034] : [2019, 2024, 2029, 2034];
    return wide < 32 * all.length ? [all[0], all.at(-1)] : all;
  }

  function drawLine(gd, output, item) {
    if (!output || !isShown(output, item)) {
      blank(gd, T("unsure"));
      return;
    }
    const { first_year: first, last_year: last, fork_year: fork, record_ends: record } = payload.meta;
    const marks = [{ type: "line", x0: now.year, x1: now.year, y0: 0, y1: 1, yref: "paper", line: { color: INK, width: 1, dash: "dot" } }];
    if (now.level) marks.push({ type: "rect", x0: first, x1: record, y0: 0, y1: 1, yref: "paper", fillcolor: "rgba(29,39,51,.05)", line: { width: 0 }, layer: "below" });
    const y = lineAxis(output, item);
    const x = [now.level ? first : fork - 1.2, last + 0.3];
    const { width, height } = room(gd);
    const [wide, high] = [width - LINE.l - LINE.r, height - LINE.t - LINE.b];
    const traces = lineTraces(output, item);
    show(gd, {
      key: ["line", output.id, item, state.lang, now.level, Boolean(now.a), SSC.lastYear(), y.shape].join(),
      traces,
      layout: {
        margin: LINE, showlegend: false, font: { ...FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        width, height, dragmode: false, hovermode: "closest", hoverlabel: { bgcolor: "#fff", font: FONT },
        xaxis: { ...axis, range: x, tickvals: yearTicks(wide), tickangle: 0, zeroline: false, showgrid: false },
        yaxis: { ...axis, range: y.range, tickvals: y.ticks, ticktext: y.labels },
        shapes: marks,
      },
      labels: y.labels,
      find: () => {
        const lines = [...gd.querySelectorAll(".scatterlayer > .trace")].map((one) => [...one.querySelectorAll("path.js-fill, path.js-line")]);
        const year = gd.querySelector('.layer-above path[data-index="0"]');
        return lines.length === traces.length && year && { lines, year, labels: [...gd.querySelectorAll(".yaxislayer-above .ytick > text")] };
      },
      move: ({ lines, year }) => {
        traces.forEach((one, i) => {
          const path = polyline(one.x, one.y, x, y.range, wide, high);
          for (const node of lines[i]) node.setAttribute("d", node.classList.contains("js-fill") ? `${path}Z` : path);
        });
        const at = LINE.l + ((now.year - x[0]) / (x[1] - x[0])) * wide;
        year.setAttribute("d", `M${at},${LINE.t + high}L${at},${LINE.t}`);
      },
    });
  }

  /** The size of a plot. It is read when it changes: reading it in the midst of drawing makes a browser lay out the page. */
  const sizes = new Map();
  function room(gd) {
    if (!sizes.has(gd)) sizes.set(gd, { width: gd.clientWidth, height: gd.clientHeight });
    return sizes.get(gd);
  }

  function blank(gd, text) {
    show(gd, {
      key: `blank,${text}`, traces: [], find: () => ({ labels: [] }), move: () => {},
      layout: {
        ...room(gd), margin: { l: 0, r: 0, t: 0, b: 0 }, font: FONT, xaxis: { visible: false, fixedrange: true }, yaxis: { visible: false, fixedrange: true },
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", annotations: [{ text: escape(text), showarrow: false, x: 0.5, y: 0.5, xref: "paper", yref: "paper", font: { color: "#5c6874" } }],
      },
    });
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
    const width = rows.map(() => 360 / rows.length - 2); // of each bar, in degrees
    const text = rows.map((one) => `<b>${one.goal.id}. ${escape(L(one.goal.title))}</b><br>${one.sure ? escape(describe(output, one.item)) : T("unsure")}`);
    const fill = rows.map((one, i) => (one.sure ? GOALS[i] : UNSURE));
    const common = { type: "barpolar", theta, width, text, hovertemplate: "%{text}<extra></extra>" };
    let traces, range, ticks, names, ends, shape;
    if (now.level) {
      const r = rows.map((one) => (one.sure ? one.level.mid : 0));
      ends = r.map((value) => [0, value]);
      traces = [
        { ...common, r, marker: { color: fill, line: { color: "#fff", width: 1 } } },
        { type: "scatterpolar", mode: "markers", theta, r: rows.map((one) => (one.sure ? one.level.base : null)), marker: { color: INK, size: 5, symbol: "diamond" }, hoverinfo: "skip" },
      ];
      range = [0, 100];
      ticks = [0, 50, 100];
      names = ["0", "50", "100"];
      // Where the baseline stands is drawn by Plotly: another year is another picture.
      shape = `level ${now.year}`;
    } else {
      const gain = rows.map((one) => (one.sure ? one.change.mid : 0));
      const most = Math.max(...gain.map(Math.abs));
      const size = most > 1e-6 ? ladder(most, [1, 1.5, 2, 3, 4, 6, 8, 10]) : 1;
      const [down, up] = [-Math.min(...gain), Math.max(...gain)].map((end) => share(end / (most || 1), [0.3, 0.6, 1]));
      ends = gain.map((value) => [0, value]);
      traces = [{ ...common, base: gain.map((value) => Math.min(value, 0)), r: gain.map(Math.abs), marker: { color: fill, line: { color: "#fff", width: 1 } } }];
      range = [-(down + 0.5) * size, up * 1.22 * size];
      ticks = [-size, 0, size].filter((one) => one >= range[0] && one <= range[1]);
      names = ticks.map((value) => (value ? signed(value, size) : "0"));
      shape = `change ${down}/${up}`;
    }
    const { width: wide, height: high } = room(gd);
    show(gd, {
      key: ["wheel", state.lang, state.group, shape, rows.map((one) => Number(one.sure)).join("")].join(),
      traces,
      layout: {
        margin: { l: 24, r: 24, t: 20, b: 20 }, showlegend: false, font: FONT, paper_bgcolor: "rgba(0,0,0,0)", width: wide, height: high, dragmode: false,
        hoverlabel: { bgcolor: "#fff", font: FONT, align: "left" },
        polar: {
          bgcolor: "rgba(0,0,0,0)",
          angularaxis: { direction: "clockwise", rotation: 90, tickvals: theta, ticktext: rows.map((one) => one.goal.id), showgrid: false, ticks: "", linecolor: "#cfd6dd", tickfont: { size: 12 } },
          radialaxis: { range, tickvals: ticks, ticktext: names, angle: 90 - 360 / 34, tickangle: 90, gridcolor: "#aeb8c2", showline: false, ticks: "", tickfont: { size: 10, color: "#3d4a57" } },
        },
      },
      labels: names,
      find: () => {
        const bars = [...gd.querySelectorAll(".polar .barlayer .point path")];
        const disc = Number(gd.querySelector(".polar .plotbg path")?.getAttribute("d").match(/^M([\d.]+),/)?.[1]);
        return bars.length === rows.length && disc && { bars, disc, labels: [...gd.querySelectorAll(".polar .radial-axis text")] };
      },
      move: ({ bars, disc }) => {
        const at = (value) => (Math.max(0, value - range[0]) / (range[1] - range[0])) * disc;
        bars.forEach((one, i) => one.setAttribute("d", sector(disc, at(ends[i][0]), at(ends[i][1]), theta[i] - width[i] / 2, theta[i] + width[i] / 2)));
      },
    });
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
    const size = { ...room(gd), font: { ...FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false, hoverlabel: { bgcolor: "#fff", font: FONT } };
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
      const layout = { ...size, margin: { l: 8, r: 8, t: 8, b: 8 } };
      show(gd, { layout, traces: [{
        type: "sankey", arrangement: "fixed", node: { label: [...from, ...to].map(shortRegion), color: [...from, ...to].map((one) => REGIONS[one]), pad: 12, thickness: 14, line: { width: 0 }, hoverinfo: "skip" },
        link: { ...links, hovertemplate: "%{source.label} → %{target.label}<br>%{customdata}<extra></extra>" },
      }] });
    } else {
      // A region of which nothing can be said takes no room.
      const given = from.map((_, i) => i).filter((i) => to.some((__, j) => cell(i, j)));
      const taken = to.map((_, j) => j).filter((j) => from.some((__, i) => cell(i, j)));
      const z = given.map((i) => taken.map((j) => cell(i, j)?.mid ?? null));
      const most = Math.max(...z.flat().filter(Number.isFinite).map(Math.abs), 0);
      const top = most > 1e-9 ? ladder(most) : 1;
      const text = z.map((row) => row.map((value) => (value === null ? "?" : Math.abs(value) < 1e-9 ? "0" : signed(value, Math.max(Math.abs(value), top / 20)))));
      const hover = given.map((i) => taken.map((j) => `${shortRegion(from[i])} → ${shortRegion(to[j])}<br>${escape(isShown(output, item(i, j)) ? describe(output, item(i, j)) : T("unsure"))}`));
      show(gd, { traces: [{
        type: "heatmap", x: taken.map((j) => broken(to[j])), y: given.map((i) => broken(from[i])), z, text, customdata: hover, texttemplate: "%{text}", hovertemplate: "%{customdata}<extra></extra>",
        zmin: -top, zmax: top, colorscale: stops(DIVERGING), showscale: false, xgap: 2, ygap: 2,
      }], layout: {
        ...size, margin: { l: 66, r: 4, t: 56, b: 4 },
        xaxis: { side: "top", fixedrange: true, ticks: "", tickangle: 0, title: { text: T(state.learn === "m_trade" ? "to_importer" : "to_learner"), standoff: 4, font: { size: 11 } }, showgrid: false, zeroline: false },
        yaxis: { autorange: "reversed", fixedrange: true, ticks: "", showgrid: false, zeroline: false },
      } });
    }
    $("learn-note").textContent = T(now.level ? "learn_note_level" : "learn_note");
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
      // Where the band is not known there is no whisker, not one of no length.
      const arm = (one, end) => (one && SSC.hasBand(one) && !SSC.nothing(one) ? Math.abs(one[end] - one.mid) : NaN);
      traces = [{ ...common, y: rows.map((one) => one?.mid), width: 0.6, marker: { color: rows.map((one) => ((one?.mid ?? 0) < 0 ? LOSS : GAIN)) }, error_y: { type: "data", symmetric: false, array: rows.map((one) => arm(one, "high")), arrayminus: rows.map((one) => arm(one, "low")), thickness: 1.2, color: INK } }];
    }
    const flat = traces.every((one) => one.y.every((value) => !value || Math.abs(value) < 1e-9));
    show(gd, { traces, layout: {
      ...room(gd), margin: { l: 48, r: 10, t: 8, b: 36 }, showlegend: false, font: { ...FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false, bargap: 0.3,
      hoverlabel: { bgcolor: "#fff", font: FONT }, xaxis: { fixedrange: true, ticks: "" }, yaxis: { ...axis, nticks: 5, ...(flat ? { range: [-1, 1] } : {}), tickformat: now.level ? undefined : "~r" },
    } });
    $("banks-note").textContent = `${unitOf(output)}${T("stop")} ${now.level ? T("banks_level") : T("banks_change")} ${errorNote(output)}`;
    gd.setAttribute("aria-label", `${T("banks_title")}, ${L(output.title)}, ${now.year}. ${ids.map((id, item) => `${label(id)}: ${isShown(output, item) ? describe(output, item) : T("unsure")}`).join("; ")}`);
  }

  // -------------------------------------------------------------------------------------------------- scheduling

  const charts = [
    { id: "card-map", plot: "map", draw: drawMap },
    { id: "card-wheel", plot: "wheel", draw: drawWheel },
    ...state.lines.map((_, place) => ({ id: `card-line-${place}`, plot: `line-${place}`, draw: () => lineCard(place) })),
    { id: "card-learn", plot: "learn", draw: drawLearn },
    { id: "card-banks", plot: "banks", draw: drawBanks },
  ].map((one) => ({ ...one, seen: false, stale: true, at: 0, took: 0 }));
  const chartOf = new Map(charts.map((one) => [one.id, one]));

  const BUDGET = 24; // milliseconds of a frame after which pictures that are not drawn yet wait for the next one
  let waiting = false;
  let changed = true; // whether what is shown is another since the last frame
  let resting = null;

  /** Draw what is seen in the next frame; moves that come meanwhile are drawn once. */
  function request() {
    for (const one of charts) one.stale = true;
    changed = true;
    next();
  }

  function next() {
    SSC.still = false;
    if (waiting || !SSC.ready) return;
    waiting = true;
    requestAnimationFrame(frame);
  }

  function draw(one, whole) {
    const start = performance.now();
    one.stale = false;
    one.draw(whole);
    // The map is only ever coloured unless it is told to be drawn.
    one.moved = !whole && (one.plot.id === "map" || SSC.follow.moved.has(one.plot));
    one.at = performance.now();
    one.took = one.at - start;
  }

  function frame() {
    waiting = false;
    if (changed) {
      changed = false;
      prepare();
      SSC.words(now);
    }
    // What is quick comes first, then what has waited longest.
    const due = charts.filter((one) => one.seen && one.stale).sort((p, q) => (p.took > 10) - (q.took > 10) || p.at - q.at);
    const until = performance.now() + BUDGET;
    for (const one of due) {
      if (performance.now() > until) break;
      draw(one, false);
    }
    clearTimeout(resting);
    if (due.some((one) => one.stale)) return next();
    SSC.drawn = performance.now();
    SSC.frames = (SSC.frames ?? 0) + 1;
    resting = setTimeout(settle, SSC.follow.REST);
  }

  /** The hand rests: Plotly draws what was moved, then what is out of sight, a picture at a time. */
  function settle() {
    if (waiting) return;
    const one = charts.find((chart) => chart.seen && (chart.stale || chart.moved)) ?? charts.find((chart) => chart.stale && chart.plot.getClientRects().length);
    if (!one) {
      // Nothing is left to be drawn: whoever waits for the pictures may look.
      const { frames } = SSC;
      map.busy.then(() => (SSC.still = !waiting && frames === SSC.frames));
      return;
    }
    SSC.follow.wholly(() => draw(one, true));
    SSC.drawn = performance.now();
    resting = setTimeout(settle, 20);
  }

  /** All pictures at once, as Plotly draws them: for whoever takes them along. */
  function settled() {
    prepare();
    SSC.follow.wholly(() => charts.filter((one) => one.stale || one.moved).forEach((one) => draw(one, true)));
  }

  /** Draw what is seen in the room that it now has, at once: paper does not wait for a frame. */
  function fit() {
    prepare();
    sizes.clear();
    SSC.follow.wholly(() => charts.filter((one) => one.plot.clientWidth).forEach((one) => {
      if (one.plot.id === "map" && map.drawn) map.busy = Plotly.relayout(one.plot, room(one.plot)).then(repaint);
      draw(one, true);
    }));
  }

  function watch() {
    const sight = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const one = chartOf.get(entry.target.id);
        one.seen = entry.isIntersecting;
        if (one.seen && one.stale) next();
      }
    }, { rootMargin: "40px" });
    // A picture whose room has changed is drawn anew; so is one that had none, in a tab that was not chosen.
    const growth = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const was = sizes.get(target);
        const is = { width: target.clientWidth, height: target.clientHeight };
        if (!is.width || (was && was.width === is.width && was.height === is.height)) continue;
        sizes.set(target, is);
        if (target.id === "map" && map.drawn) map.busy = Plotly.relayout(target, is).then(repaint);
        charts.find((one) => one.plot === target).stale = true;
        next();
      }
    });
    for (const one of charts) {
      one.plot = $(one.plot);
      sight.observe($(one.id));
      growth.observe(one.plot);
    }
  }

  /** Keep Plotly from asking the network for a map of the world: the page has its own. */
  function own() {
    const none = { type: "GeometryCollection", geometries: [] };
    const layers = ["coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"];
    const nothing = { type: "Topology", arcs: [], objects: Object.fromEntries(layers.map((one) => [one, none])) };
    window.PlotlyGeoAssets = window.PlotlyGeoAssets ?? { topojson: {} };
    window.PlotlyGeoAssets.topojson.world_110m = nothing;
  }

  Object.assign(SSC, { request, watch, own, settled, fit, prepare, isShown, drawLine, errorNote, charts, shortRegion, COLOURS: { GAIN, LOSS, INK, PALE, GOALS }, QUIET, FONT, current: () => now ?? prepare() });
})();
