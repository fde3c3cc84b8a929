// What listens: buttons, keys, the address; and the start.
"use strict";
(() => {
  const { $, T, L, payload, state } = SSC;

  SSC.listen((what) => {
    // A step that an address names sets the sliders before they are shown.
    if (what === "start" && state.mode === "lesson") {
      SSC.arrangeLesson();
      SSC.buildCourse();
    }
    SSC.controls();
    if (what === "mode" || what === "language") SSC.buildLesson();
    SSC.request();
    if ($("table").open) SSC.table();
  });

  function click(id, action) {
    $(id).addEventListener("click", action);
  }

  function choose(select, key) {
    $(select).addEventListener("change", (event) => {
      state[key] = event.target.value || null;
      SSC.changed(key);
    });
  }

  function language(lang) {
    state.lang = lang;
    SSC.translate();
    SSC.changed("language");
  }

  // ------------------------------------------------------------------------------------------- years that play

  let playing = null;
  function stop() {
    clearInterval(playing);
    playing = null;
    $("play").firstElementChild.textContent = "▶";
    $("play").setAttribute("aria-label", T("play"));
  }
  function play() {
    if (playing) return stop();
    const first = state.view === "change" ? payload.meta.fork_year : payload.meta.first_year;
    if (state.year >= SSC.lastYear()) state.year = first - 1;
    $("play").firstElementChild.textContent = "❚❚";
    $("play").setAttribute("aria-label", T("pause"));
    const next = () => {
      state.year = Math.max(first, state.year + 1);
      SSC.changed("year");
      if (state.year >= SSC.lastYear()) stop();
    };
    next();
    playing = setInterval(next, 550);
  }

  // ----------------------------------------------------------------------------------------------------- listeners

  function listen() {
    click("undo", SSC.undo);
    click("redo", SSC.redo);
    click("reset", () => SSC.set({}));
    click("share", SSC.share);
    click("real", SSC.real);
    click("about", SSC.about);
    click("csv", SSC.csv);
    click("png", SSC.picture);
    click("print-sheets", SSC.printSheets);
    click("play", play);
    click("close", () => $("dialog").close());
    click("keep-a", () => {
      state.a = { ...state.setting };
      SSC.changed("a");
    });
    click("drop-a", () => {
      Object.assign(state, { a: null, difference: false });
      SSC.changed("a");
    });
    click("swap", () => {
      const a = state.a;
      state.a = { ...state.setting };
      SSC.set(a);
    });
    click("difference", () => {
      state.difference = !state.difference;
      SSC.changed("difference");
    });
    $("year").addEventListener("input", (event) => {
      stop();
      state.year = Number(event.target.value);
      SSC.changed("year");
    });
    choose("group", "group");
    choose("map-output", "map");
    choose("learn-output", "learn");
    choose("banks-output", "banks");
    $("country").addEventListener("change", (event) => {
      state.country = event.target.value || null;
      SSC.changed("country");
    });
    $("lines").addEventListener("change", (event) => {
      state.lines[Number(event.target.dataset.place)] = event.target.value;
      SSC.changed("lines");
    });
    document.addEventListener("change", (event) => event.target.closest(".pick") && SSC.picked(event.target));
    $("table").addEventListener("toggle", () => $("table").open && SSC.table());
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("button");
      // A menu closes when something is chosen in it, or beside it.
      for (const menu of document.querySelectorAll(".menu[open]")) if (button || !menu.contains(event.target)) menu.open = false;
      if (!button) return;
      if (button.dataset.country) SSC.choose(button.dataset.country);
      if (button.dataset.lang) language(button.dataset.lang);
      if (button.dataset.view) {
        state.view = button.dataset.view;
        SSC.changed("view");
      }
      if (button.dataset.tab) SSC.tab(button.dataset.tab);
      if (button.dataset.sort) {
        $("table-body").dataset.sort = button.dataset.sort;
        SSC.table();
      }
      if (button.dataset.mode && button.closest("#modes")) {
        state.mode = button.dataset.mode;
        SSC.changed("mode");
      }
      if (button.id === "copy") SSC.copy();
    });
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) SSC.undo();
      else if (key === "y" || (key === "z" && event.shiftKey)) SSC.redo();
      else return;
      event.preventDefault();
    });
    window.addEventListener("hashchange", () => {
      SSC.arrive(location.hash);
      SSC.translate();
      SSC.changed("start");
    });
  }

  // Before the charts' library is read: words and sliders stand at once.
  SSC.arrive(location.hash);
  $("synthetic").hidden = !payload.meta.synthetic;
  SSC.buildLines();
  SSC.translate();
  if (state.mode === "lesson") {
    SSC.arrangeLesson();
    SSC.buildCourse();
  }
  SSC.controls();
  listen();

  SSC.start = () => {
    SSC.own();
    SSC.ready = true;
    SSC.watch();
    SSC.tab(state.tab);
    SSC.request();
  };
})();
