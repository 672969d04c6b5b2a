import { PortolanError } from '../../../controller/base/index.ts';
import { type LabelSelector, parseLabelSelector } from '../../../controller/objects/index.ts';
import {
  corefileError,
  type Directive,
  expectArgs,
  integerOf,
  noArgs,
  choiceOf,
  oneArg,
  readOptions,
} from '../../corefile/index.ts';
import { isWithin, type Name, reverseZones } from '../../wire/index.ts';
import { type BlockScope, readFallthrough, zonesOf } from '../kind.ts';
import { defaultKubernetes, type KubernetesConfig } from './config.ts';

/** Options in the order of the documentation. */
export const kubernetesOptions = [
  'pods',
  'fallthrough',
  'ttl',
  'namespaces',
  'namespace_labels',
  'labels',
  'zonal',
  'endpoint_pod_names',
  'noendpoints',
  'ignore',
  'endpoint',
  'tls',
  'kubeconfig',
  'startup_timeout',
  'apiserver_qps',
  'apiserver_burst',
  'apiserver_max_inflight',
] as const;

/** Options that CoreDNS has and that would silently change answers if they were passed over. */
const refused: Readonly<Record<string, string>> = {
  multicluster: 'leave it out: ServiceImports are not served',
  upstream: 'remove the line: names that lead outside are always asked for through this server',
  resyncperiod: 'remove the line: changes arrive as they happen',
};

/** Reads a `kubernetes` line. @throws ConfigError */
export function parseKubernetes(line: Directive, scope: BlockScope): KubernetesConfig {
  let config: KubernetesConfig = { ...defaultKubernetes, ...zonesOfLine(line, scope) };
  const set = (more: Partial<KubernetesConfig>): void => {
    config = { ...config, ...more };
  };
  // The daemon's own source of objects is used; where CoreDNS would find the API says nothing here.
  const ofTheSource = (max: number) => (option: Directive) =>
    expectArgs(option, 1, max, `${option.name.text} VALUE`);
  const option = {
    pods: (one) =>
      set({
        podsMode: choiceOf(oneArg(one, 'pods MODE'), ['disabled', 'insecure', 'verified']),
      }),
    fallthrough: (one) => set({ fallthrough: readFallthrough(one) }),
    ttl: (one) => set({ ttlSec: integerOf(oneArg(one, 'ttl SECONDS'), 0, 3600) }),
    namespaces: (one) => {
      expectArgs(one, 1, 1000, 'namespaces NAME...');
      set({ namespaces: new Set(one.args.map(({ text }) => text)) });
    },
    namespace_labels: (one) => set({ namespaceLabels: selectorOf(one) }),
    labels: (one) => set({ labels: selectorOf(one) }),
    zonal: (one) => set({ zonal: noArgs(one) }),
    endpoint_pod_names: (one) => set({ endpointPodNames: noArgs(one) }),
    noendpoints: (one) => set({ noEndpoints: noArgs(one) }),
    ignore: (one) => {
      choiceOf(oneArg(one, 'ignore empty_service'), ['empty_service']);
      set({ ignoreEmptyService: true });
    },
    endpoint: ofTheSource(100),
    tls: ofTheSource(3),
    kubeconfig: ofTheSource(2),
    startup_timeout: ofTheSource(1),
    apiserver_qps: ofTheSource(1),
    apiserver_burst: ofTheSource(1),
    apiserver_max_inflight: ofTheSource(1),
  } satisfies Record<(typeof kubernetesOptions)[number], (one: Directive) => void>;
  for (const { name } of line.block ?? []) {
    const instead = Object.hasOwn(refused, name.text) ? refused[name.text] : undefined;
    if (instead !== undefined) {
      throw corefileError(`kubernetes does not serve "${name.text}" here: ${instead}`, name.at);
    }
  }
  readOptions(line, option);
  refuseContradictions(config, line);
  return config;
}

/** A label selector, which may be written with blanks: `env in (a, b)`. @throws ConfigError */
function selectorOf(line: Directive): LabelSelector {
  expectArgs(line, 1, 100, `${line.name.text} SELECTOR`);
  try {
    return parseLabelSelector(line.args.map(({ text }) => text).join(' '));
  } catch (error) {
    if (error instanceof PortolanError) throw corefileError(error.message, line.name.at);
    throw error;
  }
}

function refuseContradictions(
  { namespaces, namespaceLabels, zonal, noEndpoints }: KubernetesConfig,
  { name }: Directive,
): void {
  if (namespaces && namespaceLabels) {
    throw corefileError('namespaces and namespace_labels exclude each other: keep one', name.at);
  }
  if (zonal && noEndpoints) {
    throw corefileError('zonal names are made of endpoints: remove noendpoints, or zonal', name.at);
  }
}

function zonesOfLine(
  line: Directive,
  scope: BlockScope,
): Pick<KubernetesConfig, 'zones' | 'reverseZones'> {
  const all = zonesOf(line.args, scope);
  const isReverse = (zone: Name): boolean =>
    isWithin(zone, reverseZones.IPv4) || isWithin(zone, reverseZones.IPv6);
  const [first, ...more] = all.filter((zone) => !isReverse(zone));
  if (!first) {
    throw corefileError(
      'kubernetes needs a zone that is no reverse zone: write cluster.local',
      line.name.at,
    );
  }
  return { zones: [first, ...more], reverseZones: all.filter(isReverse) };
}
