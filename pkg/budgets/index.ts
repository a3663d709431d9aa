/**
 * budgets: how much of a provider's allowance is left, fleet-wide.
 *
 * Counts live in Redis because every process with the same egress address, account or API key shares them.
 * Not a limiter that waits: it grants or says until when not. Limits are read from the provider, never
 * copied; before the first reading, the documented floor is used.
 */
export type {
  BudgetKey,
  BudgetLimit,
  BudgetPriority,
  BudgetReading,
  BudgetRequest,
  LeasedBudget,
  LeasedSlot,
  ProviderUsage,
  Reservation,
  Settlement,
  WindowBudget,
} from './budget.ts';
export { createMemoryLeasedBudget } from './memory/leased-budget.ts';
export { createMemoryWindowBudget } from './memory/window-budget.ts';
export { createRedisLeasedBudget } from './redis/leased-budget.ts';
export { createRedisWindowBudget, type RedisWindowBudgetOptions } from './redis/window-budget.ts';
export type { WindowBudgetOptions } from './limits.ts';
