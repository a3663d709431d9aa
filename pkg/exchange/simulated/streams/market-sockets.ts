/** Sockets of `/public` and `/market`: what each asked for, and what every beat sends them. */
import { required } from '#pkg/base';
import type { WebSocket } from 'ws';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { bracketsOf } from '../venue/brackets.ts';
import { listingOf, type UserFrame } from '../venue/world.ts';
import { findMarketStream, type MarketStream } from './market-streams.ts';
import { SYMBOL_TYPE_USDM } from './price-frames.ts';
import type { OpenSocket, SocketCare } from './sockets.ts';
import { decodeCommand, type StreamCommand } from './stream-commands.ts';
import type { StreamTarget } from './stream-target.ts';
import { createLiquidations, type Liquidations } from './trade-frames.ts';

/** Streams of one connection. Source: the venue's page "Websocket Market Streams". */
export const STREAMS_MAX = 1024;

interface MarketSocket {
  readonly open: OpenSocket;
  readonly area: StreamTarget['area'];
  readonly names: Set<string>;
  isCombined: boolean;
}

/** A stream that somebody listens to. */
interface Running {
  readonly stream: MarketStream;
  readonly listeners: Set<MarketSocket>;
}

export interface MarketSockets {
  add(
    care: SocketCare,
    socket: WebSocket,
    asked: { readonly address: string; readonly target: StreamTarget },
  ): void;
  /** Sends what the streams have to say in the `count`-th beat. */
  beat(count: number): void;
  note(frame: UserFrame): void;
  tellContract(symbol: string): void;
}

interface RunningStreams {
  subscribe(socket: MarketSocket, name: string): void;
  unsubscribe(socket: MarketSocket, name: string): void;
  /** Sends frames to whoever listens to a stream. */
  tell(name: string, frames: readonly unknown[]): void;
  all(): Iterable<readonly [name: string, stream: MarketStream]>;
}

function createRunningStreams(runtime: VenueRuntime, liquidations: Liquidations): RunningStreams {
  const running = new Map<string, Running>();

  function subscribe(socket: MarketSocket, name: string): void {
    socket.names.add(name);
    const known = running.get(name);
    const stream = known?.stream ?? findMarketStream(runtime, name, liquidations);
    // Accepted and silent, as at the venue: an unknown name, and a stream of another area.
    if (stream === undefined || stream.area !== socket.area) return;
    const entry = known ?? { stream, listeners: new Set() };
    entry.listeners.add(socket);
    running.set(name, entry);
  }

  function unsubscribe(socket: MarketSocket, name: string): void {
    socket.names.delete(name);
    const entry = running.get(name);
    entry?.listeners.delete(socket);
    if (entry?.listeners.size === 0) running.delete(name);
  }

  function tell(name: string, frames: readonly unknown[]): void {
    const listeners = running.get(name)?.listeners ?? [];
    for (const frame of frames) {
      const text = JSON.stringify(frame);
      const wrapped = `{"stream":${JSON.stringify(name)},"data":${text}}`;
      for (const { open, isCombined } of listeners) {
        runtime.frameFaults.deliver(open, isCombined ? wrapped : text);
      }
    }
  }

  return {
    subscribe,
    unsubscribe,
    tell,
    all: () => [...running].map(([name, { stream }]) => [name, stream] as const),
  };
}

export function createMarketSockets(runtime: VenueRuntime): MarketSockets {
  const liquidations = createLiquidations();
  const streams = createRunningStreams(runtime, liquidations);
  return {
    add: (care, socket, { address, target }) => {
      const entry: MarketSocket = {
        area: target.area,
        names: new Set(),
        isCombined: target.isCombined,
        open: care.open(socket, {
          kind: 'market',
          address,
          onMessage: (text) => {
            const decoded = decodeCommand(text);
            const answer =
              'refusal' in decoded ? decoded.refusal : carryOut(streams, entry, decoded);
            entry.open.write(JSON.stringify(answer));
          },
          onClose: () => {
            for (const name of [...entry.names]) streams.unsubscribe(entry, name);
          },
        }),
      };
      if (new Set(target.names).size > STREAMS_MAX) {
        entry.open.close(1008, 'Too many streams');
        return;
      }
      for (const name of target.names) streams.subscribe(entry, name);
    },
    beat: (count) => {
      const nowMs = runtime.clock.nowMs();
      for (const [name, stream] of streams.all()) {
        if (count % stream.everyBeats === 0) streams.tell(name, stream.source(nowMs));
      }
    },
    note: (frame) => liquidations.note(frame),
    tellContract: (symbol) => streams.tell('!contractInfo', [contractInfo(runtime, symbol)]),
  };
}

/** Returns what is answered to a command. */
function carryOut(
  streams: RunningStreams,
  socket: MarketSocket,
  { command, id }: { readonly command: StreamCommand; readonly id: unknown },
): object {
  switch (command.kind) {
    case 'list':
      return { result: [...socket.names], id };
    case 'get-combined':
      return { result: socket.isCombined, id };
    case 'set-combined':
      socket.isCombined = command.isCombined;
      return { result: null, id };
    case 'unsubscribe':
      for (const name of command.names) streams.unsubscribe(socket, name);
      return { result: null, id };
    case 'subscribe': {
      const all = new Set([...socket.names, ...command.names]);
      if (all.size > STREAMS_MAX) {
        return { error: { code: 2, msg: 'Invalid request: too many parameters' }, id };
      }
      for (const name of command.names) streams.subscribe(socket, name);
      return { result: null, id };
    }
  }
}

/** Source: the venue's page "Contract Info Stream". */
function contractInfo({ venue, clock }: VenueRuntime, symbol: string): object {
  const nowMs = clock.nowMs();
  const world = venue.worldAt(nowMs);
  const listed = required(world.symbols.get(symbol), 'Only listed symbols are told.');
  const { status } = listingOf(world, symbol);
  const bks = bracketsOf(listed).map((bracket, index, all) => ({
    bs: bracket.bracket,
    bnf: bracket.notionalFloor,
    bnc: bracket.notionalCap,
    mmr: bracket.maintMarginRatio,
    cf: bracket.cum,
    mi: (all[index + 1]?.initialLeverage ?? 0) + 1,
    ma: bracket.initialLeverage,
  }));
  return {
    e: 'contractInfo',
    E: nowMs,
    s: symbol,
    ps: symbol,
    ct: 'PERPETUAL',
    dt: 4_133_404_800_000,
    ot: 1_569_398_400_000,
    cs: status === 'CLOSE' ? 'CLOSE' : 'TRADING',
    bks,
    st: SYMBOL_TYPE_USDM,
  };
}
