/** A flag that only some commands have; settings of `portolan up` stand in `schema.ts`. */
export interface CommandFlag {
  readonly name: string;
  readonly short?: string;
  /** Undefined: a switch without a value. */
  readonly placeholder: string | undefined;
  readonly description: string;
}

/** One command, as help and documentation show it. */
export interface CommandInfo {
  readonly name: CommandName;
  readonly usage: string;
  readonly summary: string;
  readonly details: string;
  readonly flags: readonly CommandFlag[];
  /** It takes the settings of `schema.ts` as flags too. */
  readonly takesSettings: boolean;
  readonly examples: readonly string[];
}

export type CommandName =
  | 'up'
  | 'check'
  | 'plan'
  | 'cleanup'
  | 'backup'
  | 'get'
  | 'describe'
  | 'trace'
  | 'top'
  | 'explain'
  | 'migrate'
  | 'version'
  | 'help';

const admin: CommandFlag = {
  name: 'admin',
  placeholder: 'ADDR',
  description: 'Admin address of the running daemon. Default 127.0.0.1:9900.',
};

const namespace: CommandFlag = {
  name: 'namespace',
  short: 'n',
  placeholder: 'NAMESPACE',
  description: 'Namespace to look in. Default `default`; for problems, every one.',
};

function output(...forms: readonly string[]): CommandFlag {
  return {
    name: 'output',
    short: 'o',
    placeholder: forms.join('|'),
    description: 'Form of the output.',
  };
}

/** `--help`, which every command has. */
export const helpFlag: CommandFlag = {
  name: 'help',
  short: 'h',
  placeholder: undefined,
  description: 'Show what the command does and takes.',
};

/** The file that holds the settings: the one flag of `up` that cannot stand in that file. */
const configFlag: CommandFlag = {
  name: 'config',
  placeholder: 'FILE',
  description: 'Configuration file; a flag wins over it. Read again on SIGHUP.',
};

