import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { openSecret, readSecretKey, sealSecret } from '#pkg/accounts';
import { id, type AccountId } from '#pkg/domain';
import {
  createDeliverer,
  findChannelMistakes,
  readChannels,
  saveChannels,
  sealNameOf,
  type Channel,
} from '#pkg/notifications';
import { createSilentLogger } from '#pkg/observability';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import { formatRows } from '../format/output.ts';
import type { Column } from '../format/table.ts';
import type { ChannelOptions, NotifyOptions } from '../verbs/notify-verbs.ts';
import { findStatePaths } from './state.ts';
import { withReader } from './with-reader.ts';

/** A channel without its secret. */
type ChannelRow = Omit<Channel, 'sealedSecret'> & { readonly hasSecret: boolean };

const COLUMNS: readonly Column<ChannelRow>[] = [
  { header: 'CHANNEL', value: ({ name }) => name },
  { header: 'KIND', value: ({ kind }) => kind },
  { header: 'AUDIENCE', value: ({ audience }) => audience },
  { header: 'FROM', value: ({ severityMin }) => severityMin },
  { header: 'TO', value: ({ to, url }) => to ?? url ?? '' },
  { header: 'SECRET', value: ({ hasSecret }) => (hasSecret ? 'sealed' : '') },
];

/** `kraite notify`. */
export function runListChannels(context: CliContext, options: NotifyOptions): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const rows = (await readChannels(store.settings)).map(
      ({ sealedSecret, ...channel }): ChannelRow => ({
        ...channel,
        hasSecret: sealedSecret !== undefined,
      }),
    );
    const whenEmpty = 'no channel is set up, so nobody is told (kraite notify add --help)';
    writeLine(context.stdout, formatRows(rows, COLUMNS, options.output, { whenEmpty }));
    return EXIT_OK;
  });
}

/** `kraite notify add NAME`. */
export async function runAddChannel(
  context: CliContext,
  name: string,
  options: ChannelOptions,
): Promise<number> {
  const { secretFile, kind, audience, severity, url, to, from } = options;
  const secret = secretFile === undefined ? undefined : await readSecret(context, secretFile);
  const channel = {
    name,
    kind: kind as Channel['kind'],
    audience: audience as Channel['audience'],
    severityMin: severity as Channel['severityMin'],
    url,
    to,
    from,
  };
  const mistakes = findChannelMistakes({ ...channel, hasSecret: secret !== undefined });
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  return withReader(context, options.state, async ({ store }) => {
    const key = await readSecretKey(findStatePaths(context, options.state).secretKey);
    const sealedSecret =
      secret === undefined ? undefined : sealSecret(key, id<AccountId>(sealNameOf(name)), secret);
    const others = (await readChannels(store.settings)).filter((each) => each.name !== name);
    const nowMs = context.clock.nowMs();
    await saveChannels(store.settings, [...others, { ...channel, sealedSecret }], nowMs);
    writeLine(
      context.stdout,
      `channel ${name} stands; try it: ${context.invokedAs} notify test ${name}`,
    );
    return EXIT_OK;
  });
}

/** `kraite notify remove NAME`: 1 when there is none. */
export function runRemoveChannel(
  context: CliContext,
  name: string,
  options: Pick<NotifyOptions, 'state'>,
): Promise<number> {
  return withReader(context, options.state, async ({ store }) => {
    const channels = await readChannels(store.settings);
    if (!channels.some((each) => each.name === name)) return noSuch(context, name, channels);
    const left = channels.filter((each) => each.name !== name);
    await saveChannels(store.settings, left, context.clock.nowMs());
    writeLine(context.stdout, `channel ${name} is removed`);
    return EXIT_OK;
  });
}

/** `kraite notify test NAME`: 1 when the channel did not take it. */
export function runTestChannel(
  context: CliContext,
  name: string,
  options: Pick<NotifyOptions, 'state'>,
): Promise<number> {
  return withReader(context, options.state, async ({ store }, { fleet }) => {
    const channels = await readChannels(store.settings);
    const channel = channels.find((each) => each.name === name);
    if (channel === undefined) return noSuch(context, name, channels);
    const key = await readSecretKey(findStatePaths(context, options.state).secretKey);
    const deliver = createDeliverer({
      logger: createSilentLogger(),
      openSecret: ({ sealedSecret }) =>
        sealedSecret === undefined
          ? undefined
          : openSecret(key, id<AccountId>(sealNameOf(name)), sealedSecret),
    });
    const outcome = await deliver(
      channel,
      {
        kind: 'ChannelTested',
        severity: 'info',
        title: 'A test',
        message: `Fleet ${fleet} reaches you through ${name}.`,
        atMs: context.clock.nowMs(),
        sequence: 0,
      },
      context.interrupt.requested,
    );
    if (outcome.kind === 'sent') {
      writeLine(context.stdout, `${name} took it`);
      return EXIT_OK;
    }
    const advice =
      outcome.kind === 'later'
        ? 'a notification would be tried again'
        : 'a notification would be given up';
    writeLine(context.stderr, `${name} did not take it: ${outcome.message}; ${advice}`);
    return EXIT_FAILED;
  });
}

async function readSecret({ workingDirectory }: CliContext, file: string): Promise<string> {
  try {
    const secret = (await readFile(resolve(workingDirectory, file), 'utf8')).trim();
    if (secret !== '') return secret;
  } catch {
    throw new UsageError(`--secret-file ${file} cannot be read`);
  }
  throw new UsageError(`--secret-file ${file} is empty`);
}

function noSuch({ stderr }: CliContext, name: string, channels: readonly Channel[]): number {
  const names = channels.map((each) => each.name).join(', ');
  writeLine(
    stderr,
    `there is no channel ${name}; ${names === '' ? 'none is set up' : `there are ${names}`}`,
  );
  return EXIT_FAILED;
}
