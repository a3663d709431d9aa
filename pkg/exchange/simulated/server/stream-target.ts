/** Which streams a WebSocket path asks for. */
import { STREAMS_MAX } from './market-socket.ts';

export type StreamTarget =
  | { readonly kind: 'market'; readonly isCombined: boolean; readonly names: readonly string[] }
  | { readonly kind: 'user'; readonly isCombined: boolean; readonly listenKeys: readonly string[] };

/** `/market/stream?streams=a/b`, `/market/ws/a`, `/private/ws/KEY`, `/private/ws?listenKey=KEY`, `/private/stream?listenKey=KEY`. */
export function parseStreamTarget(path: string): StreamTarget | undefined {
  const url = new URL(path, 'http://venue');
  const [, area, form, ...rest] = url.pathname.split('/');
  if (form !== 'ws' && form !== 'stream') return undefined;
  const isCombined = form === 'stream';
  if (area === 'private') {
    const given = url.searchParams.get('listenKey') ?? url.searchParams.get('streams') ?? '';
    const listenKeys = [...rest, ...given.split('/')].filter((key) => key !== '');
    return { kind: 'user', isCombined, listenKeys };
  }
  if (area !== 'public' && area !== 'market') return undefined;
  const given = (url.searchParams.get('streams') ?? '').split('/');
  const names = [...rest, ...given].map(decodeURIComponent).filter((name) => name !== '');
  return { kind: 'market', isCombined, names: names.slice(0, STREAMS_MAX) };
}
