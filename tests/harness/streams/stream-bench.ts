import { createSeededRandom } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import {
  CONNECTS_MAX,
  createConnectDoor,
  createMemoryConnectAllowance,
  createMemorySockets,
  createUserStreams,
  type Completeness,
  type ConnectAllowance,
  type UserStreamsDependencies,
  type UserStreamsOptions,
} from '#pkg/streams';
import { createVirtualTime } from './virtual-time.ts';

export interface StreamBenchOptions {
  readonly accounts?: number;
  readonly deadLetterPath?: string;
  readonly settings?: Partial<UserStreamsOptions>;
  readonly allowance?: ConnectAllowance;
  readonly parts?: Partial<UserStreamsDependencies>;
}

/** User streams of some accounts in virtual time, against a venue in memory. */
export function createStreamBench(options: StreamBenchOptions = {}) {
  const { clock, pass } = createVirtualTime();
  const sockets = createMemorySockets({ clock });
  const random = createSeededRandom('stream-bench');
  const allowance =
    options.allowance ??
    createMemoryConnectAllowance({ clock }, { connectsMax: CONNECTS_MAX.accounts });
  const accounts = Array.from({ length: options.accounts ?? 1 }, (_, index) =>
    id<AccountId>(`account-${index}`),
  );
  const stored: string[] = [];
  const gaps: AccountId[] = [];
  const states = new Map<AccountId, Completeness>();
  const minted = new Map<AccountId, number>();
  const extended: AccountId[] = [];
  const start = () =>
    createUserStreams(
      {
        clock,
        random,
        logger: createSilentLogger(),
        openSocket: sockets.open,
        door: createConnectDoor({ clock, random, allowance }),
        accounts: async () => accounts,
        exchange: {
          openUserStream: async (accountId) => {
            minted.set(accountId, (minted.get(accountId) ?? 0) + 1);
            return `key-${accountId}-${minted.get(accountId) ?? 0}`;
          },
          extendUserStream: async (accountId) => void extended.push(accountId),
        },
        onFrame: async (_accountId, text) => {
          stored.push(text);
          return 'stored';
        },
        onGap: async (accountId) => void gaps.push(accountId),
        onCompleteness: async (accountId, state) => void states.set(accountId, state),
        ...options.parts,
      },
      {
        url: 'memory://venue/private',
        bindAddress: undefined,
        deadLetterPath: options.deadLetterPath ?? '/nowhere/dead-letters.jsonl',
        ...options.settings,
      },
    );
  return { clock, pass, sockets, accounts, stored, gaps, states, minted, extended, random, start };
}

/** The most connections within any window of so many ms. */
export function busiestWindow(attempts: readonly number[], windowMs: number): number {
  let first = 0;
  let most = 0;
  for (const [index, atMs] of attempts.entries()) {
    while ((attempts[first] ?? atMs) <= atMs - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
