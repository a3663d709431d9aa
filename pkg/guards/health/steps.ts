import { DONE } from '#pkg/lifecycles';
import { followHalts, readHalts, readHealth, saveHalts, saveHealth } from '#pkg/modes';
import { implementStep, type StepHandler } from '#pkg/steps';

import { watchHealth } from '../definitions.ts';
import type { GuardDependencies } from '../dependencies.ts';
import { readHealthFacts } from './facts.ts';
import { followHealth } from './follow-health.ts';
import { HEALTH_SIGNALS } from './signals.ts';

/** Returns the code that looks whether the fleet is well, and says what changed. */
export function createHealthHandler(dependencies: GuardDependencies): StepHandler {
  const { store, events } = dependencies;
  return implementStep(watchHealth, async () => {
    const facts = await readHealthFacts(dependencies);
    const { nowMs } = facts;
    const before = await readHealth(store.settings);
    const { record, told, ended } = followHealth(HEALTH_SIGNALS, before?.states ?? [], facts);
    const causes = record.states
      .filter(({ signal, isTold }) => isTold && HALTING.has(signal))
      .map(({ signal, message }) => ({ owner: signal, why: message }));
    const { halts, set, released } = followHalts(await readHalts(store.settings), causes, nowMs);
    // The hold stands before anybody hears of it.
    await saveHalts(store.settings, halts, nowMs);
    await saveHealth(store.settings, record);
    for (const { signal, message } of told) {
      await events.record({ kind: 'HealthLost', message: `${signal}: ${message}` });
    }
    for (const { signal, message } of ended) {
      await events.record({ kind: 'HealthRestored', message: `${signal}: no longer: ${message}` });
    }
    for (const { owner, why } of set) {
      const message = `Openings are halted by ${owner}: ${why}`;
      await events.record({ kind: 'OpeningsHalted', reason: 'OpeningsHalted', message });
    }
    for (const { owner } of released) {
      const message = `The halt of ${owner} has ended after 30 clean minutes.`;
      await events.record({ kind: 'OpeningsReleased', message });
    }
    return DONE;
  });
}

const HALTING: ReadonlySet<string> = new Set(
  HEALTH_SIGNALS.filter(({ halts }) => halts).map(({ name }) => name),
);
