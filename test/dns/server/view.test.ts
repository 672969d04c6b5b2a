import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { CorefileServer } from '../corefile-server.ts';

const corefile = `. {
  view inside {
    expr incidr(client_ip(), '127.0.0.0/24')
  }
  hosts {
    1.1.1.1 test
  }
}
. {
  view office {
    expr incidr(client_ip(), '192.168.0.0/16')
    expr type() == 'A'
  }
  hosts {
    2.2.2.2 test
  }
}
. {
  hosts {
    3.3.3.3 test
  }
}`;

test('view: the first block that takes the query answers; the same octets, other clients', async () => {
  await using server = await CorefileServer.start(corefile);
  const answer = async (from: string): Promise<string | undefined> =>
    (await server.ask('test', 'A', { from }))?.answers?.[0];
  for (let i = 0; i < 2; i += 1) {
    equal(await answer('127.0.0.1'), 'test. 3600 A 1.1.1.1');
    equal(await answer('192.168.3.4'), 'test. 3600 A 2.2.2.2');
    equal(await answer('10.0.0.1'), 'test. 3600 A 3.3.3.3');
  }
  equal(server.responder.memo.size, 0);
  const counted = 'coredns_dns_responses_total{plugin="hosts",rcode="NOERROR",server="dns://:53",';
  equal(server.meter.values.get(`${counted}view="office",zone="."}`), 2);
  equal(server.meter.values.get(`${counted}view="",zone="."}`), 2);
});

test('view: an expression that fails takes nothing', async () => {
  await using server = await CorefileServer.start(
    ". {\n view v {\n  expr incidr(client_ip(), 'x')\n }\n whoami\n}\n. {\n any\n}",
  );
  deepEqual((await server.ask('x.org'))?.rcode, 'REFUSED');
});
