import type { FleetContext } from '#operator/resources';
import type { KubeObject } from '#operator/runtime';
import { withAppliedHash } from './in-place.ts';

interface Built {
  readonly question: string;
  readonly object: KubeObject;
}

/** The newest answers, for as long as somebody holds the context that they follow from. */
const newest = new WeakMap<FleetContext, Map<string, Built>>();

/**
 * Returns what `build` returns, with its hash; built again only when `question` is another one than last time.
 *
 * `place` names the object within its fleet; `question` must tell everything that it depends on beside the context. A fleet
 * of eighty boxes has a thousand such objects, and a pass that changes nothing would spend its time on building them.
 */
export function buildOnce(
  context: FleetContext,
  place: string,
  question: string,
  build: () => KubeObject,
): KubeObject {
  const places = newest.get(context) ?? new Map<string, Built>();
  newest.set(context, places);
  const known = places.get(place);
  if (known?.question === question) return known.object;
  const object = withAppliedHash(build());
  places.set(place, { question, object });
  return object;
}
