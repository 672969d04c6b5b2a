/** Answers each HTTP request with a short body. Ends with its standard input. */
import { createServer } from 'node:http';

const [port = ''] = process.argv.slice(2);
const server = createServer((_request, response) => void response.end('ok'));
server.listen(Number(port), '0.0.0.0', () => process.stdout.write('ready\n'));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
