/** The schema's history, oldest first; a new migration is one line at the end. */
import { TRADE } from './0001-trade.ts';
import { STEPS } from './0002-steps.ts';
import { STREAMS } from './0003-streams.ts';
import { ARCHIVE } from './0004-archive.ts';
import { ARCHIVED_STORIES } from './0005-archived-stories.ts';
import { LEAN_STEPS } from './0006-lean-steps.ts';
import { DELIVERIES } from './0007-deliveries.ts';
import { ACCOUNT_CHANGES } from './0008-account-changes.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  TRADE,
  STEPS,
  STREAMS,
  ARCHIVE,
  ARCHIVED_STORIES,
  LEAN_STEPS,
  DELIVERIES,
  ACCOUNT_CHANGES,
];
