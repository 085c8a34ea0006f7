// Events as they come. Where more come than anybody can read, the server picks some, and says so.
import { Stream } from './stream.js';
import { report } from './connection.js';

const most = 500;

class TailElement extends HTMLElement {
  #stream = null;
  #paused = false;
  #list = null;
  #note = null;

  connectedCallback() {
    this.innerHTML = '';
    const bar = document.createElement('p');
    bar.className = 'row';
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Pause' });
    this.#note = document.createElement('span');
    this.#note.setAttribute('role', 'status');
    this.#note.textContent = 'Waiting for events …';
    bar.append(button, this.#note);
    this.#list = document.createElement('ul');
    this.#list.className = 'events';
    this.append(bar, this.#list);
    button.addEventListener('click', () => {
      this.#paused = !this.#paused;
      button.textContent = this.#paused ? 'Go on' : 'Pause';
      if (this.#paused) {
        this.#stream?.close();
        this.#stream = null;
        report(this, 'paused');
      } else {
        report(this, null);
        this.#open();
      }
    });
    this.#open();
  }

  disconnectedCallback() {
    this.#stream?.close();
    this.#stream = null;
    report(this, null);
  }

  #open() {
    this.#stream = new Stream(this.getAttribute('src'), {
      events: text => this.#add(JSON.parse(text)),
      problem: text => { this.#note.textContent = JSON.parse(text).problem; },
    });
  }

  #add({ items, arrived, looked, matched, seconds }) {
    const rate = new Intl.NumberFormat('en').format(Math.round(arrived / seconds));
    this.#note.textContent = looked < arrived
      ? `Sampled: ${items.length} of ${rate} events/s are shown; ${looked} of ${arrived} were looked at.`
      : `${rate} events/s${matched < looked ? `, ${matched} match` : ''}.`;
    this.#list.prepend(...items.map(row));
    while (this.#list.childElementCount > most) {
      this.#list.lastElementChild.remove();
    }
  }
}

function row(item) {
  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };
  const time = document.createElement('lp-time');
  time.setAttribute('form', 'full');
  time.setAttribute('value', item.timestamp);
  const summary = document.createElement('summary');
  summary.append(time, element('span', `level ${item.level.toLowerCase()}`, item.level), element('span', 'source', item.source), element('span', 'message', item.message));
  const facts = document.createElement('dl');
  for (const [name, value] of [['Message', item.message], ...Object.entries(item.attributes ?? {}), ['Record', `partition ${item.partition}, offset ${item.offset}, key ${item.key}`], ['Id', item.id]]) {
    facts.append(element('dt', '', name), element('dd', 'whole', String(value)));
  }
  const details = document.createElement('details');
  details.append(summary, facts);
  const line = document.createElement('li');
  line.append(details);
  return line;
}

customElements.define('lp-tail', TailElement);
