import type { Structural } from './structural.ts';

/** The kinds of field that are not in `pkg/fleet-spec`. What a program of ours writes has a bound and no pattern. */
export function record(
  description: string,
  properties: Readonly<Record<string, Structural>>,
): Structural {
  return { type: 'object', description, properties };
}

export function words(description: string, lengthMax = 253): Structural {
  return { type: 'string', description, maxLength: lengthMax };
}

export function numbers(description: string): Structural {
  return { type: 'integer', format: 'int64', description };
}

export function instant(description: string): Structural {
  return { type: 'string', format: 'date-time', description };
}

/** A list that is merged by `key` where one is given, and replaced whole where none is. */
export function list(
  description: string,
  itemsMax: number,
  key: string | undefined,
  items: Structural,
): Structural {
  return {
    type: 'array',
    description,
    maxItems: itemsMax,
    ...(key === undefined
      ? { 'x-kubernetes-list-type': 'atomic' }
      : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] }),
    items,
  };
}

/** As metav1.Condition has them. */
export function conditions(): Structural {
  return list('What holds, each with its reason.', 32, 'type', {
    ...record('One of them.', {
      type: words('What is told of.', 316),
      status: { ...words('Whether it holds.'), enum: ['True', 'False', 'Unknown'] },
      reason: {
        ...words('One word, as in docs/reference/reasons.md.', 1_024),
        minLength: 1,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      },
      message: words('A sentence.', 32_768),
      lastTransitionTime: instant('When its status changed last.'),
      observedGeneration: { ...numbers('Generation that it tells of.'), minimum: 0 },
    }),
    required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  });
}
