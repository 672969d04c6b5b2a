import type { IPFamily } from '../../../controller/objects/index.ts';
import { parseCidr } from '../../compile/index.ts';
import type { LocalDetector } from '../kernel/index.ts';

/** Matches what comes from a Pod of this node; undefined: nothing is known of Pods. */
export function fromPod(detector: LocalDetector, family: IPFamily): string | undefined {
  return match(detector, family, '');
}

/** The opposite, with a blank in front. */
export function notFromPod(detector: LocalDetector, family: IPFamily): string | undefined {
  const text = match(detector, family, '! ');
  return text === undefined ? undefined : ` ${text}`;
}

/** Of several CIDRs the first counts: one rule matches one. */
function match(detector: LocalDetector, family: IPFamily, not: '' | '! '): string | undefined {
  switch (detector.kind) {
    case 'none':
      return undefined;
    case 'cidrs': {
      const own = detector.cidrs.flatMap((text) => parseCidr(text) ?? []);
      const first = own.find((one) => one.family === family);
      return first && `${not}-s ${first.text}`;
    }
    case 'bridge':
      return `${not}-i ${detector.interfaceName}`;
    case 'interfacePrefix':
      return `${not}-i ${detector.prefix}+`;
  }
}
