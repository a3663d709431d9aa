import { formatInstant } from '#pkg/base';
import { localEvent, type LocalEvent } from '#pkg/local';
import type { ReadingView } from './view.ts';

/** An event as one flat JSON line: no field is null, absent ones are left out. */
export interface EventRow {
  readonly kind: string;
  readonly at: string;
  readonly message: string;
  readonly sequence?: number;
  readonly box?: string;
  readonly process?: string;
  readonly symbol?: string;
  readonly position?: string;
  readonly account?: string;
  readonly reason?: string;
  readonly [detail: string]: unknown;
}

export function eventRow(event: LocalEvent): EventRow {
  const { kind, atMs, message, details, ...rest } = event;
  const present = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  );
  return { kind, at: formatInstant(atMs), ...present, ...details, message };
}

export const EVENTS_VIEW: ReadingView<EventRow> = {
  columns: [
    { header: 'TIME', value: ({ at }) => at.slice(11, 19) },
    { header: 'EVENT', value: ({ kind }) => kind },
    { header: 'BOX', value: ({ box }) => box ?? '' },
    { header: 'SYMBOL', value: ({ symbol }) => symbol ?? '' },
    { header: 'REASON', value: ({ reason }) => reason ?? '' },
    { header: 'MESSAGE', value: ({ message }) => message },
    { header: 'POSITION', value: ({ position }) => position ?? '', isWide: true },
  ],
  whenEmpty: 'nothing happened yet',
  key: ({ sequence, at, kind }) => `${sequence ?? `${at} ${kind}`}`,
  read: async ({ reader, limit }) => {
    const events = await reader.store.events.listNewest(limit);
    return events.map((event) => eventRow(localEvent(event)));
  },
};
