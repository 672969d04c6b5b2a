import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, PortolanError, silentLog } from '../../../../controller/base/index.ts';
import { ErrorsPlugin } from '../../../../dns/plugins/errors/index.ts';
import type { Query } from '../../../../dns/plugins/plugin.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { plainQuery, pluginContext } from '../../plugin-context.ts';

const query: Query = { ...plainQuery, name: ['a\nb', 'example'], lower: ['a\nb', 'example'] };

function pluginWithLog(): { plugin: ErrorsPlugin; lines: unknown[]; clock: FakeClock } {
  const lines: unknown[] = [];
  const log: Log = { ...silentLog, warn: (fields, message) => lines.push({ ...fields, message }) };
  const clock = new FakeClock();
  const plugin = new ErrorsPlugin({ consolidate: [] }, pluginContext({ log, clock }));
  return { plugin, lines, clock };
}

const failure = new PortolanError('NoUpstreamAnswers', 'no upstream answers', {
  cause: new Error('refused'),
});

test('an error, thrown or rejected, is SERVFAIL and one line; names are escaped', async () => {
  const { plugin, lines, clock } = pluginWithLog();
  const thrown = await plugin.handle(query, () => {
    throw failure;
  });
  equal(thrown.rcode, 2);
  equal((await plugin.handle(query, () => Promise.reject(failure))).rcode, 2);
  const line = {
    code: 'NoUpstreamAnswers',
    qname: 'a\\010b.example.',
    qtype: 'A',
    message: 'SERVFAIL: no upstream answers: refused',
  };
  deepEqual(lines, [line]);
  clock.advance(5000);
  await plugin.handle(query, () => Promise.reject(failure));
  deepEqual(lines[1], { ...line, alsoNotLogged: 1 });
});

test('a fault in the program passes, for the server to count', () => {
  const { plugin } = pluginWithLog();
  throws(
    () =>
      plugin.handle(query, () => {
        throw new TypeError('a fault');
      }),
    TypeError,
  );
});
