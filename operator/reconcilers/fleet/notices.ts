import { REASONS, type Reason } from '#pkg/base';
import type { FleetObject, FleetStatus } from '#operator/api';
import type { Notice } from './operations.ts';

/** Conditions whose change is told as an event, and whether True is good. */
const TOLD = {
  Ready: 'good',
  Stalled: 'bad',
  TopologyValid: 'good',
  EgressVerified: 'good',
  UpdateInProgress: 'neutral',
  Paused: 'neutral',
} as const satisfies Readonly<Record<string, 'good' | 'bad' | 'neutral'>>;

/** Returns an event for every condition that changed, and for every step of a box that is new in the plan. */
export function notice(fleet: FleetObject, status: FleetStatus): readonly Notice[] {
  return [...changedConditions(fleet, status), ...newSteps(fleet, status)];
}

function changedConditions(fleet: FleetObject, status: FleetStatus): readonly Notice[] {
  return Object.entries(TOLD).flatMap(([type, kind]): readonly Notice[] => {
    const before = fleet.status?.conditions?.find((each) => each.type === type);
    const now = status.conditions?.find((each) => each.type === type);
    if (now === undefined || before?.status === now.status || !isReason(now.reason)) return [];
    // What was never true and is not true now is no news.
    if (before === undefined && kind !== 'bad' && now.status !== 'True') return [];
    if (before === undefined && kind === 'bad' && now.status !== 'True') return [];
    const isBad = kind === 'good' ? now.status !== 'True' : kind === 'bad' && now.status === 'True';
    return [
      { type: isBad ? 'Warning' : 'Normal', reason: now.reason, action: type, note: now.message },
    ];
  });
}

function newSteps(fleet: FleetObject, status: FleetStatus): readonly Notice[] {
  const before = new Set(fleet.status?.plan?.map((each) => `${each.action} ${each.reason ?? ''}`));
  return (status.plan ?? [])
    .filter((each) => !before.has(`${each.action} ${each.reason ?? ''}`))
    .map(({ action, waitsFor, reason }) => ({
      type: 'Normal',
      reason: reason !== undefined && isReason(reason) ? reason : 'UpdateRunning',
      action: 'Plan',
      note: waitsFor === undefined ? action : `${action}: waits for ${waitsFor}`,
    }));
}

function isReason(word: string): word is Reason {
  return word in REASONS;
}
