import type { Audience, Severity } from '#pkg/modes';
import type { SettingStore } from '#pkg/store';

type ChannelKind = 'email' | 'pushover' | 'telegram' | 'webhook' | 'log';

/** One way to a person or a program. The secret is sealed with the fleet's key and bound to the channel's name. */
export interface Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly audience: Audience | 'both';
  readonly severityMin: Severity;
  /** E-mail: `smtp://host:port` or `smtps://…`; webhook: where to post; others: only to use another server. */
  readonly url: string | undefined;
  /** E-mail: address; Pushover: key of the user; Telegram: id of the chat. */
  readonly to: string | undefined;
  /** E-mail: the sender; also the user that logs in, where there is a secret. */
  readonly from: string | undefined;
  /** E-mail: password; Pushover and Telegram: token; webhook: bearer token. */
  readonly sealedSecret: string | undefined;
}

const NEEDS: Readonly<Record<ChannelKind, readonly ('url' | 'to' | 'from' | 'secret')[]>> = {
  email: ['url', 'to', 'from'],
  pushover: ['to', 'secret'],
  telegram: ['to', 'secret'],
  webhook: ['url'],
  log: [],
};
const SCHEMES: Readonly<Record<ChannelKind, readonly string[]>> = {
  email: ['smtp:', 'smtps:'],
  pushover: ['http:', 'https:'],
  telegram: ['http:', 'https:'],
  webhook: ['http:', 'https:'],
  log: [],
};

/** Returns every mistake in a channel as a sentence. */
export function findChannelMistakes(
  channel: Omit<Channel, 'sealedSecret'> & { readonly hasSecret: boolean },
): readonly string[] {
  const mistakes: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(channel.name)) {
    mistakes.push(`${channel.name}: a name has small letters, digits and dashes`);
  }
  for (const need of NEEDS[channel.kind]) {
    const isGiven = need === 'secret' ? channel.hasSecret : (channel[need] ?? '') !== '';
    if (!isGiven)
      mistakes.push(`${channel.kind} needs ${need === 'secret' ? '--secret-file' : `--${need}`}`);
  }
  if (channel.url !== undefined) {
    const scheme = URL.canParse(channel.url) ? new URL(channel.url).protocol : '';
    if (!SCHEMES[channel.kind].includes(scheme)) {
      mistakes.push(
        `--url ${channel.url}: ${channel.kind} takes ${SCHEMES[channel.kind].join(' or ') || 'none'}`,
      );
    }
    if (URL.canParse(channel.url) && new URL(channel.url).password !== '') {
      mistakes.push('--url: a password belongs into --secret-file, where it is sealed');
    }
  }
  return mistakes;
}

/** What a sealed secret of a channel is bound to. */
export function sealNameOf(channelName: string): string {
  return `notify:${channelName}`;
}

const SETTING = 'notify-channels';

export async function readChannels(
  settings: Pick<SettingStore, 'find'>,
): Promise<readonly Channel[]> {
  const value = await settings.find(SETTING);
  return value === undefined ? [] : (JSON.parse(value) as readonly Channel[]);
}

export async function saveChannels(
  settings: Pick<SettingStore, 'set'>,
  channels: readonly Channel[],
  nowMs: number,
): Promise<void> {
  await settings.set(SETTING, JSON.stringify(channels), nowMs);
}
