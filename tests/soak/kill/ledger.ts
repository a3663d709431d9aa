import { appendFile, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The world outside: files that outlive every process. One line for each begun run, one file for each effect. */
export interface Ledger {
  begin(stepId: string): Promise<void>;
  /** The effect of the key: the first one counts, as at a venue that knows the id. */
  act(key: string): Promise<void>;
  /** The driver saw that the workflow had ended. */
  ended(stepIds: readonly string[]): Promise<void>;
  read(): Promise<LedgerFacts>;
}

export interface LedgerFacts {
  /** Keys whose effect happened. */
  readonly effects: ReadonlySet<string>;
  /** Runs that were begun, by step. */
  readonly begun: ReadonlyMap<string, number>;
  /** Steps that were begun after their workflow had been seen at its end. */
  readonly late: readonly string[];
}

const LINES = 'lines';

export function createLedger(folder: string): Ledger {
  const lines = join(folder, LINES);
  const append = (line: string): Promise<void> => appendFile(lines, `${line}\n`);
  return {
    begin: (stepId) => append(`begin ${stepId}`),
    act: async (key) => {
      try {
        const file = await open(join(folder, key), 'wx');
        await file.close();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    },
    ended: (stepIds) => append(stepIds.map((stepId) => `ended ${stepId}`).join('\n')),
    read: async () => {
      const effects = new Set((await readdir(folder)).filter((name) => name !== LINES));
      const begun = new Map<string, number>();
      const ended = new Set<string>();
      const late: string[] = [];
      for (const line of (await readFile(lines, 'utf8')).split('\n')) {
        const [what, stepId = ''] = line.split(' ');
        if (what === 'ended') ended.add(stepId);
        if (what !== 'begin') continue;
        begun.set(stepId, (begun.get(stepId) ?? 0) + 1);
        if (ended.has(stepId)) late.push(stepId);
      }
      return { effects, begun, late };
    },
  };
}
