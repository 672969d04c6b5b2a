/**
 * Puts load on an API, in a process of its own, and prints what came of it as JSON.
 * `create KUBECONFIG KIND CLIENTS COUNT`: so many objects; KIND is `configmap`, `service` or
 * `slice`.
 * `change KUBECONFIG CLIENTS COUNT`: so many changes of a hundred ConfigMaps.
 * `list KUBECONFIG ROUNDS`: all Services, again and again.
 * `etcd URL CLIENTS COUNT BYTES`: so many puts of so long values into etcd.
 * `find KUBECONFIG`: how many of the names on standard input the API lacks.
 */
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { ApiConnections } from './connection.ts';
import { configMap, endpointSlice, paths, service } from './objects.ts';

const [, , what = '', kubeconfig = '', ...rest] = process.argv;

/** `count` times `act`, by so many at once: how long all took, and each. */
async function repeat(
  clients: number,
  count: number,
  act: (n: number) => Promise<unknown>,
): Promise<{ readonly ms: number; readonly latenciesMs: readonly number[] }> {
  const latenciesMs: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < count) {
        const asked = performance.now();
        next += 1;
        await act(next);
        latenciesMs.push(performance.now() - asked);
      }
    }),
  );
  return { ms: performance.now() - started, latenciesMs };
}

async function create([kind = '', clients, count]: readonly string[]): Promise<object> {
  await using api = new ApiConnections(kubeconfig, Number(clients));
  const act = async (n: number): Promise<string> => {
    if (kind === 'service') return await api.ask('POST', paths.services, service(`s${n}`));
    if (kind === 'configmap') return await api.ask('POST', paths.configMaps, configMap(`c${n}`));
    return await api.ask('POST', paths.endpointSlices, endpointSlice(`s${n}`, 4));
  };
  // Connections are made, and code is compiled, before the clock runs.
  await repeat(Number(clients), Number(clients), () => api.ask('GET', '/readyz'));
  return await repeat(Number(clients), Number(count), act);
}

async function change([clients, count]: readonly string[]): Promise<object> {
  await using api = new ApiConnections(kubeconfig, Number(clients));
  const names = Array.from({ length: 100 }, (_, n) => `changing${n}`);
  for (const name of names) {
    await api.ask('POST', paths.configMaps, configMap(name)).catch(() => {});
  }
  return await repeat(Number(clients), Number(count), (n) => {
    const name = names[n % names.length] ?? '';
    return api.ask(
      'PUT',
      `${paths.configMaps}/${name}`,
      configMap(name, { n: `${process.pid}.${n}` }),
    );
  });
}

async function list([rounds]: readonly string[]): Promise<object> {
  await using api = new ApiConnections(kubeconfig, 1);
  let bytes = 0;
  const { latenciesMs } = await repeat(1, Number(rounds), async () => {
    bytes = (await api.ask('GET', '/api/v1/services')).length;
  });
  return { latenciesMs, bytes };
}

/** One value after the other by each client, on kept connections, as objects are created. */
async function etcd([clients, count, bytes]: readonly string[]): Promise<object> {
  const pool = new Pool(kubeconfig, { connections: Number(clients), pipelining: 1 });
  const value = btoa('x'.repeat(Number(bytes)));
  const put = async (n: number): Promise<void> => {
    const body = JSON.stringify({ key: btoa(`/bench/${n}`), value });
    const answer = await pool.request({ method: 'POST', path: '/v3/kv/put', body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`etcd answered ${answer.statusCode}: ${text}`);
  };
  await repeat(Number(clients), Number(clients), put);
  const measured = await repeat(Number(clients), Number(count), put);
  await pool.destroy();
  return measured;
}

async function find(): Promise<object> {
  await using api = new ApiConnections(kubeconfig, 1);
  const names = readFileSync(0, 'utf8').split('\n').filter(Boolean);
  const { items } = JSON.parse(await api.ask('GET', paths.configMaps)) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const present = new Set(items.map(({ metadata }) => metadata.name));
  return { asked: names.length, missing: names.filter((name) => !present.has(name)).length };
}

const programs: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  create,
  change,
  list,
  etcd,
  find,
};
const result = await programs[what]?.(rest);
process.stdout.write(`${JSON.stringify(result)}\n`);
