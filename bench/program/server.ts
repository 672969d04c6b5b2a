/**
 * Runs in the Pod: on PORT greets with one byte, on PORT + 1 sends as much as is taken.
 * Arguments: ADDRESS PORT.
 */
import { createServer, type Socket } from 'node:net';

const [host = '', port = ''] = process.argv.slice(2);
const block = Buffer.alloc(1 << 20);

function pour(socket: Socket): void {
  while (socket.writable && socket.write(block));
}

const listen = (onConnection: (socket: Socket) => void, at: number): Promise<void> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      // Clients cut connections: that is how they end.
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    server.listen(at, host, 4096, resolve);
  });

await listen((socket) => socket.setNoDelay(true).write('!'), Number(port));
await listen((socket) => {
  socket.on('drain', () => pour(socket));
  pour(socket);
}, Number(port) + 1);
console.log('"ready"');
