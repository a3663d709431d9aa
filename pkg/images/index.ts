/**
 * images: which digest a tag of an image stands for at its registry.
 *
 * It reads names (`mysql:8.4.8`), asks registries by the OCI distribution API and believes no header: a digest is that of
 * the manifest that came. It pulls no layer and changes no registry. Invariant: a digest that it returns was computed
 * over bytes that the registry served in this very call.
 */
export { readCredentials, type Credentials } from './credentials.ts';
export { RegistryError, type RegistryErrorCode } from './errors.ts';
export { pinnedName } from './reference.ts';
export { createRegistryReader, type RegistryReader } from './registry.ts';
