/** One UDP flow as the kernel tracks it: where it was sent, and who answers. */
export interface UdpFlow {
  readonly source: string;
  readonly sourcePort: number;
  /** Before any rewriting. */
  readonly destination: string;
  readonly destinationPort: number;
  /** Source of the answers: the endpoint, or the destination itself if nothing was rewritten. */
  readonly replySource: string;
}

const line =
  /^udp\s.*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) (?:packets=\d+ bytes=\d+ )?(?:\[UNREPLIED\] )?src=(\S+) /;

/** Reads one line of `conntrack -L -p udp`; undefined: it is none. */
export function parseFlow(text: string): UdpFlow | undefined {
  const match = line.exec(text);
  if (!match) return undefined;
  const [, source = '', destination = '', sourcePort, destinationPort, replySource = ''] = match;
  return {
    source,
    sourcePort: Number(sourcePort),
    destination,
    destinationPort: Number(destinationPort),
    replySource,
  };
}

/** The line of a `conntrack -R` batch that deletes the flow, and no other. */
export function deletionOf(flow: UdpFlow): string {
  const family = flow.source.includes(':') ? '-f ipv6 ' : '';
  const { source, sourcePort, destination, destinationPort } = flow;
  return `-D ${family}-p udp -s ${source} -d ${destination} --sport ${sourcePort} --dport ${destinationPort}`;
}
