/** Several statements in one packet: one round trip, and the server runs them one after another until one fails. */

/** One statement and its values. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

interface Packet extends Statement {
  /** Statements in it. */
  readonly count: number;
  readonly isLast: boolean;
}

/** Far below the smallest limit of a server's packets (16 MB), whatever escaping makes of the text. */
const PACKET_CHARS_MAX = 1_000_000;

/** Returns the statements in as few packets as their size allows; without any statement there is none. */
export function inPackets(statements: readonly Statement[]): readonly Packet[] {
  const groups: Statement[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const statement of statements) {
    const size = sizeOf(statement);
    if (chars + size > PACKET_CHARS_MAX) {
      groups.push([]);
      chars = 0;
    }
    groups.at(-1)?.push(statement);
    chars += size;
  }
  return groups.map((group, at) => ({
    sql: group.map(({ sql }) => sql).join('; '),
    parameters: group.flatMap(({ parameters }) => parameters),
    count: group.length,
    isLast: at === groups.length - 1,
  }));
}

function sizeOf({ sql, parameters }: Statement): number {
  let chars = sql.length;
  for (const value of parameters) if (typeof value === 'string') chars += value.length;
  return chars;
}
