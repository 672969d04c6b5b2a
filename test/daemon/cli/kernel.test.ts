import { equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPortolan } from '../harness.ts';

const manifest = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: 127.96.0.80
  ports: [{ port: 80 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: '', port: 8000 }]
endpoints: [{ addresses: [10.0.0.1] }]
`;

const forms = [
  ['nftables', /127\.96\.0\.80/, /10\.0\.0\.1/],
  ['iptables', /-d 127\.96\.0\.80(?:\/32)? .*--dport 80/, /--to-destination 10\.0\.0\.1:8000/],
] as const;
for (const [mode, front, back] of forms) {
  test(`portolan plan -o ${mode}: rules as text, applied nowhere`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-plan-'));
    context.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'web.yaml'), manifest);
    const { status, stdout, stderr } = await runPortolan(['plan', folder, '-o', mode]);
    equal(stderr, '');
    equal(status, 0);
    match(stdout, front);
    match(stdout, back);
  });
}

test('a broken manifest is said on standard error, and the status tells', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-plan-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'web.yaml'), `${manifest}---\nkind: [\n`);
  const { status, stdout, stderr } = await runPortolan(['plan', folder]);
  equal(status, 1);
  match(stderr, /web\.yaml:\d+:\d+: error InvalidYAML/);
  match(stdout, /10\.0\.0\.1/);
});
