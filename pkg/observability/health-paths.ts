/** Paths of the health port. */
export const HEALTH_PATHS = {
  live: '/livez',
  ready: '/readyz',
  metrics: '/metrics',
  /** POST: takes nothing more; answers at once. */
  drain: '/drain',
  /** GET: the same, and answers when it is drained (200) or the time is over (503). */
  preStop: '/pre-stop',
} as const;

/**
 * What a GET of the pre-stop path must carry.
 *
 * A kubelet sends it (`lifecycle.preStop.httpGet.httpHeaders`); a web page cannot without asking first, which is refused.
 */
export const PRE_STOP_HEADER = { name: 'kraite-pre-stop', value: 'drain' } as const;

/** Query of the pre-stop path: whole seconds to wait at most. */
export const PRE_STOP_TIMEOUT_PARAMETER = 'timeoutSeconds';
