/** Units by Grafana's ids; see `@grafana/data`'s value formats. */
export type Unit =
  | 'short'
  | 's'
  | 'bytes'
  | 'Bps'
  | 'percentunit'
  | 'ops'
  | 'reqps'
  | 'dateTimeFromNow'
  | 'bool_yes_no';

export interface Query {
  /** PromQL; `$fleet` stands for the chosen fleets, `$__rate_interval` for a window that fits the scrapes. */
  readonly expr: string;
  /** How a series is called; `{{label}}` stands for the value of a label. */
  readonly legend: string;
}

/** Where a panel turns yellow and red: from the value up, or down where low is bad. */
export interface Thresholds {
  readonly warning?: number;
  readonly critical?: number;
  readonly isLowBad?: true;
}

/**
 * One panel.
 *
 * `source` says who exposes what it asks for, and so which test must see it return data: the processes of a fleet, the
 * operator with its clusters, or the agents of the nodes.
 */
export interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'series' | 'stacked';
  /** What it shows, and what is usual. */
  readonly description: string;
  readonly unit: Unit;
  readonly thresholds: Thresholds;
  readonly queries: readonly Query[];
  readonly source: 'fleet' | 'operator' | 'agent';
  /** File of `docs/operating/runbooks`, without its ending. */
  readonly runbook?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Never changes: links and alerts name it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Path of the operators' site that shows the same in detail. */
  readonly page: string;
  readonly rows: readonly Row[];
}
