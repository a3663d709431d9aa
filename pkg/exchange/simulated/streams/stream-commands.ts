/**
 * Messages of a client on a stream socket: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY.
 *
 * Source of the forms and errors: the venue's page "Live Subscribing/Unsubscribing to streams".
 */
export type StreamCommand =
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly names: readonly string[] }
  | { readonly kind: 'list' }
  | { readonly kind: 'set-combined'; readonly isCombined: boolean }
  | { readonly kind: 'get-combined' };

type Id = number | string | null;

export type Decoded =
  | { readonly command: StreamCommand; readonly id: Id }
  /** What is answered to a message that cannot be carried out. */
  | { readonly refusal: object };

const METHODS = 'SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY';

/** Returns what a message asks for; any text at all is answered. */
export function decodeCommand(text: string): Decoded {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return refused(3, 'Invalid JSON: expected value');
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return refused(2, 'Invalid request: expected an object');
  }
  const { method, params, id = null } = message as Readonly<Record<string, unknown>>;
  if (!isId(id)) return refused(2, 'Invalid request: request ID must be an unsigned integer');
  if (method === undefined) return refused(2, 'Invalid request: missing field `method`', id);
  const command = typeof method === 'string' ? commandOf(method, params) : undefined;
  if (command === undefined) {
    const name = typeof method === 'string' ? method : JSON.stringify(method);
    return refused(
      2,
      `Invalid request: unknown variant \`${name}\`, expected one of ${METHODS}`,
      id,
    );
  }
  if (typeof command !== 'string') return { command, id };
  return command.includes('Boolean') ? refused(1, command, id) : refused(2, command, id);
}

/** A sentence where the parameters are no good; undefined where there is no such method. */
function commandOf(method: string, params: unknown): StreamCommand | string | undefined {
  switch (method) {
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE': {
      const isList = Array.isArray(params) && params.every((name) => typeof name === 'string');
      if (!isList) return 'Invalid request: params must be a list of stream names';
      return { kind: method === 'SUBSCRIBE' ? 'subscribe' : 'unsubscribe', names: params };
    }
    case 'LIST_SUBSCRIPTIONS':
      return { kind: 'list' };
    case 'SET_PROPERTY':
      return propertyOf(params, true);
    case 'GET_PROPERTY':
      return propertyOf(params, false);
    default:
      return undefined;
  }
}

function propertyOf(params: unknown, isSet: boolean): StreamCommand | string {
  const [name, value, ...more] = Array.isArray(params) ? (params as readonly unknown[]) : [];
  if (typeof name !== 'string') return 'Invalid request: property name must be a string';
  if (name !== 'combined') return 'Invalid request: unknown property';
  if (more.length > 0) return 'Invalid request: too many parameters';
  if (!isSet) return { kind: 'get-combined' };
  if (typeof value !== 'boolean') return 'Invalid value type: expected Boolean';
  return { kind: 'set-combined', isCombined: value };
}

function isId(id: unknown): id is Id {
  if (id === null || typeof id === 'string') return true;
  return typeof id === 'number' && Number.isInteger(id) && id >= 0;
}

function refused(code: number, msg: string, id?: Id): Decoded {
  return { refusal: { error: { code, msg }, ...(id === undefined ? {} : { id }) } };
}
