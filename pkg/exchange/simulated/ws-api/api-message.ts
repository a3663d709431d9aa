/** A message to the WebSocket API, decoded: one JSON object with an id, a method and flat parameters. */
import type { Parameters } from '../venue/parameters.ts';

export type RequestId = string | number | null;

export interface ApiMessage {
  readonly id: RequestId;
  readonly method: string;
  /** Values as text, the way that they are signed. */
  readonly parameters: Parameters;
  readonly showsLimits: boolean | undefined;
}

export interface BadMessage {
  readonly id: RequestId;
  readonly code: number;
  readonly msg: string;
}

/** Returns what a message says, or what is wrong with it; any text at all is one or the other. */
export function decodeApiMessage(text: string): ApiMessage | BadMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { id: null, code: -1013, msg: 'Invalid JSON request.' };
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return { id: null, code: -1013, msg: 'Invalid JSON request.' };
  }
  const { id = null, method, params = {} } = message as Readonly<Record<string, unknown>>;
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') {
    return { id: null, ...malformed('id') };
  }
  if (typeof method !== 'string' || method === '') return { id, ...malformed('method') };
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return { id, ...malformed('params') };
  }
  const { returnRateLimits, ...rest } = params as Readonly<Record<string, unknown>>;
  return {
    id,
    method,
    parameters: Object.fromEntries(
      Object.entries(rest)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => [name, textOf(value)]),
    ),
    showsLimits: typeof returnRateLimits === 'boolean' ? returnRateLimits : undefined,
  };
}

function malformed(name: string): { readonly code: number; readonly msg: string } {
  const msg = `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
  return { code: -1102, msg };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
