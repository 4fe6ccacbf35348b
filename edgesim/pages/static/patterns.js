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

/** @param {string} colour #rrggbb @returns {number} its relative luminance (WCAG 2) */
function luminance(colour) {
  const part = (at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

const NEARLY_BLACK = 0.07, MIDDLE = 0.179; // on a colour of that luminance, black and white have the same contrast

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
      if (look.hatch) this.patterns.set(kind, context.createPattern(hatchTile(look.hatch, this.lifted(look.edge)), 'repeat'));
    }
  }

  /** @returns {string} a colour, lighter on a dark page */
  lifted(colour) {
    return `color-mix(in srgb, ${colour}, white ${this.colours.lift})`;
  }

  /** @returns {string} a fill; where nothing outlines it, what is nearly black is lighter on a dark page */
  seen(fill) {
    return luminance(fill) < NEARLY_BLACK ? this.lifted(fill) : fill;
  }

  /** @param {string} kind @returns {object} */
  of(kind) {
    return this.given.kinds[kind.startsWith('step') ? 'step' : kind] ?? this.given.kinds.evicted;
  }

  /** @param {string} kind @param {object|null} read @returns {string} one colour, where there is no room for more */
  colour(kind, read) {
    if (read) return this.seen(this.given.bits[read.bits.reduce((most, one) => (one[2] > most[2] ? one : most))[0]]);
    const look = this.of(kind);
    return look.fill ? this.seen(look.fill) : this.lifted(look.edge);
  }

  /** @param {string} kind @returns {string} */
  name(kind) {
    return kind.startsWith('step') ? 'slow clock' : this.given.names[kind] ?? kind;
  }
}
