import type { Problem } from '../../controller/base/index.ts';
import { objectKey } from '../../controller/objects/index.ts';
import { ingressRef } from './ingress-ref.ts';
import type { ParsedIngress, ParsedPath } from './parse-ingress.ts';

/** A path of a host, and the Ingress that has it. */
export interface Claim {
  /** Type and path: two claims with one key are for the same route. */
  readonly key: string;
  readonly from: ParsedIngress;
  readonly path: ParsedPath;
}

/** Each path and type once: the oldest Ingress has it, whole, and the others are told. */
export function claimPaths(
  host: string,
  ingresses: readonly ParsedIngress[],
  problems: Problem[],
): readonly Claim[] {
  const claims = new Map<string, Claim>();
  for (const from of ingresses) {
    for (const path of from.hosts.get(host) ?? []) {
      const key = `${path.pathType} ${path.path}`;
      const winner = claims.get(key);
      if (winner) problems.push(pathConflict(host, { key, from, path }, winner));
      else claims.set(key, { key, from, path });
    }
  }
  return [...claims.values()];
}

function pathConflict(host: string, loser: Claim, winner: Claim): Problem {
  const { path, pathType, field } = loser.path;
  const where = `${host || 'every host'}${path} (${pathType})`;
  const by = objectKey(winner.from.ingress.metadata);
  const own = by === objectKey(loser.from.ingress.metadata);
  return {
    severity: 'error',
    reason: 'PathConflict',
    message: own
      ? `${where} is listed twice; ${winner.path.field} serves it`
      : `${where} already belongs to Ingress ${by}, which comes first by age, then by name, and serves it`,
    instead: 'another path or host, or remove one of the two',
    object: ingressRef(loser.from.ingress, field.replace(/\.backend$/, '.path')),
  };
}
