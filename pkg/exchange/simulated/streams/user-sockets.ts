/** Who hears the events of an account: the sockets that hold its listen key, each with the events that it wants. */
import type { WebSocket } from 'ws';
import type { FrameFaults } from '../faults/frame-faults.ts';
import type { VenueState } from '../venue/state.ts';
import type { UserFrame } from '../venue/world.ts';
import type { OpenSocket, SocketCare } from './sockets.ts';
import { decodeCommand } from './stream-commands.ts';
import type { StreamTarget, WantedKey } from './stream-target.ts';

/** A socket of the private area. */
interface UserSocket {
  readonly open: OpenSocket;
  readonly keys: Map<string, ReadonlySet<string> | undefined>;
  isCombined: boolean;
}

export interface UserSockets {
  add(
    care: SocketCare,
    socket: WebSocket,
    asked: { readonly address: string; readonly target: StreamTarget },
  ): void;
  send(frame: UserFrame): void;
}

/** Which sockets hold which keys, and which keys are of which account. */
interface KeyIndex {
  listen(socket: UserSocket, wanted: WantedKey): void;
  forget(socket: UserSocket, listenKey: string): void;
  keysOf(account: string): Iterable<string>;
  socketsOf(listenKey: string): Iterable<UserSocket>;
}

function createKeyIndex(state: VenueState): KeyIndex {
  const socketsByKey = new Map<string, Set<UserSocket>>();
  const keysByAccount = new Map<string, Set<string>>();
  return {
    // A key that nobody minted opens a socket all the same, which then stays silent, as at the venue.
    listen: (socket, { listenKey, events }) => {
      socket.keys.set(listenKey, events);
      const row = state.get('listenKeys', listenKey);
      if (row === undefined) return;
      added(socketsByKey, listenKey).add(socket);
      added(keysByAccount, row.account).add(listenKey);
    },
    forget: (socket, listenKey) => {
      socket.keys.delete(listenKey);
      const sockets = socketsByKey.get(listenKey);
      sockets?.delete(socket);
      if (sockets?.size !== 0) return;
      socketsByKey.delete(listenKey);
      for (const keys of keysByAccount.values()) keys.delete(listenKey);
    },
    keysOf: (account) => keysByAccount.get(account) ?? [],
    socketsOf: (listenKey) => socketsByKey.get(listenKey) ?? [],
  };
}

export function createUserSockets(state: VenueState, faults: FrameFaults): UserSockets {
  const index = createKeyIndex(state);
  return {
    add: (care, socket, { address, target }) => {
      const entry: UserSocket = {
        isCombined: target.isCombined,
        keys: new Map(),
        open: care.open(socket, {
          kind: 'user',
          address,
          onMessage: (text) => entry.open.write(JSON.stringify(answer(index, entry, text))),
          onClose: () => {
            for (const listenKey of [...entry.keys.keys()]) index.forget(entry, listenKey);
          },
        }),
      };
      for (const wanted of target.keys) index.listen(entry, wanted);
    },
    send: (frame) => {
      const { payload, account } = frame;
      const event = String(payload['e']);
      const expired = event === 'listenKeyExpired' ? payload['listenKey'] : undefined;
      let text: string | undefined;
      for (const listenKey of index.keysOf(account)) {
        const isMeant =
          expired === undefined
            ? state.get('listenKeys', listenKey) !== undefined
            : listenKey === expired;
        if (!isMeant) continue;
        text ??= JSON.stringify(payload);
        for (const { open, keys, isCombined } of index.socketsOf(listenKey)) {
          if (keys.get(listenKey)?.has(event) === false) continue;
          const wrapped = `{"stream":${JSON.stringify(listenKey)},"data":${text}}`;
          faults.deliver(open, isCombined ? wrapped : text);
        }
      }
    },
  };
}

/** Returns what is answered to a message; listen keys are subscribed like streams. */
function answer(index: KeyIndex, entry: UserSocket, text: string): object {
  const decoded = decodeCommand(text);
  if ('refusal' in decoded) return decoded.refusal;
  const { command, id } = decoded;
  switch (command.kind) {
    case 'list':
      return { result: [...entry.keys.keys()], id };
    case 'get-combined':
      return { result: entry.isCombined, id };
    case 'set-combined':
      entry.isCombined = command.isCombined;
      break;
    case 'subscribe':
      for (const listenKey of command.names) index.listen(entry, { listenKey, events: undefined });
      break;
    case 'unsubscribe':
      for (const listenKey of command.names) index.forget(entry, listenKey);
  }
  return { result: null, id };
}

function added<Value>(map: Map<string, Set<Value>>, key: string): Set<Value> {
  const known = map.get(key) ?? new Set<Value>();
  map.set(key, known);
  return known;
}
