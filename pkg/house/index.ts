/**
 * house: `kraite test`, the one way to run every check and test.
 *
 * Parts are data (`parts.ts`): the static checks, which run side by side, and the projects of vitest.config.ts, which
 * run one after the other. Servers that a part needs are made sure of beforehand. The last line is always
 * `N passed, N failed`; what could not run for want of a tool is named, and is not called passed.
 *
 * `kraite bench` runs what is measured and never asserted, `kraite soak` what is searched for long; both are data too
 * (`benches.ts`, `soaks.ts`).
 *
 * It knows no test: it starts the tools as anybody would by hand.
 */
export { runExercise, type ExerciseKind } from './run-exercise.ts';
export { runTests, type RunTestsOptions } from './run-tests.ts';
