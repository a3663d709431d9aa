import type { Reason } from '#pkg/base';
import type { FleetStatus, WorkerPoolStatus } from '#operator/api';
import type { KubeObject, ObjectRef } from '#operator/runtime';

/** One write. Applying and deleting what is already so changes nothing, so a list may be carried out again. */
export type Operation =
  | { readonly kind: 'apply'; readonly object: KubeObject; readonly subresource?: 'status' }
  /** Written once and never again: whoever has it keeps it. */
  | { readonly kind: 'create'; readonly object: KubeObject }
  | { readonly kind: 'delete'; readonly ref: ObjectRef; readonly uid: string }
  /** A merge patch; one that carries a resourceVersion fails when somebody else was faster. */
  | {
      readonly kind: 'patch';
      readonly ref: ObjectRef;
      readonly patch: Readonly<Record<string, unknown>>;
    };

/** Told once, when it begins to be so. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly action: string;
  readonly note: string;
}

/** The whole decision of one pass. */
export interface OperationsPlan {
  /** In the order in which they may be carried out; empty when the world is as it should be. */
  readonly operations: readonly Operation[];
  readonly status: FleetStatus;
  readonly poolStatuses: readonly { readonly name: string; readonly status: WorkerPoolStatus }[];
  readonly notices: readonly Notice[];
  /** When what nobody tells of must be looked at again. */
  readonly checkAgainAfterMs: number;
}
