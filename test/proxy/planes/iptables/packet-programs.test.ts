import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { assert, integer, property, uint8Array } from 'fast-check';
import { scatter } from '../../../../proxy/balancer/hash.ts';
import { sourceSlotIn, toItself } from '../../../../proxy/planes/iptables/packet-programs.ts';

/** Runs a classic BPF program on a packet, as the kernel does (Documentation/networking/filter). */
function run(match: string, packet: Uint8Array): number {
  const text = /"(\d+),(.*)"/.exec(match);
  const program = (text?.[2] ?? '').split(',').map((one) => one.split(' ').map(Number));
  equal(program.length, Number(text?.[1]), 'as many instructions as announced');
  const view = new DataView(packet.buffer);
  let a = 0;
  let x = 0;
  for (let at = 0; at < program.length; at += 1) {
    const [code = 0, ifTrue = 0, ifFalse = 0, k = 0] = program[at] ?? [];
    if (code === 0x06) return k;
    if (code === 0x16) return a;
    if (code === 0x1d) at += a === x ? ifTrue : ifFalse;
    else if (code === 0x07) x = a;
    else a = computed(code, a, x, k, view);
  }
  throw new Error('it ended without a return');
}

function computed(code: number, a: number, x: number, k: number, view: DataView): number {
  switch (code) {
    case 0x20:
      return view.getUint32(k);
    case 0x00:
      return k;
    case 0x24:
      return Math.imul(a, k) >>> 0;
    case 0x54:
      return (a & k) >>> 0;
    case 0x74:
      return a >>> k;
    case 0x7c:
      return a >>> x;
    case 0xac:
      return (a ^ x) >>> 0;
    default:
      throw new Error(`operation ${code} is not known`);
  }
}

/** The start of a packet: only the addresses matter. */
function packetOf(source: Uint8Array, destination: Uint8Array): Uint8Array {
  const packet = new Uint8Array(40);
  packet.set(source, source.length === 4 ? 12 : 8);
  packet.set(destination, source.length === 4 ? 16 : 24);
  return packet;
}

for (const [family, length] of [
  ['IPv4', 4],
  ['IPv6', 16],
] as const) {
  const addresses = uint8Array({ minLength: length, maxLength: length });

  test(`${family}: a packet goes to itself if every byte of both addresses is the same`, () => {
    assert(
      property(addresses, integer({ min: 0, max: length - 1 }), (address, place) => {
        const other = address.slice();
        other[place] = (other[place] ?? 0) ^ 1;
        equal(run(toItself(family), packetOf(address, address)), 1);
        equal(run(toItself(family), packetOf(address, other)), 0);
      }),
    );
  });

  test(`${family}: every source is in one of 32 slots, of either kind`, () => {
    assert(
      property(addresses, (address) => {
        const packet = packetOf(address, address);
        for (const high of [true, false]) {
          const slots = Array.from({ length: 32 }, (_, slot) =>
            run(sourceSlotIn(family, 1 << slot, high), packet),
          );
          equal(slots.filter((one) => one === 1).length, 1);
          equal(run(sourceSlotIn(family, -1, high), packet), 1);
          equal(run(sourceSlotIn(family, 0, high), packet), 0);
        }
      }),
    );
  });
}

test('the slots are those of the hash that the balancer scatters with', () => {
  assert(
    property(integer({ min: 0, max: 2 ** 32 - 1 }), (source) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, source);
      const hash = scatter(source);
      const packet = packetOf(bytes, bytes);
      equal(run(sourceSlotIn('IPv4', 1 << (hash >>> 27), true), packet), 1);
      equal(run(sourceSlotIn('IPv4', 1 << ((hash >>> 22) & 31), false), packet), 1);
    }),
  );
});
