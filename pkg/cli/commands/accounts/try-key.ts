import {
  dropCandidate,
  saveCandidate,
  type AccountCredentials,
  type SecretKey,
} from '#pkg/accounts';
import type { IdMaker } from '#pkg/base';
import { concludeKeyChecks, type KeyVerdict } from '#pkg/key-checks';
import type { CliContext } from '../../context.ts';
import { checkFromEveryBox, type AccountDesk } from './desk.ts';

/** Tries credentials from every address that signs, before any account has them; they are forgotten afterwards. */
export async function tryKey(
  context: CliContext,
  desk: AccountDesk,
  sealing: { readonly key: SecretKey; readonly makeId: IdMaker },
  credentials: AccountCredentials,
): Promise<KeyVerdict> {
  const { settings } = desk.store;
  const candidateId = await desk.ask(
    saveCandidate({ settings, ...sealing }, credentials, context.clock.nowMs()),
  );
  try {
    return concludeKeyChecks(await checkFromEveryBox(context, desk, candidateId));
  } finally {
    await desk.ask(dropCandidate(settings, candidateId));
  }
}
