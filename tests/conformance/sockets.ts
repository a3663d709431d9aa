/**
 * The contract of `OpenSocket`, as tests: the network's adapter against the simulated venue, the memory one in virtual
 * time. A stage brings a venue and what it is told to do.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { required, type Clock } from '#pkg/base';
import type { OpenSocket } from '#pkg/streams';

export interface SocketStage extends AsyncDisposable {
  readonly open: OpenSocket;
  readonly clock: Clock;
  readonly url: string;
  /** A URL at which nothing opens. */
  readonly refusingUrl: string;
  /** Has the venue send one more frame. */
  say(): Promise<void>;
  /** Has the venue end every socket. */
  hangUp(): Promise<void>;
  /** Repeats `check` until it does not throw, while time passes. */
  until(check: () => void): Promise<void>;
}

const OPEN_TIMEOUT_MS = 2_000;

export function socketConformance(name: string, openStage: () => Promise<SocketStage>): void {
  describe(`socket conformance: ${name}`, () => {
    let opened: SocketStage | undefined;
    beforeAll(async () => {
      opened = await openStage();
    });
    afterAll(async () => opened?.[Symbol.asyncDispose]());

    async function connect(options: { readonly url?: string; readonly signal?: AbortSignal } = {}) {
      const stage = required(opened, 'The stage is open before all tests.');
      const frames: string[] = [];
      const socket = await stage.open({
        url: options.url ?? stage.url,
        bindAddress: undefined,
        openTimeoutMs: OPEN_TIMEOUT_MS,
        signal: options.signal ?? new AbortController().signal,
        clock: stage.clock,
        onFrame: (text) => frames.push(text),
      });
      return { stage, socket, frames };
    }

    test('frames come from the moment it opens, and each is a sign of life', async () => {
      const { stage, socket, frames } = await connect();
      expect(socket.lastFrameAtMs()).toBe(socket.openedAtMs);
      await stage.say();
      await stage.until(() => expect(frames.length).toBeGreaterThan(0));
      expect(socket.lastFrameAtMs()).toBeGreaterThanOrEqual(socket.openedAtMs);
      expect(socket.lastSignAtMs()).toBeGreaterThanOrEqual(socket.lastFrameAtMs());
      socket.cut();
    });

    test('a pong is a sign of life and no frame', async () => {
      const { stage, socket, frames } = await connect();
      const before = socket.lastSignAtMs();
      await stage.until(() => {
        socket.ping();
        expect(socket.lastSignAtMs()).toBeGreaterThan(before);
      });
      expect(frames).toEqual([]);
      expect(socket.lastFrameAtMs()).toBe(socket.openedAtMs);
      socket.cut();
    });

    test('the end of the peer is told as closed', async () => {
      const { stage, socket } = await connect();
      await stage.hangUp();
      expect(await socket.ended).toBe('closed');
    });

    test('a socket that was cut ends at once and hands on nothing more', async () => {
      const { stage, socket, frames } = await connect();
      const other = await connect();
      socket.cut();
      expect(await socket.ended).toBe('cut');
      socket.ping();
      await stage.say();
      await stage.until(() => expect(other.frames.length).toBeGreaterThan(0));
      expect(frames).toEqual([]);
      other.socket.cut();
    });

    test('aborting cuts an open socket, and keeps one from being opened', async () => {
      const abort = new AbortController();
      const { socket } = await connect({ signal: abort.signal });
      abort.abort();
      expect(await socket.ended).toBe('cut');
      await expect(connect({ signal: abort.signal })).rejects.toThrow('not wanted');
    });

    test('what refuses is an error, not a socket', async () => {
      const stage = required(opened, 'The stage is open before all tests.');
      await expect(connect({ url: stage.refusingUrl })).rejects.toThrow(/404|refuses/u);
    });
  });
}
