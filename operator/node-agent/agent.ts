import { toError, type Clock } from '#pkg/base';
import type { Logger, Metrics } from '#pkg/observability';
import {
  AGENT_FIELD_MANAGER,
  KRAITE_NODE_EGRESS,
  type NodeEgressObject,
  type NodeEgressSpec,
} from '#operator/api';
import { judgeObservations, type Observation, type ProbeListener } from '#operator/egress-probe';
import type { KubeClient } from '#operator/runtime';
import type { BoxFiles } from './box-files.ts';
import { doubtOf, nextProof, recallProof, unproved, writtenProof, type Proof } from './proof.ts';
import type { RuleKeeper, RulesReport } from './rule-keeper.ts';
import type { EgressRules } from './rules.ts';
import { showFindings } from './show-findings.ts';
import { buildStatus, isWorthWriting, type Findings } from './status.ts';

export interface AgentDependencies {
  readonly nodeName: string;
  /** Returns the box's own object as it is known now; undefined while it is not. */
  readonly findOwn: () => NodeEgressObject | undefined;
  readonly client: Pick<KubeClient, 'apply'>;
  readonly keeper: RuleKeeper;
  readonly probes: Pick<ProbeListener, 'ask'>;
  readonly files: BoxFiles;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two proofs of an address that is not in doubt. */
  readonly verifyEveryMs: number;
}

export interface Agent {
  /** Looks at everything once and puts it right. Never rejects. Must not overlap. */
  look(): Promise<void>;
  /** Why the address of the box does not count as proved; undefined when it does, or when there is none to prove. */
  doubt(): ReturnType<typeof doubtOf>;
}

const NOTHING_FOUND: Findings = { rules: undefined, proof: undefined, observations: [] };

export function createAgent(dependencies: AgentDependencies): Agent {
  return new NodeAgent(dependencies);
}

class NodeAgent implements Agent {
  readonly #dependencies: AgentDependencies;
  #findings = NOTHING_FOUND;
  /** What the rules were kept for last; undefined before. */
  #keptFor: string | undefined;
  #askedAtMs: number | undefined;
  #drops: RulesReport['drops'] | undefined;

  constructor(dependencies: AgentDependencies) {
    this.#dependencies = dependencies;
  }

