/**
 * Every reason that the fleet gives for a pause, a refusal or a wait.
 *
 * One PascalCase word, the same in the log field, the metric label, the row, the CLI and the page, so
 * that one search finds them all. Add a word here before using it; each sentence says what it means for
 * the reader.
 */
export const REASONS = {
  AddressBudgetSpent: 'The request weight of this egress address is used up until the minute ends.',
  AddressNotListed:
    'The key works from other addresses of the fleet but not from this one: list it with the key.',
  ApiKeyMalformed: 'The venue says that this is no API key.',
  ApiKeyOrAddressRefused:
    'The venue refuses the key: it is unknown, may not trade futures, or does not list the address.',
  ApiSecretWrong: 'The secret is not the one of this API key.',
  AccountFlattened:
    'The account was taken to flat by hand: nothing opens until a person resumes it.',
  AccountPaused: 'The account is paused by hand: nothing of it begins, what protects it goes on.',
  AccountRecovering:
    'The rows of the account are compared with the venue and mended: nothing opens until that has ended.',
  AccountNotArmed:
    'Real money: nobody armed this account in this fleet, so nothing is signed for it.',
  AccountNotionalLimit:
    'With this ladder the account would be worth more, filled, than its limit of both sides.',
  AccountOrderBudgetSpent: 'The order count of this account is used up for the current window.',
  ProviderBudgetSpent: 'The indicator provider grants no further request just now.',
  ProcessStarting: 'The process has not finished starting.',
  AddressBanned: 'The venue refuses this egress address until the time it named.',
  AwaitingConfirmation: 'The deed is done; whether it took hold is looked up a little later.',
  AwaitingFinality: 'A lost reply is not yet final: the venue may still accept what was signed.',
  AgainstLeader:
    'The correlation of the symbol with BTC has the wrong sign for this side, so it has no score.',
  AwaitingFill: 'The order is at the venue and has not filled yet.',
  BacktestRejected: 'Over recorded candles this ladder was stopped too often, or lost on average.',
  BacktestMissing:
    'No backtest has judged this ladder in the symbol yet; it is asked for by the look that finds none.',
  BalanceTooLow: 'The account holds too little for the smallest position.',
  BelowMinNotional: 'An order of the ladder is worth less than the venue accepts.',
  BelowMinQuantity: 'An order of the ladder is smaller than the venue accepts.',
  BoxAway: 'No worker of the box takes steps, so nothing can be asked from its address.',
  BoxDraining: 'The box takes no more work while it drains.',
  BooksNotReconciled:
    'Every trading box was away, and the books of the account were not compared with the venue since.',
  BudgetUnreadable:
    'The shared count of requests is away, so only what protects a position is sent.',
  CandlesMissing: 'Too few candles are stored for this symbol and timeframe.',
  CandlesStale: 'The newest stored candle is older than its timeframe allows.',
  ChannelRemoved: 'The channel of this notification is no longer set up.',
  ChannelUnreachable: 'The channel of this notification took nothing; it is tried again later.',
  CertificateExpired: 'The certificate of the sites is not valid now; browsers refuse it.',
  CertificateMissing: 'The sites have no certificate yet, so they are not served over TLS.',
  CertificateNotForHost: 'The certificate does not name every host of the sites.',
  CertificateRefused:
    'The authority issued no certificate; each host must lead to port 80 of the box that serves the sites.',
  DatabaseFull:
    'The database has no room left for what is written: free space on its disk; nothing that it took is lost.',
  DatabaseReadOnly: 'The database refuses every write: is it a replica, or in maintenance?',
  DatabaseRefusesLogin: 'The database refuses the user or the password: correct them.',
  DatabaseUnreachable: 'The database does not answer; the process goes on as soon as it does.',
  DirectionUnclear: 'The direction indicators do not agree on any timeframe.',
  DispatcherAway: 'No dispatcher holds the lease, so nothing new is admitted.',
  EarlyDirectionChange:
    'The newest readings turned around too early: the old direction is not acted on until longer candles agree.',
  EgressUnverified: 'The address that this box leaves from is not proved.',
  EgressIdentityMismatch:
    'Somebody outside saw this box leave from another address than its own, so it takes nothing.',
  EgressUnconfirmed:
    'The proof of the egress address is too old: only what protects a position is done here.',
  ExposureChanging:
    'Other entries of the account were let go at the same moment; this one is judged again with them.',
  FleetClosesOnly: 'The fleet only closes: nothing opens until a person ends that.',
  FleetCoolingDown:
    'The fleet cools down: what runs comes to its end, and nothing new begins but what protects.',
  FleetFlattened:
    'Every account was taken to flat by hand: nothing opens until a person resumes it.',
  FleetFrozen: 'The fleet is frozen: no step begins, not even one that protects or closes.',
  FleetInMaintenance:
    'The fleet is in maintenance: nothing new begins but health checks and what protects.',
  FleetNotionalLimit: 'With this ladder all accounts together would be worth more than the limit.',
  FleetPaused: 'The fleet is paused by hand.',
  FleetWarmingUp:
    'The fleet warms up: nothing opens before the books were compared with the venue.',
  KeyLacksFutures: 'The API key has no permission for futures.',
  KeyMayWithdraw: 'The API key may withdraw; the fleet takes only keys that may not.',
  LanePaused: 'The lane is paused by hand: no new work begins that needs it.',
  LaneUnserved: 'No running box serves the lane of this step.',
  LiquidationBeforeStop:
    'With its whole ladder filled the position would be liquidated before its stop is reached.',
  LeaderUnclear: 'BTC has no fresh direction, so no symbol is scored against it.',
  LeverageUnavailable: 'No leverage bracket admits the planned size.',
  MarginRatioLimit:
    'With this ladder filled, too much of the margin balance would be bound as maintenance margin.',
  MarkPriceStale: 'The mark price is too old to act on.',
  MarketShock: 'The market has just fallen too fast, so nothing is opened for a while.',
  MarkSamplesMissing: 'Too few of the last marks are known to see whether the market falls.',
  NoCandidate: 'No symbol passes every selection question.',
  LadderFull: 'Every rung of a position on this side is filled, so the side opens nothing.',
  LaddersHalfFull: 'More than half of the positions on this side have passed half of their ladder.',
  NoFreeSlot: 'Every position slot of the account on this side is taken.',
  NoRoom:
    'The symbol stands at the far level already, or follows BTC too unsteadily, to be scored.',
  NotificationRefused: 'The channel refused the notification, or took nothing for a day.',
  OpeningsHalted: 'A guard of the fleet halts every opening; kraite health says which and why.',
  OrderRateLimit: 'The account sent as many opening orders in this second as its limit allows.',
  PairHasOrders:
    'Orders that belong to no position of the fleet stand in this symbol and direction.',
  PairAlreadyHeld: 'The account already holds a position in this symbol and direction.',
  PositionNotOpen: 'The position is no longer open, so there is nothing to do.',
  PositionAlreadyFlat: 'The venue reports no quantity for the position.',
  PriceMisaligned:
    'The mark price is not the price that the direction was read at: another symbol, or it ran away.',
  ProviderUnreachable: 'The indicator provider did not answer.',
  QuoteNotTraded: 'The symbol is quoted in a currency that the fleet does not trade against.',
  QueuesOutOfMemory:
    'Redis is out of memory and takes no job: ready steps wait in their rows until it has room.',
  QueuesReadOnly:
    'Redis refuses writes, as a replica does: ready steps wait in their rows until it is a primary.',
  QueuesUnreachable: 'Redis does not answer: ready steps wait in their rows until it does.',
  QueuesWiped: 'Redis lost its jobs; the dispatcher enqueues every ready step again from its row.',
  ReadingMissing: 'An indicator reading is missing, so no conclusion is drawn.',
  ReadingStale: 'Readings of one run lie too far apart or are not of the last closed candle.',
  ReadingsDisagree: "The provider's readings are not what the venue's candles say.",
  RegimeCooldown: 'The market was in a critical regime within the last hours.',
  RegimeCritical: 'The score of the whole market is critical, so nothing is opened.',
  RegimeStale: 'The score of the whole market is unknown or too old, so nothing is opened.',
  SchemaTooNew:
    'The database has the schema of a later release: run that release, or restore older rows.',
  SchemaTooOld: 'The database has the schema of an older release; it must be migrated first.',
  SecretUnreadable: 'The stored secret does not open with the key file of this box.',
  SideNotionalLimit:
    'With this ladder its side of the account would be worth more, filled, than its limit.',
  SigningDelayed: 'The request could not be signed in time, so nothing was sent.',
  StopBroken: 'The position has no working stop and is closed.',
  StopLossLimit:
    'If every open ladder of the side were stopped together, the account would lose more than its limit.',
  StreamConnecting: 'No socket listens for this account just now, so events are missed.',
  StreamGapOpen:
    'Events of this account may have been missed and have not been read by REST since.',
  FramesUnstored: 'Frames of this account wait on disk until the database takes them.',
  SymbolCooling:
    'The symbol moved 15 % or more when it was closed; it is left alone for three days.',
  SymbolDelisting:
    'The venue has announced the end of this symbol: nothing is opened, and what is held is closed before.',
  SymbolNotTrading: 'The venue does not trade this symbol now.',
  TradingSwitchedOff: 'Trading is switched off for this account.',
  VenueBusy: 'The venue is overloaded and took nothing.',
  VenueCoolingDown:
    'The venue could not serve (503 or 504) within the last half hour, so nothing is opened.',
  VenueClockRefused: 'The venue found the time stamp of the request too old or too new.',
  VenueUnreachable: 'The venue did not answer.',
  VenueRejected: 'The venue rejected the request.',
  WaitsForPredecessor: 'An earlier step of the block has not concluded.',
  AttemptsSpent: 'Every attempt that the retry policy of this step allows has failed.',
  BlockBroken: 'An earlier step of the block failed or stopped, so this one will not run.',
  CanceledByHand: 'A person canceled it; who and why stands beside it.',
  CompensationNotNeeded: 'The block concluded without breaking, so there is nothing to compensate.',
  LastRunUnfinished: 'The workflow of the last run of this entry has not finished.',
  LeaseLost: 'The worker lost its lease while the step ran; another run takes over.',
  ParentSkipped: 'The step above was skipped, and everything below it with it.',
  PrerequisiteUnfinished: 'An entry that must run first has not finished in time.',
  SkippedByHand: 'A person skipped it; who and why stands beside it.',
  StepPoisoned: 'The step ended its worker too often and will not be tried again.',
  StepTimedOut: 'The run of the step exceeded its time limit.',
  FleetReady: 'Every box runs what the object says.',
  FleetStarting: 'Something that the object asks for does not run yet.',
  FleetDegraded: 'Something that ran before does not run now.',
  FleetDeleting: 'The object is being deleted: the boxes drain, then everything but the data goes.',
  ReconcilePaused: 'The operator changes nothing, because the object or its annotation says so.',
  CacheStale: 'The operator does not see the cluster well enough to change anything.',
  NodeMissing: 'No node of the cluster carries the label of this box.',
  NodeAway: 'The node of this box does not answer the cluster.',
  NodeClaimedTwice: 'Two nodes say that they are this box; neither is taken until one is gone.',
  BoxTaken: 'An older fleet of this cluster names this box.',
  WindowClosed: 'No window for updates is open.',
  FundingNear: 'Funding is settled about now, so no box begins to drain.',
  MigrationRunning: 'The database is being brought to the schema of the new version.',
  MigrationFailed: 'The database could not be brought to the schema of the new version.',
  DrainRunning: 'The box takes nothing more and finishes what it runs.',
  DrainOverdue: 'The box did not finish what it runs within the drain time-out.',
  PodsStarting: 'Pods of the box are not ready yet.',
  PodsFailing: 'Pods of the box start again and again, or cannot start.',
  CanaryRunning: 'The box has not yet run long enough with the new version to go on.',
  BoxesAway: 'As many boxes are away as may be at once.',
  LastConsumer: 'Nobody else takes steps of this lane now, so its last consumer stays.',
  EgressReleasing: 'The node agent is taking its rules off the box.',
  WriteRefused: 'The API server refuses an object that the fleet needs.',
  ThreadBlocked: 'A handler computed for so long that nothing else of its process could run.',
  UpdateDone: 'Every box runs the version that the object names.',
  UpdateRunning: 'Boxes are brought to what the object says, one after another.',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof REASONS;
