/**
 * Every reason that the fleet gives for a pause, a refusal or a wait.
 *
 * One PascalCase word, the same in the log field, the metric label, the row, the CLI and the page, so
 * that one search finds them all. Add a word here before using it; each sentence says what it means for
 * the reader.
 */
export const REASONS = {
  AddressBudgetSpent: 'The request weight of this egress address is used up until the minute ends.',
  AccountNotArmed:
    'Real money: nobody armed this account in this fleet, so nothing is signed for it.',
  AccountOrderBudgetSpent: 'The order count of this account is used up for the current window.',
  ProviderBudgetSpent: 'The indicator provider grants no further request just now.',
  ProcessStarting: 'The process has not finished starting.',
  AddressBanned: 'The venue refuses this egress address until the time it named.',
  AwaitingFinality: 'A lost reply is not yet final: the venue may still accept what was signed.',
  AwaitingFill: 'The order is at the venue and has not filled yet.',
  BalanceTooLow: 'The account holds too little for the smallest position.',
  BelowMinNotional: 'An order of the ladder is worth less than the venue accepts.',
  BelowMinQuantity: 'An order of the ladder is smaller than the venue accepts.',
  BoxDraining: 'The box takes no more work while it drains.',
  BudgetUnreadable:
    'The shared count of requests is away, so only what protects a position is sent.',
  CandlesMissing: 'Too few candles are stored for this symbol and timeframe.',
  CandlesStale: 'The newest stored candle is older than its timeframe allows.',
  CertificateExpired: 'The certificate of the sites is not valid now; browsers refuse it.',
  CertificateMissing: 'The sites have no certificate yet, so they are not served over TLS.',
  CertificateNotForHost: 'The certificate does not name every host of the sites.',
  CertificateRefused:
    'The authority issued no certificate; each host must lead to port 80 of the box that serves the sites.',
  DatabaseRefusesLogin: 'The database refuses the user or the password: correct them.',
  DatabaseUnreachable: 'The database does not answer; the process goes on as soon as it does.',
  DirectionUnclear: 'The direction indicators do not agree on any timeframe.',
  DispatcherAway: 'No dispatcher holds the lease, so nothing new is admitted.',
  EgressUnverified: 'The address that this box leaves from is not proved.',
  EgressIdentityMismatch:
    'Somebody outside saw this box leave from another address than its own, so it takes nothing.',
  EgressUnconfirmed:
    'The proof of the egress address is too old: only what protects a position is done here.',
  FleetPaused: 'The fleet is paused by hand.',
  LaneUnserved: 'No running box serves the lane of this step.',
  LeverageUnavailable: 'No leverage bracket admits the planned size.',
  MarkPriceStale: 'The mark price is too old to act on.',
  NoCandidate: 'No symbol passes every selection question.',
  NoFreeSlot: 'Every position slot of the account on this side is taken.',
  PairAlreadyHeld: 'The account already holds a position in this symbol and direction.',
  PositionNotOpen: 'The position is no longer open, so there is nothing to do.',
  PositionAlreadyFlat: 'The venue reports no quantity for the position.',
  ProviderUnreachable: 'The indicator provider did not answer.',
  ReadingMissing: 'An indicator reading is missing, so no conclusion is drawn.',
  ReadingStale: 'Readings of one run lie too far apart or are not of the last closed candle.',
  SchemaTooNew:
    'The database has the schema of a later release: run that release, or restore older rows.',
  SchemaTooOld: 'The database has the schema of an older release; it must be migrated first.',
  SigningDelayed: 'The request could not be signed in time, so nothing was sent.',
  StopBroken: 'The position has no working stop and is closed.',
  SymbolNotTrading: 'The venue does not trade this symbol now.',
  TradingSwitchedOff: 'Trading is switched off for this account.',
  VenueBusy: 'The venue is overloaded and took nothing.',
  VenueClockRefused: 'The venue found the time stamp of the request too old or too new.',
  VenueUnreachable: 'The venue did not answer.',
  VenueRejected: 'The venue rejected the request.',
  WaitsForPredecessor: 'An earlier step of the block has not concluded.',
  AttemptsSpent: 'Every attempt that the retry policy of this step allows has failed.',
  BlockBroken: 'An earlier step of the block failed or stopped, so this one will not run.',
  CompensationNotNeeded: 'The block concluded without breaking, so there is nothing to compensate.',
  LastRunUnfinished: 'The workflow of the last run of this entry has not finished.',
  LeaseLost: 'The worker lost its lease while the step ran; another run takes over.',
  ParentSkipped: 'The step above was skipped, and everything below it with it.',
  PrerequisiteUnfinished: 'An entry that must run first has not finished in time.',
  StepPoisoned: 'The step ended its worker too often and will not be tried again.',
  StepTimedOut: 'The run of the step exceeded its time limit.',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof REASONS;
