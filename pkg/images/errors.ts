import { FleetError } from '#pkg/base';

export type RegistryErrorCode =
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_DENIED'
  | 'REGISTRY_BUSY'
  | 'REGISTRY_FAULTY'
  | 'IMAGE_UNKNOWN';

/** A registry gave no digest. The message names the image and says what to do. */
export class RegistryError extends FleetError<RegistryErrorCode> {}
