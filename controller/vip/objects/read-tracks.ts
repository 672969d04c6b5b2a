import { parseDurationMs } from '../../base/index.ts';
import type { TrackedPlane, VirtualIPScript, VirtualIPTrack } from '../../objects/index.ts';
import type { VirtualRouterSpec } from '../speaker/virtual-router.ts';
import type { FieldProblems } from './field-reader.ts';

/** keepalived's bounds of a weight. */
const maxWeight = 253;

/** A tracker other than an interface, ready to run. */
export type Track =
  | { readonly kind: 'service'; readonly service: string; readonly weight: number }
  | { readonly kind: 'script'; readonly script: ScriptSpec; readonly weight: number }
  | { readonly kind: 'plane'; readonly plane: TrackedPlane; readonly weight: number }
  | { readonly kind: 'file'; readonly file: string; readonly weight: number };

const planes: readonly TrackedPlane[] = ['Ingress', 'L4', 'DNS'];

export interface ScriptSpec {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
}

/** Reads trackers; interfaces are watched by the speaker itself. */
export function readTracks(
  tracks: readonly VirtualIPTrack[],
  problems: FieldProblems,
): {
  readonly tracks: readonly Track[];
  readonly interfaces: VirtualRouterSpec['trackInterfaces'];
} {
  const found: Track[] = [];
  const interfaces: { readonly name: string; readonly weight: number }[] = [];
  for (const [at, track] of tracks.entries()) {
    const field = `spec.track[${at}]`;
    const { weight = 0, interface: name, service, script, plane, file } = track;
    problems.integer(`${field}.weight`, weight, -maxWeight, maxWeight);
    const said = [name, service, script, plane, file].filter((one) => one !== undefined);
    if (said.length !== 1) {
      const instead = 'write one of interface, service, script, plane or file';
      problems.add(field, 'it has to say one thing', instead);
    }
    if (name !== undefined) interfaces.push({ name, weight });
    if (service !== undefined) found.push({ kind: 'service', service, weight });
    if (script) found.push({ kind: 'script', script: readScript(field, script, problems), weight });
    if (plane !== undefined && planes.includes(plane)) found.push({ kind: 'plane', plane, weight });
    else if (plane !== undefined) {
      problems.add(`${field}.plane`, `"${plane}" is no plane`, 'write Ingress, L4 or DNS');
    }
    if (file?.startsWith('/')) found.push({ kind: 'file', file, weight });
    else if (file !== undefined) {
      problems.add(`${field}.file`, `"${file}" is no absolute path`, 'write one such as /run/vip');
    }
  }
  return { tracks: found, interfaces };
}

function readScript(field: string, script: VirtualIPScript, problems: FieldProblems): ScriptSpec {
  if (script.command.length === 0) {
    problems.add(`${field}.script.command`, 'it is empty', 'write the program and its arguments');
  }
  const duration = (name: 'interval' | 'timeout', fallbackMs: number): number => {
    const text = script[name];
    const durationMs = text === undefined ? fallbackMs : parseDurationMs(text);
    if (durationMs !== undefined && durationMs >= 10) return durationMs;
    problems.add(`${field}.script.${name}`, `"${text}" is no duration`, 'write one such as 1s');
    return fallbackMs;
  };
  const intervalMs = duration('interval', 1000);
  return {
    command: script.command,
    intervalMs,
    timeoutMs: duration('timeout', intervalMs),
    fall: problems.integer(`${field}.script.fall`, script.fall ?? 1, 1, 1000),
    rise: problems.integer(`${field}.script.rise`, script.rise ?? 1, 1, 1000),
  };
}
