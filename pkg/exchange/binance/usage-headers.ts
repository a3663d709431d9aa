import type { ProviderUsage } from '#pkg/budgets';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const USED_WEIGHT = /^x-mbx-used-weight-(\d+)([smhd])$/iu;
const ORDER_COUNT = /^x-mbx-order-count-(\d+)([smhd])$/iu;

/** What an answer's headers say is used, of the address (weight) and of the account (orders). */
export interface UsageHeaders {
  readonly address: readonly ProviderUsage[];
  readonly orders: readonly ProviderUsage[];
}

/** Reads `X-MBX-USED-WEIGHT-1M`, `X-MBX-ORDER-COUNT-10S` and their like; names are in lower case. */
export function readUsages(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): UsageHeaders {
  const address: ProviderUsage[] = [];
  const orders: ProviderUsage[] = [];
  for (const name in headers) {
    if (!name.startsWith('x-mbx-')) continue;
    addUsage(address, USED_WEIGHT.exec(name), headers[name]);
    addUsage(orders, ORDER_COUNT.exec(name), headers[name]);
  }
  return { address, orders };
}

function addUsage(
  usages: ProviderUsage[],
  match: RegExpExecArray | null,
  value: string | string[] | undefined,
): void {
  const unitMs = UNIT_MS[match?.[2]?.toLowerCase() ?? ''];
  const weightUsed = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  if (match === null || unitMs === undefined || !Number.isFinite(weightUsed)) return;
  usages.push({ windowMs: Number(match[1]) * unitMs, weightUsed });
}
