/** etcd's rpc.proto as JSON, as far as it is used here. 64-bit numbers are texts; defaults absent. */
export interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly mod_revision?: string;
}

export interface ResponseHeader {
  readonly revision?: string;
}

export interface RangeResponse {
  readonly header: ResponseHeader;
  readonly kvs?: readonly KeyValue[];
  readonly more?: boolean;
}

export interface TxnResponse {
  readonly header: ResponseHeader;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: RangeResponse }[];
}

export interface WatchResponse {
  readonly header?: ResponseHeader;
  readonly created?: boolean;
  readonly canceled?: boolean;
  /** The watch asked for something older, which is gone. */
  readonly compact_revision?: string;
  readonly events?: readonly { readonly type?: 'PUT' | 'DELETE'; readonly kv: KeyValue }[];
}

export interface Compare {
  readonly key: string;
  readonly result: 'EQUAL';
  readonly target: 'MOD' | 'VALUE';
  readonly mod_revision?: string;
  readonly value?: string;
}

export type RequestOp =
  | { readonly request_put: { readonly key: string; readonly value: string } }
  | { readonly request_delete_range: { readonly key: string } }
  | { readonly request_range: { readonly key: string } };

/** A text as keys and values are sent. */
export function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** The first key after all that begin with `prefix`, as etcd's ranges are given. */
export function prefixEnd(prefix: string): string {
  const bytes = Buffer.from(prefix, 'utf8');
  // UTF-8 has no byte 0xff, so the last can always grow.
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes.toString('base64');
}

/** True while the key is as it was seen: at this revision, or absent for 0. */
export function atRevision(key: string, revision: number): Compare {
  return { key: encode(key), target: 'MOD', result: 'EQUAL', mod_revision: String(revision) };
}

export function holdsValue(key: string, value: string): Compare {
  return { key: encode(key), target: 'VALUE', result: 'EQUAL', value: encode(value) };
}

export function put(key: string, value: string): RequestOp {
  return { request_put: { key: encode(key), value: encode(value) } };
}

export function remove(key: string): RequestOp {
  return { request_delete_range: { key: encode(key) } };
}

export function read(key: string): RequestOp {
  return { request_range: { key: encode(key) } };
}
