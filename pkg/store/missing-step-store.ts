import { AssertionError } from '#pkg/base';
import type { StepStore } from './step-store.ts';

/** Stands in a store that was composed without step rows; every use is an error of the composition. */
export function missingStepStore(): StepStore {
  return new Proxy({} as StepStore, {
    get: (_target, name) => {
      throw new AssertionError(`This store has no step rows, so steps.${String(name)} cannot run.`);
    },
  });
}
