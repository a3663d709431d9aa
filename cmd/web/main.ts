/**
 * web: serves the three sites (admin, public, manual) from athena.
 *
 * Exit codes: 0 ended in order, 1 crashed, 2 bad configuration.
 */
import { composeWeb, runProcess } from '#pkg/compose';

await runProcess(process.env, composeWeb);
