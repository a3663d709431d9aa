import type { TestProject } from 'vitest/node';
import { installCrds } from './install-crds.ts';
import { startControlPlane } from './control-plane.ts';
import { readServer } from './kubeconfig.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kubeconfig: string;
  }
}

/** Starts the API server that the files of the part share, or takes the cluster that the person names; it knows our kinds. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const named = process.env['KRAITE_TEST_KUBECONFIG'];
  if (named !== undefined && named !== '') {
    const { context } = await readServer(named);
    const refusal = explainRefusedContext(context, process.env['KRAITE_TEST_CONTEXT']);
    if (refusal !== undefined) throw new Error(refusal);
    await installCrds(named);
    project.provide('kubeconfig', named);
    return async () => undefined;
  }
  const plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  project.provide('kubeconfig', plane.kubeconfig);
  return async () => plane[Symbol.asyncDispose]();
}

/** Tests write to the whole cluster: one that was not made for them must be named. */
export function explainRefusedContext(
  context: string,
  allowed: string | undefined,
): string | undefined {
  if (context.startsWith('kind-') || context === allowed) return undefined;
  return (
    `KRAITE_TEST_KUBECONFIG leads to the context ${context}, which is no kind-* cluster: tests install and delete there; ` +
    `set KRAITE_TEST_CONTEXT=${context} if that is meant`
  );
}
