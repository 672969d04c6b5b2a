/**
 * One small backend: `node backend.ts NAME ADDRESS PORT`. Says who it is, and what the proxy told
 * it about the client.
 */
import { createServer } from 'node:http';

const [name = 'backend', host = '127.0.0.1', port = '8000'] = process.argv.slice(2);

const server = createServer((request, response) => {
  if (request.url === '/healthz') {
    response.end('ok\n');
    return;
  }
  request.resume();
  const body = {
    pod: name,
    path: request.url,
    host: request.headers.host,
    client: request.headers['x-forwarded-for'] ?? request.socket.remoteAddress,
    scheme: request.headers['x-forwarded-proto'] ?? 'http',
  };
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify(body)}\n`);
});

server.listen(Number(port), host);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
// Without its parent nobody would end it.
process.on('disconnect', () => process.exit(0));
