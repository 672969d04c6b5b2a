import { algorithms } from '../../../proxy/balancer/index.ts';
import { conformance } from './conformance.ts';

for (const algorithm of algorithms) conformance(algorithm);
