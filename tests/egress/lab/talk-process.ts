/**
 * Opens short connections and prints, as JSON, which address each of them was seen with.
 *
 * Arguments: host, ports (comma-separated), connections, how many at once.
 */
import { connect } from 'node:net';

const [host = '', ports = '', total = '', atOnce = ''] = process.argv.slice(2);
const portList = ports.split(',').map(Number);
const seen: Record<string, number> = {};
const errors: Record<string, number> = {};
let left = Number(total);
let triesLeft = 2 * left + 10;
let turn = 0;

function open(): Promise<void> {
  return new Promise((resolve) => {
    const port = portList[turn++ % portList.length] ?? 0;
    const socket = connect({ host, port });
    socket.setTimeout(3_000, () => socket.destroy(new Error('timeout')));
    socket.once('data', (data) => {
      const address = data.toString().trim();
      seen[address] = (seen[address] ?? 0) + 1;
      left -= 1;
      // A reset leaves no port waiting behind on either side.
      socket.resetAndDestroy();
    });
    socket.once('error', ({ message }) => {
      errors[message] = (errors[message] ?? 0) + 1;
    });
    socket.once('close', () => resolve());
  });
}

await Promise.all(
  Array.from({ length: Number(atOnce) }, async () => {
    while (left > 0 && triesLeft-- > 0) await open();
  }),
);
process.stdout.write(`${JSON.stringify({ seen, errors })}\n`);
