import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeAdvertisement } from '../../controller/vip/wire/advertisement.ts';
import { Lab, labUnavailable, until } from '../lab/vrrp/lab.ts';
import { Keepalived, OurPeer, type Peer, type Wanted } from '../lab/vrrp/peers.ts';

const skip = (await labUnavailable('keepalived', 'iptables', 'tcpdump', 'tshark')) ?? false;
const vip = '10.9.0.100';

type Kind = 'ours' | 'keepalived';
const pairings: readonly (readonly [first: Kind, second: Kind])[] = [
  ['ours', 'ours'],
  ['ours', 'keepalived'],
  ['keepalived', 'ours'],
];

async function start(lab: Lab, host: number, kind: Kind, wanted: Wanted): Promise<Peer> {
  if (kind === 'ours') return new OurPeer(lab, lab.host(host), wanted);
  return await Keepalived.start(lab, lab.host(host), wanted);
}

/** Two routers that found each other: the first is Active. */
async function settled(
  lab: Lab,
  [first, second]: readonly [Kind, Kind],
  both: Wanted = {},
): Promise<readonly [Peer, Peer]> {
  const one = await start(lab, 1, first, { priority: 150, ...both });
  await one.whenState('active');
  const two = await start(lab, 2, second, { priority: 100, ...both });
  await two.whenState('backup');
  return [one, two];
}

