/** The life of an account as a person types it: added, checked, changed, refused, switched off and rotated. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { createVenueAdmin } from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';
import { newFolder, startFleet, useFleets, type FleetLine } from './harness.ts';
import { runtimeOf } from './look.ts';

useFleets();

/** A young fleet judges one ladder after another, and the account takes what the first one left. */
const FIRST_OPEN_MS_MAX = 150_000;

interface Cell {
  readonly box: string;
  readonly outcome: string;
  readonly reason: string | null;
}

const rowsOf = <Row>(stdout: string): readonly Row[] => JSON.parse(stdout) as Row[];

test('an account is added, traded, changed, refused where its key is, switched off and rotated', async () => {
  const fleet = startFleet();
  await fleet.ready();
  const admin = createVenueAdmin(runtimeOf(fleet).venueAdminUrl ?? '');
  const folder = newFolder();
  const credentialsFile = (key: string, secret: string): string => {
    const file = join(folder, key);
    writeFileSync(file, `${key}\n${secret}\n`, { mode: 0o600 });
    return file;
  };
  const newSecret = (): string => randomBytes(24).toString('hex');

  // Of the addresses that the six boxes leave from here, two are listed.
  const secret = newSecret();
  const key = 'key-of-white-0001';
  const listed = { key, secret, balance: '5000', addresses: ['127.0.2.1', '127.0.3.1'] };
  await admin.register(listed);
  const file = credentialsFile(key, secret);
  const added = await fleet.kraite(
    ...['accounts', 'add', 'white', '--credentials-file', file, '-o', 'json'],
  );
  expect(added.code).toBe(1);
  const cells = rowsOf<Cell>(added.stdout);
  expect(cells.map(({ box, outcome, reason }) => `${box} ${reason ?? outcome}`)).toEqual([
    'athena usable',
    'eos usable',
    'iris AddressNotListed',
    'nyx AddressNotListed',
    'hemera AddressNotListed',
    'tyche AddressNotListed',
  ]);
  expect(added.stderr).toContain('trading is off');

  await admin.register({ ...listed, addresses: [] });
  expect((await fleet.kraite('accounts', 'enable', 'white')).code).toBe(0);
  const listedAccounts = await fleet.kraite('accounts', 'list', '-o', 'json');
  const [, white] = rowsOf<{ readonly name: string; readonly id: string }>(listedAccounts.stdout);
  expect(white).toMatchObject({ name: 'white', isTradingOn: true, key: 'usable' });
  await fleet.waitFor(
    (line: FleetLine) => line.kind === 'PositionOpened' && line['account'] === white?.id,
    FIRST_OPEN_MS_MAX,
  );

  const set = await fleet.kraite(
    ...['accounts', 'set', 'white', 'slots=1', 'rungs=3', '--reason', 'less risk'],
  );
  expect(set.stdout).toContain('multipliers: 2,2,2,2 → 2,2,2');
  const refused = await fleet.kraite('accounts', 'set', 'white', 'stopPercent=95', '--reason', 'x');
  expect(refused.stderr).toContain('stopPercent: 95 is not a number above 0 and at most 90');

  const withdrawer = { key: 'key-of-withdrawer', secret: newSecret(), balance: '1' };
  await admin.register({ ...withdrawer, permissions: { withdrawals: true } });
  const bad = await fleet.kraite(
    ...['accounts', 'add', 'bad', '--credentials-file'],
    credentialsFile(withdrawer.key, withdrawer.secret),
  );
  expect(bad).toMatchObject({ code: 1 });
  expect(bad.stderr).toContain('KeyMayWithdraw');
  const stranger = { key: 'key-of-stranger-1', secret: newSecret(), balance: '1' };
  await admin.register(stranger);
  const other = await fleet.kraite(
    ...['accounts', 'rotate', 'white', '--reason', 'wrong file', '--credentials-file'],
    credentialsFile(stranger.key, stranger.secret),
  );
  expect(other).toMatchObject({ code: 1 });
  expect(other.stderr).toContain('of another account');

  const renewed = newSecret();
  await admin.register({ ...listed, secret: renewed, addresses: [] });
  const rotated = await fleet.kraite(
    ...['accounts', 'rotate', 'white', '--reason', 'yearly', '--credentials-file'],
    credentialsFile(key, renewed),
  );
  expect(rotated.code, rotated.stderr).toBe(0);
  await eventually(
    async () => expect((await fleet.kraite('accounts', 'check', 'white')).code).toBe(0),
    { limitMs: 30_000, everyMs: 1_000 },
  );
  await fleet.kraite('accounts', 'disable', 'white', '--reason', 'holidays');
  const history = await fleet.kraite('accounts', 'history', 'white', '-o', 'json');
  const kinds = rowsOf<{ readonly kind: string }>(history.stdout).map((row) => row.kind);
  expect(kinds).toEqual(['switched-off', 'rotated', 'settings', 'switched-on', 'added']);

  // Nothing that the fleet keeps or says holds a secret; the exchange's own folder does, as a real one would.
  const secrets = [secret, renewed, withdrawer.secret, stranger.secret];
  const said = [added, set, bad, other, rotated, history].flatMap((end) => [
    end.stdout,
    end.stderr,
  ]);
  const logs = join(fleet.state, 'logs');
  const kept = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  const rows = await fleet.kraite('steps', '--limit', '2000', '-o', 'json');
  const text = [...said, ...kept, rows.stdout, JSON.stringify(fleet.lines)].join('\n');
  expect(secrets.filter((each) => text.includes(each))).toEqual([]);
}, 300_000);
