import { field } from './field-names.ts';
import type { HeadFields } from './head-fields.ts';

/** What the Connection fields of a head ask for. */
export interface ConnectionOptions {
  readonly close: boolean;
  readonly keepAlive: boolean;
  readonly upgrade: boolean;
}

const none: ConnectionOptions = { close: false, keepAlive: false, upgrade: false };
const closeOnly: ConnectionOptions = { close: true, keepAlive: false, upgrade: false };
const keepAliveOnly: ConnectionOptions = { close: false, keepAlive: true, upgrade: false };

/** Removing these because a sender names them would change what the message means. */
const neverNominated: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'authorization',
]);

/**
 * Reads Connection (RFC 9110 §7.6.1), and drops the fields that it names. Costs nothing beyond a
 * look at each line where the field is absent, and a comparison where it is `close`.
 */
export function connectionOptions(fields: HeadFields): ConnectionOptions {
  const value = fields.joined(field.connection);
  if (value === undefined) return none;
  if (value === 'keep-alive') return keepAliveOnly;
  if (value === 'close') return closeOnly;
  const options = new Set(value.toLowerCase().split(/[ \t]*,[ \t]*/));
  dropNominated(fields, options);
  return {
    close: options.has('close'),
    keepAlive: options.has('keep-alive'),
    upgrade: options.has('upgrade'),
  };
}

/** Those that pass otherwise. */
const nominable: ReadonlySet<number> = new Set([
  field.other,
  field.userAgent,
  field.cookie,
  field.referer,
  field.traceParent,
  field.maxForwards,
]);

function dropNominated(fields: HeadFields, options: ReadonlySet<string>): void {
  for (let index = 0; index < fields.count; index += 1) {
    const id = fields.id(index);
    // Ours are dropped or replaced anyway, and must still be found.
    if (!nominable.has(id)) continue;
    const name = fields.name(index).toLowerCase();
    if (options.has(name) && !neverNominated.has(name)) fields.drop(index);
  }
}
