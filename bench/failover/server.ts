/** Answers each connection with its name. Ends with its standard input. */
import { createServer } from 'node:net';

const [port = '', name = ''] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.end(name);
});
server.listen(Number(port), '0.0.0.0', () => process.stdout.write('ready\n'));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
