import type { SubmitWorkflow } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { fillOptionsOf, fillSlots } from './definitions.ts';

/** Has the free slots of every account looked at, because something is known now that no look could know before. */
export async function lookAtSlots(
  accounts: Pick<Store['accounts'], 'list'>,
  submit: SubmitWorkflow,
): Promise<void> {
  for (const { id: accountId } of await accounts.list()) {
    await submit(fillSlots, { accountId }, fillOptionsOf(accountId));
  }
}
