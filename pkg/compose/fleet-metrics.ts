/** What the rows tell of the fleet as a whole, under the names of the catalogue. */
import { listHolds } from '#pkg/holds';
import { readMarketFacts } from '#pkg/lifecycles';
import { MODE_NAMES, readHealth, readMode } from '#pkg/modes';
import type { GaugeName, Metrics } from '#pkg/observability';
import type { Store } from '#pkg/store';

interface FleetRows {
  readonly store: Pick<Store, 'settings' | 'symbols'>;
  readonly nowMs: () => number;
}

/** Shows before each scrape which mode stands, what is held, what the watch finds, and how the market is. */
export function showFleet(metrics: Metrics, rows: FleetRows): void {
  const show = (names: readonly GaugeName[], read: () => Promise<() => void>): void => {
    metrics.onScrape(async () => {
      let write: (() => void) | undefined;
      try {
        write = await read();
      } finally {
        // Also when it could not be read: an old value would be believed.
        for (const name of names) metrics.clear(name);
        write?.();
      }
    });
  };
  show(['kraite_mode', 'kraite_holds'], () => readPauses(metrics, rows));
  show(['kraite_health_findings', 'kraite_health_look_timestamp_seconds'], () =>
    readFindings(metrics, rows),
  );
  show(
    [
      'kraite_regime_score',
      'kraite_regime_drawdown_ratio',
      'kraite_regime_scored_timestamp_seconds',
      'kraite_regime_cooldown',
    ],
    () => readMarket(metrics, rows),
  );
  show(['kraite_symbol_directions', 'kraite_direction_timestamp_seconds'], () =>
    readDirections(metrics, rows),
  );
}

async function readPauses(metrics: Metrics, { store, nowMs }: FleetRows): Promise<() => void> {
  const [mode, holds] = await Promise.all([
    readMode(store.settings, nowMs()),
    listHolds(store.settings, nowMs()),
  ]);
  return () => {
    for (const name of MODE_NAMES) {
      metrics.set('kraite_mode', { mode: name }, name === mode.name ? 1 : 0);
    }
    for (const scope of ['fleet', 'lane', 'account'] as const) {
      const count = holds.filter((hold) => hold.scope.kind === scope).length;
      metrics.set('kraite_holds', { scope }, count);
    }
  };
}

async function readFindings(metrics: Metrics, { store }: FleetRows): Promise<() => void> {
  const record = await readHealth(store.settings);
  return () => {
    if (record === undefined) return;
    metrics.set('kraite_health_look_timestamp_seconds', {}, record.lookedAtMs / 1_000);
    const told = record.states.filter(({ isTold }) => isTold);
    for (const [signal, alike] of Map.groupBy(told, (state) => state.signal)) {
      const severity = alike[0]?.severity ?? 'info';
      metrics.set('kraite_health_findings', { signal, severity }, alike.length);
    }
  };
}

async function readMarket(metrics: Metrics, { store, nowMs }: FleetRows): Promise<() => void> {
  const { scored, cooldown } = await readMarketFacts(store.settings);
  return () => {
    const isHeld = cooldown.untilMs !== undefined && cooldown.untilMs > nowMs();
    metrics.set('kraite_regime_cooldown', {}, isHeld ? 1 : 0);
    if (scored === undefined) return;
    metrics.set('kraite_regime_score', {}, scored.score);
    metrics.set('kraite_regime_drawdown_ratio', {}, scored.drawdownRatio);
    metrics.set('kraite_regime_scored_timestamp_seconds', {}, scored.scoredAtMs / 1_000);
  };
}

async function readDirections(metrics: Metrics, { store }: FleetRows): Promise<() => void> {
  const symbols = await store.symbols.list();
  return () => {
    for (const direction of ['long', 'short', 'none'] as const) {
      const count = symbols.filter((symbol) => (symbol.direction ?? 'none') === direction).length;
      metrics.set('kraite_symbol_directions', { direction }, count);
    }
    const newestMs = Math.max(0, ...symbols.map(({ directionAtMs }) => directionAtMs ?? 0));
    if (newestMs > 0) metrics.set('kraite_direction_timestamp_seconds', {}, newestMs / 1_000);
  };
}
