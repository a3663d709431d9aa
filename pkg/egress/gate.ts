import { toError, type Clock, type Reason } from '#pkg/base';
import type { BudgetKey, BudgetPriority, BudgetReading, WindowBudget } from '#pkg/budgets';
import type { Logger } from '#pkg/observability';

import type { Egress, EgressGate } from './egress.ts';
import type { EgressIdentity } from './identity.ts';

export interface EgressGateDependencies {
  readonly egress: Egress;
  readonly budget: WindowBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Venue time minus our wall clock, ms; 0 until it is measured. */
  readonly venueOffsetMs?: () => number;
  /** Undefined where nobody proves the address (locally). */
  readonly identity?: Pick<EgressIdentity, 'refusal'> | undefined;
}

export interface EgressGateOptions {
  /** A reading older than this is refreshed when somebody asks. */
  readonly refreshMs: number;
  /** The gate closes when less than this part of the weight is left for normal work … */
  readonly closeBelow: number;
  /** … and opens again when more than this is left, or the window turns. */
  readonly openAbove: number;
  /** The last part of the window, which is kept for protective work. */
  readonly protectiveShare: number;
}

const DEFAULT_OPTIONS: EgressGateOptions = {
  refreshMs: 250,
  closeBelow: 0.02,
  openAbove: 0.05,
  protectiveShare: 0.1,
};

/**
 * Returns the gate that a worker asks before it takes a job.
 *
 * It answers from the newest reading and refreshes that behind the answer, so asking costs nothing and an idle
 * worker reads nothing. While the count cannot be read it stays as it was: each request is still reserved
 * before it leaves, and protective work must not wait for Redis.
 */
export function createEgressGate(
  dependencies: EgressGateDependencies,
  options: Partial<EgressGateOptions> = {},
): EgressGate {
  const { egress, budget, clock, logger, identity, venueOffsetMs = () => 0 } = dependencies;
  const { refreshMs, closeBelow, openAbove, protectiveShare } = { ...DEFAULT_OPTIONS, ...options };
  const key: BudgetKey = { provider: 'binance', scope: 'address', id: egress.egressAddress };
  const venueNowMs = (): number => clock.nowMs() + venueOffsetMs();
  let reading: BudgetReading | undefined;
  let readInWindowMs = 0;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let isReading = false;
  let isClosed = false;

  const refresh = async (): Promise<void> => {
    isReading = true;
    const nowMs = venueNowMs();
    try {
      reading = await budget.read(key, nowMs);
      readInWindowMs = windowStart(reading, nowMs);
      const left = leftForNormal(reading, protectiveShare);
      if (left < closeBelow) isClosed = true;
      else if (left > openAbove) isClosed = false;
    } catch (error) {
      logger.debug({ err: toError(error) }, 'egress gate keeps its last answer: budget not read');
    } finally {
      readAtMs = clock.monotonicMs();
      isReading = false;
    }
  };

  return (priority: BudgetPriority = 'normal'): Reason | undefined => {
    if (!isReading && clock.monotonicMs() - readAtMs >= refreshMs) void refresh();
    const refusal = identity?.refusal(priority);
    if (refusal !== undefined) return refusal;
    if (reading === undefined) return undefined;
    const nowMs = venueNowMs();
    if ((reading.blockedUntilMs ?? 0) > nowMs) return 'AddressBanned';
    if (priority === 'protective' || windowStart(reading, nowMs) > readInWindowMs) return undefined;
    return isClosed ? 'AddressBudgetSpent' : undefined;
  };
}

function windowStart({ windowMs }: BudgetReading, nowMs: number): number {
  return windowMs === 0 ? 0 : Math.floor(nowMs / windowMs) * windowMs;
}

/** Part of the whole window that normal work may still use. */
function leftForNormal({ weightUsed, weightMax }: BudgetReading, protectiveShare: number): number {
  return weightMax === 0 ? 1 : 1 - protectiveShare - weightUsed / weightMax;
}
