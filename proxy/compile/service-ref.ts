import type { ObjectRef } from '../../controller/base/index.ts';
import type { Service } from '../../controller/objects/index.ts';

/** Points a problem at a Service, or at one field of it. */
export function serviceRef({ metadata }: Service, field?: string): ObjectRef {
  const { namespace = '', name } = metadata;
  return { kind: 'Service', namespace, name, ...(field !== undefined && { field }) };
}
