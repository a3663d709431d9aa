import { FleetError } from '#pkg/base';

export type LabErrorCode =
  | 'MACHINE_UNFIT'
  | 'LAB_ABSENT'
  | 'LAB_UP'
  | 'UNKNOWN_NODE'
  | 'FLEET_REFUSED'
  | 'WRONG_USE'
  | 'COMMAND_FAILED'
  | 'NOT_READY';

/** Something stands in the way of the lab. The message is for the person who typed, and says what to do. */
export class LabError extends FleetError<LabErrorCode> {}
