// Sorts a table at once where its heading is chosen: all rows are here. The page that the heading leads to has them in the same order, and takes its time.
const texts = new Intl.Collator('en');

document.addEventListener('click', event => {
  const link = event.target.closest?.('a[data-sort]');
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
    return;
  }
  const heading = link.closest('th');
  const body = heading.closest('table').tBodies[0];
  const turn = link.dataset.sort === 'asc' ? 1 : -1;
  const compare = heading.classList.contains('number') ? (a, b) => a - b : texts.compare;
  const valueOf = row => row.cells[heading.cellIndex].dataset.value;
  body.append(...[...body.rows].sort((a, b) => turn * compare(valueOf(a), valueOf(b))));
}, { capture: true });
