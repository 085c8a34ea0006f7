// A part of a page that changes by itself.
import { morphChildren } from './morph.js';
import { Stream } from './stream.js';

class LiveElement extends HTMLElement {
  static observedAttributes = ['src'];
  #stream = null;

  connectedCallback() {
    this.refresh();
  }

  disconnectedCallback() {
    this.#stream?.close();
    this.#stream = null;
  }

  attributeChangedCallback(name, before, now) {
    if (this.isConnected && before !== now) {
      this.refresh();
    }
  }

  // Asks anew, and has the present state at once.
  refresh() {
    this.#stream?.close();
    this.#stream = new Stream(this.getAttribute('src'), {
      view: html => {
        const template = document.createElement('template');
        template.innerHTML = html;
        morphChildren(this, template.content);
        this.removeAttribute('stale');
      },
      beat: () => this.removeAttribute('stale'),
      lost: () => this.setAttribute('stale', ''),
    });
  }
}

customElements.define('lp-live', LiveElement);
