/**
 * store: the database as the fleet sees it; the port, its MySQL adapter, and a memory adapter.
 *
 * Not a query builder: callers get named atomic operations. kysely and mysql2 are known in `mysql/` only.
 */
export { SchemaVersionError, StoreConflictError, StoreUnavailableError } from './errors.ts';
export type {
  NewWorkflow,
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
export type {
  AccountStore,
  CandleStore,
  EventStore,
  FleetEvent,
  Frame,
  FrameStore,
  Lease,
  LeaseStore,
  NewFleetEvent,
  NewOrder,
  NewPosition,
  OrderStore,
  PositionChanges,
  PositionStore,
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
