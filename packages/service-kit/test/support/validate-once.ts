/** A process that calls ValidateKey once, with a client from its environment, and prints OK or the error's code. */
import { createServiceClient, services, toHokusaiError } from '@hokusai/contracts';
import { grpcClientOptions, grpcClientRule, grpcClientVariables, loadConfig } from '../../src/index.ts';

const config = loadConfig(grpcClientVariables('KEYS'), process.env, [grpcClientRule('KEYS')]);
const options = { ...grpcClientOptions('KEYS', config), peer: 'keys service', timeoutMs: 20_000 };
const client = createServiceClient(services.keyValidation, options);
await client.call('ValidateKey', { key: 'x' }).then(
  () => process.stdout.write('OK'),
  (thrown: unknown) => process.stdout.write(toHokusaiError(thrown).code),
);
client.close();
