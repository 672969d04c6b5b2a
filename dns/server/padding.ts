import { ednsOption, type EdnsOption, type Message } from '../wire/index.ts';
import type { Transport } from '../plugins/plugin.ts';

/** RFC 8467 §4.1: replies are as long as a multiple of this. */
const blockOctets = 468;
const optionHeadOctets = 4;

/**
 * The padding for a reply of `octets` without it (RFC 7830): none unless the client padded its
 * query, and none where anybody can read along anyway.
 */
export function paddingFor(
  request: Message,
  transport: Transport,
  octets: number,
): EdnsOption | undefined {
  const isSecret = transport === 'tls' || transport === 'https';
  const asked = request.edns?.options.some(({ code }) => code === ednsOption.PADDING) ?? false;
  if (!isSecret || !asked) return undefined;
  const bare = octets + optionHeadOctets;
  const padded = Math.ceil(bare / blockOctets) * blockOctets;
  return { code: ednsOption.PADDING, octets: Buffer.alloc(padded - bare) };
}
