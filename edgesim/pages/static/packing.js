// Columns that `edgesim/pages/packing.py` made of rows, back as arrays and rows.

/** @param {object|undefined} packed @param {number} rows @returns {Array} */
function column(packed, rows) {
  if (packed === undefined) return [];
  if ('all' in packed) return new Array(rows).fill(packed.all);
  return 'of' in packed ? packed.at.map((at) => packed.of[at]) : packed.list;
}

/** @param {number[]} steps @returns {Float64Array} the running sum: exact, times and sizes are below 2 ** 53 */
function sums(steps) {
  const found = new Float64Array(steps.length);
  let sum = 0;
  for (let at = 0; at < steps.length; at++) found[at] = sum += steps[at];
  return found;
}

/** @param {object} packed @returns {{rows: number, start_ns: Float64Array, end_ns: Float64Array}} spans as columns */
function spanColumns(packed) {
  const { rows } = packed;
  const found = { rows };
  for (const name of ['request', 'app', 'lane', 'kind', 'layer', 'start_ns', 'end_ns', 'bytes']) {
    found[name] = column(packed[name], rows);
  }
  const starts = new Float64Array(rows), ends = new Float64Array(rows);
  for (let at = 0, end = 0; at < rows; at++) {
    starts[at] = end + found.start_ns[at];
    end = ends[at] = starts[at] + found.end_ns[at];
  }
  return Object.assign(found, { request: sums(found.request), start_ns: starts, end_ns: ends });
}

/** @param {object} packed @returns {object} requests as columns */
function requestColumns(packed) {
  const found = { ...packed };
  for (const name of Object.keys(packed)) if (name !== 'rows') found[name] = column(packed[name], packed.rows);
  for (const name of ['arrival_ns', 'start_ns', 'finish_ns', 'number', 'engagement']) {
    if (name in packed) found[name] = sums(found[name]);
  }
  return found;
}

/** @param {object} columns @returns {object[]} one object a row, as JSON has them */
function rowsOf(columns) {
  const names = Object.keys(columns).filter((name) => name !== 'rows');
  return Array.from({ length: columns.rows }, (_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]])));
}

/** @param {object} packed @returns {object} a result as `edgesim --json` writes it */
function unpackedResult(packed) {
  return {
    ...packed,
    timeline: rowsOf(spanColumns(packed.timeline)),
    requests: rowsOf(requestColumns(packed.requests)),
    beside: packed.beside.map(unpackedResult),
  };
}
