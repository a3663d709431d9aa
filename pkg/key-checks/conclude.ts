import type { Reason } from '#pkg/base';
import type { KeyCell } from './key-cell.ts';

/**
 * What the cells of one key say together.
 *
 *   usable      every address that was asked takes it
 *   partial     some address takes it and another does not: add that to the key's list
 *   refused     the key itself is refused, and `reason` says why
 *   unanswered  the venue said nothing of it from any address
 */
export interface KeyVerdict {
  readonly kind: 'usable' | 'partial' | 'refused' | 'unanswered';
  readonly reason: Reason | undefined;
  readonly message: string | undefined;
  /** The same cells; a refusal that only addresses explain says so. */
  readonly cells: readonly KeyCell[];
}

/** Reasons that are the key's own, whatever address it is used from; the most dangerous first. */
const OF_THE_KEY: readonly Reason[] = [
  'KeyMayWithdraw',
  'KeyLacksFutures',
  'ApiSecretWrong',
  'ApiKeyMalformed',
];

/** Returns the verdict: −2015 names key and address alike, and only the other addresses tell them apart. */
export function concludeKeyChecks(cells: readonly KeyCell[]): KeyVerdict {
  const works = cells.some(({ outcome }) => outcome === 'usable');
  const told = cells.map((cell) =>
    works && cell.reason === 'ApiKeyOrAddressRefused' ? notListed(cell) : cell,
  );
  const refusals = told.filter(({ outcome }) => outcome === 'refused');
  const own = OF_THE_KEY.flatMap((reason) => refusals.filter((cell) => cell.reason === reason))[0];
  const decisive = own ?? (works ? undefined : refusals[0]);
  if (decisive !== undefined) return verdict('refused', explain(decisive, told), told);
  if (!works) return verdict('unanswered', told[0], told);
  const [lacking] = told.filter(({ outcome }) => outcome !== 'usable');
  return lacking === undefined
    ? verdict('usable', undefined, told)
    : verdict('partial', refusals[0] ?? lacking, told);
}

function verdict(
  kind: KeyVerdict['kind'],
  because: KeyCell | undefined,
  cells: readonly KeyCell[],
): KeyVerdict {
  return {
    kind,
    reason: because?.reason ?? undefined,
    message: because?.message ?? undefined,
    cells,
  };
}

/** The addresses once, so that they can be copied into the venue's form. */
function explain(decisive: KeyCell, cells: readonly KeyCell[]): KeyCell {
  if (decisive.reason !== 'ApiKeyOrAddressRefused') return decisive;
  const addresses = cells.map(({ address }) => address).join(' ');
  return {
    ...decisive,
    message: `the API key is unknown or revoked, lacks the permission for futures, or lists none of ${addresses}`,
  };
}

function notListed(cell: KeyCell): KeyCell {
  return {
    ...cell,
    reason: 'AddressNotListed',
    message: `the key works elsewhere: add ${cell.address} to the addresses that it may be used from`,
  };
}
