/** The contract of `ExperimentManager` on all that can be behind it. */
import { sharedMlflow, sharedMlflow2 } from '@hokusai/testing';
import { type Gateway, startGateway } from '../support/through-gateway.ts';
import { contract } from './contract.ts';

contract({ name: 'the mock', major: 3, connect: async () => ({ mockMode: true }) });

contract({
  name: 'MLflow 3.17',
  major: 3,
  connect: async () => ({ trackingUri: (await sharedMlflow()).url }),
  python: async () => (await sharedMlflow()).python,
});

contract({
  name: 'the last MLflow 2',
  major: 2,
  connect: async () => ({ trackingUri: (await sharedMlflow2()).url }),
  python: async () => (await sharedMlflow2()).python,
});

let gateway: Gateway | undefined;
contract({
  name: 'MLflow 3.17 through the gateway',
  major: 3,
  connect: async () => {
    gateway ??= await startGateway((await sharedMlflow()).url);
    return { trackingUri: gateway.trackingUri, apiKey: gateway.apiKey };
  },
  python: async () => (await sharedMlflow()).python,
  close: async () => gateway?.[Symbol.asyncDispose](),
});
