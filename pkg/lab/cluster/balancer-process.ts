/**
 * `node balancer-process.ts PORT HOST:PORT …`: what an agent of k3s has on its loopback, so that it lives as long as one API
 * server answers. Connections go to the server that answered last; the next is tried when it does not.
 */
import { connect, createServer, type Socket } from 'node:net';

const [port = '', ...servers] = process.argv.slice(2);
const CONNECT_TIMEOUT_MS = 2_000;
let current = 0;

createServer({ allowHalfOpen: false }, (client) => {
  client.on('error', () => undefined);
  dial(client, servers.length);
}).listen(Number(port), '127.0.0.1');

function dial(client: Socket, triesLeft: number): void {
  const [host = '', serverPort = ''] = (servers[current] ?? '').split(':');
  const server = connect({ host, port: Number(serverPort), timeout: CONNECT_TIMEOUT_MS });
  let isThrough = false;
  server.on('timeout', () => {
    if (!isThrough) server.destroy(new Error('silent'));
  });
  server.on('connect', () => {
    isThrough = true;
    server.setKeepAlive(true, CONNECT_TIMEOUT_MS);
    client.pipe(server);
    server.pipe(client);
  });
  server.on('error', () => {
    if (isThrough || client.destroyed || triesLeft <= 1) return void client.destroy();
    current = (current + 1) % servers.length;
    dial(client, triesLeft - 1);
  });
  server.on('close', () => {
    if (isThrough) client.destroy();
  });
  client.on('close', () => server.destroy());
}
