import type { Clock } from '#pkg/base';
import { parseProcessFacts, type ProcessFacts } from '#pkg/observability';
import type { KubeObject } from '#operator/runtime';

/** Returns the body of /readyz of a pod, whatever its status, or undefined when it does not answer. */
export type AskProcess = (pod: KubeObject) => Promise<string | undefined>;

/** What pods say of themselves. Nobody waits for an answer: it is there at the next look. */
export interface ProcessReader {
  /**
   * Returns what `pods` said last, by name, and asks those again whose answer is older than `maxAgeMs`.
   *
   * An answer that is too old to decide by counts as none.
   */
  read(pods: readonly KubeObject[], maxAgeMs: number): ReadonlyMap<string, ProcessFacts>;
}

interface Answer {
  readonly facts: ProcessFacts | undefined;
  readonly atMs: number;
  readonly isAsking: boolean;
}

const AGE_MS_MAX = 60_000;
const ASKING_MAX = 64;

export function createProcessReader(clock: Clock, ask: AskProcess): ProcessReader {
  const answers = new Map<string, Answer>();
  let asking = 0;
  const renew = async (uid: string, pod: KubeObject): Promise<void> => {
    asking += 1;
    const body = await ask(pod).catch(() => undefined);
    asking -= 1;
    const facts = body === undefined ? undefined : parseProcessFacts(body);
    answers.set(uid, { facts, atMs: clock.monotonicMs(), isAsking: false });
  };
  return {
    read: (pods, maxAgeMs) => {
      const nowMs = clock.monotonicMs();
      const facts = new Map<string, ProcessFacts>();
      for (const pod of pods) {
        const uid = pod.metadata.uid ?? pod.metadata.name;
        const answer = answers.get(uid);
        const ageMs = answer === undefined ? Number.POSITIVE_INFINITY : nowMs - answer.atMs;
        if (answer?.facts !== undefined && ageMs <= AGE_MS_MAX) {
          facts.set(pod.metadata.name, answer.facts);
        }
        if (ageMs < maxAgeMs || answer?.isAsking === true || asking >= ASKING_MAX) continue;
        answers.set(uid, { facts: answer?.facts, atMs: answer?.atMs ?? 0, isAsking: true });
        void renew(uid, pod);
      }
      forgetOld(answers, nowMs);
      return facts;
    },
  };
}

function forgetOld(answers: Map<string, Answer>, nowMs: number): void {
  for (const [uid, { atMs, isAsking }] of answers) {
    if (!isAsking && nowMs - atMs > 10 * AGE_MS_MAX) answers.delete(uid);
  }
}
