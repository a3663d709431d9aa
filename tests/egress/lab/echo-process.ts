/** Echo services outside the cluster. Arguments: host, ports. Prints `listening` when they do. */
import { startEchoServer } from '#operator/egress-probe';

const [host = '', ...ports] = process.argv.slice(2);
for (const port of ports) await startEchoServer({ host, port: Number(port) });
process.stdout.write('listening\n');
