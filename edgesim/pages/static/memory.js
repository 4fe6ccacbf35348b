// Bytes of each buffer over time, stacked: of all moments within a pixel the one with most.

const MEMORY_HIGH = 66; // px

/** @param {object} packed @returns {{time: Float64Array, levels: Float64Array[], most: number}} */
function memoryOf(packed) {
  const time = sums(column(packed.time, packed.rows));
  const levels = packed.levels.map((level) => sums(column(level, packed.rows)));
  let most = 0;
  for (let at = 0; at < time.length; at++) most = Math.max(most, levels.reduce((sum, level) => sum + level[at], 0));
  return { time, levels, most };
}

/**
 * @param {CanvasRenderingContext2D} context @param {{memory: object, top: number, buffers: object[]}} row
 * @param {TimeWindow} view @param {(ns: number) => number} x @param {{left: number, right: number}} sides
 * @returns {number} how many rectangles were filled
 */
function drawMemory(context, row, view, x, sides) {
  const { time, levels, most } = row.memory;
  let at = Math.max(0, firstAbove(time, view.from) - 1), drawn = 0;
  while (at < time.length && time[at] < view.until) {
    const left = Math.max(sides.left, Math.round(x(time[at]))); // whole pixels: seams would show
    const pixel = left + 1;
    let next = at + 1, top = at;
    while (next < time.length && x(time[next]) < pixel) {
      if (total(levels, next) > total(levels, top)) top = next;
      next += 1;
    }
    const until = next < time.length ? Math.round(x(time[next])) : pixel; // what comes after the last is not known
    const right = Math.min(sides.right, Math.max(pixel, until));
    const edge = next - at > 1 ? Math.min(pixel, right) : right; // until there it is the most, then what it is
    drawn += drawLevels(context, row, top, left, edge - left, most);
    if (edge < right) drawn += drawLevels(context, row, next - 1, edge, right - edge, most);
    at = next;
  }
  return drawn;
}

function total(levels, at) {
  let sum = 0;
  for (const level of levels) sum += level[at];
  return sum;
}

function drawLevels(context, row, at, left, wide, most) {
  let bottom = row.top + MEMORY_HIGH, drawn = 0;
  row.memory.levels.forEach((level, number) => {
    const high = (MEMORY_HIGH * level[at]) / (most || 1);
    if (high <= 0) return;
    context.fillStyle = row.buffers[number].fill;
    context.fillRect(left, bottom - high, wide, high);
    bottom -= high;
    drawn += 1;
  });
  return drawn;
}

/** @param {object} row @param {number} ns @returns {string} what each buffer holds at a moment */
function memoryText({ memory, buffers }, ns) {
  const at = firstAbove(memory.time, ns) - 1;
  return at < 0 ? '' : memory.levels.map((level, number) => `${buffers[number].name} ${size(level[at])}`).join(', ');
}
