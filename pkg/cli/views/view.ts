import type { FleetReader, FleetStatus } from '#pkg/local';
import type { Column } from '../format/table.ts';

/** Where a reading verb takes its rows from. */
export interface ReadingSources {
  readonly reader: FleetReader;
  /** What the supervisor says of its processes. */
  readonly status: FleetStatus;
  readonly nowMs: number;
  readonly limit: number;
  readonly filter?: EngineFilter;
}

/** Which steps or workflows a person wants to see. */
export interface EngineFilter {
  readonly is?: string;
  readonly name?: string;
  readonly account?: string;
  readonly olderThanMs?: number;
}

/** One reading verb: which rows, which columns. The rows' field names are what JSON and YAML print. */
export interface ReadingView<Row, Sources = ReadingSources> {
  readonly columns: readonly Column<Row>[];
  readonly whenEmpty: string;
  /** Same row, same key: a watch prints a row again when it changed. */
  key(row: Row): string;
  read(sources: Sources): Promise<readonly Row[]>;
}
