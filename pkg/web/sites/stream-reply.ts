import type { FastifyReply } from 'fastify';

import type { LiveStream } from '../live-stream.ts';
import { SECURITY_HEADERS } from '../security.ts';
import type { LiveSession } from '../sessions.ts';

const UNSENT_BYTES_MAX = 1_000_000;

/** Answers with the live stream (server-sent events) until the page leaves or its session ends. */
export function openStream(reply: FastifyReply, stream: LiveStream, { session }: LiveSession) {
  if (!stream.hasRoom()) {
    return reply
      .code(503)
      .header('retry-after', '5')
      .send({ error: 'Too many pages listen now; close one of them.' });
  }
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write('retry: 1000\n\n');
  const leave = stream.join({
    expiresAtMs: session.expiresAtMs,
    sessionHash: session.tokenHash,
    send: (event, payload) => {
      if (raw.destroyed || raw.writableLength > UNSENT_BYTES_MAX) return false;
      // A line break would end the field; JSON escapes them, so only foreign text could hold one.
      raw.write(`event: ${event}\ndata: ${payload.replaceAll(/[\r\n]/g, ' ')}\n\n`);
      return true;
    },
    close: () => raw.end(),
  });
  raw.on('close', leave);
  return reply;
}
