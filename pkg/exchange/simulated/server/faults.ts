/**
 * Faults on order: what the admin port may make the wire do.
 *
 * A lost reply is a request that was carried out whose connection is cut; a lost request never arrived.
 */
export type FaultAnswer = 'timeout' | 'unknown503' | 'refused503' | 'busy';

export interface FaultOrder {
  /** `POST /fapi/v1/order`, or `*` for any endpoint. */
  readonly endpoint: string;
  readonly count: number;
}

export interface FaultAnswerOrder extends FaultOrder {
  readonly answer: FaultAnswer;
  /** Is the request carried out all the same? */
  readonly executed: boolean;
}

export interface RequestFault {
  readonly delayMs: number;
  readonly losesRequest: boolean;
  readonly losesReply: boolean;
  readonly answer: FaultAnswerOrder | undefined;
}

export interface Faults {
  setLatencyMs(latencyMs: number): void;
  loseReplies(order: FaultOrder): void;
  loseRequests(order: FaultOrder): void;
  answerWith(order: FaultAnswerOrder): void;
  clear(): void;
  /** Returns what shall befall the next request of `endpoint`, and uses it up. */
  take(endpoint: string): RequestFault;
  describe(): unknown;
}

/** Bodies and statuses of the answers that leave the outcome open, or refuse without a reason of ours. */
export const FAULT_BODIES: Readonly<
  Record<FaultAnswer, { readonly status: number; readonly code: number; readonly msg: string }>
> = {
  timeout: {
    status: 408,
    code: -1007,
    msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  },
  unknown503: {
    status: 503,
    code: -1000,
    msg: 'Unknown error, please check your request or try again later.',
  },
  refused503: { status: 503, code: -1001, msg: 'Service Unavailable.' },
  busy: {
    status: 503,
    code: -1008,
    msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
  },
};

export function createFaults(): Faults {
  let latencyMs = 0;
  let lostReplies: FaultOrder[] = [];
  let lostRequests: FaultOrder[] = [];
  let answers: FaultAnswerOrder[] = [];

  return {
    setLatencyMs: (wanted) => {
      latencyMs = wanted;
    },
    loseReplies: (order) => lostReplies.push(order),
    loseRequests: (order) => lostRequests.push(order),
    answerWith: (order) => answers.push(order),
    clear: () => {
      latencyMs = 0;
      lostReplies = [];
      lostRequests = [];
      answers = [];
    },
    take: (endpoint) => {
      const [losesRequest, requestsLeft] = use(lostRequests, endpoint);
      lostRequests = requestsLeft;
      if (losesRequest !== undefined) {
        return { delayMs: latencyMs, losesRequest: true, losesReply: false, answer: undefined };
      }
      const [losesReply, repliesLeft] = use(lostReplies, endpoint);
      lostReplies = repliesLeft;
      const [answer, answersLeft] = use(answers, endpoint);
      answers = answersLeft;
      return {
        delayMs: latencyMs,
        losesRequest: false,
        losesReply: losesReply !== undefined,
        answer,
      };
    },
    describe: () => ({ latencyMs, loseReplies: lostReplies, loseRequests: lostRequests, answers }),
  };
}

function use<Order extends FaultOrder>(
  orders: readonly Order[],
  endpoint: string,
): [Order | undefined, Order[]] {
  const index = orders.findIndex((order) => order.endpoint === '*' || order.endpoint === endpoint);
  const order = orders[index];
  if (order === undefined) return [undefined, [...orders]];
  const rest = { ...order, count: order.count - 1 };
  const left = orders.map((each, at) => (at === index ? rest : each));
  return [order, left.filter((each) => each.count > 0)];
}
