import { FleetError } from '#pkg/base';

/** The body of a `Status` as the API server answers it. */
export interface StatusBody {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The API server answered, and the answer is no.
 *
 * `status` is the HTTP status and `reason` the machine-readable word of the server (`NotFound`, `Conflict`, `Invalid`,
 * `Forbidden`, …; empty when it gave none). `message` is the server's sentence.
 */
export class KubeApiError extends FleetError<'KUBE_API_REFUSED'> {
  readonly status: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** What the server asked to wait before another try. */
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    body: StatusBody,
    context: { readonly call: string; readonly retryAfterMs?: number | undefined },
  ) {
    const said = body.message ?? `the API server answered ${status}`;
    super('KUBE_API_REFUSED', said, {
      fields: { status, reason: body.reason, call: context.call },
    });
    this.status = status;
    this.reason = body.reason ?? '';
    this.details = body.details ?? {};
    this.retryAfterMs = context.retryAfterMs;
  }
}

/**
 * The API server did not answer, or not in time, however often it was asked.
 *
 * `isOutcomeUnknown` says that the last try may have been carried out all the same.
 */
export class KubeUnreachableError extends FleetError<'KUBE_UNREACHABLE'> {
  readonly isOutcomeUnknown: boolean;

  constructor(call: string, cause: unknown, options: { readonly isOutcomeUnknown: boolean }) {
    super('KUBE_UNREACHABLE', 'the API server does not answer', { cause, fields: { call } });
    this.isOutcomeUnknown = options.isOutcomeUnknown;
  }
}

/** Whether `error` says that somebody else changed the object first. */
export function isConflict(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof KubeApiError && error.reason === 'AlreadyExists';
}

/** Whether `error` says that a resourceVersion or a continue token is too old: list anew. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeApiError && (error.status === 410 || error.reason === 'Expired');
}
