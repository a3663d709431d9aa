/**
 * prospects: what is known of a symbol beside the venue's rules: how it moves with BTC, where its levels
 * lie, and how it came to its direction.
 *
 * Signals write it, selection scores by it, and `kraite why` shows it; here are only the shapes and their doors to
 * the settings. Nothing is concluded here. Invariant: what another release wrote in another shape counts as absent.
 */
export { APPROVAL_RENEWED_MS, APPROVALS, type Approval } from './approvals.ts';
export { LEVELS, type Levels } from './levels.ts';
export { PATHS, type PathEntry, type ReadingSource } from './paths.ts';
export { MEASURES, type DailyMeasure, type Measure } from './measures.ts';
