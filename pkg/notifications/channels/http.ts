import type { DeliveryOutcome } from './deliver.ts';

/** Posts JSON. The address is in no message: it may carry a token. */
export async function post(
  url: string,
  body: unknown,
  options: { readonly signal: AbortSignal; readonly bearer?: string },
): Promise<DeliveryOutcome> {
  const { signal, bearer } = options;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
      signal,
      redirect: 'error',
    });
    await response.arrayBuffer();
  } catch {
    return { kind: 'later', message: signal.aborted ? 'no answer in time' : 'no connection' };
  }
  const { status } = response;
  if (response.ok) return { kind: 'sent' };
  const message = `answered ${status}`;
  if (status === 429 || status === 408 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return Number.isFinite(seconds) && seconds > 0
      ? { kind: 'later', message, retryAfterMs: seconds * 1_000 }
      : { kind: 'later', message };
  }
  return { kind: 'refused', message };
}
