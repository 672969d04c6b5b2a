/**
 * Runs on the lab's node: the userspace plane, with the Services of the packet table. Makes their
 * ranges local to the node first, as the daemon does.
 */
import { silentLog, systemClock, systemRandom } from '../../controller/base/index.ts';
import { createUserspacePlane, makeLocal, systemCommands } from '../../proxy/index.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { addresses } from './lab.ts';
import { packetServices, servedRanges } from './packet-table.ts';

const run = systemCommands();
const routes = await makeLocal(servedRanges, async (file, args) => {
  const { exitCode, stdout, stderr } = await run(file, args);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
});
const problems = new ProblemBook();
await using plane = createUserspacePlane({
  log: silentLog,
  meter: new MemoryMeter(),
  clock: systemClock,
  random: systemRandom,
  problems,
  nodePortAddresses: [addresses.IPv4.node, addresses.IPv6.node],
});
const { ports } = packetServices();
// It does not do SCTP, and says so for each Service.
const served = [...ports].filter(([, { protocol }]) => protocol !== 'SCTP');
const report = await plane.apply({ generation: 1, ports: new Map(served) }, undefined);
const wrong = [...routes.problems, ...report.problems].map(({ message }) => message);
process.stdout.write(`${wrong.length === 0 ? 'ready' : wrong.join('; ')}\n`);
await new Promise((resolve) => process.stdin.once('end', resolve).resume());
