import { makeSelfSigned as makeFor } from '#pkg/exchange/simulated';

/** Returns a certificate for `hosts` that signs itself, valid from yesterday for `days`, and its key, both PEM. */
export function makeSelfSigned(
  hosts: readonly string[],
  { days = 30 }: { readonly days?: number } = {},
): { readonly chain: string; readonly privateKey: string } {
  return makeFor(hosts, { days, nowMs: Date.now() });
}
