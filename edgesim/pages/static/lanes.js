// Lanes drawn: labels, bars with their bitwidths and layers, hatches of waits.

const HIGH = 24; // px of a bar
const OUTLINED = 4; // px; a narrower wait has no hatch either: it looks as those do that share a pixel
const FONT = '12px system-ui, sans-serif';

/**
 * @param {CanvasRenderingContext2D} context @param {{lane: Lane, top: number}} row
 * @param {TimeWindow} view @param {(ns: number) => number} x @param {Looks} looks
 * @returns {number} how many bars were drawn
 */
function drawLane(context, row, view, x, looks) {
  const { lane, top } = row;
  let drawn = 0;
  const bar = (at, left, right) => (drawn += drawBar(context, lane, at, left, right, top, looks));
  const sum = (left, at, share) => {
    const kind = lane.columns.kind[lane.row[at]];
    const high = Math.max(3, share * HIGH);
    context.fillStyle = looks.colour(kind, readOf(lane, at));
    context.fillRect(left, top + HIGH - high, 1, high);
    drawn += 1;
  };
  walkLane(lane, view, x, bar, sum);
  return drawn;
}

/** @returns {number} how many rectangles were filled */
function drawBar(context, lane, at, left, right, top, looks) {
  const kind = lane.columns.kind[lane.row[at]], read = readOf(lane, at), wide = right - left;
  if (read) return drawRead(context, read, left, wide, top, looks);
  const look = looks.of(kind);
  context.fillStyle = look.fill || wide < OUTLINED ? looks.colour(kind) : looks.colours.surface;
  context.fillRect(left, top, wide, HIGH);
  if (looks.patterns.has(kind) && wide >= OUTLINED) {
    context.fillStyle = looks.patterns.get(kind);
    context.fillRect(left, top, wide, HIGH);
  }
  outline(context, left, wide, top, look.hatch ? looks.lifted(look.edge) : looks.colours.outline);
  if (kind === 'compute' || kind === 'load') write(context, String(lane.columns.layer[lane.row[at]]), left, wide, top, look.fill);
  return 1;
}

/** Divide a read among the bitwidths that it brings, in proportion to their bytes. */
function drawRead(context, read, left, wide, top, looks) {
  const every = read.bits.reduce((sum, [, , bytes]) => sum + bytes, 0);
  let x = left;
  for (const [bits, , bytes] of read.bits) {
    context.fillStyle = looks.given.bits[bits];
    context.fillRect(x, top, (wide * bytes) / every, HIGH);
    x += (wide * bytes) / every;
  }
  outline(context, left, wide, top, looks.colours.outline);
  write(context, layersText(read.layers), left, wide, top, looks.given.bits[read.bits[0][0]]);
  return read.bits.length;
}

/** @param {number[]} layers @returns {string} */
function layersText(layers) {
  return layers.length > 1 ? `${layers[0]} to ${layers.at(-1)}` : String(layers[0]);
}

function outline(context, left, wide, top, colour) {
  if (wide < OUTLINED) return;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, wide - 1, HIGH - 1);
}

/** Write a layer into a bar that has room for it. */
function write(context, text, left, wide, top, fill) {
  if (wide < 7 * text.length + 5) return;
  context.fillStyle = inkOn(fill);
  context.textAlign = 'center';
  context.fillText(text, left + wide / 2, top + HIGH / 2 + 0.5);
  context.textAlign = 'left';
}

/** @param {string} colour #rrggbb @returns {string} black or white, whichever can be read on it */
function inkOn(colour) {
  return luminance(colour) > MIDDLE ? '#000' : '#fff';
}
