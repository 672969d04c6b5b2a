import { endOfString, type HuffmanCode, huffmanCodes } from './huffman-code.ts';

/** A state for each inner node of the code's tree: 257 leaves have 256 of them. */
const stateCount = 256;
const root = 0;
/** Stands for the state after EOS, which no string may contain. */
const broken = 0xffff;
const noSymbol = -1;

/** By state and the next four bits: where they lead, and the symbol that ends on the way. */
const nextStates = new Uint16Array(stateCount * 16);
const symbols = new Int16Array(stateCount * 16).fill(noSymbol);
/**
 * States in which a string may end: less than a byte behind the last symbol, all of it ones
 * (RFC 7541 §5.2).
 */
const isPadding = new Uint8Array(stateCount);

buildTables(huffmanCodes());

/** The shortest code has five bits. */
function decodedCapacity(bytes: number): number {
  return Math.trunc((bytes * 8) / 5) + 1;
}

/** Filled anew by each call: strings of a thread are decoded one after the other. */
let scratch = Buffer.allocUnsafeSlow(1024);

/** The string that the bytes encode, in latin1; undefined where the coding is broken. */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (scratch.length < decodedCapacity(end - start)) {
    scratch = Buffer.allocUnsafeSlow(decodedCapacity(end - start));
  }
  let length = 0;
  let state = root;
  for (let position = start; position < end; position += 1) {
    const byte = bytes[position] ?? 0;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = state * 16 + ((byte >> shift) & 15);
      const symbol = symbols[step] ?? noSymbol;
      if (symbol !== noSymbol) {
        scratch[length] = symbol;
        length += 1;
      }
      state = nextStates[step] ?? broken;
      if (state === broken) return undefined;
    }
  }
  return isPadding[state] === 1 ? scratch.toString('latin1', 0, length) : undefined;
}

function buildTables(codes: readonly HuffmanCode[]): void {
  const children = buildTree(codes);
  for (let state = 0; state < stateCount; state += 1) {
    for (let nibble = 0; nibble < 16; nibble += 1) fillStep(children, state, nibble);
  }
  let state = root;
  for (let ones = 0; ones < 8; ones += 1) {
    isPadding[state] = 1;
    state = children[state * 2 + 1] ?? 0;
  }
}

/** Two children for each inner node: another inner node, or a leaf as `-1 - symbol`. */
function buildTree(codes: readonly HuffmanCode[]): Int16Array {
  const children = new Int16Array(stateCount * 2);
  let nodes = 1;
  for (const { symbol, bits, length } of codes) {
    let node = root;
    for (let bit = length - 1; bit > 0; bit -= 1) {
      const at = node * 2 + ((bits >> bit) & 1);
      // The root is nobody's child, so 0 is a child still missing.
      if (children[at] === 0) {
        children[at] = nodes;
        nodes += 1;
      }
      node = children[at] ?? 0;
    }
    children[node * 2 + (bits & 1)] = -1 - symbol;
  }
  return children;
}

function fillStep(children: Int16Array, state: number, nibble: number): void {
  const step = state * 16 + nibble;
  let node = state;
  for (let bit = 3; bit >= 0; bit -= 1) {
    const child = children[node * 2 + ((nibble >> bit) & 1)] ?? 0;
    node = child < 0 ? root : child;
    if (child >= 0) continue;
    if (-1 - child === endOfString) {
      nextStates[step] = broken;
      return;
    }
    symbols[step] = -1 - child;
  }
  nextStates[step] = node;
}
