/**
 * Answers each connection with the address it came from and then repeats what it is told. Arguments: the ports.
 *
 * Prints `listening` when it does.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

for (const port of process.argv.slice(2)) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${socket.remoteAddress ?? ''}\n`);
    socket.pipe(socket);
  });
  server.listen({ port: Number(port), host: '0.0.0.0', backlog: 4_096 });
  await once(server, 'listening');
}
process.stdout.write('listening\n');
