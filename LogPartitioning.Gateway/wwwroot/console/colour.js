// The colour that a custom property comes to, as a canvas takes it.
const probe = document.createElement('span');

export function colourOf(element, name) {
  probe.style.color = `var(${name})`;
  element.shadowRoot.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
