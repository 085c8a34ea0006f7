// Makes an element's children those of another one, and touches only what differs: what is focused, open or selected stays so.
const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') ?? (node.id || null) : null;

const isSame = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

// Elements with a life of their own set attributes on themselves, which are not to be taken away.
const isCustom = element => element.nodeName.includes('-');

function morphAttributes(to, from) {
  for (const { name, value } of from.attributes) {
    if (to.getAttribute(name) !== value) {
      to.setAttribute(name, value);
    }
  }
  if (isCustom(to)) {
    return;
  }
  for (const { name } of [...to.attributes]) {
    // The viewer opens and closes.
    if (!from.hasAttribute(name) && !(name === 'open' && to.nodeName === 'DETAILS')) {
      to.removeAttribute(name);
    }
  }
}

function morphNode(to, from) {
  if (to.nodeType !== Node.ELEMENT_NODE) {
    if (to.nodeValue !== from.nodeValue) {
      to.nodeValue = from.nodeValue;
    }
    return;
  }
  morphAttributes(to, from);
  // What an element of ours holds it has made itself, and what a form holds is the viewer's.
  if (to.nodeName.startsWith('LP-') || (to.nodeName === 'FORM' && to.contains(document.activeElement))) {
    return;
  }
  morphChildren(to, from);
}

export function morphChildren(to, from) {
  const keyed = new Map([...to.children].map(child => [keyOf(child), child]).filter(([key]) => key));
  let at = to.firstChild;
  for (const wanted of [...from.childNodes]) {
    const key = keyOf(wanted);
    const known = key ? keyed.get(key) : null;
    if (known && known !== at) {
      to.insertBefore(known, at);
      morphNode(known, wanted);
    } else if (at && isSame(at, wanted)) {
      morphNode(at, wanted);
      at = at.nextSibling;
    } else {
      to.insertBefore(wanted.cloneNode(true), at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
