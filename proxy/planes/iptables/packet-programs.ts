import type { IPFamily } from '../../../controller/objects/index.ts';

/*
 * What iptables has no match for, as classic BPF programs for `-m bpf` (xt_bpf). Offsets count from
 * the network header. Operation codes: linux/bpf_common.h.
 */
const LD_WORD_AT = 0x20;
const LD_IMMEDIATE = 0x00;
const ALU_MULTIPLY = 0x24;
const ALU_AND = 0x54;
const ALU_SHIFT_RIGHT = 0x74;
const ALU_SHIFT_RIGHT_BY_X = 0x7c;
const ALU_XOR_X = 0xac;
const JUMP_IF_EQUAL_TO_X = 0x1d;
const RETURN = 0x06;
const RETURN_A = 0x16;
const COPY_A_TO_X = 0x07;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

const step = (code: number, operand: number = 0): Instruction => [code, 0, 0, operand];

/** RFC 791 §3.1, RFC 8200 §3: where the words of both addresses begin. */
const sourceWords: Readonly<Record<IPFamily, readonly number[]>> = {
  IPv4: [12],
  IPv6: [8, 12, 16, 20],
};
const addressBytes: Readonly<Record<IPFamily, number>> = { IPv4: 4, IPv6: 16 };

function matching(program: readonly Instruction[]): string {
  const text = program.map((instruction) => instruction.join(' ')).join(',');
  return `-m bpf --bytecode "${program.length},${text}"`;
}

/** Matches packets whose source is their destination: a Pod that was sent to itself. */
export function toItself(family: IPFamily): string {
  const words = sourceWords[family];
  const program: Instruction[] = [];
  for (const [place, source] of words.entries()) {
    // On a difference: over the words that are left, and over "matches", to the end.
    const toEnd = (words.length - 1 - place) * 4 + 1;
    program.push(
      step(LD_WORD_AT, source),
      step(COPY_A_TO_X),
      step(LD_WORD_AT, source + addressBytes[family]),
      [JUMP_IF_EQUAL_TO_X, 0, toEnd, 0],
    );
  }
  return matching([...program, step(RETURN, 1), step(RETURN, 0)]);
}

/** Slots that one program tells apart: the bits of a word. */
export const slotsPerWord = 32;

/**
 * Matches sources whose hash falls into one of the slots in `mask`. `high`: the slot is the upper
 * five bits of the hash; else the next five. Both together make 1024 slots.
 */
export function sourceSlotIn(family: IPFamily, mask: number, high: boolean): string {
  const [first = 0, ...others] = sourceWords[family];
  const program: Instruction[] = [step(LD_WORD_AT, first)];
  for (const offset of others) {
    program.push(step(COPY_A_TO_X), step(LD_WORD_AT, offset), step(ALU_XOR_X));
  }
  program.push(
    ...scattered,
    step(ALU_SHIFT_RIGHT, high ? 27 : 22),
    step(ALU_AND, slotsPerWord - 1),
    step(COPY_A_TO_X),
    step(LD_IMMEDIATE, mask >>> 0),
    step(ALU_SHIFT_RIGHT_BY_X),
    step(ALU_AND, 1),
    step(RETURN_A),
  );
  return matching(program);
}

/** MurmurHash3's finaliser: neighbouring addresses get hashes that have nothing in common. */
const scattered: readonly Instruction[] = [
  ...xorShifted(16),
  step(ALU_MULTIPLY, 0x85ebca6b),
  ...xorShifted(13),
  step(ALU_MULTIPLY, 0xc2b2ae35),
  ...xorShifted(16),
];

function xorShifted(bits: number): readonly Instruction[] {
  return [step(COPY_A_TO_X), step(ALU_SHIFT_RIGHT, bits), step(ALU_XOR_X)];
}
