import { deepEqual, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { get } from '../daemon/ask.ts';
import { ingressManifest, serviceManifest, startBackends } from '../daemon/backend.ts';
import { ManifestFolder, type RunningDaemon, startDaemon } from '../daemon/harness.ts';
import { findBrowser } from './browser.ts';

const { path, skip } = findBrowser();
let browser: Browser;
before(async () => {
  if (path === undefined) return;
  // Chromium's own sandbox does not run as root; the page is ours.
  browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
});
after(async () => await browser?.close());

/** Opens a page that fails the test on any script error or refused load. */
async function open(
  daemon: RunningDaemon,
  hash: string,
): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(`http://${daemon.addresses['admin']}/#${hash}`);
  return { page, faults };
}

test('every view renders live data', { skip }, async (context) => {
  const backends = await startBackends(context, 'one', 'two');
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  folder.write('ingress.yaml', ingressManifest('shop', [['shop.localhost', '/', 'web']]));
  const daemon = await startDaemon(context, folder);
  const { page, faults } = await open(daemon, '/');
  await page.getByText('live', { exact: true }).waitFor();

  // The last request may meet the daemon's end.
  const ask = () => void get(daemon.port('http'), 'shop.localhost').catch(() => {});
  const traffic = setInterval(ask, 20);
  context.after(() => clearInterval(traffic));
  await page.getByRole('link', { name: 'default/web' }).waitFor();
  match((await page.locator('.tile').first().textContent()) ?? '', /HTTP requests\/s[1-9]/);

  await page.getByRole('link', { name: 'Services', exact: true }).click();
  await page.getByText('1 services').waitFor();
  await page.getByRole('searchbox').fill('nothing of that name');
  await page.getByText('0 services match').waitFor();
  await page.getByRole('searchbox').fill('web');
  await page.getByRole('button', { name: 'web' }).click();
  await page.locator('pre').waitFor();
  match((await page.locator('pre').textContent()) ?? '', /Algorithm:\s+weighted/);

  for (const [name, text] of [
    ['Ingress', '1 ingresses'],
    ['DNS', 'By rcode'],
    ['Virtual IPs', 'No VirtualIP is served by this node.'],
    ['Data planes', 'Workers'],
  ] as const) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByText(text).first().waitFor();
    await page.getByRole('heading', { level: 2, name }).waitFor();
  }

  await page.getByRole('link', { name: 'Changes' }).click();
  folder.write('more.yaml', serviceManifest('more', backends));
  await page.getByText('Service/default/more').first().waitFor();

  await page.getByRole('link', { name: 'Trace' }).click();
  await page.getByLabel('Trace').first().fill('http://shop.localhost/cart');
  await page.getByRole('button', { name: 'Trace' }).click();
  await page.getByText('Answered by one of 2 endpoints.').waitFor();
  deepEqual(faults, []);
});

test('10 000 Services: only what is in sight is in the page', { skip }, async (context) => {
  const folder = new ManifestFolder(context);
  const services = Array.from(
    { length: 10_000 },
    (_, index) => `apiVersion: v1
kind: Service
metadata: {name: s${index}}
spec: {clusterIP: None, ports: [{port: 80}]}
`,
  );
  folder.write('services.yaml', services.join('---\n'));
  const daemon = await startDaemon(context, folder, ['--proxy-mode', 'none', '--workers', '1']);
  const { page, faults } = await open(daemon, '/services');
  await page.getByText('10000 services').waitFor();
  ok((await page.locator('tbody tr').count()) < 100);
  await page.locator('.scroller').evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await page.getByRole('button', { name: 's9999', exact: true }).waitFor();
  ok((await page.locator('tbody tr').count()) < 100);
  deepEqual(faults, []);
});

test('the page follows a daemon that restarts', { skip }, async (context) => {
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', await startBackends(context, 'one')));
  const first = await startDaemon(context, folder);
  const { page } = await open(first, '/services');
  await page.getByText('1 services').waitFor();
  first.signal('SIGKILL');
  await first.ended();
  await page.getByText('no connection: trying again').waitFor();
  folder.write('more.yaml', serviceManifest('more', []));
  await startDaemon(context, folder, ['--admin', first.addresses['admin'] ?? '']);
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByText('2 services').waitFor();
});

test('keyboard alone reaches every view', { skip }, async (context) => {
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', await startBackends(context, 'one')));
  const daemon = await startDaemon(context, folder);
  const { page } = await open(daemon, '/');
  await page.getByText('live', { exact: true }).waitFor();
  const reached: string[] = [];
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press('Tab');
    reached.push((await page.locator(':focus').textContent()) ?? '');
  }
  const views = [
    'Overview',
    'Services',
    'Ingress',
    'DNS',
    'Virtual IPs',
    'Data planes',
    'Changes',
    'Trace',
  ];
  deepEqual(reached, ['Skip to content', 'Portolan', ...views]);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: 'Trace' }).waitFor();
});
