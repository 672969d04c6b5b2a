import { isIPv6 } from 'node:net';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const v2Proxy = 0x21;
const tcpOverIPv4 = 0x11;
const tcpOverIPv6 = 0x21;

/** The two ends of the connection that a PROXY header tells about. */
export interface ProxiedConnection {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** A PROXY header, for the beginning of a connection. Ends of two families cannot be told. */
export function proxyHeader(version: 'v1' | 'v2', connection: ProxiedConnection): Buffer {
  const isV6 = isIPv6(connection.source);
  const isKnown = isV6 === isIPv6(connection.destination);
  if (version === 'v1') return Buffer.from(textHeader(connection, isV6, isKnown), 'latin1');
  if (!isKnown) return Buffer.concat([signature, Buffer.from([v2Proxy - 1, 0, 0, 0])]);
  const addresses = Buffer.concat([
    addressBytes(connection.source),
    addressBytes(connection.destination),
    portBytes(connection.sourcePort),
    portBytes(connection.destinationPort),
  ]);
  const family = isV6 ? tcpOverIPv6 : tcpOverIPv4;
  const fixed = Buffer.from([v2Proxy, family, 0, addresses.length]);
  return Buffer.concat([signature, fixed, addresses]);
}

function textHeader(connection: ProxiedConnection, isV6: boolean, isKnown: boolean): string {
  if (!isKnown) return 'PROXY UNKNOWN\r\n';
  const { source, sourcePort, destination, destinationPort } = connection;
  const family = isV6 ? 'TCP6' : 'TCP4';
  return `PROXY ${family} ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`;
}

function portBytes(port: number): Buffer {
  return Buffer.from([port >>> 8, port & 0xff]);
}

/** Network order. `text` is an address as the kernel prints it. */
function addressBytes(text: string): Buffer {
  if (!isIPv6(text)) return Buffer.from(text.split('.').map(Number));
  // An IPv4 tail counts as two groups.
  const tail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = tail
    ? text.slice(0, tail.index) +
      [0, 2]
        .map((at) => ((Number(tail[at + 1]) << 8) | Number(tail[at + 2])).toString(16))
        .join(':')
    : text;
  const [head = '', rest] = plain.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = groups(rest ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Buffer.concat([...left, ...zeros, ...right].map(portBytes));
}
