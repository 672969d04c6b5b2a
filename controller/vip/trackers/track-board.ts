import type { Tracking } from '../speaker/virtual-router.ts';
import type { Track } from '../objects/read-tracks.ts';

/** One tracker with what is known of it; undefined: nothing yet, so it speaks neither way. */
export type TrackResult =
  | { readonly track: Exclude<Track, FileTrack>; readonly works: boolean | undefined }
  /** `value`: the number in the file. */
  | { readonly track: FileTrack; readonly value: number | undefined };

type FileTrack = Extract<Track, { kind: 'file' }>;

/** What the trackers of one router amount to. */
export function trackingOf(results: readonly TrackResult[]): Tracking {
  let weight = 0;
  let fault: string | undefined;
  for (const result of results) {
    const { track } = result;
    if ('value' in result) {
      const { value = 0 } = result;
      if (track.weight === 0 && value !== 0) fault ??= `${nameOf(track)} says ${value}`;
      weight += value * track.weight;
      continue;
    }
    const { works } = result;
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
    case 'plane':
      return `the ${track.plane} plane`;
    case 'file':
      return `file ${track.file}`;
  }
}
