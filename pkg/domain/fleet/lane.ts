/**
 * Lanes: which queue a step waits in, and so which workers and egress addresses may run it.
 *
 * `own` is the lane of steps pinned to one box; its queue carries the box's name.
 */
export const LANES = [
  'positions',
  'orders',
  'priority',
  'user-data-stream',
  'indicators',
  'cronjobs',
  'own',
] as const;

export type Lane = (typeof LANES)[number];
