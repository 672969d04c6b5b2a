import {
  NFNL_SUBSYS_NFTABLES,
  NFT_MSG_GETCHAIN,
  NFT_MSG_NEWCHAIN,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_TABLE,
  NFTA_CHAIN_USE,
  NLM_F_REQUEST,
} from './constants.ts';
import { addressFamilies } from './element-batch.ts';
import type { Answer } from './answers.ts';
import { littleEndian, MessageWriter } from './message-writer.ts';

/** Asks for one chain. `table`: family and name. */
export function chainRequest(table: string, chain: string): Uint8Array {
  const [ip = '', tableName = ''] = table.split(' ');
  const writer = new MessageWriter();
  writer.begin({
    type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETCHAIN,
    flags: NLM_F_REQUEST,
    sequence: 1,
    family: addressFamilies.get(ip) ?? 0,
  });
  writer.text(NFTA_CHAIN_TABLE, tableName);
  writer.text(NFTA_CHAIN_NAME, chain);
  writer.end();
  return writer.bytes;
}

/** How many rules and elements lead to the chain, from the answer; undefined: it says nothing. */
export function chainUse({ type, body }: Answer): number | undefined {
  if (type !== ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWCHAIN)) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  // Behind nfgenmsg, which has four bytes.
  for (let at = 4; at + 4 <= body.length; ) {
    const length = view.getUint16(at, littleEndian);
    if (length < 4) return undefined;
    const isUse = view.getUint16(at + 2, littleEndian) === NFTA_CHAIN_USE;
    if (isUse && at + 8 <= body.length) return view.getUint32(at + 4);
    at += (length + 3) & ~3;
  }
  return undefined;
}
