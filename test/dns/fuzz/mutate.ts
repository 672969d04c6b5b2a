import type { Random } from '../../../controller/base/index.ts';

/** Numbers that break what trusts them: lengths, counts, pointers. */
const interesting = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff];

/** One to four changes to a message: bits, octets, cuts, repeats, pieces of another. */
export function mutate(corpus: readonly Buffer[], random: Random): Buffer {
  const pick = (below: number): number => Math.floor(random() * below);
  const some = (): Buffer => corpus[pick(corpus.length)] ?? Buffer.alloc(0);
  let octets = Buffer.from(some());
  for (let i = pick(4); i >= 0; i -= 1) {
    const at = pick(octets.length + 1);
    const length = pick(Math.min(20, octets.length - at + 1));
    switch (pick(7)) {
      case 0:
        if (at < octets.length) octets[at] = (octets[at] ?? 0) ^ (1 << pick(8));
        break;
      case 1:
        if (at < octets.length) octets[at] = interesting[pick(interesting.length)] ?? 0;
        break;
      case 2:
        octets = Buffer.from(octets.subarray(0, at));
        break;
      case 3:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(at + length)]);
        break;
      case 4:
        octets = Buffer.concat([
          octets.subarray(0, at),
          octets.subarray(at, at + length),
          octets.subarray(at),
        ]);
        break;
      case 5: {
        const other = some();
        octets = Buffer.concat([octets.subarray(0, at), other.subarray(pick(other.length))]);
        break;
      }
      default:
        if (octets.length >= at + 2) octets.writeUInt16BE(pick(65_536), at);
    }
  }
  // What a datagram can carry.
  return octets.subarray(0, 65_507);
}
