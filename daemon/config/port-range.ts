import { accept, type OptionType, type Parsed, refuse, single } from './option-type.ts';

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const example = 'FIRST-LAST, as in 30000-32767';

/** Reads `30000-32767`, the form of kube-apiserver's `--service-node-port-range`. */
export function parsePortRange(text: string): Parsed<PortRange> {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  if (!match) return refuse(text, 'is no range of ports', example);
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (first < 1 || last > 65_535) return refuse(text, 'leaves the ports 1-65535', example);
  if (first > last) return refuse(text, 'ends before it begins', `${last}-${first}`);
  return accept({ first, last });
}

/** A range of ports. */
export const portRange: OptionType<PortRange> = single('FIRST-LAST', parsePortRange);
