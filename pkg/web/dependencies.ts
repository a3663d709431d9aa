import type { Clock, Random } from '#pkg/base';
import type { WindowBudget } from '#pkg/budgets';
import type { FleetPlan, FleetSpec } from '#pkg/fleet-spec';
import type { PriceBoard } from '#pkg/market-data';
import type { Logger } from '#pkg/observability';
import type { Signals } from '#pkg/queues';
import type { Store } from '#pkg/store';

/** The object that the fleet runs by now, and what it plans. */
export interface FleetView {
  readonly spec: FleetSpec;
  readonly plan: FleetPlan;
}

export type WebStore = Pick<
  Store,
  | 'accounts'
  | 'events'
  | 'leases'
  | 'orders'
  | 'positions'
  | 'scheduleRuns'
  | 'settings'
  | 'steps'
  | 'symbols'
  | 'users'
  | 'workers'
>;

export interface WebDependencies {
  readonly store: WebStore;
  readonly prices: Pick<PriceBoard, 'readAll'>;
  readonly budgets: Pick<WindowBudget, 'read'>;
  readonly signals: Pick<Signals, 'subscribe'>;
  /** Asked for every snapshot, so that a changed object shows at once. */
  readonly readFleet: () => FleetView | Promise<FleetView>;
  readonly clock: Clock;
  /** Must be fed by the operating system: session tokens come from it. */
  readonly random: Random;
  readonly logger: Logger;
}

export interface WebOptions {
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The three sites are told apart by these names, on any port. */
  readonly hosts: SiteHosts;
  /** Serves the sites over TLS on a port of its own; `port` then sends everybody there. */
  readonly tls?: TlsOptions | undefined;
  /** Logins that one client may try in a minute; 10 unless given. */
  readonly loginsPerMinute?: number;
}

export interface TlsOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly from:
    | { readonly kind: 'files'; readonly folder: string }
    | { readonly kind: 'acme'; readonly email: string; readonly directoryUrl: string };
}

export interface SiteHosts {
  readonly admin: string;
  readonly public: string;
  readonly docs: string;
}

export const SITES = ['admin', 'public', 'docs'] as const;
export type Site = (typeof SITES)[number];

export function listHosts(hosts: SiteHosts): readonly string[] {
  return SITES.map((site) => hosts[site]);
}
