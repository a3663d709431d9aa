import type { Desk } from './desk.ts';

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly message: string;
      }[];
    };
  }[];
}

/** Returns which boxes Kubernetes calls Ready, and of the others why not; undefined when no API server answers. */
export async function readNodes(desk: Desk): Promise<ReadonlyMap<string, string> | undefined> {
  const { status, stdout } = await desk.tryKubectl(['get', 'nodes', '--output=json']);
  if (status !== 0) return undefined;
  const { items } = JSON.parse(stdout) as NodeList;
  return new Map(
    items.map((node) => {
      const ready = node.status.conditions?.find(({ type }) => type === 'Ready');
      return [
        node.metadata.name,
        ready?.status === 'True' ? 'Ready' : (ready?.message ?? 'not seen'),
      ];
    }),
  );
}
