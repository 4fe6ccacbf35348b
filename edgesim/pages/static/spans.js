// Lanes: the spans of one row of the picture, by time, and how to find one of them.

/**
 * @typedef {object} Lane
 * @property {string} label
 * @property {object} group
 * @property {number} count
 * @property {Float64Array} start by time [ns]
 * @property {Float64Array} end [ns]
 * @property {Float64Array} reach the latest end so far: spans of other processes may overlap
 * @property {Int32Array} row the span's place in `columns`
 * @property {object} columns
 */

/** @param {object} group @param {object} columns @returns {Lane[]} */
function lanesOf(group, columns) {
  const rows = new Map(group.lanes.map((name) => [name, []]));
  for (let at = 0; at < columns.rows; at++) {
    if ((columns.request[at] === BESIDE) === Boolean(group.beside)) {
      const name = group.beside && !OWN_LANES.has(columns.lane[at]) ? columns.app[at] : columns.lane[at];
      rows.get(name)?.push(at);
    }
  }
  return group.lanes.map((name) => laneOf(name === 'memory' ? 'memory of apps' : name, group, columns, rows.get(name)));
}

const BESIDE = -1;
const OWN_LANES = new Set(['memory', 'clock']); // of the device; its storage has a lane for each who uses it

/** @returns {Lane} */
function laneOf(label, group, columns, rows) {
  const { start_ns: starts, end_ns: ends } = columns;
  if (rows.some((row, at) => at && starts[row] < starts[rows[at - 1]])) rows.sort((a, b) => starts[a] - starts[b]);
  const lane = { label, group, columns, count: rows.length, row: Int32Array.from(rows) };
  lane.start = Float64Array.from(rows, (row) => starts[row]);
  lane.end = Float64Array.from(rows, (row) => ends[row]);
  let latest = -Infinity;
  lane.reach = lane.end.map((end) => (latest = Math.max(latest, end)));
  return lane;
}

/** @param {Float64Array} sorted @param {number} value @returns {number} the first place with more than a value */
function firstAbove(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @param {Lane} lane @param {number} ns @param {number} near [ns] @returns {number} the span there, or nearest; -1 */
function spanAt(lane, ns, near) {
  let best = -1, distance = near;
  for (let at = firstAbove(lane.reach, ns - near); at < lane.count && lane.start[at] <= ns + near; at++) {
    const away = Math.max(lane.start[at] - ns, ns - lane.end[at], 0);
    if (away < distance || (away === 0 && best < 0)) [best, distance] = [at, away];
    if (away === 0 && lane.end[at] > ns) return at;
  }
  return best;
}

/** @param {Lane} lane @param {number} at @returns {object|null} what a load reads, where that is known */
function readOf(lane, at) {
  const load = lane.group.reads.get(lane.row[at]) ?? -1;
  return load < 0 ? null : lane.group.loads[load];
}

/** @param {object} group @param {object} columns @returns {Map<number, number>} which load a span is, by its row */
function readsOf(group, columns) {
  const found = new Map();
  if (!group.load) return found;
  const rows = [];
  for (let at = 0; at < columns.rows; at++) {
    if (columns.kind[at] === 'load' && columns.request[at] !== BESIDE) rows.push(at);
  }
  column(group.load, rows.length).forEach((load, number) => found.set(rows[number], load));
  return found;
}
