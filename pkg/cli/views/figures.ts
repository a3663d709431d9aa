import type { AccountFigures } from '#pkg/figures';
import type { ReadingView } from './view.ts';

/** Money for people: two digits; the other formats have them all. */
function money(amount: string | null): string {
  return amount === null ? '' : Number(amount).toFixed(2);
}

function sides({ long, short }: AccountFigures['exposure']): string {
  return `${money(long)} / ${money(short)}`;
}

export const FIGURES_VIEW: ReadingView<AccountFigures> = {
  columns: [
    { header: 'ACCOUNT', value: ({ account }) => account },
    { header: 'WALLET', value: ({ walletUsdt }) => money(walletUsdt), align: 'right' },
    { header: 'TODAY', value: ({ profitToday }) => money(profitToday), align: 'right' },
    { header: '30 DAYS', value: ({ profit30Days }) => money(profit30Days), align: 'right' },
    { header: 'EXPOSURE L/S', value: ({ exposure }) => sides(exposure), align: 'right' },
    { header: 'MAX PAIN L/S', value: ({ maxPain }) => sides(maxPain), align: 'right' },
    {
      header: 'IF ALL PROFITS FILL L/S',
      value: ({ whenAllProfitsFill }) => sides(whenAllProfitsFill),
      align: 'right',
    },
    {
      header: 'A DAY',
      value: ({ profitPerDay }) => money(profitPerDay),
      align: 'right',
      isWide: true,
    },
    {
      header: 'UNCOUNTED',
      value: ({ uncounted }) => String(uncounted),
      align: 'right',
      isWide: true,
    },
  ],
  whenEmpty: 'no accounts are known yet',
  key: ({ account }) => account,
  read: async ({ reader, nowMs }) => {
    // Loaded late: other verbs do not need the trade.
    const { readFigures } = await import('#pkg/figures');
    return readFigures(reader, nowMs);
  },
};
