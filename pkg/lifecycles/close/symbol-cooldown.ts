import { TIMEFRAME_MS, type Candle, type Price, type SymbolName } from '#pkg/domain';
import type { SettingStore, Store } from '#pkg/store';

/** Against the close of the last whole day; from here on a symbol runs away or collapses. */
const LARGE_MOVE_RATIO = 0.15;
const COOLDOWN_MS = 72 * 3_600_000;

/** Names of settings are ASCII, and the venue lists symbols that are not. */
function settingOf(symbol: SymbolName): string {
  return `symbol-cooldown-until-ms:${encodeURIComponent(symbol)}`;
}

/** Returns whether a price stands at least 15 % from the close of the last whole day. Without such a day it does not. */
export function isLargeMove(
  price: Price,
  candles: readonly Pick<Candle, 'openAtMs' | 'close'>[],
  nowMs: number,
): boolean {
  const last = candles.findLast(({ openAtMs }) => openAtMs + TIMEFRAME_MS['1d'] <= nowMs);
  if (last === undefined || !(last.close > 0)) return false;
  return price.div(last.close).minus(1).abs().gte(LARGE_MOVE_RATIO);
}

/** After a close far from the last day's close, the symbol is left alone for three days. Returns whether that is so. */
export async function coolAfterLargeMove(
  { candles, settings }: Pick<Store, 'candles' | 'settings'>,
  {
    symbol,
    price,
    nowMs,
  }: { readonly symbol: SymbolName; readonly price: Price; readonly nowMs: number },
): Promise<boolean> {
  if (!isLargeMove(price, await candles.list(symbol, '1d', 2), nowMs)) return false;
  await settings.set(settingOf(symbol), String(nowMs + COOLDOWN_MS), nowMs);
  return true;
}

/** Returns until when a symbol is left alone; undefined when it is not, or no more. */
export async function findSymbolCooldown(
  settings: Pick<SettingStore, 'find'>,
  symbol: SymbolName,
  nowMs: number,
): Promise<number | undefined> {
  const untilMs = Number((await settings.find(settingOf(symbol))) ?? 0);
  return untilMs > nowMs ? untilMs : undefined;
}
