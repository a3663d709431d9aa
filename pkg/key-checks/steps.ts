import type { Clock } from '#pkg/base';
import { AccountSecretError, UnknownAccountError } from '#pkg/accounts';
import { id, type AccountId } from '#pkg/domain';
import {
  ExchangeProtocolError,
  ExchangeRejectedError,
  ExchangeThrottledError,
  ExchangeUnreachableError,
  type Exchange,
} from '#pkg/exchange';
import { implementStep, type StepHandler } from '#pkg/steps';
import type { Store } from '#pkg/store';
import { checkKeyStep } from './definitions.ts';
import { saveKeyCell, type KeyCell } from './key-cell.ts';

export interface KeyCheckStepDependencies {
  readonly store: Store;
  readonly exchange: Pick<Exchange, 'readKey' | 'address'>;
  readonly clock: Clock;
}

type Answer = Pick<KeyCell, 'outcome' | 'reason' | 'message' | 'isBoundToAddresses' | 'pairs'>;

/** Returns the code of the check; a venue that does not answer is an answer too, so that a person does not wait. */
export function createKeyCheckHandlers(dependencies: KeyCheckStepDependencies): StepHandler[] {
  const { store, exchange, clock } = dependencies;
  return [
    implementStep(checkKeyStep, async (context, args) => {
      const accountId = id<AccountId>(args.accountId);
      const answer = await ask(exchange, accountId, context.signal);
      if (answer === undefined) {
        const message = 'The key was withdrawn before it was tried.';
        return { kind: 'skipped', reason: 'CanceledByHand', message };
      }
      const { box } = args;
      const cell: KeyCell = { box, address: exchange.address, atMs: clock.nowMs(), ...answer };
      // A candidate has no table yet: who tries it reads the response.
      if ((await store.accounts.find(accountId)) !== undefined) {
        await saveKeyCell(store.settings, accountId, cell);
      }
      return { kind: 'completed', response: cell };
    }),
  ];
}

async function ask(
  exchange: Pick<Exchange, 'readKey'>,
  accountId: AccountId,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  try {
    const report = await exchange.readKey(accountId, signal);
    if (report.kind === 'refused') {
      const { reason, message } = report;
      return { outcome: 'refused', reason, message, isBoundToAddresses: null };
    }
    const isBoundToAddresses = report.isBoundToAddresses ?? null;
    const pairs = report.pairs.map(({ symbol, direction }) => `${symbol} ${direction}`);
    return { outcome: 'usable', reason: null, message: null, isBoundToAddresses, pairs };
  } catch (error) {
    if (error instanceof UnknownAccountError) return undefined;
    if (error instanceof AccountSecretError) return unanswered('SecretUnreadable', error);
    if (error instanceof ExchangeThrottledError) return unanswered(error.reason, error);
    if (error instanceof ExchangeRejectedError) return unanswered('VenueRejected', error);
    if (error instanceof ExchangeUnreachableError || error instanceof ExchangeProtocolError) {
      return unanswered('VenueUnreachable', error);
    }
    throw error;
  }
}

function unanswered(reason: NonNullable<KeyCell['reason']>, { message }: Error): Answer {
  return { outcome: 'unanswered', reason, message, isBoundToAddresses: null };
}
