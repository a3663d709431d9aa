import type { Metrics } from '#pkg/observability';
import { findAgreed } from '#operator/egress-probe';
import { doubtOf } from './proof.ts';
import type { Findings } from './status.ts';

/** Shows what was found out about a box on /metrics. */
export function showFindings(
  metrics: Metrics,
  node: string,
  { proof, observations }: Findings,
  nowMs: number,
): void {
  const observedIP = findAgreed(observations);
  metrics.clear('kraite_egress_observed_info');
  if (observedIP !== undefined) {
    metrics.set('kraite_egress_observed_info', { node, ip: observedIP }, 1);
  }
  if (proof === undefined) return metrics.clear('kraite_egress_verified');
  const isVerified = doubtOf(proof, nowMs) === undefined;
  metrics.set('kraite_egress_verified', { node }, isVerified ? 1 : 0);
  if (proof.verifiedAtMs !== undefined) {
    const atSeconds = proof.verifiedAtMs / 1_000;
    metrics.set('kraite_egress_last_verified_timestamp_seconds', { node }, atSeconds);
  }
}
