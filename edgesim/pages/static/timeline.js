// The picture: an axis, the lanes of every app and of the device, and below each app's the bytes of its buffers.

const AXIS = 20, LABEL = 15, GAP = 7, SIDE = 8, HEADING = 22; // px
const MARKS = 14; // px from a question to its target and to the next question, or they are left out

class Timeline {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{groups: object[], view: number[]}} drawn what `edgesim/pages/timelines.py` tells of it
   * @param {object[]} parts a result's columns for each group: `spans` and `requests`
   * @param {object} looks
   */
  constructor(canvas, drawn, parts, looks) {
    Object.assign(this, { canvas, context: canvas.getContext('2d'), looks: new Looks(looks), selected: null });
    this.rows = this.layOut(drawn.groups, parts, looks.buffers);
    this.marks = drawn.groups.flatMap((group, at) => marksOf(group, parts[at], this.sides(group)));
    const lanes = this.lanes;
    const first = lanes.reduce((least, { lane }) => Math.min(least, lane.start[0] ?? least), Infinity);
    const last = lanes.reduce((most, { lane }) => Math.max(most, lane.reach.at(-1) ?? most), 0);
    this.view = new TimeWindow(Math.min(first, drawn.view[0]), this.end(last), drawn.view);
    this.refresh();
  }

  get lanes() {
    return this.rows.filter((row) => row.lane);
  }

  /** A target that is not far behind the end is seen, too. */
  end(last) {
    const target = Math.max(0, ...this.marks.map((mark) => mark.target ?? 0));
    return target > last && target < 2 * last ? target * 1.01 : last;
  }

  /** @returns {object[]} rows from top to bottom: headings, lanes, memory; where there are sides, theirs by turns */
  layOut(groups, parts, buffers) {
    const rows = groups.flatMap((group, at) => rowsOfGroup(group, parts[at].spans, buffers));
    if (groups.some((group) => group.side)) rows.sort((a, b) => a.order - b.order);
    let top = AXIS;
    for (const row of rows) {
      row.top = row.heading ? top : top + LABEL;
      top += row.heading ? HEADING : LABEL + GAP + (row.memory ? MEMORY_HIGH : HIGH);
    }
    this.high = top;
    return rows;
  }

  /** @returns {number[]} from where to where a group's rows reach [px]; those of sides have all in common */
  sides(group) {
    const rows = this.rows.filter((row) => row.group === group);
    if (group.side || !rows.length) return [AXIS, this.high];
    return [rows[0].top - LABEL, rows.at(-1).top + (rows.at(-1).memory ? MEMORY_HIGH : HIGH) + GAP / 2];
  }

  /** Read the page's colours again, and draw. */
  refresh() {
    this.looks.refresh(this.context);
    this.draw();
  }

  /** Draw when the browser next paints, once. */
  invalidate() {
    this.waiting ??= requestAnimationFrame(() => this.draw());
  }

  /** @param {number} ns @returns {number} px */
  x = (ns) => SIDE + ((ns - this.view.from) / this.view.long) * (this.wide - 2 * SIDE);

  /** @param {number} px @returns {number} ns */
  ns(px) {
    return this.view.from + ((px - SIDE) / (this.wide - 2 * SIDE)) * this.view.long;
  }

  get pixelNs() {
    return this.view.long / (this.wide - 2 * SIDE);
  }

  draw(wide = this.canvas.clientWidth || 700) {
    this.waiting = undefined;
    const { canvas, context, looks } = this, ratio = window.devicePixelRatio || 1;
    this.wide = wide;
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(this.high * ratio);
    canvas.style.height = `${this.high}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = FONT;
    context.textBaseline = 'middle';
    context.clearRect(0, 0, wide, this.high);
    drawAxis(this);
    context.save();
    context.beginPath();
    context.rect(SIDE, 0, wide - 2 * SIDE, this.high);
    context.clip();
    let drawn = 0;
    const sides = { left: SIDE, right: wide - SIDE };
    for (const row of this.rows) {
      if (row.lane) drawn += drawLane(context, row, this.view, this.x, looks);
      if (row.memory) drawn += drawMemory(context, row, this.view, this.x, sides);
    }
    drawMarks(this);
    drawSelected(this);
    context.restore();
    drawLabels(this);
    Object.assign(canvas.dataset, { from: this.view.from, until: this.view.until, drawn });
    canvas.dispatchEvent(new Event('drawn'));
  }
}

/** @returns {object[]} the rows of one app, of the device, or of one side */
function rowsOfGroup(group, columns, buffers) {
  const rows = group.name ? [{ heading: group.name }] : [], side = group.side ? `, ${group.side}` : '';
  group.reads = readsOf(group, columns);
  lanesOf(group, columns).forEach((lane, order) => rows.push({ lane, order, group, label: lane.label + side }));
  if (group.memory) {
    const memory = memoryOf(group.memory), names = group.buffers ?? buffers;
    const always = group.always_held ? `, plus ${size(group.always_held)} always held` : '';
    const label = `${names.length > 1 ? 'memory' : names[0].name}${side}, up to ${size(memory.most)}${always}`;
    rows.push({ memory, group, buffers: names, label, order: group.lanes.length });
  }
  return rows;
}

/** @returns {object[]} when questions were asked, and until when answers were promised [ns] */
function marksOf(group, part, [top, bottom]) {
  if (!part.requests || group.beside) return [];
  const targets = group.targets ?? [];
  return Array.from(part.requests.arrival_ns, (arrival) => {
    const held = targets.findLast(([since]) => since <= arrival);
    return { arrival, target: held ? arrival + held[1] : undefined, top, bottom };
  });
}

function drawAxis({ context, view, x, high, wide, looks }) {
  const step = roundStep(view.long, Math.max(2, wide / 110));
  context.fillStyle = looks.colours.faint;
  context.strokeStyle = looks.colours.line;
  context.lineWidth = 1;
  for (let ns = Math.ceil(view.from / step) * step; ns <= view.until; ns += step) {
    const at = Math.round(x(ns)) + 0.5, text = moment(ns, step), room = context.measureText(text).width;
    context.beginPath();
    context.moveTo(at, AXIS - 4);
    context.lineTo(at, high);
    context.stroke();
    context.fillText(text, Math.min(Math.max(0, at - room / 2), wide - room), AXIS / 2 - 1);
  }
}

/** Draw questions dotted and targets dashed, where they are not too close to be told apart. */
function drawMarks(timeline) {
  const { context, x, view, looks } = timeline;
  const shown = timeline.marks.filter((mark) => mark.arrival <= view.until && (mark.target ?? mark.arrival) >= view.from);
  if (shown.length * MARKS > timeline.wide) return;
  for (const { arrival, target, top, bottom } of shown) {
    if (target !== undefined && target - arrival < MARKS * timeline.pixelNs) continue;
    if (arrival > timeline.view.first) line(context, x(arrival), [top, bottom], looks.colours.faint, [1, 3]);
    if (target !== undefined) line(context, x(target), [top, bottom], looks.colours.target, [6, 3]);
  }
  context.setLineDash([]);
}

function line(context, at, [top, bottom], colour, dash) {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(at, top);
  context.lineTo(at, bottom);
  context.stroke();
}

function drawSelected({ context, selected, rows, x, looks }) {
  if (!selected) return;
  const row = rows.find((each) => each.lane === selected.lane);
  const left = x(selected.lane.start[selected.at]), right = x(selected.lane.end[selected.at]);
  context.strokeStyle = looks.colours.focus;
  context.lineWidth = 2.5;
  context.strokeRect(left - 2, row.top - 2, Math.max(right - left, 1) + 4, HIGH + 4);
}

function drawLabels({ context, rows, looks }) {
  for (const row of rows) {
    context.fillStyle = row.heading ? looks.colours.ink : looks.colours.faint;
    context.font = row.heading ? `600 ${FONT}` : FONT;
    const top = row.heading ? row.top + HEADING / 2 + 2 : row.top - LABEL / 2;
    halo(context, row.heading ?? row.label, SIDE, top, looks.colours.surface);
  }
  context.font = FONT;
}

/** Write on a patch of the page's colour: lines go on behind it. */
function halo(context, text, x, y, surface) {
  const ink = context.fillStyle;
  context.fillStyle = surface;
  context.fillRect(x - 2, y - 6, context.measureText(text).width + 4, 12);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}
