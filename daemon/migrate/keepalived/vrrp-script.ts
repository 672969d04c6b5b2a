import type { VirtualIPScript, VirtualIPTrack } from '../../../controller/objects/index.ts';
import { find, type Statement } from './statements.ts';
import { secondsText, type Translation } from './translation.ts';

/** Reads a `vrrp_script`: the tracker that it makes, with the weight that stands in it. */
export function readScript(
  statement: Statement,
  to: Translation,
): Pick<VirtualIPTrack, 'script' | 'weight'> | undefined {
  const body = statement.body ?? [];
  const command = find(body, 'script')?.args.flatMap((one) => one.split(/\s+/)) ?? [];
  if (command.length === 0) {
    to.unsupported(statement, 'it names no script: left out');
    return undefined;
  }
  const number = (keyword: string): number | undefined => {
    const one = find(body, keyword);
    return one && to.number(one, -1000, 100_000);
  };
  const [interval, timeout] = [number('interval'), number('timeout')];
  const [rise, fall, weight] = [number('rise'), number('fall'), number('weight')];
  const user = find(body, 'user');
  if (user) to.differs(user, 'scripts run as the user of the daemon');
  const script: VirtualIPScript = {
    command,
    ...(interval !== undefined && { interval: secondsText(interval) }),
    ...(timeout !== undefined && { timeout: secondsText(timeout) }),
    ...(rise !== undefined && { rise }),
    ...(fall !== undefined && { fall }),
  };
  return { script, ...(weight !== undefined && { weight }) };
}
