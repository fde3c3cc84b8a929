// The emulator: what a setting of the sliders does to every output, in the arithmetic of the payload's contract.
"use strict";
const SSC = (window.SSC = {});

SSC.read = (id) => JSON.parse(document.getElementById(id).textContent);

(() => {
  const BAND = 1.645; // standard deviations from the middle to the ends of a 90 % band

  /** Turn an encoded array into numbers. */
  function decode(encoded) {
    if (!encoded) return null;
    const text = atob(encoded.data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const raw = encoded.dtype === "i2" ? new Int16Array(bytes.buffer) : new Float32Array(bytes.buffer);
    const scale = encoded.scale ?? 1;
    return Float64Array.from(raw, (number) => number * scale);
  }

  class Emulator {
    constructor(payload) {
      this.payload = payload;
      this.sliders = payload.sliders;
      this.terms = payload.emulator.terms;
      this.flag = { matrix: decode(payload.emulator.flag.matrix), limit: payload.emulator.flag.limit };
      this.usual = payload.emulator.usual;
      this.fork = payload.meta.fork_year;
      this.outputs = new Map();
      for (const output of payload.outputs) {
        if (!output.shown_all) continue;
        const items = output.axes.reduce((all, axis) => all * axis.length, 1);
        this.outputs.set(output.id, {
          ...output,
          ...output.written.en,
          items,
          first: output.years[0],
          span: output.years.length,
          base: {
            years: output.baseline.years,
            low: decode(output.baseline.low),
            mid: decode(output.baseline.mid),
            high: decode(output.baseline.high),
          },
          coefficients: decode(output.coefficients),
          loadings: decode(output.loadings),
          spread: decode(output.spread),
          own: decode(output.own),
        });
      }
    }

    /** Write numbers as a language counts. */
    speak(lang) {
      for (const output of this.outputs.values()) Object.assign(output, output.written[lang]);
    }

    /** Where the sliders stand between -1 and 1, 0 at their defaults. */
    scaled(setting) {
      return this.sliders.map((slider) => {
        const value = setting[slider.id] ?? slider.default;
        const by = slider.scale === "log" ? Math.log : (number) => number;
        const middle = by(slider.default);
        return (by(value) - middle) / Math.max(by(slider.max) - middle, middle - by(slider.min));
      });
    }

    /** The value at which a slider stands for a scaled setting, on its own steps and within its bounds. */
    unscaled(slider, x) {
      const by = slider.scale === "log" ? Math.log : (number) => number;
      const back = slider.scale === "log" ? Math.exp : (number) => number;
      const middle = by(slider.default);
      const value = back(middle + x * Math.max(by(slider.max) - middle, middle - by(slider.min)));
      return SSC.round(Math.min(slider.max, Math.max(slider.min, value)), slider.step);
    }

    features(x) {
      return this.terms.map((term) => term.reduce((product, place) => product * x[place], 1));
    }

    /** Whether a setting lies outside what the emulator was trained on. */
    outside(setting) {
      const f = this.features(this.scaled(setting));
      let sum = 0;
      for (let i = 0; i < f.length; i++) {
        if (f[i] === 0) continue;
        for (let j = 0; j < f.length; j++) sum += f[i] * this.flag.matrix[i * f.length + j] * f[j];
      }
      return sum > this.flag.limit;
    }

    predict(setting, reference = {}) {
      return new Prediction(this, setting, reference);
    }

    item(output, label) {
      return output.axes[0].indexOf(label);
    }
  }

  /** What a setting changes against a reference (the baseline unless told otherwise). */
  class Prediction {
    constructor(emulator, setting, reference) {
      this.emulator = emulator;
      const x = emulator.scaled(setting);
      const y = emulator.scaled(reference);
      const g = emulator.features(y);
      this.f = emulator.features(x).map((value, t) => value - g[t]);
      this.square = x.map((value, j) => (value - y[j]) ** 2);
      // What moves little is missed by little: in full the emulator errs as far from the default as it was judged.
      this.reach = Math.min(1, Math.sqrt(this.square.reduce((sum, one) => sum + one, 0)) / emulator.usual);
      this.parts = new Map();
    }

    components(output) {
      let found = this.parts.get(output.id);
      if (!found) {
        const K = output.components;
        const c = new Float64Array(K);
        const v = new Float64Array(K);
        for (let k = 0; k < K; k++) {
          for (let t = 0; t < this.f.length; t++) c[k] += this.f[t] * output.coefficients[t * K + k];
          for (let j = 0; j < this.square.length; j++) v[k] += this.square[j] * output.spread[k * this.square.length + j];
        }
        found = { c, v };
        this.parts.set(output.id, found);
      }
      return found;
    }

    /** The effect and its standard deviation as the emulator has them: added, or in logarithms. */
    raw(output, item, year) {
      if (year < output.first) return [0, 0];
      const { c, v } = this.components(output);
      const width = output.items * output.span;
      const place = item * output.span + Math.min(year - output.first, output.span - 1);
      let effect = 0;
      let variance = 0;
      for (let k = 0; k < c.length; k++) {
        const loading = output.loadings[k * width + place];
        effect += c[k] * loading;
        variance += v[k] * loading * loading;
      }
      return [effect, Math.sqrt(variance)];
    }

    /** How far the emulator errs by itself, in the units of `raw`. */
    own(output, item, year) {
      return year < output.first ? 0 : this.reach * output.own[item * output.span + Math.min(year - output.first, output.span - 1)];
    }

    /** The change and its 90 % band in the units that are shown. */
    change(output, item, year) {
      const [effect, spread] = this.raw(output, item, year);
      // A band holds what draws do and what the emulator misses; where nothing moves in any draw there is neither.
      const sd = effect === 0 && spread === 0 ? 0 : Math.hypot(spread, this.own(output, item, year));
      const show = output.change === "log" ? (e) => 100 * Math.expm1(e) : (e) => e * output.times;
      return { mid: show(effect), low: show(effect - BAND * sd), high: show(effect + BAND * sd) };
    }

    /** The level: the baseline, and the baseline moved by the change. */
    level(output, item, year) {
      const base = output.base;
      const place = item * base.years.length + (year - base.years[0]);
      const [effect] = this.raw(output, item, year);
      const { times } = output;
      const move = output.change === "log" ? (b) => b * Math.exp(effect) * times : (b) => (b + effect) * times;
      return {
        base: base.mid[place] * times,
        baseLow: base.low[place] * times,
        baseHigh: base.high[place] * times,
        mid: move(base.mid[place]),
        low: move(base.low[place]),
        high: move(base.high[place]),
      };
    }
  }

  SSC.decode = decode;
  SSC.Emulator = Emulator;
  SSC.round = (value, step) => {
    const digits = Math.max(0, -Math.floor(Math.log10(step)) + 1);
    return Number((Math.round(value / step) * step).toFixed(digits));
  };
})();
