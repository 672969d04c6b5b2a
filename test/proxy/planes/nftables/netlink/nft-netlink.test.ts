import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { DataPlaneError, silentLog } from '../../../../../controller/base/index.ts';
import { FakeNft } from '../../../../../proxy/planes/nftables/fake-nft.ts';
import { readAnswers } from '../../../../../proxy/planes/nftables/netlink/answers.ts';
import {
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFT_MSG_DELSETELEM,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWSETELEM,
  NFTA_CHAIN_USE,
  NLMSG_ERROR,
} from '../../../../../proxy/planes/nftables/netlink/constants.ts';
import { elementBatch } from '../../../../../proxy/planes/nftables/netlink/element-batch.ts';
import { layoutOf } from '../../../../../proxy/planes/nftables/netlink/element-layout.ts';
import { MessageWriter } from '../../../../../proxy/planes/nftables/netlink/message-writer.ts';
import { NftNetlink } from '../../../../../proxy/planes/nftables/netlink/nft-netlink.ts';

const table = 'ip portolan';
const layouts = new Map(
  [
    ['services', 'typeof ip daddr . meta l4proto . th dport : verdict;'],
    ['cluster-ips', 'type ipv4_addr;'],
  ].flatMap(([name = '', definition = '']) => {
    const layout = layoutOf(definition);
    return layout ? [[name, layout] as const] : [];
  }),
);
const element = (set: string, key: string, value = '') => ({ set, key, value });
const change = {
  table,
  deleted: [element('services', '10.96.0.1 . 6 . 80', 'drop')],
  added: [
    element('services', '10.96.0.1 . 6 . 80', 'goto pick'),
    element('cluster-ips', '10.96.0.1'),
  ],
};
const transaction = 'add table ip portolan\n';

/** A kernel that answers each request with `errno` for its last element message. */
function start(errno: number, chainUse = 0) {
  const requests: Uint8Array[] = [];
  const command = new FakeNft();
  const nft = new NftNetlink({
    command,
    layouts,
    log: silentLog,
    open: async () => ({
      request(bytes) {
        requests.push(bytes.slice());
        const writer = new MessageWriter();
        const asked = [...readAnswers(bytes)];
        if (asked.length === 1 && errno === 0) {
          writer.begin({ type: (10 << 8) | NFT_MSG_NEWCHAIN, flags: 0, sequence: 1, family: 2 });
          writer.uint32(NFTA_CHAIN_USE, chainUse);
          writer.end();
          return [...readAnswers(writer.bytes)];
        }
        const body = new Uint8Array(new Int32Array([-errno]).buffer);
        return [{ type: NLMSG_ERROR, sequence: asked.at(-2)?.sequence ?? 1, body }];
      },
      [Symbol.dispose]() {},
    }),
  });
  return { nft, command, requests };
}

test('a batch deletes before it adds, between its two ends', () => {
  const batch = elementBatch(change, layouts);
  const types = [...readAnswers(batch?.bytes ?? new Uint8Array())].map(({ type }) => type & 0xff);
  deepEqual(types, [
    NFNL_MSG_BATCH_BEGIN,
    NFT_MSG_DELSETELEM,
    NFT_MSG_NEWSETELEM,
    NFT_MSG_NEWSETELEM,
    NFNL_MSG_BATCH_END,
  ]);
});

test('what went through netlink is not told nft again', async () => {
  const { nft, command, requests } = start(0);
  await nft.apply(transaction, change);
  deepEqual([command.applied.length, requests.length], [0, 1]);
});

for (const [why, errno, elements] of [
  ['the kernel refuses it', 17, change],
  ['it is more than elements', 0, undefined],
  ['a set is not known', 0, { ...change, added: [element('clients-1', '10.0.0.1')] }],
  [
    'a verdict is not known',
    0,
    { ...change, added: [element('services', '10.0.0.1 . 6 . 1', 'jump x')] },
  ],
  [
    'it is too large',
    0,
    {
      ...change,
      added: Array.from({ length: 5_000 }, (_, n) =>
        element('services', `10.0.0.1 . 6 . ${n}`, 'goto pick'),
      ),
    },
  ],
] as const) {
  test(`nft gets the transaction if ${why}`, async () => {
    const { nft, command } = start(errno);
    await nft.apply(transaction, elements);
    deepEqual(command.applied, [transaction]);
  });
}

test('without a socket everything is the command’s', async () => {
  const command = new FakeNft();
  const open = async () => {
    throw new DataPlaneError('NetlinkUnavailable', 'no glibc', false);
  };
  const nft = new NftNetlink({ command, layouts, log: silentLog, open });
  await nft.apply(transaction, change);
  deepEqual(command.applied, [transaction]);
  equal(await nft.probe(table, 'static-1'), 'gone');
});

for (const [errno, chainUse, state] of [
  [0, 1, 'intact'],
  [0, 0, 'flushed'],
  [2, 0, 'gone'],
] as const) {
  test(`errno ${errno} and ${chainUse} rules that lead to the chain: ${state}`, async () => {
    equal(await start(errno, chainUse).nft.probe(table, 'static-1'), state);
  });
}

test('answers that are cut off anywhere end quietly', () => {
  const bytes = elementBatch(change, layouts)?.bytes ?? new Uint8Array();
  const whole = [...readAnswers(bytes)].length;
  for (let length = 0; length < bytes.length; length += 1) {
    equal([...readAnswers(bytes.subarray(0, length))].length < whole, true);
  }
});
