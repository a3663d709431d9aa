import {
  notional,
  planMargin,
  type Account,
  type AccountSettings,
  type Direction,
  type Notional,
  type Position,
} from '#pkg/domain';
import { crowdingMarginFactor, type OpeningDecision } from '#pkg/regime';

/**
 * Returns the account as the market lets it open on a side: fewer slots, less leverage and less margin, with the score
 * and band that each new position keeps as what it was born under. What is open is not touched.
 *
 * One decision answers all of it, so that a score which changes meanwhile cannot mix two bands in one position. A
 * market that refuses changes nothing here: its gate does.
 */
export function underMarket(
  account: Account,
  side: Direction,
  { market, open }: { readonly market: OpeningDecision; readonly open: readonly Position[] },
) {
  const { settings } = account;
  if (market.kind === 'refused') return { ...account, settings: { ...settings } };
  const { effects, score } = market;
  const crowd = crowdingMarginFactor(notionalsOf(open, account), side);
  const marginFactor = effects.marginFactor * crowd;
  return {
    ...account,
    settings: {
      ...settings,
      slots: { ...settings.slots, [side]: Math.floor(settings.slots[side] * effects.slotFactor) },
      leverageMax: {
        ...settings.leverageMax,
        [side]: Math.max(1, Math.floor(settings.leverageMax[side] * effects.leverageFactor)),
      },
      marginPercent: {
        ...settings.marginPercent,
        [side]: settings.marginPercent[side] * marginFactor,
      },
      bornUnder: { score, band: effects.band },
    },
  };
}

/**
 * Returns the settings of a candidate of `side` with its margin as the crowd allows it beside what is `open` now: more
 * than when the side was judged, by what the same look has taken since.
 */
export function underCrowd(
  settings: AccountSettings,
  side: {
    readonly account: Account;
    readonly direction: Direction;
    readonly open: readonly Position[];
  },
  open: readonly Position[],
): AccountSettings {
  const { account, direction } = side;
  const factorOf = (positions: readonly Position[]): number =>
    crowdingMarginFactor(notionalsOf(positions, account), direction);
  const margin = (settings.marginPercent[direction] / factorOf(side.open)) * factorOf(open);
  return { ...settings, marginPercent: { ...settings.marginPercent, [direction]: margin } };
}

/**
 * What the open positions bind when their ladders are full, by side; one that was not prepared yet counts for the most that its
 * settings let it bind.
 */
function notionalsOf(
  open: readonly Position[],
  { balanceUsdt }: Account,
): Readonly<Record<Direction, Notional>> {
  const boundBy = ({ direction, settings, marginUsdt, leverage }: Position): Notional => {
    const margin =
      marginUsdt ?? planMargin(notional(balanceUsdt ?? 0), settings.marginPercent[direction]);
    return notional(margin.times(leverage ?? settings.leverageMax[direction]));
  };
  const sumOf = (side: Direction): Notional =>
    notional(
      open
        .filter(({ direction }) => direction === side)
        .reduce((sum, position) => sum.plus(boundBy(position)), notional(0).times(1)),
    );
  return { long: sumOf('long'), short: sumOf('short') };
}
