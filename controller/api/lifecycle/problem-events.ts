import { describeError, type Problem } from '../../base/index.ts';
import { EventCorrelator, eventOfProblem, eventTime } from '../../cluster/index.ts';
import { isKnownKind, type KubeObject } from '../../objects/index.ts';
import type { ApiContext } from '../server/context.ts';
import { textAt, valueAt } from '../table/value-at.ts';
import { deleteIfThere } from './namespaces.ts';

export interface ProblemEventsOptions extends ApiContext {
  /** Stands in the Events as where they come from. */
  readonly nodeName: string;
}

/** As the API server's `--event-ttl`. */
const keptMs = 60 * 60 * 1000;
const sweepMs = 5 * 60 * 1000;
/** Being written; beyond, new ones are dropped: Events are a courtesy. */
const mostWrites = 200;

/**
 * Tells of problems with objects as Events, where `kubectl describe` and `kubectl events` show
 * them, and forgets all Events that are an hour old, whoever wrote them.
 */
export class ProblemEvents implements Disposable {
  readonly #options: ProblemEventsOptions;
  readonly #correlator = new EventCorrelator();
  #sweep: Disposable;
  #writes = 0;

  constructor(options: ProblemEventsOptions) {
    this.#options = options;
    this.#sweep = this.#sweepLater();
  }

  record(problem: Problem): void {
    const object = this.#objectOf(problem);
    if (!object || this.#writes >= mostWrites) return;
    const correlated = this.#correlator.correlate(problem, this.#options.clock.nowMs());
    if (correlated.kind === 'dropped') return;
    const { nodeName, clock } = this.#options;
    const time = eventTime(clock.wallMs());
    this.#write(this.#put(eventOfProblem(problem, object, correlated, { nodeName, time })));
  }

  [Symbol.dispose](): void {
    this.#sweep[Symbol.dispose]();
  }

  #objectOf({ object: ref }: Problem): KubeObject | undefined {
    if (!ref) return undefined;
    const found = this.#options.objects.get(ref.kind, ref.namespace, ref.name);
    // Not of Events themselves, nor of kinds that nothing here looks at.
    return found && isKnownKind(found.apiVersion, found.kind) ? found : undefined;
  }

  /** One that was told before, by this daemon or the one before it, counts on. */
  async #put(event: ReturnType<typeof eventOfProblem>): Promise<void> {
    const { objects } = this.#options;
    const { namespace = '', name } = event.metadata;
    const before = objects.get('Event', namespace, name);
    if (!before) {
      await objects.create(event);
      return;
    }
    const { message, lastTimestamp } = event;
    const count = Number(valueAt(before, 'count') ?? 0) + 1;
    await objects.update(Object.assign({}, before, { message, lastTimestamp, count }));
  }

  #sweepLater(): Disposable {
    return this.#options.clock.schedule(sweepMs, () => {
      this.#sweep = this.#sweepLater();
      const { objects, clock } = this.#options;
      const oldest = eventTime(clock.wallMs() - keptMs);
      for (const event of objects.list('Event').items) {
        const { namespace = '', name } = event.metadata;
        const last = lastTime(event);
        if (last < oldest) this.#write(deleteIfThere(this.#options, 'Event', namespace, name));
      }
    });
  }

  #write(written: Promise<unknown>): void {
    this.#writes += 1;
    void written
      .catch((error: unknown) => {
        this.#options.log.debug({ error: describeError(error) }, 'an Event was not written');
      })
      .finally(() => {
        this.#writes -= 1;
      });
  }
}

/** When an Event was last seen; RFC 3339 in UTC sorts as text. */
function lastTime(event: KubeObject): string {
  const { creationTimestamp = '' } = event.metadata;
  const times = ['lastTimestamp', 'series.lastObservedTime', 'eventTime'];
  return (
    times.map((field) => textAt(event, field)).find((text) => text !== '') ?? creationTimestamp
  );
}