/** Every command of this version, in the order in which help lists them. */
export const commands: readonly CommandInfo[] = [
  {
    name: 'up',
    usage: 'portolan up [-f PATH ...] [--config FILE] [flags]',
    summary: 'Serve what manifests, kubectl or a cluster say, until stopped.',
    details:
      'ADDR is ADDRESS:PORT, [IPV6]:PORT, or :PORT for 127.0.0.1. `off` turns the part off; port 0 picks a free port, which the ready line names.',
    flags: [configFlag],
    takesSettings: true,
    examples: [
      'portolan up -f manifests/',
      'portolan up -f shop.yaml --ingress-http :80 --dns off',
      'portolan up --config portolan.yaml --log-level debug',
    ],
  },
  {
    name: 'check',
    usage: 'portolan check PATH ... [-o text|json]',
    summary: 'Find mistakes in manifests and configuration files.',
    details:
      'Prints every mistake with its file, line and column and what to write instead. Exits 1 if there is any error, 0 otherwise. The path - is standard input.',
    flags: [output('text', 'json')],
    takesSettings: false,
    examples: ['portolan check manifests/ portolan.yaml', 'helm template shop | portolan check -'],
  },
  {
    name: 'plan',
    usage: 'portolan plan PATH ... [-o nftables|iptables]',
    summary: 'Print the kernel rules that the manifests lead to.',
    details:
      'The text is what `nft -f` or `iptables-restore` would take. Nothing is applied, and no root is needed. Service addresses that the manifests leave open are allocated as in a first start.',
    flags: [output('nftables', 'iptables')],
    takesSettings: false,
    examples: ['portolan plan manifests/', 'portolan plan -o iptables shop.yaml'],
  },
  {
    name: 'cleanup',
    usage: 'portolan cleanup [SERVICE-PROXY-NAME]',
    summary: 'Remove every kernel rule that Portolan ever made, and nothing else.',
    details:
      'For after the daemon has ended: its kernel modes leave forwarding in place. Needs root. Settings of the kernel that were raised stay. A proxy with a name of its own has rules of its own: give the name.',
    flags: [],
    takesSettings: false,
    examples: ['portolan cleanup', 'portolan cleanup edge'],
  },
  {
    name: 'backup',
    usage: 'portolan backup FILE [--data-dir DIR]',
    summary: 'Copy the objects that a data directory keeps.',
    details:
      'Works while the daemon runs. The copy is as of one moment; put in the place of store.db, a daemon starts with it. FILE must not exist yet.',
    flags: [
      {
        name: 'data-dir',
        placeholder: 'DIR',
        description: 'The data directory. Default ./.portolan.',
      },
    ],
    takesSettings: false,
    examples: ['portolan backup monday.db', 'portolan backup --data-dir /var/lib/portolan b.db'],
  },
  {
    name: 'get',
    usage: 'portolan get RESOURCE [NAME] [-n NAMESPACE | -A] [-o wide|json|yaml]',
    summary: 'List objects, and what a running daemon makes of them.',
    details:
      'RESOURCE is a plural, singular or short name, such as services, service or svc; also RESOURCE/NAME. `problems` lists what is wrong now.',
    flags: [
      namespace,
      {
        name: 'all-namespaces',
        short: 'A',
        placeholder: undefined,
        description: 'Look in every namespace.',
      },
      output('wide', 'json', 'yaml'),
      admin,
    ],
    takesSettings: false,
    examples: [
      'portolan get svc -A',
      'portolan get endpoints web -o wide',
      'portolan get problems',
    ],
  },
  {
    name: 'describe',
    usage: 'portolan describe RESOURCE NAME [-n NAMESPACE]',
    summary: 'Show all about one object: endpoints, health, routes, problems.',
    details: 'RESOURCE is as for `portolan get`; also RESOURCE/NAME.',
    flags: [namespace, admin],
    takesSettings: false,
    examples: ['portolan describe service web', 'portolan describe ing/shop -n shop'],
  },
  {
    name: 'trace',
    usage:
      'portolan trace TARGET [--from ADDRESS] [--header NAME:VALUE] [--method METHOD] [--live]',
    summary: 'Show step by step where a request or connection would go, and why.',
    details:
      'TARGET is a URL, dns NAME [TYPE], [NAMESPACE/]SERVICE:PORT, or ADDRESS:PORT; /udp or /sctp behind a port where TCP is not meant. Nothing is sent, but with --live the request of a URL, and of a name that is forwarded the query. Exits 1 when nobody would answer.',
    flags: [
      { name: 'from', placeholder: 'ADDRESS', description: 'Client address: it decides ip_hash.' },
      {
        name: 'header',
        placeholder: 'NAME:VALUE',
        description: 'A header field of the request, such as Host. May be given several times.',
      },
      { name: 'method', placeholder: 'METHOD', description: 'Method of the request. Default GET.' },
      {
        name: 'live',
        placeholder: undefined,
        description: 'Send the request of a URL too, and show what came back and when.',
      },
      namespace,
      output('text', 'json'),
      admin,
    ],
    takesSettings: false,
    examples: [
      'portolan trace http://shop.localhost:8080/cart --live',
      'portolan trace shop/web:80 --from 10.0.0.7',
      'portolan trace 127.0.0.1:30080',
      'portolan trace dns web.shop.svc.cluster.local SRV',
    ],
  },
  {
    name: 'top',
    usage: 'portolan top [--count NUMBER] [--rows NUMBER]',
    summary: 'Show rates and latencies, once a second.',
    details: 'Over the screen before on a terminal, else one below the other. Ctrl-C ends it.',
    flags: [
      { name: 'count', placeholder: 'NUMBER', description: 'End after so many. Default: go on.' },
      { name: 'rows', placeholder: 'NUMBER', description: 'Services to show. Default 20.' },
      admin,
    ],
    takesSettings: false,
    examples: ['portolan top', 'portolan top --count 1'],
  },
  {
    name: 'explain',
    usage: 'portolan explain NAME [TYPE] [--client ADDRESS]',
    summary: 'Show what DNS answers, and which plugin and object it comes from.',
    details:
      'Asks a worker of the running daemon as a client would, upstream included. NAME is a whole name, such as web.shop.svc.cluster.local, or an address, which means its PTR; TYPE is A unless written.',
    flags: [
      {
        name: 'client',
        placeholder: 'ADDRESS',
        description: 'Ask as if from this address. Default 127.0.0.1.',
      },
      admin,
    ],
    takesSettings: false,
    examples: [
      'portolan explain web.shop.svc.cluster.local',
      'portolan explain _http._tcp.web.shop.svc.cluster.local SRV',
      'portolan explain 10.96.0.10',
    ],
  },
  {
    name: 'migrate',
    usage: 'portolan migrate keepalived FILE ... | ingress-nginx PATH ...',
    summary: "Move over from another program's configuration.",
    details:
      'keepalived: objects go to standard output as YAML, what differs or has no equal to standard error, with file and line. ingress-nginx: says of each Ingress of the manifests whether it works as it is, with a difference, or not. The path - is standard input. Exits 1 if something has no equal.',
    flags: [],
    takesSettings: false,
    examples: [
      'portolan migrate keepalived /etc/keepalived/keepalived.conf > vips.yaml',
      'portolan migrate ingress-nginx manifests/',
    ],
  },
  {
    name: 'version',
    usage: 'portolan version [-o json]',
    summary: 'Show the version.',
    details: '',
    flags: [output('text', 'json')],
    takesSettings: false,
    examples: ['portolan version'],
  },
  {
    name: 'help',
    usage: 'portolan help [COMMAND]',
    summary: 'Show what a command does and takes.',
    details: '',
    flags: [],
    takesSettings: false,
    examples: ['portolan help up'],
  },
];
