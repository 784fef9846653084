/**
 * Loaded before the gateway, it lets it run without usage events, which it can't be told to do without: to see what
 * they cost.
 */
import { registerHooks } from 'node:module';

const RECORDER = '/events/usage-recorder.ts';
const NOTHING = `export const createUsageRecorder = () => ({
  request() {},
  anonymousRefusal() {},
  counts: () => ({ assigned: 0, flushed: 0, dropped: 0 }),
  close: async () => {},
});`;

registerHooks({
  load: (url, context, nextLoad) =>
    url.endsWith(RECORDER)
      ? { format: 'module', source: NOTHING, shortCircuit: true }
      : nextLoad(url, context),
});
