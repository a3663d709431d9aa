/** How the provider meters a key: 75 requests in 15 s, in a window that slides or one that is fixed to the clock. */
export type RequestWindow = 'sliding' | 'fixed';

const WINDOW_MS = 15_000;
export const REQUESTS_MAX = 75;

/** Returns a meter that says whether one more request is allowed at `nowMs`. A refused request costs nothing. */
export function createRequestLog(window: RequestWindow): (nowMs: number) => boolean {
  let times: number[] = [];
  return (nowMs) => {
    times = times.filter((each) =>
      window === 'sliding'
        ? each > nowMs - WINDOW_MS
        : Math.floor(each / WINDOW_MS) === Math.floor(nowMs / WINDOW_MS),
    );
    if (times.length >= REQUESTS_MAX) return false;
    times.push(nowMs);
    return true;
  };
}
