// What a span is, in words: beside the pointer, below the picture, and for who hears the page.

/** @param {Timeline} timeline @param {{lane: Lane, at: number}} found @returns {object} everything known of a span */
function detailsOf(timeline, { lane, at }) {
  const { columns, group } = lane, row = lane.row[at], kind = columns.kind[row], read = readOf(lane, at);
  const [start, end] = [lane.start[at], lane.end[at]];
  const layers = read ? read.layers : columns.layer[row] >= 0 && !group.beside ? [columns.layer[row]] : [];
  const others = end - start < timeline.pixelNs ? crowd(lane, at, timeline.pixelNs) - 1 : 0;
  return {
    kind, start, end, row, lane: lane.label, side: group.side ?? '',
    name: timeline.looks.name(kind),
    about: timeline.looks.of(kind).about,
    facts: [
      ['layer', layers.length ? layersText(layers) : ''],
      ['from', moment(start, 1000)],
      ['until', moment(end, 1000)],
      ['takes', end > start ? duration(end - start) : 'a moment'],
      ['bytes', columns.bytes[row] ? size(columns.bytes[row]) : ''],
      ['memory', memoryOfLane(timeline, lane, start)],
      ['shards', read ? read.bits.map(([bits, many]) => `${many} at ${bits} bits`).join(', ') : ''],
      [group.beside ? 'of' : 'inference', group.beside ? columns.app[row] : String(columns.request[row])],
      ['nearby', others > 0 ? `${others} more within a pixel: zoom in` : ''],
    ].filter(([, value]) => value !== ''),
  };
}

/** @returns {string} what the buffers of a lane's app hold at a moment */
function memoryOfLane(timeline, lane, ns) {
  const row = timeline.rows.find(({ memory, group }) => memory && group === lane.group);
  return row ? memoryText(row, ns) : '';
}

class Details {
  /** @param {HTMLElement} figure has a tooltip, a panel and a live region */
  constructor(figure) {
    this.tip = figure.querySelector('[data-tip]');
    this.panel = figure.querySelector('[data-details]');
    this.live = figure.querySelector('[data-live]');
    this.empty = this.panel.innerHTML;
  }

  /** Fill the panel. */
  show(found) {
    Object.assign(this.panel.dataset, { kind: found.kind, lane: found.lane, start: found.start, end: found.end, row: found.row });
    const title = document.createElement('p');
    const name = document.createElement('strong');
    name.textContent = [found.lane, found.side, found.name].filter(Boolean).join(', ');
    title.append(name, `: ${found.about}`);
    const list = document.createElement('dl');
    for (const [term, value] of found.facts) {
      const pair = document.createElement('div'), dt = document.createElement('dt'), dd = document.createElement('dd');
      [dt.textContent, dd.textContent] = [term, value];
      pair.append(dt, dd);
      list.append(pair);
    }
    this.panel.replaceChildren(title, list);
  }

  /** Say it to who hears the page. */
  say(found) {
    this.live.textContent = `${found.lane}, ${found.name}, ${found.facts.map((fact) => fact.join(' ')).join(', ')}`;
  }

  /** Show the tooltip of a span at a place in the picture [px]. */
  point(found, x, y, wide) {
    const layer = found.facts.find(([term]) => term === 'layer');
    this.tell(`${found.name}${layer ? ` layer ${layer[1]}` : ''} \u00b7 ${duration(found.end - found.start)}`, x, y, wide);
  }

  tell(text, x, y, wide) {
    this.tip.textContent = text;
    this.tip.hidden = false;
    this.tip.style.left = `${Math.min(Math.max(0, x + 12), Math.max(0, wide - this.tip.offsetWidth))}px`;
    this.tip.style.top = `${y + 18}px`;
  }

  hide() {
    this.tip.hidden = true;
  }

  clear() {
    this.hide();
    this.panel.innerHTML = this.empty;
    for (const key of Object.keys(this.panel.dataset)) if (key !== 'details') delete this.panel.dataset[key];
  }
}
