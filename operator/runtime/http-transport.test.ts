/** The way to an API server, against a real HTTPS server. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { createManualClock, type ManualClock } from '#pkg/base';
import { makeSelfSigned } from '../../tests/harness/self-signed.ts';
import { connectToCluster } from './http-transport.ts';
import { KubeAccessError } from './kube-access.ts';
import { loadKubeAccess } from './load-kube-access.ts';
import { TransportError, type KubeTransport, type TransportRequest } from './transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const answerOk: Handler = (_, response) => response.end('{"kind":"Ok"}');

let folder: string;
let server: Server;
let sockets: Set<Socket>;
/** Connections that were ever made. */
let connections: number;
let handler: Handler;
let certificate: ReturnType<typeof makeSelfSigned>;
let clock: ManualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-transport-'));
  certificate = makeSelfSigned(['localhost']);
  sockets = new Set();
  connections = 0;
  handler = answerOk;
  clock = createManualClock();
  server = createServer(
    { cert: certificate.chain, key: certificate.privateKey },
    (request, response) => handler(request, response),
  );
  server.on('secureConnection', (socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeKubeconfig(
  user: object = { token: 'first' },
  authority = certificate.chain,
): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const file = join(folder, 'config');
  const cluster = {
    server: `https://localhost:${port}/behind/a/path/`,
    'certificate-authority-data': Buffer.from(authority).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'fleet' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

async function connect(user?: object): Promise<KubeTransport> {
  return connectToCluster(await loadKubeAccess({ kubeconfig: await writeKubeconfig(user) }), clock);
}

function get(path = '/api', signal = new AbortController().signal): TransportRequest {
  return { method: 'GET', path, signal };
}

test('T1: three hundred calls share two connections, and many at once no more than sixteen', async () => {
  await using transport = await connect();
  for (let index = 0; index < 300; index += 1) await transport.request(get());
  // A pool may open its second one before it knows that the first is kept.
  expect(connections).toBeLessThanOrEqual(2);
  await Promise.all(Array.from({ length: 300 }, () => transport.request(get())));
  expect(connections).toBeLessThanOrEqual(16);
});

test('watches that hold their connections keep no call waiting', async () => {
  handler = (request, response) => {
    if (request.url?.includes('watch') === true) response.write('{}\n');
    else answerOk(request, response);
  };
  await using transport = await connect();
  const abort = new AbortController();
  const streams = await Promise.all(
    Array.from({ length: 40 }, () => transport.stream(get('/watch', abort.signal))),
  );
  expect(streams).toHaveLength(40);
  expect((await transport.request(get())).status).toBe(200);
  abort.abort();
});

test('a request arrives under the path of the server, with its body and who asks', async () => {
  const seen: unknown[] = [];
  handler = (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      seen.push({ method, url, body, as: headers.authorization, type: headers['content-type'] });
      response.writeHead(201, { 'Retry-After': '3' }).end('made');
    });
  };
  await using transport = await connect();
  const answer = await transport.request({
    ...get('/api/v1/x?a=b'),
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    body: '{"a":1}',
  });
  expect(answer).toMatchObject({ status: 201, body: 'made', headers: { 'retry-after': '3' } });
  expect(seen).toEqual([
    {
      method: 'PATCH',
      url: '/behind/a/path/api/v1/x?a=b',
      body: '{"a":1}',
      as: 'Bearer first',
      type: 'application/apply-patch+yaml',
    },
  ]);
});

test('credentials are read again once a minute, and after a 401 at once', async () => {
  let isReadOk = true;
  let token = 'first';
  let reads = 0;
  handler = (request, response) => {
    response.writeHead(request.headers.authorization === `Bearer ${token}` ? 200 : 401).end();
  };
  const access = await loadKubeAccess({ kubeconfig: await writeKubeconfig() });
  const tls = { ca: certificate.chain };
  await using transport = connectToCluster(
    {
      ...access,
      credentials: async () => {
        reads += 1;
        if (!isReadOk) throw new Error('the file is gone');
        return { headers: { Authorization: `Bearer ${token}` }, tls };
      },
    },
    clock,
  );
  await transport.request(get());
  clock.advance(59_000);
  await transport.request(get());
  expect(reads).toBe(1);
  clock.advance(2_000);
  await transport.request(get());
  expect(reads).toBe(2);
  clock.advance(2_000);
  token = 'second';
  expect((await transport.request(get())).status).toBe(200);
  expect(reads).toBe(3);
  token = 'nobody told us';
  // Not again at once: a token that is refused for good must not be read in a circle.
  expect((await transport.request(get())).status).toBe(401);
  expect(reads).toBe(3);
  clock.advance(61_000);
  isReadOk = false;
  await expect(transport.request(get())).rejects.toMatchObject({ isSent: false });
});

test('changed TLS material makes new connections; the same again makes none', async () => {
  let extra = '';
  const access = await loadKubeAccess({ kubeconfig: await writeKubeconfig() });
  await using transport = connectToCluster(
    {
      ...access,
      credentials: async () => ({ headers: {}, tls: { ca: `${certificate.chain}${extra}` } }),
    },
    clock,
  );
  const ask = async (): Promise<number> => {
    for (let index = 0; index < 5; index += 1) await transport.request(get());
    return connections;
  };
  const first = await ask();
  clock.advance(61_000);
  expect(await ask()).toBe(first);
  clock.advance(61_000);
  extra = makeSelfSigned(['other']).chain;
  expect(await ask()).toBeGreaterThan(first);
});

test('T5: a stream that breaks off in the middle ends in an error that says so', async () => {
  handler = (_, response) => {
    response.write('{"type":"BOOKMARK"}\n');
    setTimeout(() => response.socket?.destroy(), 20);
  };
  await using transport = await connect();
  const { chunks } = await transport.stream(get());
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of chunks) seen.push(chunk);
  };
  await expect(read()).rejects.toThrow(TransportError);
  expect(seen.join('')).toBe('{"type":"BOOKMARK"}\n');
});

