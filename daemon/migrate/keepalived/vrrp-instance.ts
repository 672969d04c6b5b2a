import type {
  Secret,
  VirtualIP,
  VirtualIPSpec,
  VirtualIPTrack,
} from '../../../controller/objects/index.ts';
import type { Statement } from './statements.ts';
import { readScript } from './vrrp-script.ts';
import { objectName, secondsText, type Translation } from './translation.ts';

/** What instances refer to by name. */
export interface VrrpContext {
  readonly scripts: ReadonlyMap<string, Statement>;
  readonly files: ReadonlyMap<string, Statement>;
  /** Sync group by the instances in it. */
  readonly groups: ReadonlyMap<string, string>;
  /** `global_defs { vrrp_version 3 }`. */
  readonly version: number;
}

type Draft = { -readonly [K in keyof VirtualIPSpec]?: VirtualIPSpec[K] };

/** Where secrets of translated files are put. */
const secretNamespace = 'default';

/** Translates a `vrrp_instance`. */
export function translateInstance(
  statement: Statement,
  context: VrrpContext,
  to: Translation,
): void {
  const [written = ''] = statement.args;
  const name = objectName(written);
  const draft: Draft = {};
  const track: VirtualIPTrack[] = [];
  const body = statement.body ?? [];
  draft.version = context.version;
  for (const one of body) readDirective(one, { name, draft, track, context, to });
  const { interface: device, addresses = [], virtualRouterID } = draft;
  if (device === undefined || virtualRouterID === undefined || addresses.length === 0) {
    const needs = 'interface, virtual_router_id and virtual_ipaddress';
    to.unsupported(statement, `a VirtualIP needs ${needs}: this instance is left out`);
    return;
  }
  // What RFC 5798 has no passwords for stays at version 2.
  if (draft.passwordSecretRef) draft.version = 2;
  if (addresses.some((one) => one.includes(':'))) draft.version = 3;
  const syncGroup = context.groups.get(written);
  const virtualIP: VirtualIP = {
    apiVersion: 'portolan.dev/v1alpha1',
    kind: 'VirtualIP',
    metadata: { name },
    spec: {
      ...draft,
      interface: device,
      addresses,
      virtualRouterID,
      ...(syncGroup !== undefined && { syncGroup: objectName(syncGroup) }),
      ...(track.length > 0 && { track }),
    },
  };
  to.objects.push(virtualIP);
}

interface Reading {
  readonly name: string;
  readonly draft: Draft;
  readonly track: VirtualIPTrack[];
  readonly context: VrrpContext;
  readonly to: Translation;
}

/** Directives that a VirtualIP says in one field. */
const plain: Readonly<Record<string, (one: Statement, reading: Reading) => void>> = {
  interface: ({ args }, { draft }) => setDefined(draft, 'interface', args[0]),
  virtual_router_id: (one, { draft, to }) =>
    setDefined(draft, 'virtualRouterID', to.number(one, 1, 255)),
  priority: (one, { draft, to }) => setDefined(draft, 'priority', to.number(one, 1, 255)),
  version: (one, { draft, to }) => setDefined(draft, 'version', to.number(one, 2, 3)),
  advert_int: (one, { draft, to }) => {
    const seconds = to.number(one, 0.01, 255);
    if (seconds !== undefined) draft.advertInterval = secondsText(seconds);
  },
  nopreempt: (_one, { draft }) => setDefined(draft, 'preempt', false),
  preempt: (_one, { draft }) => setDefined(draft, 'preempt', true),
  preempt_delay: (one, { draft, to }) => {
    const seconds = to.number(one, 0, 1000);
    if (seconds !== undefined) draft.preemptDelay = secondsText(seconds);
  },
  virtual_ipaddress: (one, { draft, to }) => setDefined(draft, 'addresses', readAddresses(one, to)),
  virtual_ipaddress_excluded: (one, { draft, to }) =>
    setDefined(draft, 'excludedAddresses', readAddresses(one, to)),
  unicast_peer: ({ body = [] }, { draft }) =>
    setDefined(
      draft,
      'unicastPeers',
      body.map(({ keyword }) => keyword),
    ),
  authentication: readAuthentication,
  track_interface: ({ body = [] }, { track }) => {
    for (const one of body) track.push({ interface: one.keyword, ...weightOf(one) });
  },
  track_script: readTrackScripts,
  track_file: readTrackFiles,
  notify: ({ args }, { draft }) => setDefined(draft, 'notify', args),
};

