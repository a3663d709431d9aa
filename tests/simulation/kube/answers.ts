import type { TransportResponse } from '#operator/runtime';

export type JsonAnswer = TransportResponse;

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

export function ok(body: unknown, status = 200): JsonAnswer {
  return { status, headers: {}, body: JSON.stringify(body) };
}

export function refusal(
  status: number,
  given: {
    readonly message?: string;
    readonly reason?: string;
    readonly details?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
): JsonAnswer {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: status,
    reason: given.reason ?? REASONS[status] ?? '',
    message: given.message ?? 'refused',
    details: given.details ?? {},
  };
  return { status, headers: given.headers ?? {}, body: JSON.stringify(body) };
}

/** Ends a request with a refusal. */
export class RefusedError extends Error {
  readonly answer: JsonAnswer;

  constructor(status: number, given: Parameters<typeof refusal>[1]) {
    super(given.message ?? 'refused');
    this.answer = refusal(status, given);
  }
}