test('an answer that breaks off may have been carried out; a connection that was refused was not', async () => {
  handler = (request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => request.socket.destroy(), 20);
  };
  await using transport = await connect();
  await expect(transport.request(get())).rejects.toMatchObject({ isSent: true });
  handler = (request) => request.socket.destroy();
  await expect(transport.request(get())).rejects.toMatchObject({ isSent: true });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  await expect(transport.request(get())).rejects.toMatchObject({ isSent: false });
});

test('letters that are cut between two chunks arrive whole', async () => {
  const text = Buffer.from('{"note":"naïve 価格"}\n');
  handler = (_, response) => {
    response.flushHeaders();
    let at = 0;
    const next = (): void => {
      if (at === text.length) return void response.end();
      response.write(text.subarray(at, at + 1), () => setImmediate(next));
      at += 1;
    };
    next();
  };
  await using transport = await connect();
  const { chunks } = await transport.stream(get());
  let read = '';
  for await (const chunk of chunks) read += chunk;
  expect(read).toBe(text.toString());
});

test('an unknown authority is refused, and nothing was sent', async () => {
  const other = makeSelfSigned(['localhost']).chain;
  const file = await writeKubeconfig({ token: 'secret' }, other);
  await using transport = connectToCluster(await loadKubeAccess({ kubeconfig: file }), clock);
  let asked = 0;
  handler = () => {
    asked += 1;
  };
  await expect(transport.request(get())).rejects.toThrow(TransportError);
  expect(asked).toBe(0);
});

test('a kubeconfig says who, where and in which namespace; one that cannot be read says what to do', async () => {
  const file = await writeKubeconfig();
  const { server: url, namespace, context } = await loadKubeAccess({ kubeconfig: file });
  expect({ namespace, context }).toEqual({ namespace: 'fleet', context: 'test' });
  expect(url).toMatch(/^https:\/\/localhost:\d+\/behind\/a\/path$/);
  await expect(loadKubeAccess({ kubeconfig: file, context: 'prod' })).rejects.toThrow(
    'the kubeconfig has no context prod; it has test',
  );
  const missing = loadKubeAccess({ kubeconfig: join(folder, 'none') });
  await expect(missing).rejects.toThrow(KubeAccessError);
});

test('a pod goes by its service account, whose token it reads anew', async () => {
  const place = join(folder, 'account');
  await mkdir(place, { recursive: true });
  const write = (name: string, text: string) => writeFile(join(place, name), text);
  const pod = {
    environment: { KUBERNETES_SERVICE_HOST: '10.43.0.1', KUBERNETES_SERVICE_PORT: '443' },
    serviceAccountFolder: place,
  };
  await expect(loadKubeAccess({ pod })).rejects.toThrow('automountServiceAccountToken');
  await write('namespace', 'kraite-system\n');
  await write('token', 'first\n');
  await write('ca.crt', 'PEM');
  const access = await loadKubeAccess({ pod });
  expect(access).toMatchObject({
    server: 'https://10.43.0.1:443',
    namespace: 'kraite-system',
    context: 'in-cluster',
  });
  expect((await access.credentials()).headers).toEqual({ Authorization: 'Bearer first' });
  await write('token', 'second');
  expect(await access.credentials()).toEqual({
    headers: { Authorization: 'Bearer second' },
    tls: { ca: 'PEM' },
  });
  const file = await writeKubeconfig();
  const named = { environment: { ...pod.environment, KUBECONFIG: file } };
  expect((await loadKubeAccess({ kubeconfig: file, pod: named })).context).toBe('test');
});

test('a certificate of ours is shown to a server that asks for it', async () => {
  const own = makeSelfSigned(['client']);
  server.close();
  server = createServer(
    {
      cert: certificate.chain,
      key: certificate.privateKey,
      requestCert: true,
      ca: own.chain,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(subject.CN);
    },
  );
  server.on('secureConnection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  await using transport = await connect({
    'client-certificate-data': base64(own.chain),
    'client-key-data': base64(own.privateKey),
  });
  expect((await transport.request(get())).body).toBe('client');
});
