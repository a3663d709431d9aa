import { netnsOf, paths, PLACES } from '../paths.ts';
import { mustRun, run, type Outcome, type Variables } from '../shell.ts';

/** Where the owner of the cluster stands: on the private network, beside the boxes. */
export interface Desk {
  /** Runs kubectl as an administrator. Throws {@link LabError} when it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  tryKubectl(args: readonly string[]): Promise<Outcome>;
}

const ANSWER_TIMEOUT_MS = 15_000;

export function createDesk(environment: Variables): Desk {
  const inside = (args: readonly string[]): [string, ...string[]] => [
    'nsenter',
    `--net=/run/netns/${netnsOf(PLACES.desk)}`,
    'kubectl',
    `--kubeconfig=${paths.adminKubeconfig}`,
    ...args,
  ];
  return {
    kubectl: (args, input) =>
      mustRun(inside(args), { environment, ...(input === undefined ? {} : { input }) }),
    tryKubectl: (args) => run(inside(args), { environment, timeoutMs: ANSWER_TIMEOUT_MS }),
  };
}
