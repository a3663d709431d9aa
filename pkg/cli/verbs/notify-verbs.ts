import { Argument, Option } from 'commander';

import type { OutputFormat } from '../format/output.ts';
import { outputOption, stateOption, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface NotifyOptions {
  readonly state?: string;
  readonly output: OutputFormat;
}

export interface ChannelOptions {
  readonly state?: string;
  readonly kind: string;
  readonly audience: string;
  readonly severity: string;
  readonly url?: string;
  readonly to?: string;
  readonly from?: string;
  readonly secretFile?: string;
}

/** As `Channel` of `#pkg/notifications` has them. */
const KINDS = ['email', 'pushover', 'telegram', 'webhook', 'log'];

/** Adds the verbs that set up who is told. */
export function addNotifyVerbs({ program, context, result }: VerbRegistry): void {
  const notify = program
    .command('notify')
    .summary('channels through which people are told')
    .description('Lists the channels; below it they are added, tried out and removed.')
    .enablePositionalOptions()
    .addOption(outputOption())
    .addOption(stateOption());
  withExamples(notify, [['notify', 'which channels there are']]).action(
    async (options: NotifyOptions) => {
      const { runListChannels } = await import('../commands/notify.ts');
      result.exitCode = await runListChannels(context, options);
    },
  );
  const name = () => new Argument('<name>', 'name of the channel');
  const add = notify
    .command('add')
    .summary('add a channel, or replace the one of this name')
    .description('The secret is read from a file and sealed with the key of the fleet.')
    .addArgument(name())
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).makeOptionMandatory())
    .addOption(
      new Option('--audience <who>', 'what it hears')
        .choices(['trader', 'operator', 'both'])
        .default('both'),
    )
    .addOption(
      new Option('--severity <least>', 'the least that it hears')
        .choices(['info', 'warning', 'critical'])
        .default('info'),
    )
    .option('--url <url>', 'webhook: where to post; email: smtp://host:port or smtps://host:port')
    .option('--to <whom>', 'email: address; pushover: user key; telegram: id of the chat')
    .option('--from <address>', 'email: the sender, who also logs in when there is a secret')
    .option('--secret-file <file>', 'file with the password or the token')
    .addOption(stateOption());
  withExamples(add, [
    ['add ops --kind webhook --url https://example.org/hook --audience operator', 'a webhook'],
    ['add phone --kind telegram --to 4711 --secret-file token.txt', 'a chat'],
  ]).action(async (channel: string, options: ChannelOptions) => {
    const { runAddChannel } = await import('../commands/notify.ts');
    result.exitCode = await runAddChannel(context, channel, options);
  });
  const remove = notify
    .command('remove')
    .summary('remove a channel')
    .description('What waits for the channel is dropped with it.')
    .addArgument(name())
    .addOption(stateOption());
  withExamples(remove, [['remove ops', 'nobody is told through it any more']]).action(
    async (channel: string, options: NotifyOptions) => {
      const { runRemoveChannel } = await import('../commands/notify.ts');
      result.exitCode = await runRemoveChannel(context, channel, options);
    },
  );
  const test = notify
    .command('test')
    .summary('send one notification through a channel now')
    .description('Sends from this machine, without a queue, and says what the channel answered.')
    .addArgument(name())
    .addOption(stateOption());
  withExamples(test, [['test ops', 'see whether it arrives']]).action(
    async (channel: string, options: NotifyOptions) => {
      const { runTestChannel } = await import('../commands/notify.ts');
      result.exitCode = await runTestChannel(context, channel, options);
    },
  );
}
