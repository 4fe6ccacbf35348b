// Colours of the page and hatches, as a canvas needs them.

/** @returns {Record<string, string>} the page's colours, as its style says in light, dark and print */
function pageColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ['ink', 'faint', 'line', 'surface', 'target', 'outline', 'focus', 'lift'];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** @param {string} hatch @param {string} edge @returns {HTMLCanvasElement} one tile of a hatch */
function hatchTile(hatch, edge) {
  const tile = document.createElement('canvas');
  const side = (tile.width = tile.height = hatch === 'dots' ? 5 : 7);
  const context = tile.getContext('2d');
  context.strokeStyle = context.fillStyle = edge;
  if (hatch === 'dots') {
    context.fillRect(1, 1, 1.6, 1.6);
    return tile;
  }
  context.beginPath();
  for (const shift of [-side, 0, side]) {
    if (hatch !== 'fall') (context.moveTo(shift, side), context.lineTo(shift + side, 0));
    if (hatch !== 'rise') (context.moveTo(shift, 0), context.lineTo(shift + side, side));
  }
  context.stroke();
  return tile;
}

class Looks {
  /** @param {object} given the page's looks: `kinds`, `bits`, `buffers`, `names` */
  constructor(given) {
    this.given = given;
    this.patterns = new Map();
  }

  /** Read the colours again, for another scheme. */
  refresh(context) {
    this.colours = pageColours();
    this.patterns.clear();
    for (const [kind, look] of Object.entries(this.given.kinds)) {
      if (look.hatch) this.patterns.set(kind, context.createPattern(hatchTile(look.hatch, this.edge(look)), 'repeat'));
    }
  }

  /** @returns {string} the colour of an edge, lighter on a dark page */
  edge(look) {
    return `color-mix(in srgb, ${look.edge}, white ${this.colours.lift})`;
  }

  /** @param {string} kind @returns {object} */
  of(kind) {
    return this.given.kinds[kind.startsWith('step') ? 'step' : kind] ?? this.given.kinds.evicted;
  }

  /** @param {string} kind @param {object|null} read @returns {string} one colour, where there is no room for more */
  colour(kind, read) {
    if (read) return this.given.bits[read.bits.reduce((most, one) => (one[2] > most[2] ? one : most))[0]];
    const look = this.of(kind);
    return look.fill || this.edge(look);
  }

  /** @param {string} kind @returns {string} */
  name(kind) {
    return kind.startsWith('step') ? 'slow clock' : this.given.names[kind] ?? kind;
  }
}
