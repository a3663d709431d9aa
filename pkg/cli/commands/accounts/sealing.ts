import { readSecretKey, type SecretKey } from '#pkg/accounts';
import { createIdMaker, createSystemRandom, type IdMaker } from '#pkg/base';
import type { CliContext } from '../../context.ts';
import { findStatePaths } from '../state.ts';

/** Returns what a secret is sealed with. Throws AccountSecretError. */
export async function openSealing(
  context: CliContext,
  state: string | undefined,
): Promise<{ readonly key: SecretKey; readonly makeId: IdMaker }> {
  const key = await readSecretKey(findStatePaths(context, state).secretKey);
  return { key, makeId: createIdMaker(context.clock, createSystemRandom()) };
}
