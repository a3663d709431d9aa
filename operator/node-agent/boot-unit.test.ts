import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PATHS } from '#operator/api';

const UNIT = join(import.meta.dirname, '../../k8s/egress/kraite-egress.service');

test('the unit of the box loads the file that the agent writes, before k3s', async () => {
  const unit = await readFile(UNIT, 'utf8');
  expect(unit).toContain(`\nExecStart=/usr/sbin/nft -f ${PATHS.bootRulesFile}\n`);
  expect(unit).toContain(`\nConditionPathExists=${PATHS.bootRulesFile}\n`);
  expect(unit).toMatch(/\nBefore=.*\bk3s\.service k3s-agent\.service\n/);
  // Stopping it must not open the box.
  expect(unit).not.toContain('ExecStop');
});
