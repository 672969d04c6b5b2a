import type { Node } from '../objects/index.ts';
import { isCIDR } from './addresses.ts';
import { checkChoice } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { quote } from './scalar.ts';

/** Rules for Node. */
export function checkNode(node: Node, issues: Issues): void {
  const cidrs: (readonly [string, Path])[] = (node.spec?.podCIDRs ?? []).map((cidr, index) => [
    cidr,
    ['spec', 'podCIDRs', index],
  ]);
  if (node.spec?.podCIDR) cidrs.push([node.spec.podCIDR, ['spec', 'podCIDR']]);
  for (const [cidr, path] of cidrs) {
    if (!isCIDR(cidr))
      issues.invalid(path, `must be a CIDR, not ${quote(cidr)}`, 'as in 10.1.2.0/24');
  }
  node.spec?.taints?.forEach((taint, index) =>
    checkChoice(
      taint.effect,
      ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
      ['spec', 'taints', index, 'effect'],
      issues,
    ),
  );
}
