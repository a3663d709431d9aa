import type { ResourceKind } from '#operator/runtime';
import { GROUP, VERSION } from '../names.ts';
import type { Structural } from './structural.ts';

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: {
    readonly name: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

interface CrdDefinition {
  readonly kind: ResourceKind;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  /** Restricts the name; the rest of metadata is the API server's. */
  readonly metadata?: Structural;
  readonly spec: Structural;
  readonly status: Structural;
  /** Paths of the scale subresource. */
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
  /** Name, type, path, meaning; priority 1 shows with `-o wide` only. */
  readonly columns: readonly (readonly [
    string,
    'string' | 'integer' | 'date',
    string,
    string,
    1?,
  ])[];
}

/**
 * Returns the definition of one kind.
 *
 * It has one version, which is stored. A later one is added beside it, served and not stored, with a conversion webhook;
 * see docs/reference/kubernetes-api.md for when an old one may go. It stays when the chart is uninstalled, because with
 * the definition every object of the kind would be deleted.
 */
export function defineCrd(definition: CrdDefinition): CustomResourceDefinition {
  const { kind, singular, shortNames, description, metadata, spec, status, scale, columns } =
    definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${kind.plural}.${GROUP}`,
      annotations: { 'helm.sh/resource-policy': 'keep' },
    },
    spec: {
      group: GROUP,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular,
        shortNames,
        categories: ['kraite'],
      },
      scope: kind.isNamespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: columns.map(([name, type, jsonPath, meaning, priority]) => ({
            name,
            type,
            jsonPath,
            ...(meaning === '' ? {} : { description: meaning }),
            ...(priority === undefined ? {} : { priority }),
          })),
          subresources: { status: {}, ...(scale === undefined ? {} : { scale }) },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: metadata ?? { type: 'object' },
                spec,
                status,
              },
              required: ['spec'],
            },
          },
        },
      ],
    },
  };
}
