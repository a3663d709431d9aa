/**
 * Which streams a WebSocket path asks for.
 *
 * Source: the venue's page "Important WebSocket Change Notice": `/public`, `/market` and `/private`, each as
 * `/ws` with streams in the path or `/stream` with streams in the query; several listen keys on one socket, each
 * with the events that it wants.
 */
export type StreamArea = 'public' | 'market' | 'private';

/** A listen key, and the events wanted of it: all when undefined. */
export interface WantedKey {
  readonly listenKey: string;
  readonly events: ReadonlySet<string> | undefined;
}

export interface StreamTarget {
  readonly area: StreamArea;
  readonly isCombined: boolean;
  readonly names: readonly string[];
  readonly keys: readonly WantedKey[];
}

/** Returns undefined for a path of none of the areas: what was retired refuses. */
export function parseStreamTarget(target: string): StreamTarget | undefined {
  const [path = '', query = ''] = target.split('?', 2);
  const [, area, form, ...rest] = path.split('/');
  if (form !== 'ws' && form !== 'stream') return undefined;
  const isCombined = form === 'stream';
  const inPath = rest.map(decoded).filter((part) => part !== '');
  const fields = new URLSearchParams(query);
  const streams = (fields.get('streams') ?? '').split('/').filter((name) => name !== '');
  if (area === 'private') {
    const keys = [
      ...[...inPath, ...streams].map((listenKey) => ({ listenKey, events: undefined })),
      ...keysOf(fields),
    ];
    return { area, isCombined, names: [], keys };
  }
  if (area !== 'public' && area !== 'market') return undefined;
  return { area, isCombined, names: [...inPath, ...streams], keys: [] };
}

/** `listenKey=A&events=X/Y&listenKey=B`: events belong to the key before them. */
function keysOf(fields: URLSearchParams): readonly WantedKey[] {
  const keys: { listenKey: string; events: Set<string> | undefined }[] = [];
  for (const [name, value] of fields) {
    if (name === 'listenKey') {
      for (const listenKey of value.split('/')) {
        if (listenKey !== '') keys.push({ listenKey, events: undefined });
      }
    }
    const last = keys.at(-1);
    if (name === 'events' && last !== undefined && value !== '') {
      last.events = new Set(value.split('/'));
    }
  }
  return keys;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
