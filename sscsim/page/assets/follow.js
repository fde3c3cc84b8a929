// Following a hand. Plotly draws a picture in some thirty milliseconds, which is too much for every step of a slider. So while
// a hand moves, what Plotly drew is moved – its paths and the labels of its ticks –, and Plotly draws the same
// numbers anew when the hand rests. A picture can be moved as long as its key is the same: what stands where.
"use strict";
(() => {
  const { number } = SSC;
  const REST = 250; // milliseconds without a change after which a hand rests
  const drawn = new WeakMap(); // the plot → key, nodes, and the labels as Plotly knows them

  let whole = false; // whether Plotly is to draw, whatever could be moved
  const moved = new Set(); // pictures that Plotly has not drawn since they were moved

  /**
   * Bring a picture up to date.
   * key: what must be the same for it to be moved; a falsy one says that it cannot be.
   * find(gd): the nodes that are moved, {labels, …}; falsy where they are not as expected.
   * move(nodes): move them.
   */
  function show(gd, { key, traces, layout, find, move, labels = [] }) {
    const was = drawn.get(gd);
    const size = `${layout.width}×${layout.height}`;
    if (!whole && key && was?.key === key && was.size === size) {
      was.nodes ??= nodesOf(gd, find, labels);
      if (was.nodes) {
        move(was.nodes);
        write(was.nodes.labels, labels);
        moved.add(gd);
        return;
      }
    }
    // Plotly keeps labels that it takes for unchanged: it gets back those that it wrote.
    if (was?.nodes) write(was.nodes.labels, was.labels);
    Plotly.react(gd, traces, layout, QUIET);
    drawn.set(gd, { key, size, labels, nodes: null });
    moved.delete(gd);
  }

  function nodesOf(gd, find, labels) {
    const nodes = find(gd);
    if (nodes?.labels.length !== labels.length) return null;
    // Plotly appends what is new: labels stand in no order but on the screen, the least value lowest.
    const height = new Map(nodes.labels.map((one) => [one, one.getBoundingClientRect().y]));
    nodes.labels.sort((p, q) => height.get(q) - height.get(p));
    return nodes;
  }

  function write(nodes, labels) {
    nodes.forEach((node, i) => {
      if (node.textContent !== labels[i]) node.textContent = labels[i];
    });
  }

  const QUIET = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };

  /** Let Plotly draw whatever `action` shows. */
  function wholly(action) {
    whole = true;
    try {
      action();
    } finally {
      whole = false;
    }
  }

  // ------------------------------------------------------------------------------------------------------ geometry

  const short = (value) => Math.round(value * 100) / 100;

  /** A line through points, in the room of a plot of so many pixels: `range` of x and y at its edges. */
  function polyline(xs, ys, x, y, width, height) {
    let path = "";
    let pen = "M";
    for (let i = 0; i < xs.length; i++) {
      if (!Number.isFinite(ys[i])) {
        pen = "M";
        continue;
      }
      path += `${pen}${short(((xs[i] - x[0]) / (x[1] - x[0])) * width)},${short(height - ((ys[i] - y[0]) / (y[1] - y[0])) * height)}`;
      pen = "L";
    }
    return path || "M0,0";
  }

  /** A part of a ring about the middle of a disc, from one radius to another; angles in degrees from the top, clockwise. */
  function sector(middle, from, to, low, high) {
    const [a, b] = [Math.min(from, to), Math.max(from, to)];
    if (!(b - a > 1e-6)) return "M0,0Z";
    const at = (radius, angle) => `${short(middle + radius * Math.sin((angle * Math.PI) / 180))},${short(middle - radius * Math.cos((angle * Math.PI) / 180))}`;
    return `M${at(a, low)}L${at(b, low)}A${short(b)},${short(b)} 0 0 1 ${at(b, high)}L${at(a, high)}A${short(a)},${short(a)} 0 0 0 ${at(a, low)}Z`;
  }

  // --------------------------------------------------------------------------------------------------------- axes

  /** The next of 1, 2, 5, 10 … above a size: axes jump seldom, and to round numbers. */
  function ladder(size, steps = [1, 2, 5, 10]) {
    if (!(size > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(size));
    return power * steps.find((one) => one * power >= size * 0.999);
  }

  const share = (part, rungs) => rungs.find((one) => part <= one * 1.001) ?? 1;

  /**
   * An axis for changes: ticks stand at shares of a round size, so that another size changes labels alone.
   * A side that has nothing to show takes little room.
   */
  function changeAxis(values) {
    const all = values.filter(Number.isFinite);
    const top = Math.max(0, ...all);
    const bottom = Math.min(0, ...all);
    if (top - bottom < 1e-9) return axisOf(1, 1, 1);
    const most = Math.max(top, -bottom);
    const size = ladder(most, [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]);
    // Shares of what is shown, not of the round size: they stay as they are while all grows.
    const side = (value) => (value < 0.02 * most ? 0.12 : share(value / most, [0.25, 0.5, 1]));
    return axisOf(size, side(-bottom), side(top));
  }

  function axisOf(size, down, up) {
    const ticks = [-1, -0.5, 0, 0.5, 1].filter((one) => one >= -down && one <= up).map((one) => one * size);
    return { range: [-down * 1.05 * size, up * 1.05 * size], ticks, labels: ticks.map(tickText), shape: `${down}/${up}` };
  }

  /** An axis for levels: whole steps from below the least to above the most. */
  function levelAxis(values) {
    const all = values.filter(Number.isFinite);
    const low = Math.min(...all);
    const high = Math.max(...all);
    const step = ladder((high - low || Math.abs(high) || 1) / 4, [1, 2, 2.5, 5, 10]);
    const first = Math.floor(low / step + 1e-9);
    const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
    const room = 0.03 * (last - first) * step;
    return { range: [first * step - room, last * step + room], ticks, labels: ticks.map(tickText), shape: `${last - first}` };
  }

  function tickText(value) {
    const size = Math.abs(value);
    if (size >= 10000 && SSC.state.lang === "zh") return `${tickText(value / 10000)}万`;
    if (size >= 10000) return `${tickText(value / 1000)}k`;
    const tidy = Number(value.toPrecision(4));
    const decimals = (tidy.toFixed(8).replace(/0+$/, "").split(".")[1] ?? "").length;
    return number(tidy, decimals);
  }

  Object.assign(SSC, { follow: { show, wholly, moved, polyline, sector, ladder, share, changeAxis, levelAxis, REST, QUIET }, ladder });
})();
