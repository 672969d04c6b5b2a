/** What `kubectl explain` says of Portolan's own kinds, by type and field; '' is the type itself. */
export const ownDescriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AddressPool: {
    '': 'AddressPool holds addresses for Services of type LoadBalancer, each held by one of the nodes as a virtual IP.',
  },
  AddressPoolSpec: {
    addresses: 'CIDRs and single addresses, routed to the network of the interface.',
    interface: 'The network interface of the nodes that is to hold the addresses.',
    firstVirtualRouterID:
      'The virtual router ID of the first address; the next has the next. First and size must fit into 1-255.',
    advertInterval: 'Time between adverts, 10ms-40.95s. Default 1s.',
    nodes: 'The nodes that share the addresses. Default: all Nodes.',
  },
  VirtualIP: {
    '': 'VirtualIP is a set of addresses that exactly one node holds at a time, elected by VRRP.',
  },
  VirtualIPSpec: {
    interface: 'The network interface that adverts leave by and that holds the addresses.',
    addresses: '192.0.2.10/24, or without the prefix for /32 and /128.',
    excludedAddresses: 'Held and released with the others, but not advertised.',
    virtualRouterID: '1-255, the same on all nodes, unique on the network.',
    version: 'VRRP version, 2 or 3. Default 3; IPv6 is always 3.',
    priority: '1-254, or 255 for the owner of the addresses. Default 100.',
    nodes: 'Which nodes take part, with what of their own. Default: all, equal.',
    advertInterval: '10ms-40.95s; whole seconds in version 2. Default 1s.',
    preempt: 'A higher priority takes over from a lower. Default true.',
    preemptDelay: 'How long a higher priority waits to take over, 0-1000s. Default 0.',
    unicastPeers: 'Adverts go to these addresses instead of the multicast group.',
    checksum:
      'What a version 3 checksum over IPv4 covers: PseudoHeader (default, as keepalived) or Message.',
    passwordSecretRef: 'The password of version 2, up to 8 bytes; it is sent in clear.',
    syncGroup: 'VirtualIPs of one group are held by one node together.',
    track: 'What has to work for a node to hold the addresses.',
    witness: 'A Lease in the cluster or in etcd decides who may hold the addresses.',
    rivals:
      'What to do about a higher rival under another virtualRouterID: Yield (default) or Report.',
    notify: 'Run at each change of state with INSTANCE NAME STATE PRIORITY added.',
  },
  VirtualIPWitness: {
    prefer:
      'While the witness does not answer: Consistency lets the addresses go, Availability goes on by VRRP alone.',
    leaseDuration: 'How long a dead holder keeps the Lease, 1s-60s. Default 3s.',
  },
  VirtualIPNode: {
    name: 'Name of the node.',
    priority: 'Priority of this node. Default: that of the VirtualIP.',
    interface: 'Interface of this node. Default: that of the VirtualIP.',
    sourceAddress: 'Source of adverts. Default: the primary address of the interface.',
  },
  VirtualIPTrack: {
    '': 'Something that has to work for a node to hold the addresses; exactly one of interface, service, script, plane and file.',
    interface: 'A network interface that must be up.',
    service: 'namespace/name of a Service that must have a ready endpoint.',
    script: 'A program that must exit with 0.',
    plane: 'What this node itself serves: Ingress, L4 or DNS.',
    file: 'Path of a file with a whole number, times which the weight is added to the priority.',
    weight: 'Change of priority, -253 to 253. Default 0: without it the node takes no part.',
  },
  VirtualIPScript: {
    command: 'The program and its arguments.',
    interval: 'Time between runs. Default 1s.',
    timeout: 'Time for one run. Default: the interval.',
    fall: 'Failures in a row until it counts as failing. Default 1.',
    rise: 'Successes in a row until it counts as working. Default 1.',
  },
  EndpointHealth: {
    '': 'EndpointHealth is what active checks found about the endpoints of the Service of its name.',
  },
  EndpointHealthEndpoint: {
    address: 'Address of the endpoint.',
    port: 'First port of the slice that lists the endpoint.',
    healthy: 'Whether the check passes.',
    message: 'Why the endpoint is unhealthy.',
    lastTransitionTime: 'When healthy last changed.',
  },
};
