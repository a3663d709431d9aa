/**
 * user-stream: receives the fills and changes of every account and keeps each frame before it is acted on.
 *
 * Exit codes: 0 ended in order, 1 crashed, 2 bad configuration.
 */
import { composeUserStream, runProcess } from '#pkg/compose';

await runProcess(process.env, composeUserStream);
