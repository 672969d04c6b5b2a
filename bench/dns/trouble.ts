import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import type { Case } from './case.ts';
import { dnsperf, type Load } from './dnsperf.ts';
import { outsideQueries } from './files.ts';
import { dnsAddress, startDaemon } from './scene.ts';
import { Upstream } from './upstreams.ts';

const rate = 500;

function row(
  what: string,
  { sent, lost, p99LatencyMs = Number.NaN, rcodes }: Load,
): readonly (string | number)[] {
  const codes = Object.entries(rcodes).map(([name, count]) => `${name} ${count}`);
  return [what, sent, lost, round(p99LatencyMs, 2), codes.join(', ')];
}

const head = ['sent', 'lost', 'p99 ms', 'replies'];

/** One of three upstreams dies, hangs and comes back; nobody may be left without an answer. */
export const upstreams: Case = async (scene) => {
  const { resources, folder, context, seconds } = scene;
  const list = join(folder, 'upstream-queries');
  writeFileSync(list, outsideQueries(100_000));
  const three = [await Upstream.start(), await Upstream.start(), await Upstream.start()];
  for (const one of three) resources.use(one);
  const to = three.map(({ at }) => `${at.host}:${at.port}`).join(' ');
  const corefile = `.:53 {\n forward . ${to} {\n  policy round_robin\n  read_timeout 1s\n }\n}\n`;
  const at = dnsAddress(await startDaemon(scene, { corefile, services: 1 }));
  const measure = async (): Promise<Load> =>
    await dnsperf(at, { mode: 'udp', list, seconds: seconds + 1, rate });
  const rows: [string, Load][] = [['all three live', await measure()]];
  const [first, second] = three;
  const port = first?.at.port ?? 0;
  await first?.[Symbol.asyncDispose]();
  rows.push(['one is dead', await measure()]);
  resources.use(await Upstream.start(port));
  await delay(1000);
  rows.push(['it is back', await measure()]);
  second?.hang();
  rows.push(['one hangs', await measure()]);
  second?.resume();
  await delay(1000);
  rows.push(['it goes on', await measure()]);
  context.print(
    textTable(
      [`forward, ${rate}/s`, ...head],
      rows.map(([what, load]) => row(what, load)),
    ),
  );
  const failures = rows.flatMap(([what, { lost, rcodes }]) =>
    lost > 0 || Object.keys(rcodes).some((code) => code !== 'NOERROR')
      ? [`${what}: ${lost} lost, ${JSON.stringify(rcodes)}`]
      : [],
  );
  return { figures: Object.fromEntries(rows), failures };
};

/** Every upstream is down, and what was kept has expired. */
export const stale: Case = async (scene) => {
  const { resources, folder, context, seconds } = scene;
  const list = join(folder, 'stale-queries');
  writeFileSync(list, outsideQueries(500));
  const upstream = resources.use(await Upstream.start(0, 1));
  const to = `${upstream.at.host}:${upstream.at.port}`;
  const corefile = `.:53 {\n cache {\n  success 9984 1 1\n  serve_stale 1h immediate\n }\n forward . ${to}\n}\n`;
  const at = dnsAddress(await startDaemon(scene, { corefile, services: 1 }));
  const options = { mode: 'udp', list, seconds: seconds + 1, rate } as const;
  const live = await dnsperf(at, options);
  await upstream[Symbol.asyncDispose]();
  await delay(2000);
  const down = await dnsperf(at, options);
  const rows = [row('upstream lives', live), row('upstream is down', down)];
  context.print(textTable([`serve_stale, ${rate}/s`, ...head], rows));
  const bad = down.sent - (down.rcodes['NOERROR'] ?? 0);
  const failures = bad > 0 ? [`serve_stale: ${bad} of ${down.sent} were not answered`] : [];
  return { figures: { live, down }, failures };
};

/** The Corefile changes five times a second under load: no query may be lost. */
export const reload: Case = async (scene) => {
  const { list, context, seconds } = scene;
  const corefile = (ttl: number): string =>
    `.:53 {\n errors\n kubernetes cluster.local {\n  ttl ${ttl}\n }\n}\n`;
  const daemon = await startDaemon(scene, { corefile: corefile(5), services: scene.services });
  const loadSeconds = seconds + 1;
  const options = { mode: 'udp', list, seconds: loadSeconds, rate: 5000 } as const;
  const running = dnsperf(dnsAddress(daemon), options);
  const endMs = performance.now() + 1000 * loadSeconds;
  let reloads = 0;
  for (; performance.now() < endMs; reloads += 1) {
    writeFileSync(daemon.corefile, corefile(6 + (reloads % 100)));
    process.kill(daemon.pid, 'SIGHUP');
    await delay(200);
  }
  const load = await running;
  context.print(textTable([`${reloads} reloads, 5000/s`, ...head], [row('kubernetes', load)]));
  const failures = load.lost > 0 ? [`reload: ${load.lost} of ${load.sent} were lost`] : [];
  return { figures: { reloads, load }, failures };
};
