/**
 * Loaded before the gateway, it makes one thing that it does for each request something that SIGUSR2 turns off, and on again.
 * Two processes differ by more than what is sought here; one process, now with it and now without it, does not.
 *
 * SWITCHED names the thing.
 */
import { registerHooks } from 'node:module';

const STATE = 'globalThis[Symbol.for("bench.switched")]';

/** What is exported in place of what a module exports by that name, which is `real`. */
const THINGS: Readonly<Record<string, { module: string; name: string; source: string }>> = {
  'access log': {
    module: '/http/access-log.ts',
    name: 'createAccessLog',
    source: `(...given) => {
      const log = real(...given);
      return (exchange) => { if (state.isOn) log(exchange); };
    }`,
  },
  'usage events': {
    module: '/http/usage.ts',
    name: 'recordUsage',
    source: '(usage, exchange) => { if (state.isOn) real(usage, exchange); }',
  },
  metrics: {
    module: '/telemetry/requests.ts',
    name: 'measureRequests',
    source: `(metrics) => {
      const { began, ended } = real(metrics);
      return {
        began: () => { if (state.isOn) began(); },
        ended: (exchange) => { if (state.isOn) ended(exchange); },
      };
    }`,
  },
  traces: {
    module: '/telemetry/traces.ts',
    name: 'openTraces',
    source: `(...given) => {
      const { begin, within, ended } = real(...given);
      return {
        begin: (trace, traceparent) => (state.isOn ? begin(trace, traceparent) : trace),
        within: (exchange, work) => (state.isOn ? within(exchange, work) : work()),
        ended: (exchange) => { if (state.isOn) ended(exchange); },
      };
    }`,
  },
};

const { SWITCHED = '' } = process.env;
const thing = THINGS[SWITCHED];
if (!thing) throw new Error(`there is no switch for ${SWITCHED}`);

const state = { isOn: true };
Object.assign(globalThis, { [Symbol.for('bench.switched')]: state });
process.on('SIGUSR2', () => {
  state.isOn = !state.isOn;
});

registerHooks({
  load: (url, context, nextLoad) => {
    if (!url.endsWith(`/gateway/src${thing.module}`)) return nextLoad(url, context);
    const original = JSON.stringify(`${url}?original`);
    const source = `import { ${thing.name} as real } from ${original};
export * from ${original};
const state = ${STATE};
export const ${thing.name} = ${thing.source};`;
    return { format: 'module', source, shortCircuit: true };
  },
});