function readDirective(one: Statement, reading: Reading): void {
  const { to } = reading;
  const translate = plain[one.keyword];
  if (translate) return translate(one, reading);
  const why = meaningless[one.keyword];
  if (why !== undefined) return to.ignored(one, why);
  const how = different[one.keyword];
  if (how !== undefined) return to.differs(one, how);
  if (one.keyword.startsWith('@')) {
    to.unsupported(one, 'conditions are not evaluated: write out the file of one machine');
    return;
  }
  to.unsupported(one, withoutEqual[one.keyword] ?? 'VirtualIP has nothing like it');
}

const meaningless: Readonly<Record<string, string>> = {
  state: 'the election decides; a node starts as Backup',
  garp_master_delay: 'announcements repeat after 50 ms, 200 ms, 1 s and 5 s, then every 10 s',
  garp_master_repeat: 'announcements repeat after 50 ms, 200 ms, 1 s and 5 s, then every 10 s',
  garp_master_refresh: 'announcements are refreshed every 10 s',
  garp_master_refresh_repeat: 'announcements are refreshed every 10 s',
  garp_lower_prio_repeat: 'after a heal the winner announces its addresses again',
  garp_lower_prio_delay: 'after a heal the winner announces its addresses again',
  debug: 'use --log-level debug',
  native_ipv6: 'families are told apart by the addresses',
  lvs_sync_daemon_interface: 'connections are not kept in LVS',
};

const different: Readonly<Record<string, string>> = {
  unicast_src_ip: 'write it as sourceAddress of this node in spec.nodes',
  mcast_src_ip: 'write it as sourceAddress of this node in spec.nodes',
  notify_master: 'one command for all states: spec.notify gets the state as an argument',
  notify_backup: 'one command for all states: spec.notify gets the state as an argument',
  notify_fault: 'one command for all states: spec.notify gets the state as an argument',
  notify_stop: 'one command for all states: spec.notify gets the state as an argument',
};

const withoutEqual: Readonly<Record<string, string>> = {
  smtp_alert: 'no mail is sent: alert on the metric portolan_vip_state instead',
  virtual_routes: 'routes are not moved: have spec.notify set them',
  virtual_rules: 'rules are not moved: have spec.notify set them',
  track_bfd: 'BFD is not spoken: track a script or an interface',
  track_process: 'processes are not watched: track a script that looks for it',
};

function setDefined<K extends keyof Draft>(draft: Draft, field: K, value: Draft[K]): void {
  if (value !== undefined) draft[field] = value;
}

function readAddresses({ body = [] }: Statement, to: Translation): readonly string[] {
  const addresses = new Set<string>();
  for (const one of body) {
    if (one.args.length > 0) {
      to.differs(one, 'only the address is taken: it goes to the interface of the VirtualIP');
    }
    addresses.add(one.keyword);
  }
  return [...addresses];
}

function readAuthentication(one: Statement, { name, draft, to }: Reading): void {
  const of = (keyword: string) => one.body?.find((it) => it.keyword === keyword)?.args[0];
  const password = of('auth_pass');
  if (of('auth_type') === 'AH') {
    to.unsupported(one, 'IPsec AH is not spoken (RFC 5798 took it out): without it');
    return;
  }
  if (password === undefined) return;
  const secretName = `${name}-vrrp`;
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: secretNamespace, name: secretName },
    type: 'Opaque',
    data: { password: Buffer.from(password.slice(0, 8)).toString('base64') },
  };
  to.objects.push(secret);
  draft.passwordSecretRef = { namespace: secretNamespace, name: secretName, key: 'password' };
}

function readTrackScripts({ body = [] }: Statement, { track, context, to }: Reading): void {
  for (const one of body) {
    const script = context.scripts.get(one.keyword);
    if (!script) {
      to.unsupported(one, `there is no vrrp_script ${one.keyword}: left out`);
      continue;
    }
    const read = readScript(script, to);
    if (read) track.push({ ...read, ...weightOf(one) });
  }
}

/** In keepalived the weight is 1 unless said, and the file may say one of its own. */
function readTrackFiles({ body = [] }: Statement, { track, context, to }: Reading): void {
  for (const one of body) {
    const tracked = context.files.get(one.keyword);
    const file = tracked?.body?.find(({ keyword }) => keyword === 'file')?.args[0];
    if (file === undefined) {
      to.unsupported(one, `there is no vrrp_track_file ${one.keyword} with a file: left out`);
      continue;
    }
    const own = tracked?.body?.find(({ keyword }) => keyword === 'weight');
    const { weight = own ? to.number(own, -254, 254) : undefined } = weightOf(one);
    track.push({ file, weight: Math.max(-253, Math.min(253, weight ?? 1)) });
  }
}

/** `eth1 weight 20`. */
function weightOf({ args }: Statement): { readonly weight?: number } {
  const at = args.indexOf('weight');
  const weight = at < 0 ? Number.NaN : Number(args[at + 1]);
  return Number.isInteger(weight) ? { weight } : {};
}
