/**
 * Every trap that HTTP gateways are known to have fallen into, sprung on one running gateway by raw bytes
 * where an HTTP client would tidy them up. After each the gateway must serve the next request, and nothing
 * may have reached the upstream that was not authorised in the very form in which it came; after the last,
 * no key that was used may stand anywhere.
 *
 *     npm test -- integration HTTP traps                      all of them
 *     npm test -- integration HTTP traps that smuggle         one theme
 */
import { answers } from './answers.ts';
import { bodies } from './bodies.ts';
import { caches } from './caches.ts';
import { credentials } from './credentials.ts';
import { fuzz } from './fuzz.ts';
import { identity } from './identity.ts';
import { killing } from './killing.ts';
import { outages } from './outages.ts';
import { paths } from './paths.ts';
import { smuggling } from './smuggling.ts';
import { Ground } from './support/ground.ts';
import { time } from './time.ts';
import { tunnels } from './tunnels.ts';

describe('HTTP traps', function () {
  this.timeout(60_000);
  const ground = new Ground();

  before(async function () {
    this.timeout(120_000);
    await ground.start();
  });
  after(() => ground.close());

  killing(ground);
  credentials(ground);
  identity(ground);
  paths(ground);
  smuggling(ground);
  bodies(ground);
  answers(ground);
  time(ground);
  outages(ground);
  caches(ground);
  tunnels(ground);
  fuzz(ground);

  describe('all together', () => {
    it('left no key anywhere: upstream, answers, logs, events, metrics, Redis', () =>
      ground.assertNoSecretAnywhere());
  });
});
