import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { required } from '#pkg/base';

import { ExchangeProtocolError } from '../errors.ts';
import { decodeUserFrame } from './frames.ts';
import { decodeMarkTicks } from './mark-ticks.ts';

const file = new URL('../../../tests/payloads/stream-frames.json', import.meta.url);
const source = readFileSync(file, 'utf8');

/** The frame as text: numbers stay as they are written, for ids exceed what a number holds. */
function frameText(name: string): string {
  const start = required(source.split(`"${name}": {`)[1], `no payload is named ${name}`);
  const frame = required(
    /"frame": ([[{][\s\S]*?)\n {2}\}/u.exec(start)?.[1],
    'payloads have frames',
  );
  return frame.trim();
}

describe('frames of a user stream', () => {
  test('a filled entry, with an id that no number holds', () => {
    const event = decodeUserFrame(frameText('entry-filled'));
    expect(event).toMatchObject({
      kind: 'order',
      symbol: 'BTCUSDT',
      clientOrderId: 'kr-entry-1',
      direction: 'long',
      isConditional: false,
      isForced: false,
      isAmendment: false,
      report: { status: 'filled', venueOrderId: '8389765519993908929', updatedAtMs: 1795460000120 },
      atMs: 1795460000123,
    });
    expect(event.kind === 'order' && event.report.averagePrice?.toFixed()).toBe('64210.5');
    expect(event.kind === 'order' && event.report.price).toBeUndefined();
    expect(event.kind === 'order' && 'quantity' in event.report).toBe(false);
  });

  test('a rung that filled in part keeps its stated price', () => {
    const event = decodeUserFrame(frameText('rung-partly-filled'));
    expect(event).toMatchObject({ direction: 'short', report: { status: 'partially-filled' } });
    expect(event.kind === 'order' && event.report.price?.toFixed()).toBe('2500.1');
    expect(event.kind === 'order' && event.report.filledQuantity.toFixed()).toBe('0.5');
  });

  test('an amendment says so and carries no average price', () => {
    const event = decodeUserFrame(frameText('amended'));
    expect(event).toMatchObject({ isAmendment: true, report: { status: 'new' } });
    expect(event.kind === 'order' && event.report.averagePrice).toBeUndefined();
  });

  test('a liquidation is forced', () => {
    expect(decodeUserFrame(frameText('liquidated'))).toMatchObject({ isForced: true });
  });

  test('a stop that ran is filled, with what it became', () => {
    const event = decodeUserFrame(frameText('stop-triggered-and-filled'));
    expect(event).toMatchObject({
      clientOrderId: 'kr-stop-1',
      isConditional: true,
      report: { status: 'filled', venueOrderId: '2148719' },
    });
    expect(event.kind === 'order' && event.report.averagePrice?.toFixed()).toBe('41000.5');
    expect(event.kind === 'order' && event.report.price?.toFixed()).toBe('41010');
  });

  test('a stop that stands is new', () => {
    expect(decodeUserFrame(frameText('stop-placed'))).toMatchObject({
      isConditional: true,
      direction: 'short',
      report: { status: 'new' },
    });
  });

  test('an account frame tells both sides and leaves the empty one-way row out (incident 17)', () => {
    const event = decodeUserFrame(frameText('position-flat'));
    expect(
      event.kind === 'account' &&
        event.positions.map((each) => [each.symbol, each.direction, each.quantity.toFixed()]),
    ).toEqual([
      ['BTCUSDT', 'long', '0'],
      ['BTCUSDT', 'short', '0.004'],
    ]);
  });

  test('funding has no positions, an expired key is its own event, the rest is ignored by name', () => {
    expect(decodeUserFrame(frameText('funding'))).toMatchObject({ kind: 'account', positions: [] });
    expect(decodeUserFrame(frameText('key-expired'))).toMatchObject({ kind: 'stream-key-expired' });
    expect(decodeUserFrame(frameText('margin-call'))).toMatchObject({
      kind: 'ignored',
      name: 'MARGIN_CALL',
    });
  });

  test('a frame of a COIN-M symbol is none of ours', () => {
    const text = frameText('entry-filled').replace('{', '{"st": 2,');
    expect(decodeUserFrame(text)).toMatchObject({ kind: 'ignored', name: 'ORDER_TRADE_UPDATE' });
    expect(decodeUserFrame(text.replace('"st": 2', '"st": 1')).kind).toBe('order');
  });

  test('the combined wrapper changes nothing', () => {
    const text = frameText('entry-filled');
    expect(decodeUserFrame(`{"stream":"key","data":${text}}`)).toEqual(decodeUserFrame(text));
  });

  test('a frame without a field names it', () => {
    const text = frameText('entry-filled').replace(/"X": "FILLED",\s*/u, '');
    expect(() => decodeUserFrame(text)).toThrow(/properties X/u);
    expect(() => decodeUserFrame('<html>')).toThrow(ExchangeProtocolError);
  });

  test('whatever the venue sends, a frame is an event or a protocol error', () => {
    const text = frameText('entry-filled');
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(40),
        fc.string({ maxLength: 8 }),
        (at, cut, extra) => {
          const mutated = text.slice(0, at) + extra + text.slice(at + cut);
          try {
            decodeUserFrame(mutated);
          } catch (error) {
            expect(error).toBeInstanceOf(ExchangeProtocolError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('frames of the mark price stream', () => {
  test('USD-M marks that are positive pass, COIN-M and empty ones do not', () => {
    const marks = decodeMarkTicks(frameText('marks'));
    expect(marks.map(({ symbol, mark, atMs }) => [symbol, Number(mark), atMs])).toEqual([
      ['BTCUSDT', 64210.51, 1795460001123],
      ['ETHUSDT', 2500.12, 1795460001123],
    ]);
  });

  test('array, wrapper and single object read the same', () => {
    const text = frameText('marks');
    expect(decodeMarkTicks(`{"stream":"!markPrice@arr@1s","data":${text}}`)).toEqual(
      decodeMarkTicks(text),
    );
    const one = '{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"5","st":1}';
    expect(decodeMarkTicks(one)).toHaveLength(1);
  });

  test('a row without a price is an error that names the field', () => {
    expect(() => decodeMarkTicks('[{"e":"markPriceUpdate","E":1,"s":"BTCUSDT"}]')).toThrow(/p/u);
  });

  test('whatever comes, there are marks or a protocol error', () => {
    const text = frameText('marks');
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(40),
        fc.string({ maxLength: 8 }),
        (at, cut, extra) => {
          try {
            decodeMarkTicks(text.slice(0, at) + extra + text.slice(at + cut));
          } catch (error) {
            expect(error).toBeInstanceOf(ExchangeProtocolError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
