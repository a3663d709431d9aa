/** Pebble, Let's Encrypt's own test authority: a real ACME server that validates, counts and signs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensurePrograms } from '#pkg/local';
import { eventually } from './eventually.ts';
import { makeSelfSigned } from './self-signed.ts';

export interface Pebble extends AsyncDisposable {
  readonly directoryUrl: string;
  /** Certificate of its own API, to be trusted by whoever asks it (a path). */
  readonly trustFile: string;
  /** Root and chain that it signs with now, PEM: what visitors would have to trust. */
  readRoot(): Promise<string>;
  /** Everything that it said. */
  log(): string;
}

export interface PebbleOptions {
  /** Port on which it looks for challenges, in place of 80. */
  readonly httpPort: number;
  /** Address that every host name leads to. */
  readonly address: string;
  /** Life of a certificate, seconds. */
  readonly validitySeconds: number;
}

/** Starts an authority on free ports of this machine. Throws with what to install when it cannot be built. */
export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const { pebble } = await ensurePrograms(['pebble'], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const folder = mkdtempSync(join(tmpdir(), 'kraite-pebble-'));
  const [port, managementPort] = [await freePort(), await freePort()];
  const names = await startNames(options.address);
  const { chain, privateKey } = makeSelfSigned(['localhost']);
  const trustFile = join(folder, 'api.pem');
  writeFileSync(trustFile, chain);
  writeFileSync(join(folder, 'api.key'), privateKey);
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${managementPort}`,
        certificate: trustFile,
        privateKey: join(folder, 'api.key'),
        httpPort: options.httpPort,
        tlsPort: 1,
        retryAfter: { authz: 1, order: 1 },
        keyAlgorithm: 'ecdsa',
        profiles: {
          default: { description: 'the only one', validityPeriod: options.validitySeconds },
        },
      },
    }),
  );
  const child = spawn(
    pebble.command[0],
    ['-config', join(folder, 'config.json'), '-dnsserver', `127.0.0.1:${names.port}`],
    { env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  await eventually(
    () => {
      if (!log.includes('ACME directory available')) throw new Error(`pebble said: ${log}`);
    },
    { limitMs: 20_000, everyMs: 50 },
  );
  return {
    directoryUrl: `https://localhost:${port}/dir`,
    trustFile,
    readRoot: () => readRoot(`https://localhost:${managementPort}/roots/0`, chain),
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      names.close();
      await once(child, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function readRoot(url: string, trusted: string): Promise<string> {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { ca: trusted } });
  const { body } = await request(url, { dispatcher });
  const text = await body.text();
  await dispatcher.close();
  return text;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A name server over TCP, as Pebble asks it, to which every name leads to one IPv4 address. */
async function startNames(
  address: string,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (message) => {
      const answer = answerName(message.subarray(2), address);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    });
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Returns the answer to a query: header, question, and for a question of type A one record (RFC 1035, 4.1). */
function answerName(query: Buffer, address: string): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const isForAddress = query.readUInt16BE(end - 4) === 1;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(isForAddress ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
  const bytes = Buffer.from(address.split('.').map(Number));
  return Buffer.concat([header, query.subarray(12, end), ...(isForAddress ? [record, bytes] : [])]);
}
