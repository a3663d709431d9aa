/**
 * market-stream: brings every mark price of the venue to the price board.
 *
 * Exit codes: 0 ended in order, 1 crashed, 2 bad configuration.
 */
import { composeMarketStream, runProcess } from '#pkg/compose';

await runProcess(process.env, composeMarketStream);
