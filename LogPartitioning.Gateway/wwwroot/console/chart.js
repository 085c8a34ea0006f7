// Curves over time, drawn by uPlot.
import { colourOf } from './colour.js';
import { forms } from './time.js';

const colours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];
// Of bars the graver ones stand before those that they are among.
const barColours = ['--series-1', '--series-5', '--series-3'];
const styles = new URL('../lib/uplot/uPlot.min.css', import.meta.url);

// The day stands under the first time, and where another one begins.
const timesOf = (_, ticks, axis, space, step) => {
  const form = step >= 86_400 ? null : step >= 60 ? forms.minute : forms.time;
  const days = ticks.map(tick => forms.date.format(tick * 1000));
  return ticks.map((tick, i) => [form?.format(tick * 1000), days[i] === days[i - 1] ? null : days[i]].filter(line => line).join('\n'));
};

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

class ChartElement extends HTMLElement {
  static observedAttributes = ['data'];
  #chart = null;
  #shape = '';
  #resize = new ResizeObserver(() => this.#chart?.setSize(this.#size()));
  #theme = () => {
    this.#shape = '';
    this.#draw();
  };

  connectedCallback() {
    if (!this.shadowRoot) {
      this.attachShadow({ mode: 'open' }).innerHTML = `<link rel="stylesheet" href="${styles}"><style>:host{display:block}.u-legend{font-size:12px}</style><div role="img"></div>`;
    }
    this.shadowRoot.querySelector('div').setAttribute('aria-label', this.getAttribute('label') ?? '');
    this.#resize.observe(this);
    document.body.addEventListener('themeChanged', this.#theme);
    this.#draw();
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    document.body.removeEventListener('themeChanged', this.#theme);
    this.#chart?.destroy();
    this.#chart = null;
    this.#shape = '';
  }

  attributeChangedCallback() {
    if (this.isConnected) {
      this.#draw();
    }
  }

  #size() {
    return { width: Math.max(200, this.clientWidth), height: Number(this.getAttribute('height') ?? 220) };
  }

  #draw() {
    if (!this.shadowRoot || !globalThis.uPlot) {
      return;
    }
    const { times, series } = JSON.parse(this.getAttribute('data'));
    const values = [times, ...series.map(one => one.values)];
    const shape = series.map(one => one.name).join('|');
    if (this.#chart && shape === this.#shape) {
      this.#chart.setData(values);
      return;
    }
    this.#chart?.destroy();
    this.#shape = shape;
    const bars = this.hasAttribute('bars');
    const own = bars ? barColours : colours;
    const unit = this.getAttribute('unit') ?? '';
    const axis = { stroke: colourOf(this, '--text-2'), grid: { stroke: colourOf(this, '--line'), width: 1 }, ticks: { stroke: colourOf(this, '--line'), width: 1 } };
    this.#chart = new uPlot({
      ...this.#size(),
      series: [{ label: 'Time', value: (_, time) => time == null ? '–' : forms.full.format(time * 1000) }, ...series.map((one, i) => ({
        label: one.name,
        stroke: colourOf(this, own[i % own.length]),
        width: 1.5,
        ...(bars ? { fill: colourOf(this, own[i % own.length]), paths: uPlot.paths.bars({ size: [0.9, 60] }), points: { show: false } } : { points: { show: times.length < 2 } }),
        value: (_, value) => value == null ? '–' : short.format(value) + unit,
      }))],
      scales: { y: { range: (_, least, most) => [0, Math.max(1, most * 1.05)] } },
      axes: [{ ...axis, values: timesOf }, { ...axis, size: 56, values: (_, ticks) => ticks.map(tick => short.format(tick)) }],
      cursor: { drag: { x: false, y: false } },
    }, values, this.shadowRoot.querySelector('div'));
  }
}

customElements.define('lp-chart', ChartElement);
