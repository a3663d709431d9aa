import type { Exchange } from '../exchange.ts';
import type { VenueCall, VenueCaller } from './caller.ts';
import { faultError, nameOf, type Demand } from './demand.ts';
import { ENDPOINTS } from './endpoints.ts';
import { checkAnything, checkListenKey } from './schemas.ts';

type AccountModes = Pick<
  Exchange,
  'ensureHedgeMode' | 'ensureCrossMargin' | 'setLeverage' | 'openUserStream' | 'extendUserStream'
>;

/**
 * Returns the calls that put an account into a state; each may be repeated.
 *
 * The position mode is set without being read first: the read weighs 30, the refused change 1.
 */
export function createAccountModes(callVenue: VenueCaller, demand: Demand): AccountModes {
  const ensure = async (call: VenueCall<unknown>): Promise<void> => {
    const outcome = await callVenue(call);
    if (outcome.kind === 'answered') return;
    if (outcome.kind !== 'fault') throw outcome.cause;
    if (outcome.fault.action !== 'already-so') throw faultError(outcome.fault, nameOf(call));
  };
  return {
    ensureHedgeMode: (accountId, signal) =>
      ensure({
        endpoint: ENDPOINTS.positionMode,
        accountId,
        parameters: { dualSidePosition: true },
        check: checkAnything,
        signal,
      }),
    ensureCrossMargin: (accountId, symbol, signal) =>
      ensure({
        endpoint: ENDPOINTS.marginType,
        accountId,
        parameters: { symbol, marginType: 'CROSSED' },
        check: checkAnything,
        signal,
      }),
    setLeverage: (accountId, symbol, leverage, signal) =>
      ensure({
        endpoint: ENDPOINTS.leverage,
        accountId,
        parameters: { symbol, leverage },
        check: checkAnything,
        signal,
      }),
    openUserStream: async (accountId, signal) => {
      const answer = await demand({
        endpoint: ENDPOINTS.openListenKey,
        accountId,
        check: checkListenKey,
        priority: 'protective',
        signal,
      });
      return answer.listenKey;
    },
    extendUserStream: (accountId, signal) =>
      ensure({
        endpoint: ENDPOINTS.extendListenKey,
        accountId,
        check: checkAnything,
        priority: 'protective',
        signal,
      }),
  };
}
