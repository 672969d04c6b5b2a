import type { Tracking } from '../speaker/virtual-router.ts';
import type { Track } from '../objects/read-tracks.ts';

/** One tracker with what is known of it; undefined: nothing yet, so it speaks neither way. */
export interface TrackResult {
  readonly track: Track;
  readonly works: boolean | undefined;
}

/** What the trackers of one router amount to. */
export function trackingOf(results: readonly TrackResult[]): Tracking {
  let weight = 0;
  let fault: string | undefined;
  for (const { track, works } of results) {
    if (works === undefined) continue;
    if (track.weight === 0 && !works) fault ??= `${nameOf(track)} does not work`;
    if (works === track.weight > 0) weight += track.weight;
  }
  return { weight, fault };
}

/** How people know a tracker. */
function nameOf(track: Track): string {
  switch (track.kind) {
    case 'service':
      return `Service ${track.service}`;
    case 'script':
      return `script ${track.script.command[0] ?? ''}`;
  }
}
