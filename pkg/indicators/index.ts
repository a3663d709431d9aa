/**
 * indicators: the port to a provider of technical indicators, and its adapter for TAAPI.io.
 *
 * One `read` is one request of up to 20 calculations, metered by a completion-leased budget that all
 * processes with the key share. What the provider could not give is a reading with a message. Conclusions are
 * not drawn here.
 */
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
