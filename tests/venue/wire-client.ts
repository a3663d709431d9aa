import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import { createSystemClock } from '#pkg/base';

/** A raw signed request, written from the venue's documentation and nothing of ours. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WireRequest {
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly localAddress?: string;
  readonly secret?: string;
  readonly timestampMs?: number;
  readonly isUnsigned?: boolean;
  readonly key?: string;
}

export type Wire = (method: string, path: string, options?: WireRequest) => Promise<WireAnswer>;

/** Returns a function that calls the venue at `base` with the key and secret of one account. */
export function createWire(base: string, account: { key: string; secret: string }): Wire {
  const clock = createSystemClock();
  return async (method, path, options = {}) => {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(options.parameters ?? {})) {
      fields.append(name, String(value));
    }
    if (options.isUnsigned !== true) {
      fields.append('timestamp', String(options.timestampMs ?? clock.nowMs()));
      const secret = options.secret ?? account.secret;
      fields.append(
        'signature',
        createHmac('sha256', secret).update(fields.toString()).digest('hex'),
      );
    }
    const agent =
      options.localAddress === undefined
        ? undefined
        : new Agent({ localAddress: options.localAddress });
    const answer = await request(`${base}${path}?${fields.toString()}`, {
      method,
      headers: { 'X-MBX-APIKEY': options.key ?? account.key },
      ...(agent === undefined ? {} : { dispatcher: agent }),
    });
    const body = (await answer.body.json()) as Record<string, unknown>;
    await agent?.close();
    return { status: answer.statusCode, headers: answer.headers, body };
  };
}
