/**
 * Runs a test that takes as long as one lets it, for longer than `npm test` does:
 *
 *     npm run soak -- keys            many clients of two replicas of the keys service, for 60 seconds
 *     npm run soak -- keys 600        for ten minutes
 *     npm run soak -- audit           5,000 changes of keys while all that takes part is killed, and for 60 seconds at least
 *     npm run soak -- streams         5 GiB each way through the gateway, once at least
 *     npm run soak -- trust           the model of caches and trust, each of its three ways for 60 seconds
 *
 * Exits as the test does; 2 for an unknown name.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const TESTS: Readonly<Record<string, string>> = {
  audit: 'services/audit/test/chaos.test.ts',
  keys: 'services/keys/test/concurrency.test.ts',
  streams: 'services/gateway/test/large-streams.test.ts',
  trust: 'services/gateway/src/cache/trust-model.test.ts',
};
const root = join(import.meta.dirname, '..');

const [name = '', seconds = '60'] = process.argv.slice(2);
const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
if (test === undefined || !/^[1-9]\d{0,5}$/.test(seconds)) {
  console.error(`usage: npm run soak -- <${Object.keys(TESTS).join('|')}> [seconds]`);
  process.exitCode = 2;
} else {
  const child = spawn(process.execPath, [...process.execArgv, 'node_modules/mocha/bin/mocha.js', test], {
    ...{ cwd: root, stdio: 'inherit' as const },
    env: { ...process.env, HOKUSAI_SOAK_SECONDS: seconds },
  });
  // A Ctrl-C reaches the test by itself; it cleans up, and this waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
