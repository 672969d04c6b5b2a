import type { Problem } from '../../controller/base/index.ts';
import { type HostPort, isLoopback } from './address.ts';
import { type Configuration, defaultApi } from './configuration.ts';

/** What in a valid configuration is likely not as meant: for the log and `portolan get problems`. */
export function configurationNotices(configuration: Configuration): readonly Problem[] {
  const notices: Problem[] = [];
  const isKernel = configuration.proxyMode === 'nftables' || configuration.proxyMode === 'iptables';
  if (isKernel && configuration.serviceCidrs.some(({ text }) => text.startsWith('127.'))) {
    notices.push({
      severity: 'warning',
      reason: 'LoopbackServiceCidr',
      message: 'ClusterIPs in 127.0.0.0/8 never leave a machine, so Pods cannot reach them',
      instead: 'write --service-cidr 10.96.0.0/16',
    });
  }
  if (configuration.admin !== 'off' && !isLoopback(configuration.admin.host)) {
    notices.push({
      severity: 'warning',
      reason: 'AdminExposed',
      message: 'the admin address asks for no password and can be reached from other machines',
      instead: 'write --admin 127.0.0.1:9900',
    });
  }
  const { kubeconfig, api } = configuration;
  if (kubeconfig !== undefined && api !== 'off' && !isDefault(api)) {
    notices.push({
      severity: 'warning',
      reason: 'ApiNotServed',
      message: 'with --kubeconfig the cluster has the API: --api is not listened on',
      instead: 'leave --api out, and point kubectl at the cluster',
    });
  }
  return notices;
}

/** What nobody asked for by name. */
function isDefault({ host, port }: HostPort): boolean {
  return host === defaultApi.host && port === defaultApi.port;
}
