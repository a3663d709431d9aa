/** What happened, for the person who watches: the fleet's own events and those of its supervisor. */
export interface LocalEvent {
  /** PascalCase past tense, as in the events outbox. */
  readonly kind: string;
  readonly atMs: number;
  readonly message: string;
  readonly box?: string | undefined;
  readonly process?: string | undefined;
  readonly symbol?: string | undefined;
  readonly position?: string | undefined;
  readonly account?: string | undefined;
  readonly reason?: string | undefined;
  /** Sequence in the outbox; absent for events of the supervisor. */
  readonly sequence?: number | undefined;
  /** Numbers and addresses that belong to the kind. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}
