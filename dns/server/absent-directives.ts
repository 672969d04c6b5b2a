/** Directives of CoreDNS, and of old Corefiles, that are not served, and what to do instead. */
export const absentDirectives: Readonly<Record<string, string>> = {
  // Removed from CoreDNS itself.
  proxy: 'write forward FROM TO instead',
  upstream: 'remove the line: names are always resolved through this server',
  federation: 'remove the line: CoreDNS has dropped it too',
  // Other sources of data.
  auto: 'name each zone file in a line: file FILE ZONE',
  secondary: 'transfer the zone by other means and serve it with file',
  etcd: 'put the records into a zone file and serve it with file',
  route53: 'put the records into a zone file and serve it with file',
  azure: 'put the records into a zone file and serve it with file',
  clouddns: 'put the records into a zone file and serve it with file',
  nomad: 'put the records into a zone file and serve it with file',
  // Signing: records that are signed elsewhere pass through untouched.
  dnssec: 'sign the zone elsewhere: signed records pass through untouched',
  sign: 'sign the zone elsewhere: signed records pass through untouched',
  tsig: 'restrict who may ask with acl',
  // Transports.
  grpc: 'forward over tls:// instead',
  grpc_server: 'serve tls:// or https:// instead',
  quic: 'serve tls:// or https:// instead',
  https: 'write a server block for https://ZONE',
  https3: 'write a server block for https://ZONE',
  proxyproto: 'let clients connect directly',
  // Observation.
  dnstap: 'use log or prometheus',
  trace: 'use log or prometheus',
  geoip: 'remove the line',
  shed: 'remove the line: queries beyond what can be answered are dropped by the kernel',
  on: 'remove the line',
};