  doubt(): ReturnType<typeof doubtOf> {
    const { proof } = this.#findings;
    return proof === undefined ? undefined : doubtOf(proof, this.#dependencies.clock.nowMs());
  }

  async look(): Promise<void> {
    const { logger, metrics, nodeName, clock } = this.#dependencies;
    try {
      const own = this.#dependencies.findOwn();
      const spec = await this.#learnSpec(own);
      if (spec === undefined) return;
      this.#findings = spec.isReleased === true ? await this.#release() : await this.#serve(spec);
      showFindings(metrics, nodeName, this.#findings, clock.nowMs());
      if (own !== undefined) await this.#report(own);
    } catch (error) {
      logger.error({ err: toError(error) }, 'a look at the box broke off; the next one comes');
    }
  }

  /** The object when it is known, and what it said last while it is not. It must be that of this very box. */
  async #learnSpec(own: NodeEgressObject | undefined): Promise<NodeEgressSpec | undefined> {
    const { files, nodeName, logger } = this.#dependencies;
    const spec = own?.spec ?? (await files.readSpec());
    if (spec === undefined) return undefined;
    if (spec.nodeName !== nodeName) {
      logger.error(
        { nodeName, of: spec.nodeName },
        'the object is of another box: nothing is done',
      );
      return undefined;
    }
    if (own !== undefined && spec.isReleased !== true) {
      await this.#remember(() => files.writeSpec(spec));
    }
    return spec;
  }

  /** What the box is to know after its next start. A full disk keeps nothing else from being done. */
  async #remember(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const { logger } = this.#dependencies;
      logger.error({ err: toError(error) }, 'not written down for the next start of the box');
    }
  }

  async #release(): Promise<Findings> {
    if (this.#findings.rules === 'removed') return this.#findings;
    const { keeper, files } = this.#dependencies;
    await keeper.release();
    await files.removeAll();
    this.#keptFor = undefined;
    return { ...NOTHING_FOUND, rules: 'removed' };
  }

  async #serve(spec: NodeEgressSpec): Promise<Findings> {
    const { egressIP, podCIDR, clusterCIDR } = spec;
    if (egressIP === undefined) {
      const isSeen = this.#findings.observations.some(({ address }) => address !== undefined);
      const isDue = this.#isDue({ isSettled: isSeen });
      const observations = isDue ? await this.#ask(spec) : this.#findings.observations;
      return { ...NOTHING_FOUND, observations };
    }
    const proof = await this.#recall(egressIP);
    // Before the address moves: from here on nobody on the box relies on the old proof.
    await this.#tell(spec, proof);
    const { rules, isChanged } = await this.#keep({ podCIDR, clusterCIDR, egressIP });
    const findings = { ...this.#findings, rules, proof };
    const isHeld = 'hash' in rules && rules.isGuardRight && rules.isEgressRight;
    const isSettled = !isChanged && doubtOf(proof, this.#dependencies.clock.nowMs()) === undefined;
    if (!isHeld || !this.#isDue({ isSettled })) return findings;
    return this.#verify(spec, findings, proof);
  }

  async #recall(egressIP: string): Promise<Proof> {
    const { proof } = this.#findings;
    if (proof !== undefined) return proof.egressIP === egressIP ? proof : unproved(egressIP);
    return recallProof(egressIP, await this.#dependencies.files.readProof());
  }

  async #keep(rules: EgressRules): Promise<{
    readonly rules: RulesReport | { readonly failed: string };
    readonly isChanged: boolean;
  }> {
    const { keeper, files, logger, metrics, nodeName } = this.#dependencies;
    const key = JSON.stringify(rules);
    try {
      const report = await keeper.keep(rules);
      await this.#remember(() => files.writeBootRules(rules));
      const { changes } = report;
      const isDrift = changes.length > 0 && this.#keptFor === key;
      // From 0 on, so that the first one is a rise.
      metrics.increment('kraite_egress_rules_drift_total', { node: nodeName }, isDrift ? 1 : 0);
      if (changes.length > 0) logger.warn({ changes, isDrift, hash: report.hash }, 'rules changed');
      this.#countDrops(report.drops);
      this.#keptFor = key;
      return { rules: report, isChanged: changes.length > 0 };
    } catch (error) {
      logger.error({ err: toError(error) }, 'the box refuses its rules');
      return { rules: { failed: toError(error).message }, isChanged: false };
    }
  }

  /** Counters of a table that was made anew begin at 0. */
  #countDrops(drops: RulesReport['drops']): void {
    const { metrics, nodeName } = this.#dependencies;
    for (const reason of Object.keys(drops) as (keyof typeof drops)[]) {
      const before = this.#drops?.[reason] ?? 0;
      const now = drops[reason];
      const by = now < before ? now : now - before;
      const labels = { node: nodeName, reason };
      metrics.increment('kraite_egress_guard_dropped_packets_total', labels, by);
    }
    this.#drops = drops;
  }

  #isDue({ isSettled }: { readonly isSettled: boolean }): boolean {
    if (this.#askedAtMs === undefined || !isSettled) return true;
    const { clock, verifyEveryMs } = this.#dependencies;
    return clock.monotonicMs() - this.#askedAtMs >= verifyEveryMs;
  }

  #ask({ echoEndpoints }: NodeEgressSpec): Promise<readonly Observation[]> {
    const { clock, probes } = this.#dependencies;
    this.#askedAtMs = clock.monotonicMs();
    // A service that is named twice is one witness.
    return probes.ask([...new Set(echoEndpoints)]);
  }

  async #verify(spec: NodeEgressSpec, findings: Findings, proof: Proof): Promise<Findings> {
    const { clock, logger } = this.#dependencies;
    const before = doubtOf(proof, clock.nowMs());
    const observations = await this.#ask(spec);
    const verdict = judgeObservations(proof.egressIP, observations);
    const next = nextProof(proof, verdict, clock.nowMs());
    const after = doubtOf(next, clock.nowMs());
    if (before !== after) {
      logger.warn({ before, after, verdict, observations }, 'what is known of the address changed');
    }
    await this.#tell(spec, next);
    return { ...findings, proof: next, observations };
  }

  #tell({ box }: NodeEgressSpec, proof: Proof): Promise<void> {
    return this.#dependencies.files.writeProof(writtenProof(box, proof));
  }

  async #report(own: NodeEgressObject): Promise<void> {
    const { client, clock, logger } = this.#dependencies;
    const nowMs = clock.nowMs();
    const status = buildStatus(own, this.#findings, nowMs);
    if (!isWorthWriting(own.status, status, nowMs)) return;
    const { apiVersion, kind } = KRAITE_NODE_EGRESS;
    const object = { apiVersion, kind, metadata: { name: own.metadata.name }, status };
    try {
      await client.apply(object, { fieldManager: AGENT_FIELD_MANAGER, subresource: 'status' });
    } catch (error) {
      logger.warn({ err: toError(error) }, 'the status is not written; trying again');
    }
  }
}
