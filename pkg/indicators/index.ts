/** indicators: the port to a provider of technical indicators, and its adapter for TAAPI.io. */
export type {
  IndicatorAnswer,
  IndicatorName,
  IndicatorQuery,
  IndicatorReading,
  Indicators,
} from './indicators.ts';
