// Server-sent events that come back: the browser's own reconnecting ends at an answer like 503, and never notices a silent peer.
import { report } from './connection.js';

const silence = 12_000;
const retry = 2_000;

export class Stream {
  #address;
  #handlers;
  #source = null;
  #timer = 0;
  #closed = false;

  // A page that nobody looks at asks for nothing.
  #onVisibility = () => {
    if (this.#closed) {
      return;
    }
    if (document.hidden) {
      this.#stop();
    } else if (!this.#source) {
      report(this, 'connecting');
      this.#open();
    }
  };

  constructor(address, handlers) {
    this.#address = address;
    this.#handlers = handlers;
    document.addEventListener('visibilitychange', this.#onVisibility);
    report(this, 'connecting');
    this.#open();
  }

  close() {
    this.#closed = true;
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#stop();
    report(this, null);
  }

  #open() {
    this.#stop();
    this.#source = new EventSource(this.#address);
    for (const [name, handle] of Object.entries({ beat: () => {}, ...this.#handlers })) {
      this.#source.addEventListener(name, event => {
        report(this, 'live');
        this.#watch(silence);
        handle(event.data);
      });
    }
    this.#source.onerror = () => this.#lose();
    this.#watch(silence);
  }

  #lose() {
    this.#stop();
    report(this, 'lost');
    this.#handlers.lost?.();
    this.#timer = setTimeout(() => this.#open(), retry);
  }

  // Called again with each event; where none comes, the stream is begun anew.
  #watch(patience) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(), patience);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
