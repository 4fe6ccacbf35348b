// The page's data as a file, as `edgesim --json` would have written it.

/** @param {string} name @returns {object} one of the page's data */
function data(name) {
  return JSON.parse(document.getElementById(`data-${name}`).textContent);
}

/** @param {HTMLButtonElement} button says what the file is called and which data are in it */
function downloading(button) {
  button.addEventListener('click', () => {
    const values = button.dataset.of.split(' ').map(data).map(({ result, json }) => json ?? unpackedResult(result));
    const text = JSON.stringify(values.length > 1 ? values : values[0], null, 1);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'application/json' }));
    link.download = button.dataset.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
