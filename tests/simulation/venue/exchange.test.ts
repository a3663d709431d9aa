import { createManualClock, createSeededRandom } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';

import { createExchangeOver } from '../../../pkg/exchange/binance/binance-exchange.ts';
import { exchangeConformance, type ExchangeUnderTest } from '../../conformance/exchange.ts';
import { passTime } from '../kube/virtual-time.ts';
import { createFaultyWire } from './faulty-wire.ts';

const ACCOUNT = id<AccountId>('conformance');
const SECRET = 'a secret';

/** The port in one thread: the venue is the pure state machine, and time passes as fast as it is waited for. */
async function startUnderTest(): Promise<ExchangeUnderTest> {
  const clock = createManualClock(Date.UTC(2026, 6, 1));
  const wire = createFaultyWire(
    { clock, random: createSeededRandom('conformance'), onDeath: () => undefined },
    [{ key: ACCOUNT, secret: SECRET, balance: '10000' }],
    40,
  );
  wire.calm(true);
  const exchange = createExchangeOver(
    { venue: wire, wallet: undefined },
    {
      egress: { box: 'eos', egressAddress: '203.0.113.13', bindAddress: undefined },
      credentialsOf: async () => ({ apiKey: ACCOUNT, apiSecret: SECRET }),
      budget: createMemoryWindowBudget(),
      clock,
      logger: createSilentLogger(),
    },
  );
  let isOver = false;
  const passing = (async () => {
    while (!isOver) await passTime(clock, 100);
  })();
  return {
    exchange,
    accountId: ACCOUNT,
    loseNextPlacementReply: () => wire.befall('reply-lost'),
    loseNextPlacement: () => wire.befall('request-lost'),
    answerNextPlacementUnknown: () => wire.befall('unknown-executed'),
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await passing;
      await exchange[Symbol.asyncDispose]();
    },
  };
}

exchangeConformance('in one thread, in virtual time', startUnderTest);
