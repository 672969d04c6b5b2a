/** `Target.id` of an endpoint: `10.0.0.1:80`, `[fd00::1]:80`. `address` in canonical text. */
export function targetId(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