/** Both stay what they are for many intervals. */
async function stays(lab: Lab, address: string, host: number): Promise<void> {
  for (let look = 0; look < 10; look += 1) {
    deepEqual(await lab.holders(address), [host]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The third machine sends to the address, and finds it at that machine. */
async function followed(lab: Lab, host: number): Promise<void> {
  const client = lab.host(3);
  const table = (): Promise<string> => lab.exec(client, 'ip', 'neigh', 'show', vip);
  const connect = `exec 3<>/dev/tcp/${vip}/9`;
  // Refused: what counts is whom it asks.
  await lab.exec(client, 'timeout', '1', 'bash', '-c', connect).catch(() => undefined);
  const mac = `02:00:00:00:00:0${host}`;
  // A rival that yields without a word is made up for by the refresh of every 10 s.
  await until(async () => (await table()).includes(mac), 12_000, table);
}

for (const pair of pairings) {
  describe(pair.join(' / '), { skip, concurrency: 4 }, () => {
    test('election: the higher priority holds the address, and keeps it', async () => {
      await using lab = await Lab.create(2);
      await settled(lab, pair);
      await stays(lab, vip, 1);
    });

    test('power loss: the other takes over', async () => {
      await using lab = await Lab.create(2);
      const [one, two] = await settled(lab, pair);
      await one.kill();
      await two.whenState('active');
      await lab.whenHeldBy(vip, [2]);
    });

    test('graceful stop: the other takes over at once', async () => {
      await using lab = await Lab.create(2);
      const [one, two] = await settled(lab, pair);
      await one.stop();
      await two.whenState('active', 1000);
      await lab.whenHeldBy(vip, [2]);
    });

    test('preemption: the higher priority returns and takes it back', async () => {
      await using lab = await Lab.create(2);
      const two = await start(lab, 2, pair[1], { priority: 100 });
      await two.whenState('active');
      const one = await start(lab, 1, pair[0], { priority: 150 });
      await one.whenState('active');
      await two.whenState('backup');
      await lab.whenHeldBy(vip, [1]);
    });

    test('nopreempt: the higher priority returns and waits', async () => {
      await using lab = await Lab.create(2);
      const two = await start(lab, 2, pair[1], { priority: 100 });
      await two.whenState('active');
      const one = await start(lab, 1, pair[0], { priority: 150, nopreempt: true });
      await one.whenState('backup');
      await stays(lab, vip, 2);
    });

    test('a tie: the higher address wins once both hear each other', async () => {
      await using lab = await Lab.create(2);
      await lab.connect(lab.host(1), false);
      const one = await start(lab, 1, pair[0], {});
      const two = await start(lab, 2, pair[1], {});
      await Promise.all([one.whenState('active'), two.whenState('active')]);
      await lab.connect(lab.host(1), true);
      await one.whenState('backup');
      await lab.whenHeldBy(vip, [2]);
    });

    test('a two-way cut heals: one holds it, and neighbours follow it', async () => {
      await using lab = await Lab.create(3);
      const [one, two] = await settled(lab, pair);
      await lab.connect(lab.host(1), false);
      await two.whenState('active');
      await followed(lab, 2);
      await lab.connect(lab.host(1), true);
      await two.whenState('backup');
      await lab.whenHeldBy(vip, [1]);
      equal(one.state(), 'active');
      await followed(lab, 1);
    });

    test('frozen and thawed: it finds out that it lost, or takes it back', async () => {
      await using lab = await Lab.create(2);
      const [one, two] = await settled(lab, pair);
      one.freeze();
      await two.whenState('active');
      one.thaw();
      await two.whenState('backup');
      await lab.whenHeldBy(vip, [1]);
    });

    test('IPv6', async () => {
      await using lab = await Lab.create(2);
      const [one] = await settled(lab, pair, { family: 'IPv6' });
      await lab.whenHeldBy('fe80::100', [1]);
      await one.stop();
      await lab.whenHeldBy('fe80::100', [2]);
    });

    test('unicast', async () => {
      await using lab = await Lab.create(2);
      const one = await start(lab, 1, pair[0], { priority: 150, peers: ['10.9.0.2'] });
      await one.whenState('active');
      const two = await start(lab, 2, pair[1], { peers: ['10.9.0.1'] });
      await two.whenState('backup');
      await stays(lab, vip, 1);
      await one.stop();
      await lab.whenHeldBy(vip, [2]);
    });

    test('version 2 with a password', async () => {
      await using lab = await Lab.create(2);
      const both = { version: 2, adverIntervalMs: 1000, password: 'sesame' } as const;
      const [one, two] = await settled(lab, pair, both);
      await stays(lab, vip, 1);
      await one.stop();
      await two.whenState('active');
    });

    test('tracking: a lost interface costs priority', async () => {
      await using lab = await Lab.create(2);
      await lab.exec(lab.host(1), 'ip', 'link', 'add', 'uplink', 'type', 'veth');
      for (const end of ['uplink', 'veth0']) {
        await lab.exec(lab.host(1), 'ip', 'link', 'set', end, 'up');
      }
      const track = { name: 'uplink', weight: -100 };
      const one = await start(lab, 1, pair[0], { priority: 150, track });
      await one.whenState('active');
      const two = await start(lab, 2, pair[1], { priority: 100 });
      await two.whenState('backup');
      await lab.exec(lab.host(1), 'ip', 'link', 'set', 'uplink', 'down');
      await two.whenState('active');
      await one.whenState('backup');
      await lab.exec(lab.host(1), 'ip', 'link', 'set', 'uplink', 'up');
      await one.whenState('active');
    });

    test('a pulled cable is a fault; plugged in, it takes part again', async () => {
      await using lab = await Lab.create(2);
      const [one, two] = await settled(lab, pair);
      await lab.cable(lab.host(1), 'down');
      await Promise.all([one.whenState('fault'), two.whenState('active')]);
      await lab.cable(lab.host(1), 'up');
      await one.whenState('active');
      await two.whenState('backup');
    });
  });
}

describe('split brain, seen and named', { skip, concurrency: 4 }, () => {
  /** Two that are both Active in spite of each other; ours is the first. */
  async function split(lab: Lab, ours: Wanted, theirs: Wanted): Promise<readonly [OurPeer, Peer]> {
    const one = new OurPeer(lab, lab.host(1), { priority: 150, ...ours });
    await one.whenState('active');
    const two = await Keepalived.start(lab, lab.host(2), { priority: 100, ...theirs });
    return [one, two];
  }

  const mismatches: readonly (readonly [
    why: string,
    cause: string,
    ours: Wanted,
    theirs: Wanted,
  ])[] = [
    ['other virtual_router_id', 'other-virtual-router-id', { vrid: 51 }, { vrid: 52 }],
    [
      'other password',
      'authentication-mismatch',
      { version: 2, adverIntervalMs: 1000, password: 'one' },
      { version: 2, adverIntervalMs: 1000, password: 'two' },
    ],
    [
      'other interval in version 2',
      'interval-mismatch',
      { version: 2, adverIntervalMs: 1000 },
      { version: 2, adverIntervalMs: 2000 },
    ],
    ['other version', 'version-mismatch', { version: 3 }, { version: 2, adverIntervalMs: 1000 }],
    [
      'other addresses, which 2.2.7 drops',
      'does-not-hear-us',
      { addresses: [vip, '10.9.0.101'] },
      { addresses: [vip] },
    ],
    ['unicast there, multicast here', 'transport-mismatch', {}, { peers: ['10.9.0.1'] }],
  ];
  for (const [why, cause, ours, theirs] of mismatches) {
    test(why, async () => {
      await using lab = await Lab.create(2);
      const [one] = await split(lab, ours, theirs);
      await one.whenRival(cause);
    });
  }

  test('of two virtual_router_ids the outranked one of ours yields', async () => {
    await using lab = await Lab.create(2);
    const two = await Keepalived.start(lab, lab.host(2), { priority: 150, vrid: 52 });
    await two.whenState('active');
    const one = new OurPeer(lab, lab.host(1), { priority: 100, vrid: 51 });
    await one.whenState('backup');
    await stays(lab, vip, 2);
  });

  test('a firewall at the Backup drops adverts: it does not hear us', async () => {
    await using lab = await Lab.create(2);
    await lab.blockAdverts(lab.host(2), true);
    const [one, two] = await split(lab, {}, {});
    await one.whenRival('does-not-hear-us');
    await lab.blockAdverts(lab.host(2), false);
    await two.whenState('backup');
    await lab.whenHeldBy(vip, [1]);
  });

  test('adverts blocked both ways: another MAC answers for the address', async () => {
    await using lab = await Lab.create(2);
    await Promise.all([1, 2].map((number) => lab.blockAdverts(lab.host(number), true)));
    const [one, two] = await split(lab, {}, {});
    await two.whenState('active');
    await one.whenRival('address-held-elsewhere');
    await Promise.all([1, 2].map((number) => lab.blockAdverts(lab.host(number), false)));
    await two.whenState('backup');
    await lab.whenHeldBy(vip, [1]);
  });

  test('IPv6, blocked both ways: neighbour advertisements tell', async () => {
    await using lab = await Lab.create(2);
    for (const host of lab.hosts) {
      await lab.exec(host, 'ip6tables', '-A', 'INPUT', '-p', '112', '-j', 'DROP');
    }
    const [one, two] = await split(lab, { family: 'IPv6' }, { family: 'IPv6' });
    await two.whenState('active');
    await one.whenRival('address-held-elsewhere');
  });
});

describe('what happens to the address', { skip, concurrency: 4 }, () => {
  test('taken off by hand: put back and reported', async () => {
    await using lab = await Lab.create(1);
    const one = new OurPeer(lab, lab.host(1));
    await one.whenState('active');
    await lab.whenHeldBy(vip, [1]);
    await lab.exec(lab.host(1), 'ip', 'addr', 'del', `${vip}/24`, 'dev', 'eth0');
    await until(
      () => one.messages.some((one) => one.kind === 'trouble' && one.reason === 'AddressRemoved'),
      3000,
      () => one.describe(),
    );
    await lab.whenHeldBy(vip, [1]);
  });

  test('left behind by a killed daemon: gone once another is elected here', async () => {
    await using lab = await Lab.create(2);
    await lab.exec(lab.host(1), 'ip', 'addr', 'add', `${vip}/24`, 'dev', 'eth0');
    const two = new OurPeer(lab, lab.host(2), { priority: 150 });
    await two.whenState('active');
    const one = new OurPeer(lab, lab.host(1));
    await one.whenState('backup');
    await stays(lab, vip, 2);
  });

  test('the interface vanishes and returns: a fault, then part of it again', async () => {
    await using lab = await Lab.create(1);
    const host = lab.host(1);
    const one = new OurPeer(lab, host);
    await one.whenState('active');
    await lab.exec(host, 'ip', 'link', 'set', 'eth0', 'down');
    await lab.exec(host, 'ip', 'link', 'set', 'eth0', 'name', 'gone0');
    await one.whenState('fault');
    await lab.exec(host, 'ip', 'link', 'set', 'gone0', 'name', 'eth0');
    await lab.exec(host, 'ip', 'link', 'set', 'eth0', 'up');
    await one.whenState('active');
    match(await lab.exec(host, 'ip', '-o', 'addr', 'show', 'dev', 'eth0'), /10\.9\.0\.100\/24/);
  });
});

describe('floods', { skip }, () => {
  const path = { family: 'IPv4', source: '10.9.0.3', destination: '224.0.0.18' } as const;
  const advert = {
    version: 3,
    vrid: 51,
    priority: 50,
    intervalMs: 100,
    addresses: [vip],
    authentication: { kind: 'none' },
  } as const;
  const low = Buffer.from(encodeAdvertisement(advert, path));
  const floods: readonly (readonly [why: string, payload: Buffer])[] = [
    ['too short', low.subarray(0, 7)],
    ['wrong checksum', Buffer.concat([low.subarray(0, 6), Buffer.alloc(2), low.subarray(8)])],
    ['lower adverts of its own virtual router', low],
    ['goodbyes', Buffer.from(encodeAdvertisement({ ...advert, priority: 0 }, path))],
  ];
  for (const [why, payload] of floods) {
    test(`${why}: the holder stays, advertises on time, and answers few`, async () => {
      await using lab = await Lab.create(3);
      const one = new OurPeer(lab, lab.host(1), { priority: 150 });
      await one.whenState('active');
      // Its adverts are judged by one who would take over: goodbyes would lead a Backup to.
      const two = new OurPeer(lab, lab.host(2), { priority: 100, nopreempt: true });
      await two.whenState('backup');
      const script = fileURLToPath(new URL('../lab/vrrp/flood.ts', import.meta.url));
      const args = [script, lab.host(3).address, payload.toString('hex'), '2000'];
      const sent = Number(await lab.exec(lab.host(3), process.execPath, ...args));
      ok(sent > 5000, `only ${sent} packets left`);
      deepEqual(one.transitions(), ['backup', 'active']);
      const last = await one.nextReport();
      // Three seconds hold 30 adverts, and ten answers an interval at most.
      const router = last.routers[0];
      ok(router && router.advertsSent < 500, one.describe());
    });
  }
});

describe('what others read in our packets', { skip, concurrency: 4 }, () => {
  const kinds: readonly (readonly [name: string, wanted: Wanted, line: RegExp])[] = [
    [
      'version 2',
      { version: 2, adverIntervalMs: 1000, password: 'sesame' },
      /VRRPv2, Advertisement, vrid 51, prio 100, authtype simple, intvl 1s, length 20/,
    ],
    ['version 3', {}, /VRRPv3, Advertisement, vrid 51, prio 100, intvl 10cs, length 12/],
    [
      'IPv6',
      { family: 'IPv6' },
      /ff02::12.* VRRPv3, Advertisement, vrid 51, prio 100, intvl 10cs, length 24/,
    ],
  ];
  for (const [name, wanted, line] of kinds) {
    test(`${name}: tcpdump and tshark decode them without complaint`, async () => {
      await using lab = await Lab.create(2);
      const file = join(lab.directory, 'capture.pcap');
      const filter = 'proto 112 or ip6 proto 112 or arp or (icmp6 and ip6[40] = 136)';
      const args = ['20', 'tcpdump', '-i', 'eth0', '-U', '-c', '8', '-w', file, filter];
      const captured = lab.exec(lab.host(2), 'timeout', ...args);
      const one = new OurPeer(lab, lab.host(1), wanted);
      await one.whenState('active');
      await captured;
      const dumped = await lab.exec(lab.host(1), 'tcpdump', '-nvr', file);
      match(dumped.replaceAll(/\n\s+/g, ' '), line);
      doesNotMatch(dumped, /bad|invalid|truncated|unknown|\[\|/i);
      const fields = ['-T', 'fields', '-e', '_ws.expert.message', '-e', 'vrrp.checksum.status'];
      const told = await lab.exec(lab.host(1), 'tshark', '-r', file, '-Y', 'vrrp', ...fields);
      // Status 1: verified and good. No expert has anything to say.
      deepEqual(
        [...new Set(told.trimEnd().split('\n'))].map((one) => one.trim()),
        ['1'],
      );
    });
  }
});
