import { targetId } from '../../balancer/index.ts';
import type { Endpoint, ServicePort } from '../../compile/table.ts';
import type { FlowCounts } from './flow-counts.ts';

/** Shares are exact to a 64th: weights from counts a second old deserve no more. */
const slots = 64;

/** A share that moves by less is left alone: rules are not rewritten for one connection. */
const leastChange = 2;

/**
 * `least-conn` and `p2c` as well as a kernel can have them: it cannot compare counters, so shares
 * follow the flows counted a moment ago, inversely. Whatever comes between two counts goes by the
 * older one: an approximation, and called so wherever it is shown.
 */
export class LeastConnWeights {
  readonly #ports = new Map<string, ServicePort>();
  /** By port key: the weight of each endpoint, by `targetId`. */
  readonly #weights = new Map<string, ReadonlyMap<string, number>>();

  /** How many Service ports are balanced so. */
  get size(): number {
    return this.#ports.size;
  }

  /** A Service port came, or changed. */
  note(port: ServicePort): void {
    const wanted = port.algorithm === 'least-conn' || port.algorithm === 'p2c';
    const choices = port.clusterEndpoints.length + port.localEndpoints.length;
    if (wanted && choices > 1) this.#ports.set(port.key, port);
    else this.forget(port.key);
  }

  forget(key: string): void {
    this.#ports.delete(key);
    this.#weights.delete(key);
  }

  /** The port with weights from the last count; as it is if there was none. */
  weighed(port: ServicePort): ServicePort {
    const weights = this.#weights.get(port.key);
    if (!weights) return port;
    const weigh = (one: Endpoint): Endpoint => {
      const weight = weights.get(targetId(one.address, one.port));
      return weight === undefined ? one : { ...one, weight };
    };
    return {
      ...port,
      clusterEndpoints: port.clusterEndpoints.map(weigh),
      localEndpoints: port.localEndpoints.map(weigh),
    };
  }

  /** Takes a new count; gives the ports whose shares it moves, with their new weights. */
  recount(counts: FlowCounts): readonly ServicePort[] {
    const moved: ServicePort[] = [];
    for (const port of this.#ports.values()) {
      const weights = weightsOf(port, counts);
      if (!differ(weights, this.#weights.get(port.key))) continue;
      this.#weights.set(port.key, weights);
      moved.push(this.weighed(port));
    }
    return moved;
  }
}

/** Shares in proportion to weight / (flows + 1), in 64ths; endpoints of weight 0 stay out. */
function weightsOf(port: ServicePort, counts: FlowCounts): ReadonlyMap<string, number> {
  const endpoints = new Map(
    [...port.clusterEndpoints, ...port.localEndpoints]
      .filter(({ weight }) => weight > 0)
      .map((one) => [targetId(one.address, one.port), one]),
  );
  const shares = [...endpoints].map(([id, { weight }]) => ({
    id,
    share: weight / ((counts.get(`${port.protocol} ${id}`) ?? 0) + 1),
  }));
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  return new Map(
    shares.map(({ id, share }) => [id, Math.max(1, Math.round((share / total) * slots))]),
  );
}

function differ(
  next: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number> | undefined,
): boolean {
  if (!before || before.size !== next.size) return true;
  return [...next].some(([id, weight]) => {
    const old = before.get(id);
    return old === undefined || Math.abs(old - weight) >= leastChange;
  });
}
