// Two lessons: predict, then reveal; and the game of five roles over three rounds.
"use strict";
(() => {
  const { $, T, L, escape, number, signed, withUnit, payload, emulator, state } = SSC;

  // -------------------------------------------------------------------------------------- predict, then reveal

  const GUESSES = [["s_goal_index", "LDC"], ["s_income", "LDC"], ["s_trade_within", "South"], ["s_projects", "South"]];
  const predict = { challenge: null, guesses: {}, revealed: false };

  /** What can be asked: each slider at the end farther from its default, and the setting that stands. */
  function challenges() {
    const own = Object.keys(state.setting).length ? [{ id: "own", setting: state.setting, title: T("challenge_own") }] : [];
    return [...own, ...ends()];
  }

  /** The end of a slider that is farther from its default. */
  const farEnd = (one) => (Math.abs(emulator.scaled({ [one.id]: one.max }).find(Boolean) ?? 0) >= 0.999 ? one.max : one.min);
  const ends = () => emulator.sliders.map((one) => {
    const value = farEnd(one);
    return { id: one.id, setting: { [one.id]: value }, title: T("challenge", { title: L(one.title), value: SSC.valueText(one, value) }) };
  });

  function asked() {
    return GUESSES.flatMap(([id, label]) => {
      const output = emulator.outputs.get(id);
      const item = output ? emulator.item(output, label) : -1;
      if (item < 0 || !SSC.isShown(output, item)) return [];
      return [guess.of(output, item, SSC.groupTitle(label), `guess-${output.id}-${label}`)];
    });
  }

  // ---- guesses: a control each, and what the model says to them; lessons use them, too
  const guess = {
    /** Something to be guessed: an output's item, what it is called, and the id of its control. */
    of(output, item, label, id) {
      // As far as any single slider goes, and half as far again: the scale must not give the answer away.
      const most = Math.max(...ends().map((one) => Math.abs(emulator.predict(one.setting).change(output, item, payload.meta.last_year).mid)));
      return { output, item, label, id, size: SSC.ladder(1.5 * most || 1) };
    },
    list: (asks, guesses, revealed) => asks.map(({ output, label, id, size }) => {
      const value = (guesses[id] ?? 0) * size;
      return `<li class="slider"><div class="line"><label for="${id}">${escape(L(output.title))} · ${escape(label)}</label><output for="${id}">${guessText(output, value, size)}</output></div><div class="track"><span class="default" aria-hidden="true" style="left:50%"></span><input type="range" id="${id}" min="${-size}" max="${size}" step="${size / 20}" value="${value}" aria-valuetext="${escape(guessText(output, value, size))}"${revealed ? " disabled" : ""}></div></li>`;
    }).join(""),
    take(one, input, guesses) {
      // Kept as a share of the control's way: another language may count in another unit.
      guesses[one.id] = Number(input.value) / one.size;
      const text = guessText(one.output, Number(input.value), one.size);
      input.closest("li").querySelector("output").textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
    table(setting, asks, guesses) {
      const prediction = emulator.predict(setting);
      const rows = asks.map(({ output, item, label, id, size }) => {
        const value = (guesses[id] ?? 0) * size;
        const change = prediction.change(output, item, payload.meta.last_year);
        const text = SSC.banded(change);
        const inside = value >= change.low && value <= change.high;
        const near = Math.abs(value - change.mid) <= size / 10;
        const verdict = inside ? "verdict_inside" : near ? "verdict_near" : !value ? "verdict_moves" : Math.sign(value) === Math.sign(change.mid) ? "verdict_direction" : "verdict_other";
        return `<tr class="${inside || near ? "good" : ""}"><th scope="row">${escape(L(output.title))} · ${escape(label)} <small>${escape(L(output.effect_unit))}</small></th><td>${signed(value, size)}</td><td>${text.mid}<br><small>${text.band}</small></td><td>${T(verdict)}</td></tr>`;
      });
      return `<table><thead><tr><td></td><th scope="col">${T("your_guess")}</th><th scope="col">${T("the_model")}</th><th scope="col">${T("verdict")}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
    },
  };

  const challenge = () => challenges().find((one) => one.id === predict.challenge) ?? challenges()[0];

  function buildPredict() {
    const all = challenges();
    predict.challenge = challenge().id;
    $("predict").innerHTML =
      `<div class="side-head"><h2>${T("predict_title")}</h2></div><p class="hint">${T("predict_text")}</p>` +
      `<label for="challenge">${T("predict_what")}</label><span class="pick"><span class="picked" aria-hidden="true">${escape(challenge().title)}</span><select id="challenge">${all.map((one) => `<option value="${one.id}"${one.id === predict.challenge ? " selected" : ""}>${escape(one.title)}</option>`).join("")}</select></span>` +
      `<p class="hint">${escape(helpOf(challenge()))}</p><p>${T("predict_guess", { year: payload.meta.last_year })}</p><ol class="sliders">${guess.list(asked(), predict.guesses, predict.revealed)}</ol>` +
      `<p><button type="button" id="reveal" class="primary"${predict.revealed ? " hidden" : ""}>${T("reveal")}</button><button type="button" id="again" class="primary"${predict.revealed ? "" : " hidden"}>${T("predict_again")}</button></p><div id="answers" role="status">${predict.revealed ? answers() : ""}</div>`;
  }

  const helpOf = (one) => (one.id === "own" ? T("predict_own") : L(SSC.slider(one.id).help));
  const guessText = (output, value, size) => withUnit(signed(value, size), L(output.effect_unit));

  const answers = () => `${guess.table(challenge().setting, asked(), predict.guesses)}<p>${T("predict_why")}</p>`;

  $("predict").addEventListener("input", (event) => {
    const one = asked().find(({ id }) => id === event.target.id);
    if (one) guess.take(one, event.target, predict.guesses);
  });
  $("predict").addEventListener("change", (event) => {
    if (event.target.id !== "challenge") return;
    Object.assign(predict, { challenge: event.target.value, guesses: {}, revealed: false });
    fresh("challenge");
  });
  $("predict").addEventListener("click", (event) => {
    if (event.target.id === "reveal") {
      predict.revealed = true;
      fresh("again");
    } else if (event.target.id === "again") {
      const all = challenges();
      const next = all[(all.findIndex((one) => one.id === predict.challenge) + 1) % all.length];
      Object.assign(predict, { challenge: next.id, guesses: {}, revealed: false });
      fresh("challenge");
    }
  });

  // ------------------------------------------------------------------------------------------------------ the game

  // Rules of the game, not figures of the world: a round's budget moves levers by three fifths of their whole way.
  const RULES = { rounds: 3, budget: 30, cost: 50 };
  const ENDS = [2024, 2029, payload.meta.last_year];
  const roles = payload.roles;
  const zero = () => Object.fromEntries(roles.map((role) => [role.id, {}]));
  const game = { round: 0, team: roles[0]?.id, plan: zero(), agreed: zero(), purse: {}, result: [], shown: false };

  function newGame() {
    Object.assign(game, { round: 1, team: roles[0].id, plan: zero(), agreed: zero(), result: [], shown: false });
    game.purse = Object.fromEntries(roles.map((role) => [role.id, RULES.budget]));
  }

  const scaledOf = (id, value) => emulator.scaled({ [id]: value })[emulator.sliders.findIndex((one) => one.id === id)];
  /** What it costs a team to go from what it agreed to what it plans. */
  function spent(team) {
    let sum = 0;
    for (const id of roles.find((role) => role.id === team).sliders) {
      const one = SSC.slider(id);
      sum += Math.abs(scaledOf(id, game.plan[team][id] ?? one.default) - scaledOf(id, game.agreed[team][id] ?? one.default));
    }
    return Math.round(RULES.cost * sum);
  }

  /** What all teams do together: where two hold a lever, their moves add up. */
  function together(plans, without = null) {
    const sum = {};
    for (const role of roles) {
      if (role.id === without) continue;
      for (const [id, value] of Object.entries(plans[role.id])) sum[id] = (sum[id] ?? 0) + scaledOf(id, value);
    }
    return Object.fromEntries(Object.entries(sum).map(([id, x]) => [id, emulator.unscaled(SSC.slider(id), x)]));
  }

  const roleText = (role, what) => T(`role_${role.id}_${what}`);

  function buildGame() {
    if (!game.round) {
      $("game").innerHTML =
        `<div class="side-head"><h2>${T("game_title")}</h2></div><p>${T("game_intro")}</p><p class="start"><button type="button" id="game-start" class="primary">${T("game_start")}</button> <button type="button" id="game-sheets">${T("print_sheets")}</button></p><p class="hint">${T("game_sheets")}</p><ol class="plain">${roles.map((role) => `<li><b>${escape(L(role.title))}.</b> ${roleText(role, "who")}</li>`).join("")}</ol>` +
        `<p>${T("game_rules", RULES)}</p>`;
      return;
    }
    if (game.round > RULES.rounds) return debrief();
    const role = roles.find((one) => one.id === game.team);
    $("game").innerHTML =
      `<div class="side-head"><h2 id="game-round" tabindex="-1">${T("game_round", { round: game.round, rounds: RULES.rounds })}</h2><button type="button" id="game-end">${T("game_restart")}</button></div>` +
      (game.shown ? roundResult() : `<p class="hint">${T("game_turn", { year: ENDS[game.round - 1] })}</p>`) +
      `<div class="teams" role="group" aria-label="${T("teams")}">${roles.map((one) => `<button type="button" data-team="${one.id}" aria-pressed="${one.id === game.team}">${escape(L(one.title))}<small>${T("purse", { left: game.purse[one.id] - spent(one.id) })}</small></button>`).join("")}</div>` +
      `<h3>${escape(L(role.title))}</h3><p>${roleText(role, "who")} <b>${T("role_aim", { aim: aimOf(role) })}</b></p><ol class="sliders" id="team-sliders"></ol><p id="purse" role="status"></p>` +
      `<p><button type="button" id="resolve" class="primary">${T(game.shown ? (game.round < RULES.rounds ? "game_next" : "game_debrief") : "game_resolve")}</button></p>`;
    $("team-sliders").replaceChildren(
      ...role.sliders.map((id) => {
        const one = SSC.slider(id);
        const item = SSC.sliderControl(one, `team-${role.id}`, (value, moving) => {
          if (game.shown) return;
          game.plan[role.id] = { ...game.plan[role.id], [id]: value };
          SSC.showValue(item, one, value, moving);
          purse(role);
        });
        SSC.showValue(item, one, game.plan[role.id][id] ?? one.default);
        item.querySelector("input").disabled = game.shown;
        return item;
      }),
    );
    purse(role);
  }

  function purse(role) {
    const left = game.purse[role.id] - spent(role.id);
    $("purse").textContent = game.shown ? "" : left < 0 ? T("purse_over", { over: -left }) : T("purse_left", { left, spent: spent(role.id) });
    $("purse").classList.toggle("over", left < 0);
    const button = document.querySelector(`[data-team="${role.id}"] small`);
    if (button) button.textContent = T("purse", { left });
    const over = roles.filter((one) => game.purse[one.id] - spent(one.id) < 0);
    $("resolve").disabled = over.length > 0;
  }

  const aim = (role) => {
    const output = emulator.outputs.get(role.output);
    return output && SSC.isShown(output, role.item) ? { output, item: role.item, better: role.better } : null;
  };
  function aimOf(role) {
    const output = payload.outputs.find((one) => one.id === role.output);
    const label = output.axes[0][role.item];
    return `${L(output.title)} · ${SSC.groupTitle(label)} (${T(role.better === "less" ? "as_low" : "as_high")})`;
  }

  function resolve() {
    if (!game.shown) {
      for (const role of roles) {
        game.purse[role.id] -= spent(role.id);
        game.agreed[role.id] = { ...game.plan[role.id] };
      }
      game.result.push(together(game.agreed));
      game.shown = true;
      state.year = ENDS[game.round - 1];
    } else {
      game.round += 1;
      game.shown = game.round > RULES.rounds;
      for (const role of roles) game.purse[role.id] += game.round > RULES.rounds ? 0 : RULES.budget;
      if (game.round > RULES.rounds) state.year = payload.meta.last_year;
    }
    fresh(game.round > RULES.rounds ? "debrief" : game.shown ? "round-result" : "game-round");
    window.scrollTo({ top: 0 });
    $("side").scrollTo({ top: 0 });
  }

  const latest = () => game.result[game.result.length - 1] ?? {};

  function outcomes(year) {
    const all = emulator.predict(latest());
    return roles.flatMap((role) => {
      const goal = aim(role);
      if (!goal) return [{ role, unsure: true }];
      const change = all.change(goal.output, goal.item, year);
      const alone = emulator.predict(latest(), together(game.agreed, role.id)).change(goal.output, goal.item, year);
      return [{ role, ...goal, change, alone }];
    });
  }

  function everybody(year) {
    const all = emulator.predict(latest());
    return GUESSES.flatMap(([id, label]) => {
      const output = emulator.outputs.get(id);
      const item = output ? emulator.item(output, label) : -1;
      return item >= 0 && SSC.isShown(output, item) ? [{ output, label, change: all.change(output, item, year) }] : [];
    });
  }

  const bandCell = (change, sure = false) => {
    const text = SSC.banded(change);
    return `${text.mid}<br><small>${text.band}${sure && !SSC.nothing(change) ? `<br>${T({ 1: "sure_more", "-1": "sure_less", 0: "sure_open", null: "sure_open" }[SSC.surely(change)])}` : ""}</small>`;
  };

  function resultTable(year) {
    const rows = outcomes(year).map(({ role, output, change, alone, unsure }) => unsure ? `<tr><th scope="row">${escape(L(role.title))}<br><small>${escape(aimOf(role))}</small></th><td colspan="2">${T("unsure")}</td></tr>` : `<tr><th scope="row">${escape(L(role.title))}<br><small>${escape(L(output.title))}, ${escape(L(output.effect_unit))}</small></th><td>${bandCell(change, true)}</td><td>${bandCell(alone)}</td></tr>`);
    return `<table><thead><tr><th scope="col">${T("team")}</th><th scope="col">${T("outcome_all", { year })}</th><th scope="col">${T("outcome_own")}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  }

  function roundResult() {
    const year = ENDS[game.round - 1];
    return `<div class="result" id="round-result" tabindex="-1"><p>${T("game_result", { year })}</p>${resultTable(year)}</div>`;
  }

  function debrief() {
    const year = payload.meta.last_year;
    const all = everybody(year).map(({ output, label, change }) => `<tr><th scope="row">${escape(L(output.title))} · ${escape(SSC.groupTitle(label))} <small>${escape(L(output.effect_unit))}</small></th><td>${bandCell(change, true)}</td></tr>`);
    const moved = Object.entries(latest()).map(([id, value]) => `<li>${escape(L(SSC.slider(id).title))}: ${SSC.valueText(SSC.slider(id), value)}</li>`);
    $("game").innerHTML =
      `<div class="side-head"><h2 id="debrief" tabindex="-1">${T("debrief")}</h2><button type="button" id="game-end">${T("game_restart")}</button></div><p>${T("debrief_text")}</p><div id="debrief-plot" class="plot" role="img" aria-label="${escape(T("debrief_plot"))}"></div><p class="note">${T("debrief_plot")}</p>` +
      `<h3>${T("debrief_teams")}</h3>${resultTable(year)}<h3>${T("debrief_all")}</h3><table><thead><tr><td></td><th scope="col">${T("outcome_all", { year })}</th></tr></thead><tbody>${all.join("")}</tbody></table><h3>${T("debrief_plan")}</h3><ul>${moved.join("") || `<li>${T("debrief_nothing")}</li>`}</ul><h3>${T("debrief_questions")}</h3><ol><li>${T("question_1")}</li><li>${T("question_2")}</li><li>${T("question_3")}</li><li>${T("question_4")}</li></ol>`;
    requestAnimationFrame(debriefPlot);
  }

  /** Each team's outcome as a share of the most that its output can show, so that five units stand on one axis. */
  function debriefPlot() {
    const gd = $("debrief-plot");
    if (!gd || !gd.clientWidth) return;
    const rows = outcomes(payload.meta.last_year).filter((one) => !one.unsure).map((one) => {
      const most = Math.max(...challenges().map((other) => Math.abs(emulator.predict(other.setting).change(one.output, one.item, payload.meta.last_year).mid)), 1e-9);
      const sign = one.better === "less" ? -1 : 1;
      return { ...one, mid: (100 * sign * one.change.mid) / most, ends: [one.change.low, one.change.high].map((value) => (100 * sign * value) / most).sort((a, b) => a - b), own: (100 * sign * one.alone.mid) / most, ownEnds: [one.alone.low, one.alone.high].map((value) => (100 * sign * value) / most).sort((a, b) => a - b) };
    });
    const names = rows.map((one) => L(one.role.title)).map((text) => wrap(text, state.lang === "zh" ? 9 : 18));
    // Where the band is not known there is no whisker, not one of no length.
    const arm = (length) => (length > 1e-6 ? length : NaN);
    const whisker = (middle, ends) => ({ type: "data", symmetric: false, array: ends.map((one, i) => arm(one[1] - middle[i])), arrayminus: ends.map((one, i) => arm(middle[i] - one[0])), thickness: 1.4, color: SSC.COLOURS.INK });
    const all = rows.map((one) => one.mid);
    const own = rows.map((one) => one.own);
    Plotly.react(gd, [
      { type: "bar", orientation: "h", y: names, x: all, customdata: all.map((one) => number(one)), name: T("everybodys"), marker: { color: SSC.COLOURS.GAIN }, error_x: whisker(all, rows.map((one) => one.ends)), hovertemplate: "%{customdata}<extra></extra>" },
      { type: "bar", orientation: "h", y: names, x: own, customdata: own.map((one) => number(one)), name: T("own_part"), marker: { color: "#9fb4c4" }, error_x: whisker(own, rows.map((one) => one.ownEnds)), hovertemplate: "%{customdata}<extra></extra>" },
    ], {
      width: gd.clientWidth, height: gd.clientHeight, margin: { l: 118, r: 10, t: 46, b: 26 }, font: { ...SSC.FONT, size: 11 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", bargap: 0.3, dragmode: false,
      legend: { orientation: "v", x: 0, y: 1.01, xanchor: "left", yanchor: "bottom", traceorder: "normal" }, xaxis: { fixedrange: true, zerolinecolor: SSC.COLOURS.PALE, gridcolor: "#e6eaee" }, yaxis: { fixedrange: true, autorange: "reversed", ticks: "" },
    }, SSC.QUIET);
  }

  function wrap(text, room) {
    if (state.lang === "zh") return text.replace(new RegExp(`(.{${room}})(?=.)`, "g"), "$1<br>");
    return text.split(" ").reduce(([lines, last], word) => ((last + " " + word).trim().length > room && last ? [[...lines, last], word] : [lines, (last + " " + word).trim()]), [[], ""]).flat().join("<br>");
  }

  // -------------------------------------------------------------------------------------------- sheets for print

  /** One sheet a role in each language asked for; the language of the page is put back. */
  function sheets(languages) {
    const was = state.lang;
    const pages = languages.flatMap((lang) => {
      state.lang = lang;
      return roles.map((role) => sheet(role));
    });
    state.lang = was;
    $("sheets").innerHTML = pages.join("");
    return pages.length;
  }

  function sheet(role) {
    const rows = role.sliders.map((id) => {
      const one = SSC.slider(id);
      return `<tr><th scope="row">${escape(L(one.title))}<br><small>${one.paragraphs.map((p) => `¶${p}`).join(" ")}</small></th><td>${escape(L(one.help))}</td><td>${SSC.valueText(one, one.min)} … ${SSC.valueText(one, one.max)}<br><small>${T("sheet_now", { value: SSC.valueText(one, one.default) })}</small></td>${'<td class="blank"></td>'.repeat(RULES.rounds)}</tr>`;
    });
    const rounds = Array.from({ length: RULES.rounds }, (_, i) => `<th scope="col">${T("sheet_round", { round: i + 1 })}</th>`).join("");
    return `<article class="sheet" lang="${state.lang === "zh" ? "zh-CN" : "en"}"><header><span>sscsim · ${T("game_title")}</span><span>A/73/383</span></header><h2>${escape(L(role.title))}</h2><p>${roleText(role, "who")}</p><p><b>${T("role_aim", { aim: aimOf(role) })}</b></p><p>${roleText(role, "talk")}</p><h3>${T("sheet_levers")}</h3><table><thead><tr><th scope="col">${T("sheet_lever")}</th><th scope="col">${T("sheet_means")}</th><th scope="col">${T("sheet_range")}</th>${rounds}</tr></thead><tbody>${rows.join("")}<tr><th scope="row" colspan="3">${T("sheet_points")}</th>${'<td class="blank"></td>'.repeat(RULES.rounds)}</tr></tbody></table><h3>${T("sheet_rules")}</h3><p>${T("game_rules", RULES)}</p><h3>${T("sheet_notes")}</h3><ol>${["sheet_note_1", "sheet_note_2", "sheet_note_3"].map((key) => `<li>${T(key)}<div class="lines"></div></li>`).join("")}</ol></article>`;
  }

  function print() {
    SSC.dialog(T("print_sheets"), `<p>${T("sheets_text", { roles: roles.length })}</p><p><button type="button" data-print="${state.lang}" class="primary">${T("sheets_one")}</button> <button type="button" data-print="both">${T("sheets_both")}</button></p>`);
  }

  $("dialog").addEventListener("click", (event) => {
    const which = event.target.dataset?.print;
    if (!which) return;
    sheets(which === "both" ? ["en", "zh"] : [which]);
    $("dialog").close();
    put();
    window.print();
  });

  function put() {
    document.body.classList.add("printing");
    $("sheets").hidden = false;
  }

  // Ctrl+P prints what the mode is about: a step with its task and its picture, what was guessed, the rounds of a game –
  // or, before a game has begun, what is needed to play it.
  window.addEventListener("beforeprint", () => {
    if (document.body.classList.contains("printing")) return;
    if (state.mode === "game" && !game.round) {
      sheets([state.lang]);
      return put();
    }
    document.body.classList.add("paper");
    $("paper-said").textContent = [T(`view_${state.view}`), SSC.groupTitle(state.group), SSC.current().year].join(" · ");
    SSC.fit();
    if (state.mode === "game") debriefPlot();
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    $("sheets").hidden = true;
    if (!document.body.classList.contains("paper")) return;
    document.body.classList.remove("paper");
    SSC.fit();
    if (state.mode === "game") debriefPlot();
  });

  $("game").addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (!target) return;
    if (target.id === "game-start") {
      newGame();
      fresh("game-round");
    } else if (target.id === "game-end") {
      Object.assign(game, { round: 0, plan: zero(), agreed: zero(), result: [], shown: false });
      fresh("game-start");
    } else if (target.id === "game-sheets") print();
    else if (target.id === "resolve") resolve();
    else if (target.dataset.team) {
      game.team = target.dataset.team;
      buildGame();
      document.querySelector(`[data-team="${game.team}"]`).focus();
    }
  });

  // ------------------------------------------------------------------------------------- what the stage then shows

  /** Build the panel of the mode anew, keep the focus where it goes on, and draw. */
  function fresh(focus) {
    build();
    SSC.changed("lesson");
    if (focus) $(focus)?.focus();
  }

  function build() {
    if (state.mode === "predict") buildPredict();
    if (state.mode === "game") buildGame();
  }

  SSC.override = () => {
    if (state.mode === "predict") return predict.revealed ? challenge().setting : {};
    if (state.mode === "game") return latest();
    return null;
  };
  SSC.overrideYear = () => (state.mode === "game" && game.round && game.round <= RULES.rounds ? ENDS[Math.max(0, game.result.length - 1)] : null);
  SSC.veiled = () => {
    if (state.mode === "predict" && !predict.revealed) return T("veil_predict");
    if (state.mode === "game" && !game.result.length) return T("veil_game");
    return "";
  };
  Object.assign(SSC, { guess, farEnd, buildLesson: build, printSheets: print, sheets, debriefPlot, game, predict, rules: RULES });
})();
