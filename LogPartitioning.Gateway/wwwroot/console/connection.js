// Whether what is shown is kept up to date: one place for all streams of a page.
const states = new Map();
const words = {
  live: 'Live',
  paused: 'Paused',
  connecting: 'Connecting …',
  lost: 'Connection lost. What is shown is old; trying again …',
};

class ConnectionElement extends HTMLElement {
  connectedCallback() {
    show();
  }
}

function show() {
  const of = [...states.values()];
  const state = ['lost', 'connecting', 'paused', 'live'].find(one => of.includes(one));
  for (const element of document.querySelectorAll('lp-connection')) {
    if (element.dataset.state !== state) {
      element.dataset.state = state ?? '';
      element.textContent = words[state] ?? '';
    }
  }
}

customElements.define('lp-connection', ConnectionElement);

export function report(owner, state) {
  if (state) {
    states.set(owner, state);
  } else {
    states.delete(owner);
  }
  show();
}
