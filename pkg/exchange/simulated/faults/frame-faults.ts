/** What befalls frames on their way out: duplicated, delayed, reordered, dropped; and sockets that fall silent. */
import type { Clock } from '#pkg/base';
import { drawFrameFault } from './fault-plan.ts';
import type { FaultPlan, FaultRequest, FrameFault } from './fault-request.ts';

/** What a socket is for: events of accounts, market data, or requests. */
export type SocketKind = 'user' | 'market' | 'api';

/** Where a frame goes: one open socket. */
export interface FrameSink {
  readonly kind: SocketKind;
  write(text: string): void;
}

export interface FrameFaults {
  order(request: FaultRequest): void;
  clear(): void;
  /** Brings a frame to its socket, with what was ordered for it. */
  deliver(sink: FrameSink, text: string): void;
  isSilent(sink: FrameSink): boolean;
  /** Silences sockets until then. */
  silence(sinks: Iterable<FrameSink>, untilMs: number): void;
  describe(): { readonly waiting: readonly unknown[] };
}

const DELAY_MS = 500;

interface Order {
  readonly kind: FrameFault;
  readonly streams: 'user' | 'market' | '*';
  count: number;
  readonly ms: number;
}

export function createFrameFaults(clock: Clock): FrameFaults {
  let orders: Order[] = [];
  let plan: FaultPlan | undefined;
  let counts = { user: 0, market: 0 };
  let silences = new WeakMap<FrameSink, number>();
  /** A frame that lets the next one of its socket pass first. */
  const held = new WeakMap<FrameSink, string>();

  function faultOf(
    kind: 'user' | 'market',
  ): { readonly kind: FrameFault; readonly ms: number } | undefined {
    counts[kind] += 1;
    const planned = plan === undefined ? undefined : drawFrameFault(plan, kind, counts[kind]);
    const order = orders.find((each) => each.streams === '*' || each.streams === kind);
    if (order === undefined) return planned;
    order.count -= 1;
    if (order.count === 0) orders = orders.filter((each) => each !== order);
    return order;
  }

  const isSilent = (sink: FrameSink): boolean => (silences.get(sink) ?? 0) > clock.nowMs();

  function write(sink: FrameSink, text: string): void {
    if (isSilent(sink)) return;
    sink.write(text);
    const earlier = held.get(sink);
    if (earlier === undefined) return;
    held.delete(sink);
    sink.write(earlier);
  }

  return {
    order: ({ frames, plan: wanted }) => {
      if (frames !== undefined) orders.push({ ms: DELAY_MS, ...frames });
      if (wanted === undefined) return;
      plan = wanted;
      counts = { user: 0, market: 0 };
    },
    clear: () => {
      orders = [];
      plan = undefined;
      silences = new WeakMap();
    },
    deliver: (sink, text) => {
      const isSpared = sink.kind === 'api' || (orders.length === 0 && plan === undefined);
      const fault = isSpared ? undefined : faultOf(sink.kind);
      switch (fault?.kind) {
        case undefined:
          write(sink, text);
          return;
        case 'drop':
          return;
        case 'duplicate':
          write(sink, text);
          write(sink, text);
          return;
        case 'delay':
          clock.schedule(fault.ms, () => write(sink, text));
          return;
        case 'reorder': {
          const before = held.get(sink);
          held.set(sink, text);
          if (before !== undefined && !isSilent(sink)) sink.write(before);
        }
      }
    },
    isSilent,
    silence: (sinks, untilMs) => {
      for (const sink of sinks) silences.set(sink, untilMs);
    },
    describe: () => ({ waiting: orders }),
  };
}
