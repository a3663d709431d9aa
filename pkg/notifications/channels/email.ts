import { createTransport } from 'nodemailer';

import type { Channel } from '../channel.ts';
import type { DeliveryOutcome } from './deliver.ts';

/** Sends one mail over a connection of its own. A reply of 5xx is final, everything else is tried again. */
export async function sendEmail(
  channel: Channel,
  mail: { readonly title: string; readonly text: string },
  secret: string,
  timeoutMs: number,
): Promise<DeliveryOutcome> {
  const { hostname, port, protocol } = new URL(channel.url ?? '');
  const transport = createTransport({
    host: hostname,
    port: port === '' ? undefined : Number(port),
    secure: protocol === 'smtps:',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(secret === '' ? {} : { auth: { user: channel.from ?? '', pass: secret } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: channel.from,
      to: channel.to,
      subject: mail.title,
      text: mail.text,
    });
    return { kind: 'sent' };
  } catch (error) {
    const { responseCode } = error as { readonly responseCode?: number };
    if (responseCode !== undefined && responseCode >= 500) {
      return { kind: 'refused', message: `the mail server answered ${responseCode}` };
    }
    const message =
      responseCode === undefined ? 'no connection' : `the mail server answered ${responseCode}`;
    return { kind: 'later', message };
  } finally {
    transport.close();
  }
}
