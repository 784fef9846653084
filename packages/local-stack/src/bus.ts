/** Sets up a NATS server that is run elsewhere than by `npm start`: its users, then its streams and consumers. */
import { randomBytes } from 'node:crypto';
import { ConfigError, EXIT_CONFIG, EXIT_USAGE, natsOptions, provisionBus } from '@hokusai/service-kit';
import { NATS_USERS, type NatsUser, natsConfiguration } from './backends/nats.ts';
import { busConfig } from './config.ts';

const USAGE = `Sets up the event broker of a deployment.

    node packages/local-stack/src/bus.ts configuration > nats.json
        a configuration for nats-server: each service's user with its rights, and new passwords

    node packages/local-stack/src/bus.ts provision
        makes the streams and consumers that are missing, as the admin of NATS_URL
`;
const PASSWORD_BYTES = 24;

/** To be edited where it is run: the address, and where streams are stored. */
function configuration(): string {
  const password = () => randomBytes(PASSWORD_BYTES).toString('base64url');
  const passwords = Object.fromEntries(NATS_USERS.map((user) => [user, password()])) as Record<
    NatsUser,
    string
  >;
  const place = { host: '0.0.0.0', port: 4222, storeDirectory: '/var/lib/nats' };
  return JSON.stringify(natsConfiguration({ ...place, passwords }), null, 2);
}

async function provision(): Promise<void> {
  const { url, tls } = natsOptions(busConfig.load());
  await provisionBus(url, { tls });
  console.log('the streams and consumers are there');
}

try {
  const [command, ...others] = process.argv.slice(2);
  if (command === 'configuration' && others.length === 0) console.log(configuration());
  else if (command === 'provision' && others.length === 0) await provision();
  else {
    const isHelp = command === '--help' || command === '-h';
    (isHelp ? process.stdout : process.stderr).write(USAGE);
    process.exitCode = isHelp ? 0 : EXIT_USAGE;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}
