import type { Clock, Log } from '../../base/index.ts';
import type { ExecRunner } from '../../health/index.ts';
import type { TrackedPlane } from '../../objects/index.ts';
import type { Track } from '../objects/read-tracks.ts';
import { FileTracker, readTrackedFile } from './file-tracker.ts';
import { ScriptTracker } from './script-tracker.ts';
import type { TrackResult } from './track-board.ts';

/** Health of the kernel's rules fades with time alone, without an event. */
const planesEveryMs = 1000;

export interface TrackersOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly exec?: ExecRunner;
  readonly planeWorks?: (
    plane: TrackedPlane,
    serviceWorks: (service: string) => boolean,
  ) => boolean;
  readonly readTracked?: (file: string) => Promise<string | undefined>;
  /** `service`: `namespace/name`. */
  readonly serviceWorks: (service: string) => boolean;
}

interface Running<T> {
  readonly tracker: Disposable;
  found: T | undefined;
}

/** Runs what virtual routers track outside the speaker. Equal trackers of several run once. */
export class Trackers implements Disposable {
  readonly #options: TrackersOptions;
  readonly #onChange: () => void;
  readonly #scripts = new Map<string, Running<boolean>>();
  readonly #files = new Map<string, Running<number>>();
  #planes: Disposable | undefined;

  constructor(options: TrackersOptions, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  /** Makes these all that are run. */
  follow(tracks: readonly Track[]): void {
    const scripts = tracks.filter((track) => track.kind === 'script');
    const files = tracks.filter((track) => track.kind === 'file');
    replace(this.#scripts, new Map(scripts.map((one) => [keyOf(one), one])), (track, found) =>
      this.#startScript(track, found),
    );
    replace(this.#files, new Map(files.map((one) => [one.file, one])), (track, found) =>
      this.#startFile(track, found),
    );
    const tracksPlanes = tracks.some(({ kind }) => kind === 'plane');
    if (tracksPlanes) this.#planes ??= this.#lookAtPlanes();
    else this.#stopPlanes();
  }

  resultOf(track: Track): TrackResult {
    const { planeWorks, serviceWorks } = this.#options;
    switch (track.kind) {
      case 'service':
        return { track, works: serviceWorks(track.service) };
      case 'script':
        return { track, works: this.#scripts.get(keyOf(track))?.found };
      case 'plane':
        return { track, works: planeWorks?.(track.plane, serviceWorks) };
      case 'file':
        return { track, value: this.#files.get(track.file)?.found };
    }
  }

  [Symbol.dispose](): void {
    this.follow([]);
  }

  #startScript(
    { script }: Extract<Track, { kind: 'script' }>,
    found: (works: boolean) => void,
  ): Disposable | undefined {
    const { exec, clock } = this.#options;
    return exec && new ScriptTracker(script, exec, clock, (works) => this.#found(found, works));
  }

  #startFile(
    { file }: Extract<Track, { kind: 'file' }>,
    found: (value: number | undefined) => void,
  ): Disposable {
    const { readTracked = readTrackedFile, clock, log } = this.#options;
    return new FileTracker({ file, read: readTracked, clock, log }, (value) =>
      this.#found(found, value),
    );
  }

  #found<T>(remember: (found: T) => void, found: T): void {
    remember(found);
    this.#onChange();
  }

  #lookAtPlanes(): Disposable {
    return this.#options.clock.schedule(planesEveryMs, () => {
      this.#planes = this.#lookAtPlanes();
      this.#onChange();
    });
  }

  #stopPlanes(): void {
    this.#planes?.[Symbol.dispose]();
    this.#planes = undefined;
  }
}

function keyOf(track: Extract<Track, { kind: 'script' }>): string {
  return JSON.stringify(track.script);
}

/** Ends what is not wanted any more, and starts what is new. */
function replace<Wanted, Found>(
  running: Map<string, Running<Found>>,
  wanted: ReadonlyMap<string, Wanted>,
  start: (one: Wanted, found: (value: Found | undefined) => void) => Disposable | undefined,
): void {
  for (const [key, { tracker }] of running) {
    if (wanted.has(key)) continue;
    tracker[Symbol.dispose]();
    running.delete(key);
  }
  for (const [key, one] of wanted) {
    if (running.has(key)) continue;
    const tracker = start(one, (found) => {
      const entry = running.get(key);
      if (entry) entry.found = found;
    });
    if (tracker) running.set(key, { tracker, found: undefined });
  }
}
