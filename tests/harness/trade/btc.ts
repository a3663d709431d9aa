import {
  id,
  notional,
  price,
  quantity,
  type LeverageBracket,
  type SymbolName,
  type VenueSymbol,
} from '#pkg/domain';

export const BTC = id<SymbolName>('BTCUSDT');

export const BTC_SYMBOL: VenueSymbol = {
  rules: {
    symbol: BTC,
    tickSize: price('0.1'),
    priceMin: price('500'),
    priceMax: price('4000000'),
    stepSize: quantity('0.001'),
    quantityMin: quantity('0.001'),
    quantityMax: quantity('1000'),
    marketStepSize: quantity('0.001'),
    marketQuantityMin: quantity('0.001'),
    marketQuantityMax: quantity('120'),
    notionalMin: notional('100'),
  },
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  isTrading: true,
  onboardAtMs: 0,
};

export const BRACKETS: readonly LeverageBracket[] = [
  {
    bracket: 1,
    leverageMax: 125,
    notionalFloor: notional(0),
    notionalCap: notional(300_000),
    maintenanceMarginRatio: 0.004,
  },
];
