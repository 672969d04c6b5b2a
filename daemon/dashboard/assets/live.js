/**
 * The daemon's live stream, kept open over breaks, and the newest of what it said.
 * @typedef {import('../../live/index.ts').TrafficSample} TrafficSample
 * @typedef {import('../../live/index.ts').NodeState} NodeState
 * @typedef {import('../../live/index.ts').ObjectChange} ObjectChange
 */

const maxSamples = 300;
const maxChanges = 500;
const retryMs = 1000;

export class Live extends EventTarget {
  /** @type {TrafficSample[]} Oldest first. */
  samples = [];
  /** @type {NodeState | undefined} */
  state;
  /** @type {ObjectChange[]} Newest first. */
  changes = [];
  connected = false;
  /** @type {EventSource | undefined} */
  #source;

  open() {
    const source = new EventSource('/debug/live');
    this.#source = source;
    source.addEventListener('open', () => {
      // What comes after a break is told from the start again.
      this.changes = [];
      this.#connection(true);
    });
    source.addEventListener('error', () => {
      this.#connection(false);
      // A browser gives up after an answer that is no stream, such as that of a full daemon.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.open(), retryMs);
    });
    this.#on('history', (/** @type {TrafficSample[]} */ samples) => {
      this.samples = samples;
      this.#tell();
    });
    this.#on('traffic', (/** @type {TrafficSample} */ sample) => {
      this.samples = [...this.samples.slice(1 - maxSamples), sample];
    });
    this.#on('state', (/** @type {NodeState} */ state) => {
      this.state = state;
      this.#tell();
    });
    this.#on('changes', (/** @type {ObjectChange[]} */ changes) => {
      this.changes = [...changes.toReversed(), ...this.changes].slice(0, maxChanges);
      this.#tell();
    });
  }

  /** @returns {TrafficSample | undefined} */
  get traffic() {
    return this.samples.at(-1);
  }

  /**
   * @param {string} name
   * @param {(data: any) => void} take
   */
  #on(name, take) {
    this.#source?.addEventListener(name, (event) => {
      take(JSON.parse(/** @type {MessageEvent<string>} */ (event).data));
    });
  }

  /** @param {boolean} connected */
  #connection(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('news'));
  }
}
