import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { PersistentMap } from '../../../controller/base/index.ts';
import { TableReplica } from '../../../daemon/worker/table-replica.ts';
import type { DiffMessage, SnapshotMessage } from '../../../daemon/worker/protocol.ts';
import type { ServicePort } from '../../../proxy/compile/table.ts';

/** What the IPC channel does to a message. */
const overIpc = <T>(message: T): T => deserialize(serialize(message)) as T;

const port = (name: string, number: number): ServicePort => ({
  key: `shop/${name}:http/TCP/IPv4`,
  namespace: 'shop',
  name,
  portName: 'http',
  protocol: 'TCP',
  family: 'IPv4',
  clusterIP: '127.96.0.10',
  port: number,
  nodePort: 0,
  externalIPs: [],
  loadBalancerIPs: [],
  loadBalancerSourceRanges: [],
  internalPolicy: 'Cluster',
  externalPolicy: 'Cluster',
  affinity: { kind: 'None' },
  algorithm: 'random',
  clusterEndpoints: [],
  localEndpoints: [],
  hasAnyEndpoint: false,
  unusedEndpoints: [],
  healthCheckNodePort: 0,
  localReadyCount: 0,
});

const web = port('web', 80);
const api = port('api', 80);

const snapshot: SnapshotMessage = {
  kind: 'snapshot',
  plane: 'l4',
  table: { generation: 1, ports: new Map([[web.key, web]]) },
};
const diff = (fromGeneration: number): DiffMessage => ({
  kind: 'diff',
  plane: 'l4',
  generation: fromGeneration + 1,
  diff: { fromGeneration, upserted: [api], removed: [web.key] },
});

test('a snapshot and the diff after it give the newest table', () => {
  const replica = new TableReplica();
  replica.apply([overIpc(snapshot), overIpc(diff(1))]);
  deepEqual(replica.table('l4'), { generation: 2, ports: PersistentMap.from([[api.key, api]]) });
});

test('a diff that does not follow is refused: a message was lost', () => {
  const replica = new TableReplica();
  throws(() => replica.apply([diff(1)]), RangeError);
  replica.apply([snapshot]);
  throws(() => replica.apply([diff(2)]), RangeError);
});

test('DNS: services, namespaces and pods follow', () => {
  const replica = new TableReplica();
  replica.apply([
    {
      kind: 'snapshot',
      plane: 'dns',
      table: {
        generation: 5,
        namespaces: new Set(['old']),
        services: new Map(),
        pods: new Map([['old', new Set(['10.0.0.1'])]]),
        serial: 1,
      },
    },
  ]);
  const records = {
    namespace: 'shop',
    name: 'web',
    target: { kind: 'ExternalName', externalName: 'example.org' },
  } as const;
  replica.apply([
    {
      kind: 'diff',
      plane: 'dns',
      generation: 6,
      diff: {
        fromGeneration: 5,
        upserted: [records],
        removed: [],
        namespacesAdded: ['shop'],
        namespacesRemoved: ['old'],
        pods: [
          { namespace: 'shop', addresses: ['10.0.0.2'] },
          { namespace: 'old', addresses: [] },
        ],
        serial: 2,
      },
    },
  ]);
  deepEqual(replica.table('dns'), {
    generation: 6,
    namespaces: new Set(['shop']),
    services: PersistentMap.from([['shop/web', records]]),
    pods: new Map([['shop', new Set(['10.0.0.2'])]]),
    serial: 2,
  });
});

test('tables that were handed out never change', () => {
  const replica = new TableReplica();
  replica.apply([snapshot]);
  const before = replica.table('l4');
  replica.apply([diff(1)]);
  deepEqual([...(before?.ports.keys() ?? [])], [web.key]);
  deepEqual([...snapshot.table.ports.keys()], [web.key], 'nor does what was received');
});
