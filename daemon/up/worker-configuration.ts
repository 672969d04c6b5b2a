import { randomBytes } from 'node:crypto';
import type { ListenAddress } from '../../controller/base/index.ts';
import type { ZoneNeed } from '../../dns/index.ts';
import type { Configuration, HostPort, Listen } from '../config/index.ts';
import type { SharedWorkerConfiguration, WorkerConfiguration } from '../worker/configuration.ts';
import type { SharedAddress } from './address-probe.ts';

/** The part of the configuration that workers need. */
export function workerConfiguration(
  configuration: Configuration,
  logFormat: 'json' | 'pretty',
  zoneNeeds: readonly ZoneNeed[],
): SharedWorkerConfiguration {
  const { ingressHttp, ingressHttps, dns, dnsLocal, corefile, clusterDomain, dnsUpstreams } =
    configuration;
  const http = onOrUndefined(ingressHttp);
  const https = onOrUndefined(ingressHttps);
  return {
    logLevel: configuration.logLevel,
    logFormat,
    l4:
      configuration.proxyMode === 'userspace'
        ? { nodePortAddresses: configuration.nodePortAddresses }
        : undefined,
    dns:
      dns === 'off'
        ? undefined
        : {
            listen: dns,
            local: dnsLocal,
            corefile,
            clusterDomain,
            upstreams: dnsUpstreams,
            zoneNeeds,
            cookieSecret: randomBytes(16).toString('hex'),
          },
    ingress: http || https ? { ...ingressSettings(configuration), http, https } : undefined,
  };
}

function ingressSettings(
  configuration: Configuration,
): Omit<NonNullable<WorkerConfiguration['ingress']>, 'http' | 'https'> {
  const { ingressTlsCiphers: ciphers, ingressAccessLog: accessLog } = configuration;
  return {
    engine: configuration.ingressEngine,
    trustedProxies: configuration.ingressTrustedProxies,
    proxyProtocol: configuration.ingressProxyProtocol === 'on',
    traceContext: configuration.ingressTraceContext === 'on',
    accessLog: accessLog !== 'off',
    accessLogFormat: accessLog === 'off' ? 'json' : accessLog,
    accessLogSample: configuration.ingressAccessLogPercent / 100,
    tls: {
      minVersion: configuration.ingressTlsMinVersion,
      ...(ciphers !== undefined && { ciphers }),
      // 48 bytes: a name, and keys to sign and to encrypt with.
      ticketKeys: randomBytes(48),
    },
  };
}

/** The addresses that workers will share. */
export function sharedAddresses(configuration: Configuration): readonly SharedAddress[] {
  const rows: readonly (readonly [string, Listen, readonly ('tcp' | 'udp')[]])[] = [
    ['--ingress-http', configuration.ingressHttp, ['tcp']],
    ['--ingress-https', configuration.ingressHttps, ['tcp']],
    ['--dns', configuration.dns, ['tcp', 'udp']],
  ];
  return rows.flatMap(([flag, address, transports]) =>
    address === 'off' ? [] : [{ flag, address, transports }],
  );
}

/** True if some address has port 0, which one worker must find before the others can share it. */
export function hasFreePort({ dns, ingress }: SharedWorkerConfiguration): boolean {
  return [dns?.listen, ingress?.http, ingress?.https].some((listen) => listen?.port === 0);
}

/** The same configuration with the ports that the first worker found. */
export function withPorts(
  configuration: SharedWorkerConfiguration,
  found: readonly ListenAddress[],
): SharedWorkerConfiguration {
  const resolve = (listen: HostPort, name: string): HostPort => {
    const port = found.find((one) => one.name === name)?.port;
    return port === undefined ? listen : { ...listen, port };
  };
  const { dns, ingress } = configuration;
  return {
    ...configuration,
    dns: dns && { ...dns, listen: resolve(dns.listen, 'dns') },
    ingress: ingress && {
      ...ingress,
      http: ingress.http && resolve(ingress.http, 'http'),
      https: ingress.https && resolve(ingress.https, 'https'),
    },
  };
}

function onOrUndefined(listen: Listen): HostPort | undefined {
  return listen === 'off' ? undefined : listen;
}
