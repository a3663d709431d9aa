import { createSystemClock } from '#pkg/base';

const clock = createSystemClock();

/** Repeats `check` until it does not throw, at most `limitMs`; then throws what it threw last. */
export async function eventually(
  check: () => void | Promise<void>,
  options: { readonly limitMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const untilMs = clock.monotonicMs() + (options.limitMs ?? 5_000);
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (clock.monotonicMs() > untilMs) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, options.everyMs ?? 10);
    });
  }
}
