// Tables that can be sorted by a column, and rows that are hidden until asked for.

/** @param {HTMLTableElement} table gets buttons in its headings */
function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, at) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const rising = heading.ariaSort !== 'ascending';
      for (const other of headings) other.ariaSort = null;
      heading.ariaSort = rising ? 'ascending' : 'descending';
      sortRows(table.tBodies[0], at, rising ? 1 : -1);
    });
  });
}

/** Sort by the numbers of a column, or by its texts; what is unknown comes last either way. */
function sortRows(body, at, sign) {
  const key = (row) => (row.cells[at].dataset.key === undefined ? null : Number(row.cells[at].dataset.key));
  const text = (row) => row.cells[at].textContent.trim();
  const inOrder = new Intl.Collator(undefined, { numeric: true }).compare; // 32 bits come after 4
  const unknown = (row) => key(row) === null && ['-', 'unknown', ''].includes(text(row));
  const rows = [...body.rows];
  rows.sort((a, b) => {
    if (unknown(a) !== unknown(b)) return unknown(a) - unknown(b);
    const [one, other] = [key(a), key(b)];
    return sign * (one !== null && other !== null ? one - other : inOrder(text(a), text(b)));
  });
  body.append(...rows);
}

/** @param {HTMLInputElement} box shows every planner of its section in table and pictures, or those that matter */
function filtering(box) {
  const section = box.closest('section');
  const filter = () => section.toggleAttribute('data-all', box.checked);
  box.addEventListener('change', filter);
  filter();
}
