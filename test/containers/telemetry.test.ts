/** What the collector of compose.yaml gets: traces of the services, and their metrics. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '@hokusai/testing';
import { call } from '../e2e/support/rest.ts';
import { sharedStack } from '../e2e/support/stack.ts';

const project = process.env['HOKUSAI_E2E_PROJECT'] ?? '';
const PATIENCE = { timeoutMs: 60_000 };
/** Each service is asked for its metrics every 15 seconds. */
const ROUND = ['--since', '20s'];
const SERVICES = 4;

/** The log of the collector, which prints how much of what it got. */
async function collected(...options: string[]): Promise<string> {
  const args = [
    'compose',
    '--project-name',
    project,
    'logs',
    '--no-log-prefix',
    ...options,
    'otel-collector',
  ];
  return (await promisify(execFile)('docker', args, { maxBuffer: 2 ** 28 })).stdout;
}

// Without the collector's image there is nothing to test: scripts/containers/e2e.ts says so.
if (process.env['COMPOSE_PROFILES'] === 'telemetry')
  describe('the collector', function () {
    this.timeout(120_000);

    it('gets spans of requests', async () => {
      const { gatewayUrl, adminKey } = await sharedStack();
      const { status } = await call(gatewayUrl, adminKey, 'GET', '/api/v1/auth/whoami');
      assert.equal(status, 200);
      await eventually(async () => assert.match(await collected(), /Traces\t.*"spans": [1-9]/), PATIENCE);
    });

    it('finds the metrics of all services', async () => {
      await eventually(async () => {
        const log = await collected(...ROUND);
        // Of one that does not answer there is such a line, and five metrics about that.
        assert.doesNotMatch(log, /Failed to scrape/);
        const answers = log.match(/Metrics\t.*"metrics": \d{2,},/g) ?? [];
        assert.ok(answers.length >= SERVICES, log);
      }, PATIENCE);
    });
  });
