// One lane as bars: a span that is wide enough is a bar of its own, shorter ones are summed up pixel by pixel.

/**
 * @param {Lane} lane @param {TimeWindow} view @param {(ns: number) => number} x
 * @param {(at: number, left: number, right: number) => void} bar draws one span
 * @param {(left: number, at: number, share: number) => void} sum draws a pixel: the span that takes most of it, and how
 *   much of it is taken at all
 */
function walkLane(lane, view, x, bar, sum) {
  let pixel = -1, share = 0, most = -1, widest = -1;
  const flush = () => {
    if (most >= 0) sum(pixel, most, Math.min(1, share));
    [share, most, widest] = [0, -1, -1];
  };
  for (let at = firstAbove(lane.reach, view.from); at < lane.count && lane.start[at] < view.until; at++) {
    if (lane.end[at] < view.from) continue;
    const left = x(Math.max(lane.start[at], view.from)), right = x(Math.min(lane.end[at], view.until));
    if (right - left >= 1) {
      flush();
      bar(at, left, right);
      continue;
    }
    if (Math.floor(left) !== pixel) {
      flush();
      pixel = Math.floor(left);
    }
    share += lane.end[at] === lane.start[at] ? 1 : right - left; // a moment takes no time, and is seen anyway
    if (right - left > widest) [most, widest] = [at, right - left];
  }
  flush();
}

/** @param {Lane} lane @param {number} at @param {number} ns how long a pixel is @returns {number} spans within a pixel */
function crowd(lane, at, ns) {
  const from = lane.start[at] - ns / 2;
  return firstAbove(lane.start, from + ns) - firstAbove(lane.reach, from);
}
