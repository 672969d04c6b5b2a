import type { Random } from '../../controller/base/index.ts';
import type { Algorithm, Balancer, Target } from './balancer.ts';
import { PeakEwma } from './ewma.ts';
import { IpHash } from './ip-hash.ts';
import { LeastConn } from './least-conn.ts';
import { PowerOfTwoChoices } from './p2c.ts';
import { RandomChoice } from './random.ts';
import { RoundRobin } from './round-robin.ts';
import { SmoothWeighted } from './smooth-weighted.ts';

/** A balancer without targets yet: `update` gives it some. */
export function createBalancer<T extends Target>(
  algorithm: Algorithm,
  random: Random,
): Balancer<T> {
  switch (algorithm) {
    case 'random':
      return new RandomChoice(random);
    case 'round-robin':
      return new RoundRobin(random);
    case 'weighted':
      return new SmoothWeighted(random);
    case 'ip_hash':
      return new IpHash();
    case 'least-conn':
      return new LeastConn();
    case 'ewma':
      return new PeakEwma(random);
    case 'p2c':
      return new PowerOfTwoChoices(random);
  }
}
