import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { EtcdServer } from '../peers/etcd.ts';
import { program, skipWithout } from '../requirements.ts';
import { dig, get } from './ask.ts';
import { ingressManifest, serviceManifest, startBackends } from './backend.ts';
import { eventually, ManifestFolder, startDaemon } from './harness.ts';

const skip = skipWithout(program('etcd', 'etcd-server'));
const host = 'shop.localhost';
const name = 'web.default.svc.cluster.local';

test('what is applied at one daemon the other serves; a leader that dies is followed', {
  skip,
}, async (context) => {
  await using etcd = await EtcdServer.start();
  const [one, two] = await startBackends(context, 'one', 'two');
  ok(one && two);
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', [one]));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  const writer = await startDaemon(context, folder, ['--etcd', etcd.url]);
  const reader = await startDaemon(context, undefined, ['--etcd', etcd.url]);
  const address = async (daemon: typeof reader): Promise<unknown> => {
    const { answers } = await dig(daemon.port('dns'), name, 'A');
    return answers[0]?.type === 'A' ? answers[0].data : undefined;
  };

  equal((await get(reader.port('http'), host)).body, 'one', 'L7 of the other');
  const clusterIP = await eventually(async () => {
    const found = await address(reader);
    match(String(found), /^127\./);
    return found;
  });
  equal(await address(writer), clusterIP, 'one gave the address, both answer with it');

  folder.write('web.yaml', serviceManifest('web', [two]));
  await eventually(async () => equal((await get(reader.port('http'), host)).body, 'two'));

  const leads = async (daemon: typeof reader): Promise<boolean> =>
    /^portolan_leader 1$/m.test(String(await daemon.admin('/metrics')));
  const [leader, other] = (await leads(writer)) ? [writer, reader] : [reader, writer];
  equal(await leads(other), false);
  leader.signal('SIGTERM');
  equal(await leader.ended(), 0);
  await eventually(async () => ok(await leads(other), 'the other leads'));
});
