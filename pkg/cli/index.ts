/**
 * cli: the verbs of `kraite`, their help, and what they print.
 *
 * Habits are kubectl's: `-o text|wide|json|yaml`, `-w`, errors on stderr that say what to do, exit codes 0 (done),
 * 1 (it failed) and 2 (wrong use). It decides nothing about the fleet: it parses, calls `pkg/local` or reads
 * rows, and formats. Invariants: what a verb prints as JSON or YAML has stable field names; every verb
 * has examples in its help; a verb loads only what it needs, because the start of a fleet is counted in ms.
 */
export type { CliContext, Interrupt, OutputStream } from './context.ts';
export { listenForInterrupt, readStartedAtMs } from './interrupt.ts';
export { runKraite } from './run.ts';
