// Make the page work: timelines, tables, choice, download; and show all of it in print.

const timelines = new Set();

/** @param {HTMLElement} figure of a timeline; its data is parsed when it is first shown */
function mountTimeline(figure) {
  const { result, drawn } = data(figure.dataset.number);
  const results = result ? [result, ...result.beside] : [];
  const parts = drawn.groups.map((group, at) => {
    const source = group.beside ? results[0] : results[at] ?? group; // a validation has no results, but two sides
    return { spans: spanColumns(source.timeline), requests: source.requests && requestColumns(source.requests) };
  });
  const canvas = figure.querySelector('canvas');
  const timeline = new Timeline(canvas, drawn, parts, JSON.parse(document.getElementById('looks').textContent));
  new Control(timeline, figure);
  new ResizeObserver(() => timeline.invalidate()).observe(canvas);
  timelines.add(timeline);
}

/** @param {ParentNode} part of the page that is new */
function mount(part) {
  part.querySelectorAll('figure[data-number]').forEach(mountTimeline);
  part.querySelectorAll('table[data-sortable]').forEach(sortable);
  part.querySelectorAll('input[aria-controls]').forEach(filtering);
  part.querySelectorAll('figure.scatter').forEach(telling);
  part.querySelectorAll('button[data-file]').forEach(downloading);
}

const PAPER = 700; // px: letters of the picture are then as large as those of the text
let opened = [];

/** Show everything, in light colours, as wide as paper is. */
function toPaper() {
  if ('paper' in document.documentElement.dataset) return;
  document.documentElement.dataset.paper = '';
  opened = [...document.querySelectorAll('details:not([open])')];
  opened.forEach((each) => (each.open = true));
  timelines.forEach((each) => (each.looks.refresh(each.context), each.draw(PAPER)));
}

function toScreen() {
  delete document.documentElement.dataset.paper;
  opened.forEach((each) => (each.open = false));
  timelines.forEach((each) => each.refresh());
}

mount(document);
new Choice(mount);
addEventListener('beforeprint', toPaper);
addEventListener('afterprint', toScreen);
matchMedia('print').addEventListener('change', ({ matches }) => (matches ? toPaper : toScreen)());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => timelines.forEach((each) => each.refresh()));
document.documentElement.dataset.ready = '';
