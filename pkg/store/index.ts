/**
 * store: the database as the fleet sees it; the port, its MySQL adapter, and a memory adapter.
 *
 * Not a query builder: callers get named atomic operations. kysely and mysql2 are known in `mysql/` only;
 * what a write does to a row is pure code in `rules/` that both adapters share. Invariants: one open position
 * for each pair and each slot, one order for each client id, by unique indexes; an order's status never loses
 * rank and its fill never shrinks; leases and heartbeats live by the database's clock; nothing hangs.
 */
export {
  createGroupedTransact,
  decideInTurn,
  type GroupMember,
  type GroupOutcome,
} from './rules/group-commit.ts';
export { createMemoryStore } from './memory/store.ts';
export { openMysql, type MysqlDatabase, type MysqlOptions } from './mysql/database.ts';
export { migrateServer } from './mysql/migrate-server.ts';
export { assertSchema, migrate, type Migrated } from './mysql/migrator.ts';
export { createMysqlStore, openMysqlStore } from './mysql/store.ts';
export {
  describeStoreError,
  SchemaVersionError,
  StoreConflictError,
  StoreUnavailableError,
} from './errors.ts';
export type { AccountStore } from './account-store.ts';
export type {
  NewWorkflow,
  StepEffect,
  StepFence,
  StepFilter,
  StepRow,
  StepRun,
  StepState,
  StepStore,
  TreeChange,
  WorkflowRow,
  WorkflowState,
  WorkflowTree,
} from './step-store.ts';
export type { NewPosition, PositionChanges, PositionStore } from './position-store.ts';
export type {
  CandleStore,
  EventStore,
  FleetEvent,
  NewFleetEvent,
  NewOrder,
  OrderStore,
  Readout,
  ReadoutStore,
  ScheduleRun,
  ScheduleRunStore,
  Session,
  SettingStore,
  Store,
  SymbolStore,
  User,
  UserStore,
  WorkerBeat,
  WorkerRow,
  WorkerStore,
} from './store.ts';
export { isRefusal, storeTrouble } from './store-trouble.ts';
export type { Lease, LeaseFence, LeaseStore } from './lease-store.ts';
export type { AccountStreamRow, Frame, FrameStore } from './stream-rows.ts';
export { believedStates, USER_STREAM_LEASE } from './believed-streams.ts';
