/**
 * indicators: the port to a provider of technical indicators, its adapter for TAAPI.io, and the same readings by ourselves.
 *
 * One `read` is one request of up to 20 calculations, metered by a completion-leased budget that all
 * processes with the key share. What the provider could not give is a reading with a message. `local/` computes
 * the same from candles and compares the two. Conclusions are not drawn here.
 */
export { computeReadings, type ComputedAt } from './local/compute-readings.ts';
export { findDisagreement } from './local/compare-readings.ts';
export type {
  IndicatorAnswer,
  IndicatorName,
  IndicatorQuery,
  IndicatorReading,
  Indicators,
} from './indicators.ts';
export {
  TAAPI_URL,
  createTaapiIndicators,
  type TaapiDependencies,
  type TaapiOptions,
} from './taapi/taapi-indicators.ts';
