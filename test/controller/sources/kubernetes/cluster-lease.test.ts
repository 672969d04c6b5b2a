import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseConflict, type LeaseRecord } from '../../../../controller/cluster/index.ts';
import { ApiClient, ClusterLease } from '../../../../controller/sources/kubernetes/index.ts';
import { FakeKubernetesApi } from '../../../fakes/kubernetes-api.ts';
import { plainAccess } from './follow.ts';

const record = (holderIdentity: string): LeaseRecord => ({
  holderIdentity,
  leaseDurationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:00.000000Z',
  leaseTransitions: 0,
});

test('a Lease is written only by who saw its last version', async () => {
  await using api = await FakeKubernetesApi.start();
  await using access = plainAccess(api.url);
  const lease = new ClusterLease(new ApiClient(access, 'test'), 'kube-system', 'portolan');
  equal(await lease.read(), undefined);
  await lease.create(record('a'));
  await rejects(lease.create(record('b')), LeaseConflict);
  const seen = await lease.read();
  equal(seen?.record.holderIdentity, 'a');
  await lease.update(record('a'), seen?.version ?? '');
  await rejects(lease.update(record('b'), seen?.version ?? ''), LeaseConflict);
  const given = await lease.read();
  await lease.update(record(''), given?.version ?? '');
  const stored = api.find('/apis/coordination.k8s.io/v1/leases', 'kube-system', 'portolan');
  deepEqual(stored?.['spec'], { ...record(''), holderIdentity: null });
});
