import type { Element, ElementChange } from '../objects.ts';
import {
  NF_DROP,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  NFT_GOTO,
  NFT_MSG_DELSETELEM,
  NFT_MSG_NEWSETELEM,
  NFTA_DATA_VALUE,
  NFTA_DATA_VERDICT,
  NFTA_LIST_ELEM,
  NFTA_SET_ELEM_DATA,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  NFTA_VERDICT_CHAIN,
  NFTA_VERDICT_CODE,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_REQUEST,
} from './constants.ts';
import { type ElementLayout, fieldBytes } from './element-layout.ts';
import { MessageWriter } from './message-writer.ts';

/**
 * Elements in one message: a list is an attribute, whose length has 16 bits, and an element with
 * the longest chain name takes about 110 bytes.
 */
const elementsPerMessage = 256;

/**
 * What one `sendto` may carry: half of the least default of net.core.wmem_default (212992), which
 * counts bookkeeping too.
 */
const maxBatchBytes = 100_000;

/** One transaction for the kernel. `acknowledged`: the sequence number that the answer carries. */
export interface ElementBatch {
  readonly bytes: Uint8Array;
  readonly acknowledged: number;
}

/** AF_INET and AF_INET6 by nft's word for them. */
export const addressFamilies: ReadonlyMap<string, number> = new Map([
  ['ip', 2],
  ['ip6', 10],
]);

/**
 * The change as one atomic batch: elements out, then elements in, as `Transaction` has it.
 * Undefined: too large, or something is in it that only nft can write.
 */
export function elementBatch(
  { table, deleted, added }: ElementChange,
  layouts: ReadonlyMap<string, ElementLayout>,
): ElementBatch | undefined {
  const [ip = '', tableName = ''] = table.split(' ');
  const family = addressFamilies.get(ip);
  if (family === undefined) return undefined;
  const writer = new MessageWriter();
  let sequence = 0;
  writeBound(writer, NFNL_MSG_BATCH_BEGIN, sequence);
  const parts = [...messagesOf('delete', deleted), ...messagesOf('add', added)];
  for (const [place, { verb, set, elements }] of parts.entries()) {
    const layout = layouts.get(set);
    if (!layout) return undefined;
    sequence += 1;
    const type = verb === 'add' ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM;
    writer.begin({
      type: (NFNL_SUBSYS_NFTABLES << 8) | type,
      // Whatever fails is answered; that all went well, only if it is asked for.
      flags:
        NLM_F_REQUEST |
        (verb === 'add' ? NLM_F_CREATE : 0) |
        (place === parts.length - 1 ? NLM_F_ACK : 0),
      sequence,
      family,
    });
    writer.text(NFTA_SET_ELEM_LIST_TABLE, tableName);
    writer.text(NFTA_SET_ELEM_LIST_SET, set);
    let fits = true;
    writer.nested(NFTA_SET_ELEM_LIST_ELEMENTS, () => {
      for (const element of elements) fits &&= writeElement(writer, element, layout, verb);
    });
    writer.end();
    if (!fits || writer.length > maxBatchBytes) return undefined;
  }
  writeBound(writer, NFNL_MSG_BATCH_END, sequence + 1);
  return { bytes: writer.bytes, acknowledged: sequence };
}

interface ElementMessage {
  readonly verb: 'add' | 'delete';
  readonly set: string;
  readonly elements: readonly Element[];
}

function* messagesOf(
  verb: 'add' | 'delete',
  elements: readonly Element[],
): Generator<ElementMessage> {
  for (const [set, members] of Map.groupBy(elements, (one) => one.set)) {
    for (let from = 0; from < members.length; from += elementsPerMessage) {
      yield { verb, set, elements: members.slice(from, from + elementsPerMessage) };
    }
  }
}

/** The marks at both ends of a batch name the subsystem and no family. */
function writeBound(writer: MessageWriter, type: number, sequence: number): void {
  const resourceId = NFNL_SUBSYS_NFTABLES;
  writer.begin({ type, flags: NLM_F_REQUEST, sequence, family: 0, resourceId });
  writer.end();
}

/** False: the element's text does not fit its set. */
function writeElement(
  writer: MessageWriter,
  { key, value }: Element,
  layout: ElementLayout,
  verb: 'add' | 'delete',
): boolean {
  const keyBytes = fieldBytes(layout.key, key);
  if (!keyBytes) return false;
  let fits = true;
  writer.nested(NFTA_LIST_ELEM, () => {
    writer.nested(NFTA_SET_ELEM_KEY, () => writer.attribute(NFTA_DATA_VALUE, keyBytes));
    if (verb === 'delete' || layout.value === undefined) return;
    if (layout.value === 'verdict') {
      fits = writeVerdict(writer, value);
      return;
    }
    const data = fieldBytes(layout.value, value);
    if (data) writer.nested(NFTA_SET_ELEM_DATA, () => writer.attribute(NFTA_DATA_VALUE, data));
    fits = data !== undefined;
  });
  return fits;
}

/** `drop` or `goto CHAIN`: the verdicts that elements have. */
function writeVerdict(writer: MessageWriter, text: string): boolean {
  const [verb, chain] = text.split(' ');
  if (text !== 'drop' && (verb !== 'goto' || chain === undefined)) return false;
  writer.nested(NFTA_SET_ELEM_DATA, () =>
    writer.nested(NFTA_DATA_VERDICT, () => {
      writer.uint32(NFTA_VERDICT_CODE, chain === undefined ? NF_DROP : NFT_GOTO);
      if (chain !== undefined) writer.text(NFTA_VERDICT_CHAIN, chain);
    }),
  );
  return true;
}
