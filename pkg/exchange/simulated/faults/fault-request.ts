/** What the admin port, a script or the command line may order: one schema, from which the type and its mistakes follow. */
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/** How a request may be answered whatever it asked. The bodies stand in `fault-answers.ts`. */
export const FAULT_ANSWERS = [
  'timeout',
  'unexpected',
  'unknown503',
  'refused503',
  'internal503',
  'busy',
  'timestamp',
  'html',
] as const;
export type FaultAnswer = (typeof FAULT_ANSWERS)[number];

const only = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Milliseconds = Type.Number({ minimum: 0, maximum: 86_400_000 });
const Seconds = Type.Number({ minimum: 0, maximum: 86_400 });
const Count = Type.Integer({ minimum: 1 });
const Symbol = Type.String({ minLength: 1 });
/** `POST /fapi/v1/order`, a method of the WebSocket API (`order.place`), or `*` for any. */
const Endpoint = Type.String({ minLength: 1 });
const next = { endpoint: Endpoint, count: Count };
const Streams = Type.Enum(['user', 'market', '*']);

/**
 * Chances for every request and frame, drawn from the seed: the n-th request of an endpoint and the n-th frame of a
 * kind meet the same fault in each run.
 */
const Plan = Type.Object(
  {
    seed: Type.String({ minLength: 1 }),
    /** Which endpoints are met; all when absent. */
    endpoints: Type.Optional(Type.Array(Endpoint, { minItems: 1 })),
    loseRequests: Type.Optional(Share),
    loseReplies: Type.Optional(Share),
    holdRequests: Type.Optional(Share),
    delayReplies: Type.Optional(Share),
    /** Share of each kind of answer. */
    answers: Type.Optional(
      Type.Object(
        Object.fromEntries(FAULT_ANSWERS.map((kind) => [kind, Type.Optional(Share)])),
        only,
      ),
    ),
    /** Share of those answers whose request was carried out; a half when absent. */
    executed: Type.Optional(Share),
    /** Longest delay of a held request, a late reply or a late frame; 500 when absent. */
    delayMsMax: Type.Optional(Milliseconds),
    frames: Type.Optional(
      Type.Object(
        {
          duplicate: Type.Optional(Share),
          delay: Type.Optional(Share),
          reorder: Type.Optional(Share),
          drop: Type.Optional(Share),
        },
        only,
      ),
    ),
  },
  only,
);
export type FaultPlan = Static<typeof Plan>;

const FRAME_FAULTS = ['duplicate', 'delay', 'reorder', 'drop'] as const;
export type FrameFault = (typeof FRAME_FAULTS)[number];

