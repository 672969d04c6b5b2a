/** A request that waits until an endpoint has room for it. */
export interface WaitingRequest {
  /** There may be room. False: there was none, and it waits on. */
  roomMade(): boolean;
}

/** Requests for which no endpoint of a pool has room, in the order in which they came. */
export class WaitingRequests {
  readonly #queue = new Set<WaitingRequest>();

  get size(): number {
    return this.#queue.size;
  }

  add(request: WaitingRequest): void {
    this.#queue.add(request);
  }

  remove(request: WaitingRequest): void {
    this.#queue.delete(request);
  }

  /** One request elsewhere has ended: the oldest may go. */
  wakeOne(): void {
    const [first] = this.#queue;
    if (first?.roomMade() === true) this.#queue.delete(first);
  }

  /** The pool has changed: as many as find room may go. */
  wakeAll(): void {
    for (const request of this.#queue) {
      if (!request.roomMade()) return;
      this.#queue.delete(request);
    }
  }
}
