import type { Answer, Finding, Scene } from './scene.ts';

const counted = (answers: readonly Answer[], of: (answer: Answer) => boolean): number =>
  answers.filter(of).length;

/** Shares of a canary: by header, by cookie, by weight. */
export async function canary(scene: Scene): Promise<Finding> {
  const host = 'canary.test';
  const [main, next] = [await scene.server('main'), await scene.server('next')];
  scene.service('main', [main.port]);
  scene.service('next', [next.port]);
  scene.ingress('a-main', host, 'main', {});
  scene.ingress('b-next', host, 'next', {
    canary: 'true',
    'canary-by-header': 'X-Next',
    'canary-by-cookie': 'next',
    'canary-weight': '20',
  });
  await scene.start();
  await scene.settle(host, ({ body }) => body === 'next');
  const count = scene.context.quick ? 2_000 : 10_000;
  const shareOf = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const answers = await scene.askMany(count, () => ({ host, headers }));
    return counted(answers, ({ body }) => body === 'next') / count;
  };
  const figures = {
    weight20: await shareOf({}),
    headerAlways: await shareOf({ 'X-Next': 'always' }),
    headerNever: await shareOf({ 'X-Next': 'never' }),
    cookieAlways: await shareOf({ Cookie: 'next=always' }),
    cookieNever: await shareOf({ Cookie: 'next=never' }),
  };
  scene.context.print(
    `canary, ${count} requests each: share of the canary ${JSON.stringify(figures)}`,
  );
  const failures: string[] = [];
  // Five standard deviations.
  const allowed = 5 * Math.sqrt((0.2 * 0.8) / count);
  if (Math.abs(figures.weight20 - 0.2) > allowed) failures.push('weight 20 is not a fifth');
  if (figures.headerAlways !== 1 || figures.cookieAlways !== 1) failures.push('always is not all');
  if (figures.headerNever !== 0 || figures.cookieNever !== 0) failures.push('never is not none');
  return { figures, failures };
}

/** Clients with cookies, before and after one of three endpoints is gone. */
export async function affinity(scene: Scene): Promise<Finding> {
  const host = 'affinity.test';
  const servers = [await scene.server('0'), await scene.server('1'), await scene.server('2')];
  const ports = servers.map(({ port }) => port);
  scene.service('sticky', ports);
  scene.ingress('sticky', host, 'sticky', { affinity: 'cookie' });
  await scene.start();
  await scene.settle(host, ({ status }) => status === 200);
  const clients = scene.context.quick ? 100 : 600;
  const first = await scene.askMany(clients, () => ({ host }));
  const again = async (): Promise<readonly Answer[]> =>
    await Promise.all(first.map(({ cookie }) => scene.ask({ host, headers: { Cookie: cookie } })));
  const stayed = (answers: readonly Answer[]): number =>
    answers.filter(({ body }, index) => body === first[index]?.body).length;
  const before = stayed(await again());
  scene.service('sticky', ports.slice(0, 2));
  await scene.settle(host, ({ status }) => status === 200);
  const lost = counted(first, ({ body }) => body === '2');
  let answers = await again();
  // The change is on its way: over when nobody gets the endpoint that has left.
  for (let tries = 0; tries < 100 && answers.some(({ body }) => body === '2'); tries += 1) {
    answers = await again();
  }
  const after = stayed(answers);
  const figures = { clients, stayedBefore: before, onLostEndpoint: lost, stayedAfter: after };
  scene.context.print(`affinity: ${JSON.stringify(figures)}`);
  const failures: string[] = [];
  if (before !== clients) failures.push(`${clients - before} clients moved without a reason`);
  if (after !== clients - lost) failures.push('others than those of the lost endpoint moved');
  return { figures, failures };
}

/** An authentication service that is up, slow, and down. */
export async function auth(scene: Scene): Promise<Finding> {
  const host = 'auth.test';
  let delayMs = 0;
  const service = await scene.server('auth', (request, response) => {
    const status = request.headers['x-token'] === 'good' ? 200 : 401;
    setTimeout(() => response.writeHead(status).end(), delayMs);
  });
  const app = await scene.server('app');
  scene.service('app', [app.port]);
  scene.ingress('auth', host, 'app', { 'auth-url': `http://127.0.0.1:${service.port}/` });
  await scene.start();
  await scene.settle(host, ({ status }) => status === 401);
  const good = { host, headers: { 'x-token': 'good' } };
  const up = await scene.ask(good);
  const refused = await scene.ask({ host });
  delayMs = 500;
  const slow = await scene.ask(good);
  await service[Symbol.asyncDispose]();
  const down = await scene.ask(good);
  const figures = {
    upStatus: up.status,
    refusedStatus: refused.status,
    slowStatus: slow.status,
    slowSeconds: Math.round(slow.seconds * 100) / 100,
    downStatus: down.status,
    reachedApp: app.requests,
  };
  scene.context.print(`auth: ${JSON.stringify(figures)}`);
  const isRight =
    up.status === 200 && refused.status === 401 && slow.status === 200 && down.status === 500;
  const failures = isRight && app.requests === 2 ? [] : ['somebody got in, or was kept out'];
  return { figures, failures };
}

/** A burst from one client over both workers: the limit is the user's number. */
export async function limits(scene: Scene): Promise<Finding> {
  const host = 'limits.test';
  const app = await scene.server('app');
  scene.service('app', [app.port]);
  // 10 x 20 and one; a token comes back in 6 s.
  const set = { 'limit-rpm': '10', 'limit-burst-multiplier': '20' };
  scene.ingress('limits', host, 'app', set);
  await scene.start();
  await scene.settle(host, ({ status }) => status === 200);
  const began = performance.now();
  await scene.askMany(scene.context.quick ? 600 : 3_000, () => ({ host, isAlone: true }));
  const seconds = (performance.now() - began) / 1000;
  const most = 201 + Math.ceil(seconds / 6) + 1;
  const figures = { limit: 201, passed: app.requests, seconds: Math.round(seconds * 10) / 10 };
  scene.context.print(`limits over two workers: ${JSON.stringify(figures)}`);
  const isRight = app.requests >= 201 && app.requests <= most;
  return { figures, failures: isRight ? [] : [`${app.requests} passed, not 201 to ${most}`] };
}

/** Copies to a mirror that is slow: clients do not wait for it. */
export async function mirror(scene: Scene): Promise<Finding> {
  const host = 'mirror.test';
  const app = await scene.server('app');
  const copies = await scene.server('mirror', (_, response) => {
    setTimeout(() => response.end(), 500);
  });
  scene.service('app', [app.port]);
  const target = `http://127.0.0.1:${copies.port}$request_uri`;
  scene.ingress('mirror', host, 'app', { 'mirror-target': target });
  await scene.start();
  await scene.settle(host, ({ status }) => status === 200);
  const before = app.requests - copies.requests;
  const answers = await scene.askMany(20, () => ({ host }));
  const slowest = Math.max(...answers.map(({ seconds }) => seconds));
  const until = performance.now() + 5_000;
  while (copies.requests < app.requests - before && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const figures = {
    requests: app.requests,
    copies: copies.requests,
    slowestMs: Math.round(slowest * 1000),
  };
  scene.context.print(`mirror: ${JSON.stringify(figures)}`);
  const failures = slowest > 0.4 ? ['clients waited for the mirror'] : [];
  if (copies.requests < app.requests - before) failures.push('requests without a copy');
  return { figures, failures };
}
