import type { Logger } from '#pkg/observability';

import type { Channel } from '../channel.ts';
import type { Delivery } from '../plan-notifications.ts';
import { sendEmail } from './email.ts';
import { post } from './http.ts';

/** What became of one try. */
export type DeliveryOutcome =
  | { readonly kind: 'sent' }
  /** Repeating the same cannot help. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'later'; readonly message: string; readonly retryAfterMs?: number };

export type Message = Pick<
  Delivery,
  'kind' | 'severity' | 'title' | 'message' | 'atMs' | 'sequence'
>;

/** Sends one message through one channel; never rejects. */
export type Deliver = (
  channel: Channel,
  message: Message,
  signal: AbortSignal,
) => Promise<DeliveryOutcome>;

/** A try that takes longer is given up; below the time that a step has. */
const TRY_MS = 10_000;
const PUSHOVER_URL = 'https://api.pushover.net/1/messages.json';
const TELEGRAM_URL = 'https://api.telegram.org';
/** Telegram takes at most 4,096 characters, Pushover 1,024: one bound for all. */
const TEXT_MAX = 1_000;

/** Returns the sender of every kind of channel. `openSecret` throws where the key does not fit. */
export function createDeliverer(dependencies: {
  readonly logger: Logger;
  readonly openSecret: (channel: Channel) => string | undefined;
}): Deliver {
  const { logger, openSecret } = dependencies;
  return async (channel, message, signal) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]);
    try {
      return await send(channel, message, openSecret(channel) ?? '', within);
    } catch (error) {
      // Whatever went wrong: a notification never harms what it tells of.
      return { kind: 'later', message: error instanceof Error ? error.message : String(error) };
    }
  };

  function send(
    channel: Channel,
    message: Message,
    secret: string,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const text = message.message.slice(0, TEXT_MAX);
    const { title, severity } = message;
    switch (channel.kind) {
      case 'log': {
        logger.info({ channel: channel.name, ...message }, 'notification');
        return Promise.resolve({ kind: 'sent' });
      }
      case 'email':
        return sendEmail(channel, { title: `[${severity}] ${title}`, text }, secret, TRY_MS);
      case 'webhook':
        return post(
          channel.url ?? '',
          { ...message, message: text },
          { signal, ...(secret === '' ? {} : { bearer: secret }) },
        );
      case 'pushover':
        // Source: pushover.net/api. 1 bypasses quiet hours, 0 is ordinary, -1 makes no sound.
        return post(
          channel.url ?? PUSHOVER_URL,
          {
            token: secret,
            user: channel.to,
            title,
            message: text,
            priority: { critical: 1, warning: 0, info: -1 }[severity] ?? 0,
          },
          { signal },
        );
      case 'telegram':
        // Source: the Bot API's sendMessage; the token is part of the path.
        return post(
          `${channel.url ?? TELEGRAM_URL}/bot${secret}/sendMessage`,
          { chat_id: channel.to, text: `${title}\n${text}` },
          { signal },
        );
    }
  }
}
