// What pointers, wheels, keys and buttons do to a timeline.

const ZOOM = 1.5, PAN = 0.2;
const SCROLLING = 250; // ms: a scroll of the page that began elsewhere goes on over the picture

let scrolledAt = -Infinity;
addEventListener('scroll', (event) => (scrolledAt = event.timeStamp), { passive: true });

class Control {
  /** @param {Timeline} timeline @param {HTMLElement} figure */
  constructor(timeline, figure) {
    Object.assign(this, { timeline, details: new Details(figure), pointers: new Map() });
    const { canvas } = timeline, on = (name, call, options) => canvas.addEventListener(name, call, options);
    on('wheel', (event) => this.wheel(event), { passive: false });
    on('keydown', (event) => this.key(event));
    on('pointerdown', (event) => this.down(event));
    on('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel']) on(name, (event) => this.up(event));
    on('pointerleave', () => this.details.hide());
    figure.querySelectorAll('button[data-do]').forEach((button) => button.addEventListener('click', () => this.act(button.dataset.do)));
  }

  /** @param {string} what a button says */
  act(what) {
    const { view } = this.timeline;
    const middle = this.middle();
    const acts = {
      in: () => view.zoom(1 / ZOOM, middle), out: () => view.zoom(ZOOM, middle),
      left: () => view.pan(-PAN), right: () => view.pan(PAN), all: () => view.show(view.first, view.last),
    };
    acts[what]();
    this.timeline.invalidate();
  }

  /** @returns {number} what stays in place when keys and buttons zoom: the selected span, if it is seen [ns] */
  middle() {
    const { selected, view } = this.timeline, middle = (view.from + view.until) / 2;
    if (!selected) return middle;
    const ns = (selected.lane.start[selected.at] + selected.lane.end[selected.at]) / 2;
    return ns >= view.from && ns <= view.until ? ns : middle;
  }

  wheel(event) {
    const { view } = this.timeline, sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const out = !sideways && event.deltaY > 0 && view.isWhole;
    if (out || event.timeStamp - scrolledAt < SCROLLING) return; // the page scrolls
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    if (sideways) view.pan((pixels * (event.deltaX || event.deltaY)) / 600);
    else view.zoom(Math.exp(Math.max(-0.7, Math.min(0.7, (pixels * event.deltaY) / 300))), this.timeline.ns(event.offsetX));
    this.timeline.invalidate();
  }

  down(event) {
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.moved = 0;
    this.timeline.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId), { timeline } = this;
    if (!before) return event.pointerType === 'mouse' ? this.hover(event) : undefined;
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const now = { x: event.offsetX, y: event.offsetY };
    this.moved += Math.abs(now.x - before.x);
    if (others.length) {
      const [other] = others, apart = (place) => Math.max(10, Math.abs(place.x - other.x));
      timeline.view.zoom(apart(before) / apart(now), timeline.ns((now.x + other.x) / 2));
    } else {
      timeline.view.pan((before.x - now.x) / (timeline.wide - 2 * SIDE));
    }
    this.pointers.set(event.pointerId, now);
    this.details.hide();
    return timeline.invalidate();
  }

  up(event) {
    const known = this.pointers.delete(event.pointerId);
    if (!known || this.moved > 4 || event.type === 'pointercancel') return;
    const found = this.under(event);
    this.select(found);
  }

  /** @returns {{lane: Lane, at: number}|null} the span below a pointer */
  under({ offsetX, offsetY }) {
    const { timeline } = this;
    const row = timeline.lanes.find(({ top }) => offsetY >= top - 3 && offsetY <= top + HIGH + 3);
    const at = row ? spanAt(row.lane, timeline.ns(offsetX), 4 * timeline.pixelNs) : -1;
    return at < 0 ? null : { lane: row.lane, at };
  }

  hover(event) {
    const found = this.under(event);
    if (!found) return this.hoverMemory(event);
    const shown = detailsOf(this.timeline, found);
    this.details.point(shown, event.offsetX, event.offsetY, this.timeline.wide);
    return this.timeline.selected ? undefined : this.details.show(shown);
  }

  /** Tell what the buffers hold at the moment below the pointer. */
  hoverMemory({ offsetX, offsetY }) {
    const { timeline, details } = this;
    const row = timeline.rows.find(({ memory, top }) => memory && offsetY >= top && offsetY <= top + MEMORY_HIGH);
    const text = row && memoryText(row, timeline.ns(offsetX));
    if (!text) return details.hide();
    return details.tell(`${moment(timeline.ns(offsetX), timeline.pixelNs)}: ${text}`, offsetX, offsetY, timeline.wide);
  }

  /** @param {{lane: Lane, at: number}|null} found is outlined and told of until another one is */
  select(found, { say = false } = {}) {
    const { timeline, details } = this;
    timeline.selected = found;
    if (found) {
      const shown = detailsOf(timeline, found);
      details.show(shown);
      if (say) details.say(shown);
    } else {
      details.clear();
    }
    timeline.invalidate();
  }

  key(event) {
    const name = KEYS[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = { previous: -1, next: 1 }[name];
    if (step && event.shiftKey) this.act(step > 0 ? 'right' : 'left');
    else if (step) this.step(step);
    else if (name === 'up' || name === 'down') this.change(name === 'up' ? -1 : 1);
    else if (name === 'first' || name === 'last') this.go(this.lane(), name === 'first' ? 0 : this.lane().count - 1);
    else if (name === 'leave') this.select(null);
    else if (name === 'fit') this.fit();
    else this.act(name);
  }

  lane() {
    const lanes = this.timeline.lanes.map((row) => row.lane).filter((lane) => lane.count);
    return this.timeline.selected?.lane ?? lanes[0];
  }

  /** Go to the next span of the lane; at first to one that is seen. */
  step(step) {
    const { selected, view } = this.timeline, lane = this.lane();
    if (selected) this.go(lane, Math.min(Math.max(selected.at + step, 0), lane.count - 1));
    else this.go(lane, Math.min(firstAbove(lane.reach, view.from), lane.count - 1));
  }

  /** Go to the lane above or below, to what happens there at the same time. */
  change(step) {
    const lanes = this.timeline.lanes.map((row) => row.lane).filter((lane) => lane.count);
    const { selected } = this.timeline;
    if (!selected) return this.step(0);
    const lane = lanes[Math.min(Math.max(lanes.indexOf(selected.lane) + step, 0), lanes.length - 1)];
    const ns = selected.lane.start[selected.at];
    return this.go(lane, Math.min(firstAbove(lane.reach, ns), lane.count - 1));
  }

  go(lane, at) {
    this.timeline.view.reveal(lane.start[at], lane.end[at]);
    this.select({ lane, at }, { say: true });
  }

  /** Zoom to the selected span. */
  fit() {
    const { selected, view } = this.timeline;
    if (!selected) return;
    const [start, end] = [selected.lane.start[selected.at], selected.lane.end[selected.at]];
    view.show(start - 0.25 * (end - start), end + 0.25 * (end - start));
    this.timeline.invalidate();
  }
}

const KEYS = {
  ArrowLeft: 'previous', ArrowRight: 'next', ArrowUp: 'up', ArrowDown: 'down', Home: 'first', End: 'last',
  '+': 'in', '=': 'in', '-': 'out', _: 'out', 0: 'all', Escape: 'leave', Enter: 'fit',
};
