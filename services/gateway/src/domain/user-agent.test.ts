import assert from 'node:assert/strict';
import fc from 'fast-check';
import { userAgentFamily } from './user-agent.ts';

describe('userAgentFamily', () => {
  const examples: [string | undefined, string][] = [
    [undefined, 'none'],
    ['', 'none'],
    ['mlflow-python-client/3.17.0', 'mlflow-python-client'],
    ['python-requests/2.34.0', 'python-requests'],
    ['Python-urllib/3.12', 'python'],
    ['OTel-OTLP-Exporter-Python/1.38.0', 'opentelemetry'],
    ['curl/8.5.0', 'curl'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36', 'browser'],
    ['Go-http-client/2.0', 'go'],
    ['Apache-HttpClient/5.2 (Java/17)', 'java'],
    ['node', 'node'],
    ['somebody-s-script/1', 'other'],
  ];
  for (const [header, family] of examples)
    it(`says ${family} for ${header ?? 'no header'}`, () => assert.equal(userAgentFamily(header), family));

  it('says other for whatever it does not know, so that statistics stay small', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300 }), (rest) => {
        assert.equal(userAgentFamily(`~${rest}`), 'other');
      }),
    );
  });
});
