import type { IncomingMessage } from 'node:http';

const BODY_BYTES_MAX = 1024 * 1024;

/** The body is longer than anything that a client of ours sends. */
export class BodyTooLargeError extends Error {
  constructor(bytesMax: number) {
    super(`the request body is longer than ${bytesMax} bytes`);
    this.name = 'BodyTooLargeError';
  }
}

/** Returns the body of a request as text. Throws {@link BodyTooLargeError}, or what the broken connection throws. */
export async function readBody(
  request: IncomingMessage,
  bytesMax = BODY_BYTES_MAX,
): Promise<string> {
  if (request.method === 'GET' && request.headers['content-length'] === undefined) return '';
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) throw new BodyTooLargeError(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
