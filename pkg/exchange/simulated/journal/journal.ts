/**
 * The venue's memory on disk: a snapshot, and a log of changes since.
 *
 * A change is handed to the operating system before the answer that rests on it leaves, so a killed process
 * loses nothing that it answered; the disk itself is synced once a second, which bounds what a power cut may
 * take. A torn last line is cut off; any other damage is an error that names file and line.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FleetError, toError } from '#pkg/base';
import { completeRow } from '../venue/row-defaults.ts';
import { TABLE_NAMES, type Change, type TableName, type VenueState } from '../venue/state.ts';

const COMPACT_BYTES = 16 * 1024 * 1024;

/** The state folder cannot be used; the message says why and what to do. */
export class JournalError extends FleetError<'VENUE_JOURNAL'> {
  constructor(message: string, cause?: unknown) {
    super('VENUE_JOURNAL', message, { cause });
  }
}

export interface Journal extends Disposable {
  /** Market time of the last entry; 0 in a new folder. */
  readonly resumeMarketMs: number;
  append(changes: readonly Change[], marketMs: number): void;
  /** Brings what was appended onto the disk, and starts a new snapshot when the log has grown long. */
  sync(state: VenueState): void;
}

interface Entry {
  readonly t: number;
  readonly c: readonly Change[];
}

/** Returns a journal that forgets; for venues without a state folder. */
export function createForgetfulJournal(): Journal {
  return {
    resumeMarketMs: 0,
    append: () => undefined,
    sync: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

/** Opens the journal in `folder` and restores `state` from it. */
export function openJournal(folder: string, state: VenueState): Journal {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    throw new JournalError(`cannot make the state folder ${folder}: ${toError(thrown).message}`);
  }
  const lock = takeLock(folder);
  let generation = newestGeneration(folder);
  let resumeMarketMs = readSnapshot(folder, generation, state);
  const log = openLog(folder, generation);
  resumeMarketMs = Math.max(resumeMarketMs, replayLog(log, state));
  let { fd, bytes } = log;
  let isDirty = false;
  let lastMarketMs = resumeMarketMs;

  function compact(current: VenueState): void {
    generation += 1;
    writeSnapshot(folder, generation, current, lastMarketMs);
    closeSync(fd);
    ({ fd, bytes } = openLog(folder, generation));
    rmSync(join(folder, `log-${generation - 1}.jsonl`), { force: true });
    rmSync(join(folder, `snapshot-${generation - 1}.jsonl`), { force: true });
  }

  return {
    resumeMarketMs,
    append: (changes, marketMs) => {
      lastMarketMs = marketMs;
      const entry: Entry = { t: marketMs, c: changes };
      bytes += writeSync(fd, `${JSON.stringify(entry)}\n`);
      isDirty = true;
    },
    sync: (current) => {
      if (!isDirty) return;
      isDirty = false;
      fsyncSync(fd);
      if (bytes > COMPACT_BYTES) compact(current);
    },
    [Symbol.dispose]: () => {
      fsyncSync(fd);
      closeSync(fd);
      rmSync(lock, { force: true });
    },
  };
}

/** One process for each folder; a lock whose process is gone is taken over. */
function takeLock(folder: string): string {
  const path = join(folder, 'owner.pid');
  const owner = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const pid = Number(owner.split(' ')[0]);
  if (pid > 0 && pid !== process.pid && isAlive(pid) && owner === identityOf(pid)) {
    throw new JournalError(
      `the state folder ${folder} is in use by process ${pid}; stop that one or choose another folder`,
    );
  }
  try {
    writeFileSync(path, identityOf(process.pid));
  } catch (thrown) {
    throw new JournalError(`cannot write in ${folder}: ${toError(thrown).message}`);
  }
  return path;
}

/** Process id, and where the system tells it the instant of its start, since ids are used again. */
function identityOf(pid: number): string {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return String(pid);
  const stat = readFileSync(path, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${pid} ${fields[19] ?? ''}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function newestGeneration(folder: string): number {
  const generations = readdirSync(folder).flatMap((name) => {
    const number = /^snapshot-(\d+)\.jsonl$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return Math.max(0, ...generations);
}

function readSnapshot(folder: string, generation: number, state: VenueState): number {
  const path = join(folder, `snapshot-${generation}.jsonl`);
  if (!existsSync(path)) return 0;
  let marketMs = 0;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line === '') continue;
    marketMs = applyLine(line, { path, number: index + 1 }, state);
  }
  return marketMs;
}

function writeSnapshot(
  folder: string,
  generation: number,
  state: VenueState,
  marketMs: number,
): void {
  const path = join(folder, `snapshot-${generation}.jsonl`);
  const draft = `${path}.draft`;
  const fd = openSync(draft, 'w');
  for (const table of TABLE_NAMES) {
    for (const [key, row] of state.entries(table)) {
      writeSync(fd, `${JSON.stringify({ t: marketMs, c: [[table, key, row]] })}\n`);
    }
  }
  fsyncSync(fd);
  closeSync(fd);
  renameSync(draft, path);
}

interface OpenLog {
  readonly path: string;
  readonly fd: number;
  readonly bytes: number;
}

function openLog(folder: string, generation: number): OpenLog {
  const path = join(folder, `log-${generation}.jsonl`);
  const fd = openSync(path, 'a+');
  return { path, fd, bytes: readFileSync(path).length };
}

/** Applies every whole line and cuts a torn last one. Returns the market time of the last entry. */
function replayLog(log: OpenLog, state: VenueState): number {
  const content = readFileSync(log.path);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end < content.length) ftruncateSync(log.fd, end);
  let marketMs = 0;
  const lines = content.subarray(0, end).toString('utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    marketMs = applyLine(line, { path: log.path, number: index + 1 }, state);
  }
  return marketMs;
}

function applyLine(
  line: string,
  at: { readonly path: string; readonly number: number },
  state: VenueState,
): number {
  let entry: Entry;
  try {
    entry = JSON.parse(line) as Entry;
  } catch (thrown) {
    throw new JournalError(`${at.path}:${at.number} is not a journal entry`, thrown);
  }
  for (const [table, key, row] of entry.c) {
    state.restore(table satisfies TableName, key, completeRow(table, row));
  }
  return entry.t;
}