const fields = {
  /** Forget every order so far, the plan and the script; what was done to markets and keys stays. */
  clear: Type.Optional(Type.Boolean()),
  /** Delay of every request from now on, and how much more chance adds. */
  latencyMs: Type.Optional(Milliseconds),
  jitterMs: Type.Optional(Milliseconds),
  /** Cut the connection of the next requests before they count. */
  loseRequests: Type.Optional(Type.Object(next, only)),
  /** Carry the next requests out and cut the connection. */
  loseReplies: Type.Optional(Type.Object(next, only)),
  /** Cut the connection of the next requests at once and carry them out `ms` later: held back on the way, delivered late. */
  holdRequests: Type.Optional(Type.Object({ ...next, ms: Milliseconds }, only)),
  /** Carry the next requests out at once and answer `ms` later. */
  delayReplies: Type.Optional(Type.Object({ ...next, ms: Milliseconds }, only)),
  /** Answer the next requests like this, carried out or not. */
  answer: Type.Optional(
    Type.Object(
      { ...next, kind: Type.Enum([...FAULT_ANSWERS]), executed: Type.Optional(Type.Boolean()) },
      only,
    ),
  ),
  /** Refuse the next requests with a code of the venue that no rule here gives, by its words. */
  refuse: Type.Optional(
    Type.Object(
      {
        ...next,
        code: Type.Integer({ maximum: -1 }),
        msg: Type.String({ minLength: 1 }),
        status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
      },
      only,
    ),
  ),
  /** What befalls the next frames of open sockets; `ms` is how late a delayed one comes, 500 when absent. */
  frames: Type.Optional(
    Type.Object(
      {
        kind: Type.Enum([...FRAME_FAULTS]),
        streams: Streams,
        count: Count,
        ms: Type.Optional(Milliseconds),
      },
      only,
    ),
  ),
  /** Sockets that are open now stay open and say nothing, not even to a ping, for so long. */
  silence: Type.Optional(Type.Object({ streams: Streams, seconds: Seconds }, only)),
  closeUserStreams: Type.Optional(Type.Boolean()),
  /** Cut sockets now. */
  closeStreams: Type.Optional(Type.Enum(['user', 'market', 'api', '*'])),
  /** How much the market offers: 1 is normal, 0.001 makes fills partial, 0 empties the book. */
  depth: Type.Optional(Type.Object({ symbol: Symbol, scale: Type.Number({ minimum: 0 }) }, only)),
  /** The next cancels or changes of an order of the symbol come too late: `ratio` of what is open has just been filled. */
  fillBeforeCancel: Type.Optional(
    Type.Object(
      { symbol: Symbol, count: Count, ratio: Type.Number({ exclusiveMinimum: 0, maximum: 1 }) },
      only,
    ),
  ),
  /** Moves the price to `ratio` of its path: a gap, or with times a crash and its recovery. */
  movePrice: Type.Optional(
    Type.Object(
      {
        symbol: Symbol,
        ratio: Type.Number({ exclusiveMinimum: 0 }),
        rampMs: Type.Optional(Milliseconds),
        holdMs: Type.Optional(Milliseconds),
        recoverMs: Type.Optional(Milliseconds),
        on: Type.Optional(Type.Enum(['all', 'last'])),
      },
      only,
    ),
  ),
  /** Ends a symbol: orders end, positions are settled at the mark price. */
  delist: Type.Optional(Type.Object({ symbol: Symbol }, only)),
  /** Ends a symbol and lists it under another name at the same price. */
  rename: Type.Optional(
    Type.Object({ symbol: Symbol, to: Type.String({ pattern: '^[A-Z0-9]{2,16}USDT$' }) }, only),
  ),
  banAddress: Type.Optional(Type.Object({ address: Type.String(), seconds: Seconds }, only)),
  /** Everything is refused with 503 and every socket is cut, for so long. */
  maintenance: Type.Optional(Type.Object({ seconds: Seconds }, only)),
  /** Changes what a key may do; positions and orders stay. */
  key: Type.Optional(
    Type.Object(
      {
        key: Type.String(),
        isRevoked: Type.Optional(Type.Boolean()),
        reading: Type.Optional(Type.Boolean()),
        futures: Type.Optional(Type.Boolean()),
        withdrawals: Type.Optional(Type.Boolean()),
        addresses: Type.Optional(Type.Array(Type.String())),
      },
      only,
    ),
  ),
  plan: Type.Optional(Plan),
};

const Once = Type.Object(fields, only);
const Request = Type.Object(
  {
    ...fields,
    /** Orders for later, counted from now. */
    script: Type.Optional(Type.Array(Type.Object({ afterMs: Milliseconds, order: Once }, only))),
  },
  only,
);
export type FaultRequest = Static<typeof Request>;

let validator: ReturnType<typeof Compile<typeof Request>> | undefined;

/** Returns `value` with its type, or a sentence that names the first mistake. */
export function checkFaultRequest(
  value: unknown,
): { readonly request: FaultRequest } | { readonly mistake: string } {
  validator ??= Compile(Request);
  if (validator.Check(value)) return { request: value };
  const errors = validator.Errors(value);
  const first = errors.find((error) => error.keyword !== 'boolean') ?? errors[0];
  const path = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
  return { mistake: sentence(path, first?.params ?? {}, first?.message ?? 'is not valid') };
}

function sentence(path: string, params: object, message: string): string {
  const where = path === '' ? 'the body' : path;
  if ('allowedValues' in params && Array.isArray(params.allowedValues)) {
    return `${where} must be one of ${params.allowedValues.join(', ')}`;
  }
  if ('additionalProperties' in params && Array.isArray(params.additionalProperties)) {
    const known = path === '' ? `; known are ${Object.keys(Request.properties).join(', ')}` : '';
    return `${where} has no field ${params.additionalProperties.join(', ')}${known}`;
  }
  if ('requiredProperties' in params && Array.isArray(params.requiredProperties)) {
    return `${where} needs ${params.requiredProperties.join(', ')}`;
  }
  return `${where} ${message}`;
}
