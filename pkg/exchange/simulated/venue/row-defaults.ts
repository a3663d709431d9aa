/** What a row of an older journal lacks: each field that came later, with the value that means "not used". */
import type { RowTypes, TableName } from './state.ts';

type Defaults = { readonly [Name in TableName]?: Partial<RowTypes[Name]> };

const DEFAULTS: Defaults = {
  accounts: {
    isMultiAsset: false,
    isFeeBurn: false,
    permissions: { reading: true, futures: true, withdrawals: false, isRevoked: false },
  },
  positions: { isolatedWallet: '0' },
  orders: {
    rank: 0,
    selfTradeMode: 'EXPIRE_MAKER',
    priceMatch: 'NONE',
    goodTillMs: 0,
    amendments: 0,
    autoClose: '',
  },
  algos: {
    selfTradeMode: 'EXPIRE_MAKER',
    priceMatch: 'NONE',
    goodTillMs: 0,
    activatePrice: '0',
    callbackRate: '0',
    isActivated: false,
    extreme: '0',
  },
  meta: {
    market: 'lively',
    lastRank: 0,
    lastAmendmentId: 1000,
    insuranceFund: '1000000',
    moves: [],
  },
};

/** Returns the row with every field that its table has today. */
export function completeRow(table: TableName, row: unknown): unknown {
  const defaults = DEFAULTS[table];
  if (defaults === undefined || row === undefined) return row;
  return { ...defaults, ...(row as object) };
}
