/**
 * What befalls requests: orders for the next ones, a latency for all, and a seeded plan.
 *
 * A lost request never arrived; a lost reply is a request that was carried out whose connection is cut; a held
 * request is cut at once and carried out later.
 */
import { createSeededRandom } from '#pkg/base';
import { drawRequestFault } from './fault-plan.ts';
import type { FaultBody } from './fault-answers.ts';
import type { FaultAnswer, FaultPlan, FaultRequest } from './fault-request.ts';

export interface RequestFault {
  readonly delayMs: number;
  readonly losesRequest: boolean;
  readonly losesReply: boolean;
  /** Set when the connection is cut now and the request carried out so much later. */
  readonly holdMs: number | undefined;
  readonly replyDelayMs: number;
  /** `executed`: is the request carried out all the same? */
  readonly answer: AnswerFault | undefined;
}

export type AnswerFault =
  | { readonly kind: FaultAnswer; readonly executed: boolean }
  | { readonly kind: 'refusal'; readonly executed: false; readonly body: FaultBody };

interface NextRequests {
  readonly endpoint: string;
  readonly count: number;
}

interface Order {
  readonly endpoint: string;
  count: number;
  readonly fault: Partial<RequestFault>;
}

/** One fault as it was drawn from the plan. */
export interface DrawnFault {
  readonly endpoint: string;
  /** The how-manieth request of the endpoint since the plan began; from 1. */
  readonly count: number;
  readonly fault: Partial<RequestFault>;
}

export interface RequestFaults {
  order(request: FaultRequest): void;
  /** Short forms of {@link RequestFaults.order} for tests in the same process. */
  loseRequests(next: NextRequests): void;
  loseReplies(next: NextRequests): void;
  answerWith(
    next: NextRequests & { readonly answer: FaultAnswer; readonly executed: boolean },
  ): void;
  setLatencyMs(latencyMs: number, jitterMs?: number): void;
  clear(): void;
  /** Returns what shall befall the next request of `endpoint`, and uses it up. */
  take(endpoint: string): RequestFault;
  describe(): {
    readonly latencyMs: number;
    readonly jitterMs: number;
    readonly waiting: readonly Order[];
    readonly plan: FaultPlan | undefined;
    /** The newest of the plan's faults, oldest first. */
    readonly drawn: readonly DrawnFault[];
  };
}

const DRAWN_MAX = 10_000;
const NOTHING: RequestFault = {
  delayMs: 0,
  losesRequest: false,
  losesReply: false,
  holdMs: undefined,
  replyDelayMs: 0,
  answer: undefined,
};

export function createRequestFaults(): RequestFaults {
  const random = createSeededRandom('jitter');
  let latencyMs = 0;
  let jitterMs = 0;
  let orders: Order[] = [];
  let plan: FaultPlan | undefined;
  let counts = new Map<string, number>();
  let drawn: DrawnFault[] = [];

  function drawFor(endpoint: string): Partial<RequestFault> | undefined {
    if (plan === undefined) return undefined;
    const count = (counts.get(endpoint) ?? 0) + 1;
    counts.set(endpoint, count);
    const fault = drawRequestFault(plan, endpoint, count);
    if (fault === undefined) return undefined;
    drawn.push({ endpoint, count, fault });
    if (drawn.length > 2 * DRAWN_MAX) drawn = drawn.slice(-DRAWN_MAX);
    return fault;
  }

  function useOrder(endpoint: string): Partial<RequestFault> | undefined {
    const order = orders.find((each) => each.endpoint === '*' || each.endpoint === endpoint);
    if (order === undefined) return undefined;
    order.count -= 1;
    if (order.count === 0) orders = orders.filter((each) => each !== order);
    return order.fault;
  }

  const push = (request: FaultRequest): void => void orders.push(...ordersOf(request));

  return {
    loseRequests: (loseRequests) => push({ loseRequests }),
    loseReplies: (loseReplies) => push({ loseReplies }),
    answerWith: ({ answer: kind, ...next }) => push({ answer: { ...next, kind } }),
    order: (request) => {
      push(request);
      if (request.latencyMs !== undefined) latencyMs = request.latencyMs;
      if (request.jitterMs !== undefined) jitterMs = request.jitterMs;
      if (request.plan === undefined) return;
      plan = request.plan;
      counts = new Map();
      drawn = [];
    },
    setLatencyMs: (wanted, jitter = 0) => {
      latencyMs = wanted;
      jitterMs = jitter;
    },
    clear: () => {
      latencyMs = 0;
      jitterMs = 0;
      orders = [];
      plan = undefined;
      drawn = [];
    },
    take: (endpoint) => {
      // Drawn also where an order goes first, so that the plan's count does not depend on orders.
      const planned = drawFor(endpoint);
      const fault = useOrder(endpoint) ?? planned;
      const delayMs = latencyMs + (jitterMs === 0 ? 0 : random.next() * jitterMs);
      return { ...NOTHING, delayMs, ...fault };
    },
    describe: () => ({
      latencyMs,
      jitterMs,
      waiting: orders,
      plan,
      drawn: drawn.slice(-DRAWN_MAX),
    }),
  };
}

function ordersOf(request: FaultRequest): readonly Order[] {
  const { loseRequests, loseReplies, holdRequests, delayReplies, answer, refuse } = request;
  const orders: Order[] = [];
  if (loseRequests !== undefined) orders.push({ ...loseRequests, fault: { losesRequest: true } });
  if (loseReplies !== undefined) orders.push({ ...loseReplies, fault: { losesReply: true } });
  if (holdRequests !== undefined) {
    const { ms, ...next } = holdRequests;
    orders.push({ ...next, fault: { holdMs: ms } });
  }
  if (delayReplies !== undefined) {
    const { ms, ...next } = delayReplies;
    orders.push({ ...next, fault: { replyDelayMs: ms } });
  }
  if (answer !== undefined) {
    const { endpoint, count, kind, executed = false } = answer;
    orders.push({ endpoint, count, fault: { answer: { kind, executed } } });
  }
  if (refuse !== undefined) {
    const { endpoint, count, code, msg, status = 400 } = refuse;
    const body = { status, body: { code, msg } };
    orders.push({ endpoint, count, fault: { answer: { kind: 'refusal', executed: false, body } } });
  }
  return orders;
}
