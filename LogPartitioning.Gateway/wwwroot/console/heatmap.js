// Values of several rows over common times, as colours.
import { colourOf } from './colour.js';
import { forms } from './time.js';

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const rowHeight = 18;
const labels = 34;
const axis = 18;

class HeatmapElement extends HTMLElement {
  static observedAttributes = ['data'];
  #resize = new ResizeObserver(() => this.#draw());
  #theme = () => this.#draw();
  #data = null;

  connectedCallback() {
    if (!this.shadowRoot) {
      this.attachShadow({ mode: 'open' }).innerHTML = `<style>
        :host { display: block; position: relative }
        canvas { display: block; width: 100% }
        output { position: absolute; pointer-events: none; padding: 2px 8px; border-radius: 4px; font-size: 12px; white-space: nowrap;
          background: var(--raised); color: var(--text); box-shadow: 0 1px 4px rgb(0 0 0 / .4); display: none }
        p { margin: 4px 0 0; font-size: 12px; color: var(--text-2) }</style><canvas role="img"></canvas><output></output><p></p>`;
      const canvas = this.shadowRoot.querySelector('canvas');
      canvas.addEventListener('pointermove', event => this.#point(event));
      canvas.addEventListener('pointerleave', () => { this.shadowRoot.querySelector('output').style.display = 'none'; });
    }
    this.shadowRoot.querySelector('canvas').setAttribute('aria-label', this.getAttribute('label') ?? '');
    this.#resize.observe(this);
    document.body.addEventListener('themeChanged', this.#theme);
    this.#draw();
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    document.body.removeEventListener('themeChanged', this.#theme);
  }

  attributeChangedCallback() {
    if (this.isConnected) {
      this.#draw();
    }
  }

  #draw() {
    if (!this.shadowRoot || !this.clientWidth) {
      return;
    }
    this.#data = JSON.parse(this.getAttribute('data'));
    const { times, rows } = this.#data;
    const most = Math.max(1, ...rows.map(row => Math.max(0, ...row.values)));
    const canvas = this.shadowRoot.querySelector('canvas');
    const scale = devicePixelRatio || 1;
    const width = this.clientWidth;
    const height = rows.length * rowHeight + axis;
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.height = `${height}px`;
    const [text, line, heat] = ['--text-2', '--line', '--heat'].map(name => colourOf(this, name));
    const draw = canvas.getContext('2d');
    draw.scale(scale, scale);
    draw.font = '11px system-ui, sans-serif';
    draw.textBaseline = 'middle';
    const cell = (width - labels) / times.length;
    rows.forEach((row, y) => {
      draw.fillStyle = text;
      draw.globalAlpha = 1;
      draw.fillText(row.name, 4, y * rowHeight + rowHeight / 2);
      draw.fillStyle = line;
      draw.globalAlpha = 0.5;
      draw.fillRect(labels, y * rowHeight + 1, width - labels, rowHeight - 2);
      draw.fillStyle = heat;
      row.values.forEach((value, x) => {
        if (value > 0) {
          // The root: a hundredth of the most is still to be seen.
          draw.globalAlpha = 0.12 + 0.88 * Math.sqrt(value / most);
          draw.fillRect(labels + x * cell, y * rowHeight + 1, Math.max(1, cell), rowHeight - 2);
        }
      });
    });
    draw.globalAlpha = 1;
    draw.fillStyle = text;
    const times5 = width > 700 ? 5 : 2;
    for (let i = 0; i <= times5; i++) {
      const index = Math.round((times.length - 1) * i / times5);
      draw.textAlign = i === 0 ? 'left' : i === times5 ? 'right' : 'center';
      draw.fillText(forms.time.format(times[index] * 1000), labels + (width - labels) * i / times5, height - axis / 2);
    }
    this.shadowRoot.querySelector('p').textContent = `The strongest colour is ${short.format(most)}${this.getAttribute('unit') ?? ''}.`;
  }

  #point(event) {
    const { times, rows } = this.#data;
    const x = Math.floor((event.offsetX - labels) / ((this.clientWidth - labels) / times.length));
    const y = Math.floor(event.offsetY / rowHeight);
    const output = this.shadowRoot.querySelector('output');
    if (x < 0 || !rows[y] || times[x] === undefined) {
      output.style.display = 'none';
      return;
    }
    output.textContent = `partition ${rows[y].name}, ${forms.time.format(times[x] * 1000)}: ${short.format(rows[y].values[x])}${this.getAttribute('unit') ?? ''}`;
    output.style.display = 'block';
    output.style.left = `${Math.min(event.offsetX + 12, this.clientWidth - output.offsetWidth - 4)}px`;
    output.style.top = `${event.offsetY + 16}px`;
  }
}

customElements.define('lp-heatmap', HeatmapElement);
