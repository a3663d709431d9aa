import { expect, it } from 'vitest';

import { readGolden } from '../../tests/harness/golden.ts';
import { renderFleetReference } from './reference.ts';

it('the reference page is the one that the schema and the rules give', () => {
  const text = renderFleetReference();
  expect(text).toBe(readGolden('docs/reference/kraitefleet.md', text));
});
