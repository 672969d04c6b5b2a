import type { Problem } from '../../controller/base/index.ts';
import { isLoopback } from './address.ts';
import type { Configuration } from './configuration.ts';

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
  return notices;
}
