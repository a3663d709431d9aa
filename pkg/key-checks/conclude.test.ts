import { describe, expect, test } from 'vitest';

import { concludeKeyChecks } from './conclude.ts';
import type { KeyCell } from './key-cell.ts';

function cell(box: string, changes: Partial<KeyCell> = {}): KeyCell {
  return {
    box,
    address: `203.0.113.${box.length}`,
    atMs: 0,
    outcome: 'usable',
    reason: null,
    message: null,
    isBoundToAddresses: true,
    ...changes,
  };
}
const refused = (box: string, reason: KeyCell['reason']): KeyCell =>
  cell(box, { outcome: 'refused', reason, message: `says ${String(reason)}` });

describe('the cells of one key', () => {
  test('a key that every address may use is usable', () => {
    const verdict = concludeKeyChecks([cell('eos'), cell('athena')]);
    expect(verdict).toMatchObject({ kind: 'usable', reason: undefined });
  });

  test('a refusal that names key and address alike is the address’s where another address works', () => {
    const verdict = concludeKeyChecks([cell('eos'), refused('athena', 'ApiKeyOrAddressRefused')]);
    expect(verdict).toMatchObject({ kind: 'partial', reason: 'AddressNotListed' });
    expect(verdict.cells[1]?.message).toContain('add 203.0.113.6 to the addresses');
  });

  test('refused everywhere it is the key’s, and the sentence names every address once', () => {
    const cells = ['eos', 'athena'].map((box) => refused(box, 'ApiKeyOrAddressRefused'));
    const verdict = concludeKeyChecks(cells);
    expect(verdict).toMatchObject({ kind: 'refused', reason: 'ApiKeyOrAddressRefused' });
    expect(verdict.message).toContain('lists none of 203.0.113.3 203.0.113.6');
  });

  test('a key that may withdraw is refused although it works elsewhere', () => {
    const verdict = concludeKeyChecks([
      cell('eos'),
      refused('iris', 'ApiSecretWrong'),
      refused('athena', 'KeyMayWithdraw'),
    ]);
    expect(verdict).toMatchObject({ kind: 'refused', reason: 'KeyMayWithdraw' });
  });

  test('a box that did not answer refuses nothing', () => {
    const away = cell('athena', { outcome: 'unanswered', reason: 'BoxAway' });
    expect(concludeKeyChecks([cell('eos'), away])).toMatchObject({
      kind: 'partial',
      reason: 'BoxAway',
    });
    expect(concludeKeyChecks([away])).toMatchObject({ kind: 'unanswered', reason: 'BoxAway' });
    expect(concludeKeyChecks([])).toMatchObject({ kind: 'unanswered', reason: undefined });
  });
});
