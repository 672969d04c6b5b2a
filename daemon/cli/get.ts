import { stringify } from 'yaml';
import type { Command, Scope } from '../config/index.ts';
import { findResource, resourceInfo, viewPath, type ViewTable } from '../views/index.ts';
import type { AdminReply } from './admin-client.ts';
import { type Printer, safeText } from './printer.ts';
import { tableText } from './table-text.ts';
import { readViewTable } from './view-reply.ts';

type Get = Extract<Command, { kind: 'get' }>;

/** Asks the daemon at the command's admin address; `askDaemon` outside of tests. */
export type Ask = (path: string) => Promise<AdminReply>;

/**
 * `portolan get`: prints a list. Exit status 1 when the daemon knows nothing by that name.
 * @throws PortolanError as `askDaemon` and `readViewTable`
 */
export async function runGet(command: Get, ask: Ask, printer: Printer): Promise<number> {
  const reply = await ask(getPath(command));
  if (reply.status !== 200) {
    printer.error(`portolan: ${safeText(reply.body).trimEnd()}\n`);
    return 1;
  }
  const table = readViewTable(reply.body);
  switch (command.output) {
    case 'json':
      printer.out(`${safeText(JSON.stringify(document(table, command), undefined, 2))}\n`);
      return 0;
    case 'yaml':
      printer.out(safeText(stringify(document(table, command))));
      return 0;
    case 'table':
    case 'wide':
      printTable(table, command, printer);
      return 0;
  }
}

function getPath({ resource, name, scope, output }: Get): string {
  const query = new URLSearchParams();
  const namespace = namespaceOf(resource, scope);
  if (namespace !== undefined) query.set('namespace', namespace);
  if (name !== undefined) query.set('name', name);
  if (output === 'json' || output === 'yaml') query.set('objects', 'true');
  return `${viewPath}${encodeURIComponent(resource)}?${query.toString()}`;
}

/** Undefined: every one. A problem is overlooked too easily to hide it behind a namespace. */
function namespaceOf(resource: string, scope: Scope): string | undefined {
  switch (scope.kind) {
    case 'unsaid':
      return findResource(resource) === 'Problem' ? undefined : 'default';
    case 'namespace':
      return scope.namespace;
    case 'everywhere':
      return undefined;
  }
}

/** kubectl's form: one object by name, else a List. */
function document({ objects = [] }: ViewTable, { name }: Get): object {
  const [only, ...others] = objects;
  if (name !== undefined && only !== undefined && others.length === 0) return only;
  return { apiVersion: 'v1', kind: 'List', items: objects };
}

function printTable(table: ViewTable, command: Get, printer: Printer): void {
  if (table.rows.length > 0) {
    printer.out(safeText(tableText(table, command.output === 'wide')));
    return;
  }
  printer.error(`${emptyText(command)}\n`);
}

/** To standard error, as kubectl does: who counts lines counts none. */
function emptyText({ resource, scope }: Get): string {
  const found = findResource(resource);
  if (found === 'Problem') return 'No problems.';
  const namespace = namespaceOf(resource, scope);
  const isNamespaced = found !== undefined && resourceInfo(found).namespaced;
  return isNamespaced && namespace !== undefined
    ? `Nothing found in namespace ${namespace}.`
    : 'Nothing found.';
}
