import { createManualClock, createSystemClock } from '#pkg/base';
import { startSimulatedVenue } from '#pkg/exchange/simulated';
import { createMemorySockets, openWebSocket } from '#pkg/streams';
import { eventually } from '../harness/eventually.ts';
import { createWire } from '../venue/wire-client.ts';
import { socketConformance } from './sockets.ts';

socketConformance('network, against the simulated venue', async () => {
  const owner = { key: 'sockets', secret: 'secret' };
  const venue = await startSimulatedVenue({ accounts: [{ ...owner, balance: '10000' }] });
  const wire = createWire(venue.urls.rest, owner);
  const { body } = await wire('POST', '/fapi/v1/listenKey');
  let sequence = 0;
  return {
    open: openWebSocket,
    clock: createSystemClock(),
    url: `${venue.urls.privateStream}/ws/${String(body['listenKey'])}`,
    refusingUrl: `${venue.urls.privateStream.replace(/\/private$/u, '')}/ws/old`,
    say: async () => {
      sequence += 1;
      const parameters = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: 1 };
      const newClientOrderId = `say-${sequence}`;
      await wire('POST', '/fapi/v1/order', { parameters: { ...parameters, newClientOrderId } });
    },
    hangUp: async () => {
      const body = JSON.stringify({ closeUserStreams: true });
      await fetch(`${venue.urls.admin}/admin/faults`, { method: 'POST', body });
    },
    until: (check) => eventually(check),
    [Symbol.asyncDispose]: () => venue[Symbol.asyncDispose](),
  };
});

socketConformance('memory, in virtual time', async () => {
  const clock = createManualClock();
  const sockets = createMemorySockets({ clock });
  const refusing = createMemorySockets({ clock });
  refusing.answerWith('refuse');
  sockets.delayBy(20);
  const url = 'memory://venue';
  return {
    open: (options) => (options.url === url ? sockets.open(options) : refusing.open(options)),
    clock,
    url,
    refusingUrl: 'memory://refuses',
    say: async () => {
      for (const peer of sockets.peers()) peer.send('{"e":"said"}');
    },
    hangUp: async () => {
      for (const peer of sockets.peers()) peer.close();
      clock.advance(20);
    },
    until: async (check) => {
      for (let tries = 0; tries < 50; tries += 1) {
        try {
          return check();
        } catch {
          clock.advance(5);
        }
      }
      check();
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
});
