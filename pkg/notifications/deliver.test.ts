/** Deliveries against real servers on this machine: an HTTP sink and an SMTP sink. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';

import { createSilentLogger } from '#pkg/observability';
import type { Channel } from './channel.ts';
import { createDeliverer } from './channels/deliver.ts';

const MESSAGE = {
  kind: 'BoxLost',
  severity: 'critical',
  title: 'A box is lost',
  message: 'eos is away.',
  atMs: 1,
  sequence: 7,
};
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const deliver = createDeliverer({
  logger: createSilentLogger(),
  openSecret: ({ sealedSecret }) => sealedSecret?.replace('sealed:', ''),
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return (server.address() as AddressInfo).port;
}

interface Post {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

/** Answers each request with `status`; 0: never; -1: closes the connection. */
async function httpSink(status: number, headers: Record<string, string> = {}) {
  const posts: Post[] = [];
  const server = createHttpServer((request: IncomingMessage, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const { authorization } = request.headers;
      posts.push({
        path: request.url ?? '',
        authorization,
        body: JSON.parse(text) as Post['body'],
      });
      if (status === -1) request.socket.destroy();
      else if (status > 0) response.writeHead(status, headers).end('{}');
    });
  });
  return { posts, url: `http://127.0.0.1:${await listen(server)}` };
}

/** The least of RFC 5321 that a client needs; `replies` overrides the answer to a verb. */
async function smtpSink(replies: Readonly<Record<string, string>> = {}) {
  const mails: string[] = [];
  const server = createServer((socket) => {
    let isData = false;
    let text = '';
    socket.on('error', () => undefined);
    socket.write('220 sink ESMTP\r\n');
    socket.on('data', (chunk) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n'); end >= 0 && !isData; end = text.indexOf('\r\n')) {
        const verb = text.slice(0, end).split(' ', 1)[0]?.toUpperCase() ?? '';
        text = text.slice(end + 2);
        const reply = replies[verb] ?? { DATA: '354 go on', QUIT: '221 bye' }[verb] ?? '250 ok';
        isData = reply.startsWith('354');
        socket.write(`${reply}\r\n`);
      }
      if (isData && text.endsWith('\r\n.\r\n')) {
        mails.push(text);
        text = '';
        isData = false;
        socket.write('250 taken\r\n');
      }
    });
  });
  return { mails, url: `smtp://127.0.0.1:${await listen(server)}` };
}

const channel = (kind: Channel['kind'], changes: Partial<Channel>): Channel => ({
  name: 'ops',
  kind,
  audience: 'both',
  severityMin: 'info',
  url: undefined,
  to: undefined,
  from: undefined,
  sealedSecret: undefined,
  ...changes,
});
const send = (to: Channel, signal = new AbortController().signal) => deliver(to, MESSAGE, signal);

test('a webhook gets the notification as JSON, with its token', async () => {
  const { posts, url } = await httpSink(204);
  const hook = channel('webhook', { url: `${url}/hook`, sealedSecret: 'sealed:s3cret' });
  expect(await send(hook)).toEqual({ kind: 'sent' });
  expect(posts).toEqual([{ path: '/hook', authorization: 'Bearer s3cret', body: MESSAGE }]);
});

test('Pushover and Telegram get the fields that their pages name', async () => {
  const { posts, url } = await httpSink(200);
  const secret = { to: 'me', sealedSecret: 'sealed:token' };
  expect(await send(channel('pushover', { url: `${url}/1/messages.json`, ...secret }))).toEqual({
    kind: 'sent',
  });
  expect(await send(channel('telegram', { url, ...secret }))).toEqual({ kind: 'sent' });
  expect(posts[0]?.body).toEqual({
    token: 'token',
    user: 'me',
    title: MESSAGE.title,
    message: MESSAGE.message,
    priority: 1,
  });
  expect(posts[1]).toMatchObject({
    path: '/bottoken/sendMessage',
    body: { chat_id: 'me', text: 'A box is lost\neos is away.' },
  });
});

test.each([
  [429, { 'retry-after': '17' }, { kind: 'later', message: 'answered 429', retryAfterMs: 17_000 }],
  [503, {}, { kind: 'later', message: 'answered 503' }],
  [401, {}, { kind: 'refused', message: 'answered 401' }],
  [-1, {}, { kind: 'later', message: 'no connection' }],
] as const)('HTTP %s', async (status, headers, outcome) => {
  const { url } = await httpSink(status, headers);
  expect(await send(channel('webhook', { url }))).toEqual(outcome);
});

test('a server that is away or never answers is tried again later, and no secret stands in the message', async () => {
  const telegram = { url: 'http://127.0.0.1:1', to: 'me', sealedSecret: 'sealed:token' };
  expect(await send(channel('telegram', telegram))).toEqual({
    kind: 'later',
    message: 'no connection',
  });
  const { url } = await httpSink(0);
  const outcome = await send(channel('webhook', { url }), AbortSignal.timeout(200));
  expect(outcome).toEqual({ kind: 'later', message: 'no answer in time' });
});

test('a mail arrives with its subject and sentence', async () => {
  const { mails, url } = await smtpSink();
  const mail = channel('email', { url, to: 'ann@example.org', from: 'kraite@example.org' });
  expect(await send(mail)).toEqual({ kind: 'sent' });
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('Subject: [critical] A box is lost');
  expect(mails[0]).toContain('eos is away.');
});

test.each([
  ['451 try later', { kind: 'later', message: 'the mail server answered 451' }],
  ['550 no such user', { kind: 'refused', message: 'the mail server answered 550' }],
] as const)('SMTP %s', async (reply, outcome) => {
  const { url } = await smtpSink({ RCPT: reply });
  const mail = channel('email', { url, to: 'ann@example.org', from: 'kraite@example.org' });
  expect(await send(mail)).toEqual(outcome);
});

test('a mail server that is away is tried again later', async () => {
  const mail = channel('email', { url: 'smtp://127.0.0.1:1', to: 'a@b.c', from: 'd@e.f' });
  expect(await send(mail)).toEqual({ kind: 'later', message: 'no connection' });
});

test('a secret that cannot be opened harms nothing', async () => {
  const broken = createDeliverer({
    logger: createSilentLogger(),
    openSecret: () => {
      throw new Error('the key does not fit');
    },
  });
  expect(await broken(channel('log', {}), MESSAGE, new AbortController().signal)).toEqual({
    kind: 'later',
    message: 'the key does not fit',
  });
});
