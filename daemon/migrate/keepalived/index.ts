import type { AnyObject, VirtualIP } from '../../../controller/objects/index.ts';
import type { Finding } from '../finding.ts';
import { readStatements, type Statement } from './statements.ts';
import { Translation } from './translation.ts';
import { translateVirtualServer } from './virtual-server.ts';
import { translateInstance } from './vrrp-instance.ts';

/** A keepalived.conf in Portolan's objects, and what could not be said in them. */
export interface KeepalivedTranslation {
  readonly objects: readonly AnyObject[];
  readonly findings: readonly Finding[];
}

/**
 * Translates a keepalived.conf: `vrrp_instance` with its groups and scripts into VirtualIPs,
 * `virtual_server` into Services with endpoints and checks.
 * @throws ConfigError `InvalidKeepalivedConf` for a file that is none
 */
export function translateKeepalived(text: string, file: string): KeepalivedTranslation {
  const statements = readStatements(text, file);
  const to = new Translation(file);
  const context = {
    scripts: byName(statements, 'vrrp_script'),
    files: byName(statements, 'vrrp_track_file'),
    groups: syncGroups(statements),
    version: globalVersion(statements),
  };
  const serverGroups = byName(statements, 'virtual_server_group');
  for (const statement of statements) {
    switch (statement.keyword) {
      case 'vrrp_instance':
        translateInstance(statement, context, to);
        break;
      case 'virtual_server':
        translateVirtualServer(statement, serverGroups, to);
        break;
      case 'vrrp_script':
      case 'vrrp_track_file':
      case 'virtual_server_group':
        break;
      case 'vrrp_sync_group':
        noteSyncGroup(statement, to);
        break;
      case 'global_defs':
        noteGlobals(statement, to);
        break;
      default:
        to.unsupported(statement, topLevel[statement.keyword] ?? noEqual(statement));
    }
  }
  return { objects: to.objects, findings: to.findings };
}

const topLevel: Readonly<Record<string, string>> = {
  include: 'translate the included files too: they are not read',
  static_ipaddress: 'addresses that do not move belong into the configuration of the machine',
  static_routes: 'routes belong into the configuration of the machine',
  static_rules: 'rules belong into the configuration of the machine',
  bfd_instance: 'BFD is not spoken: track an interface or a script',
  vrrp_track_process: 'processes are not watched: track a script that looks for it',
};

function noEqual({ keyword }: Statement): string {
  return keyword.startsWith('@')
    ? 'conditions are not evaluated: write out the file of one machine'
    : 'it has no equal';
}

function byName(statements: readonly Statement[], keyword: string): ReadonlyMap<string, Statement> {
  const named = statements.filter((one) => one.keyword === keyword);
  return new Map(named.map((one) => [one.args[0] ?? '', one]));
}

function syncGroups(statements: readonly Statement[]): ReadonlyMap<string, string> {
  const groups = statements.filter(({ keyword }) => keyword === 'vrrp_sync_group');
  return new Map(
    groups.flatMap(({ args, body = [] }) => {
      // Old files name the members without a block of their own.
      const members = body.find(({ keyword }) => keyword === 'group')?.body ?? body;
      return members.map(({ keyword }) => [keyword, args[0] ?? ''] as const);
    }),
  );
}

function globalVersion(statements: readonly Statement[]): number {
  const globals = statements.find(({ keyword }) => keyword === 'global_defs')?.body ?? [];
  const version = Number(globals.find(({ keyword }) => keyword === 'vrrp_version')?.args[0]);
  return version === 3 ? 3 : (2 satisfies VirtualIP['spec']['version']);
}

function noteSyncGroup({ body = [] }: Statement, to: Translation): void {
  if (!body.some(({ keyword }) => keyword === 'group')) return;
  for (const one of body) {
    if (one.keyword === 'group') continue;
    to.differs(one, 'groups have nothing of their own: write it at one of the VirtualIPs');
  }
}

/** What was told to the whole program and has a meaning for some object. */
const globals: Readonly<Record<string, string>> = {
  notification_email: 'no mail is sent: alert on metrics',
  notification_email_from: 'no mail is sent: alert on metrics',
  smtp_server: 'no mail is sent: alert on metrics',
  enable_script_security: 'scripts run only with --exec-probes on',
  script_user: 'scripts run as the user of the daemon, with --exec-probes on',
};

function noteGlobals({ body = [] }: Statement, to: Translation): void {
  for (const one of body) {
    const text = globals[one.keyword];
    if (text !== undefined) to.differs(one, text);
    else if (one.keyword !== 'vrrp_version') to.ignored(one, 'it has no meaning here');
  }
}
