// Quantities as edgesim's reports write them, and moments of long sessions as a clock does.

const MS = 1e6, SECOND = 1e9, MINUTE = 60e9, HOUR = 3600e9;

/** @param {number} value @param {number} digits @returns {string} with commas, as Python's `,.1f` */
function fixed(value, digits) {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} ns a duration @returns {string} in milliseconds, three digits below one */
function duration(ns) {
  return ns >= MS || ns === 0 ? `${fixed(ns / MS, 1)} ms` : `${Number((ns / MS).toPrecision(3))} ms`;
}

/** @param {number} n @returns {string} in decimal units with three digits */
function size(n) {
  for (const [unit, factor] of [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]]) {
    if (n >= factor) {
      const amount = n / factor;
      return `${fixed(amount, amount < 10 ? 2 : amount < 100 ? 1 : 0)} ${unit}`;
    }
  }
  return `${n} B`;
}

/** @param {number} ns since the start @param {number} step how fine it must be [ns] @returns {string} */
function moment(ns, step) {
  if (ns < 10 * SECOND) return `${fixed(ns / MS, decimals(step / MS))} ms`;
  if (ns < 2 * MINUTE) return `${fixed(ns / SECOND, decimals(step / SECOND))} s`;
  const digits = decimals(step / SECOND), two = (value) => String(Math.floor(value)).padStart(2, '0');
  const seconds = Math.floor(((ns % MINUTE) / SECOND) * 10 ** digits) / 10 ** digits;
  const shown = seconds.toFixed(digits).padStart(digits ? digits + 3 : 2, '0');
  return `${Math.floor(ns / HOUR)}:${two((ns % HOUR) / MINUTE)}:${shown}`;
}

/** @param {number} step @returns {number} how many digits behind the point tell multiples of a step apart */
function decimals(step) {
  return step >= 1 ? 0 : Math.min(6, Math.ceil(-Math.log10(step) - 1e-9));
}

/** @param {number} span [ns] @param {number} most @returns {number} a round step of which so many fit [ns] */
function roundStep(span, most) {
  const least = span / most;
  const clock = [1, 2, 5, 10, 15, 30].flatMap((value) => [value * SECOND, value * MINUTE]).sort((a, b) => a - b);
  clock.push(...[1, 2, 3, 6, 12, 24].map((value) => value * HOUR));
  if (least > SECOND) return clock.find((value) => value >= least) ?? 24 * HOUR * Math.ceil(least / (24 * HOUR));
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= least * (1 - 1e-9));
}
