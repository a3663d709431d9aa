import { notional, type Account, type Direction, type Notional, type Position } from '#pkg/domain';
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
  const marginFactor = effects.marginFactor * crowdingMarginFactor(notionalsOf(open), side);
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

/** What the open positions bind when their ladders are full, by side. */
function notionalsOf(open: readonly Position[]): Readonly<Record<Direction, Notional>> {
  const sumOf = (side: Direction): Notional =>
    notional(
      open
        .filter(({ direction }) => direction === side)
        .reduce(
          (sum, { marginUsdt, leverage }) =>
            sum.plus((marginUsdt ?? notional(0)).times(leverage ?? 0)),
          notional(0).times(1),
        ),
    );
  return { long: sumOf('long'), short: sumOf('short') };
}
