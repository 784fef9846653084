/** Variables that mean the same to every service. */
import { variable } from './config.ts';
import { about, ofKind, secret, shown } from './config-description.ts';
import { LOG_LEVELS } from './log.ts';

export const healthVariables = () => ({
  HEALTH_HOST: about(
    'Address of the health server, which supervisors ask.',
    ofKind('an address', shown(variable.text())).default('127.0.0.1'),
  ),
  HEALTH_PORT: about('Port of the health server: `/livez` and `/readyz`.', variable.port().default(0)),
});

export const logVariables = () => ({
  LOG_LEVEL: about(
    'What is written to the log, and what is worse.',
    variable.oneOf(LOG_LEVELS).default('info'),
  ),
});

export const natsVariables = () => ({
  NATS_URL: about(
    'Event broker, with the user and password of this service.',
    secret(variable.url('nats', 'tls')),
  ),
});

export const databaseUrl = () => secret(variable.url('postgres', 'postgresql'));
