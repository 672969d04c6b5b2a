/**
 * What clients of gRPC make of a status of HTTP (the gRPC project's http-grpc-status-mapping),
 * said in their own words: they understand trailers, and no page of text.
 */
const codes: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [408, 4],
  [413, 8],
  [429, 14],
  [431, 8],
  [502, 14],
  [503, 14],
  [504, 14],
]);
const unknown = 2;

/** Field lines of a response of gRPC that consists of trailers alone. */
export function grpcAnswerLines(status: number, reason: string): string {
  const message = reason === '' ? `${status}` : `${status} ${reason}`;
  return `Content-Type: application/grpc\r\ngrpc-status: ${codes.get(status) ?? unknown}\r\ngrpc-message: ${message}\r\n`;
}
