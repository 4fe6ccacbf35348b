// What a mark in a picture is, below the picture, when it is pointed at, tapped or focused.

/** @param {HTMLElement} figure with marks that have a text each */
function telling(figure) {
  const told = figure.querySelector('.told');
  const asked = told.textContent;
  const tell = ({ target }) => (told.textContent = target.closest('[data-told]')?.dataset.told ?? told.textContent);
  for (const event of ['pointerover', 'pointerdown', 'focusin']) figure.addEventListener(event, tell);
  figure.addEventListener('keydown', ({ key }) => key === 'Escape' && (told.textContent = asked));
}
