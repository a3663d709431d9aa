import type { Mistake } from './mistake.ts';
import type { KraiteFleet } from './schema.ts';
export type ParsedFleet =
  | {
      readonly kind: 'valid';
      readonly fleet: KraiteFleet;
      /** Worth telling, no reason to refuse. */
      readonly warnings: readonly Mistake[];
    }
  | { readonly kind: 'invalid'; readonly mistakes: readonly Mistake[] };
