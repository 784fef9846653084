import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { parse } from 'yaml';
import { auditEventEventSchema } from '../events/audit.ts';
import { KEY_EVENT_ACTIONS, keyEventEventSchema } from '../events/keys.ts';
import { STREAMS, SUBSCRIBER_SUBJECTS } from '../events/subjects.ts';
import { asyncApiDocument } from './document.ts';
import { EVENT_EXAMPLES } from './examples.ts';

const require = createRequire(import.meta.url);
// CommonJS, whose default export is the module itself to Node.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

interface Json {
  [name: string]: Json;
}
interface Channel {
  address: string | null;
  messages: Record<string, { $ref: string }>;
  parameters?: { action: { enum?: string[]; examples?: string[] } };
}

describe('the AsyncAPI document', function () {
  // The schema of AsyncAPI itself is large.
  this.timeout(30_000);
  const file = join(import.meta.dirname, '../../../../docs/asyncapi.yaml');
  const document = parse(readFileSync(file, 'utf8')) as Json;
  const channels = document['channels'] as unknown as Record<string, Channel>;
  const ajv = addFormats(new Ajv({ strict: false, validateFormats: true, allErrors: true }));

  const at = (ref: string): unknown =>
    ref
      .replace(/^#\//, '')
      .split('/')
      .reduce<Json | undefined>((node, key) => node?.[key], document);

  it('is what the schemas and streams say', () => {
    assert.deepEqual(document, JSON.parse(JSON.stringify(asyncApiDocument())));
  });

  it('is valid by the schema that AsyncAPI publishes', () => {
    const schema = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    assert.ok(validate(document), JSON.stringify(validate.errors, null, 1));
    assert.equal(validate({ ...document, channels: { wrong: { address: 1 } } }), false);
  });

  it('refers to nothing that it does not have', () => {
    const refs: string[] = [];
    JSON.stringify(document, (name, value) => {
      if (name === '$ref') refs.push(value);
      return value;
    });
    assert.ok(refs.length > 20);
    for (const ref of refs) assert.ok(at(ref), ref);
  });

  it('has a channel for all that subscribers may follow, and for nothing else', () => {
    const followed = Object.values(channels)
      .map(({ address }) => address)
      .filter((address) => address?.endsWith('.{action}'));
    const subjects = STREAMS.flatMap(({ subjects: own }) => own).filter((subject) =>
      SUBSCRIBER_SUBJECTS.some((pattern) => subject.startsWith(pattern.slice(0, -1))),
    );
    assert.deepEqual(
      followed,
      subjects.map((subject) => subject.replace('>', '{action}')),
    );
    assert.ok(!JSON.stringify(document).includes('usage.v1'));
  });

  it('names each action of the key events', () => {
    assert.deepEqual(channels['keysEvents']?.parameters?.action.enum, [...KEY_EVENT_ACTIONS]);
  });

  it('has examples of each kind of event, as the services and the document describe them', () => {
    for (const { subject, event } of EVENT_EXAMPLES) {
      assert.equal(event.type, subject.replace('hokusai.', ''));
      const isAudit = subject.startsWith('hokusai.audit.');
      const strict = isAudit ? auditEventEventSchema : keyEventEventSchema;
      assert.deepEqual(strict.parse(event), event, subject);
      const validate = validator(isAudit ? 'AuditEventMessage' : 'KeyEventMessage');
      assert.ok(validate(event), JSON.stringify(validate.errors));
      assert.ok(validate({ ...event, unheard_of: 1, data: { ...event.data, unheard_of: 1 } }));
      assert.ok(!validate({ ...event, time: 'yesterday' }));
      assert.ok(!validate({ ...event, data: {} }));
    }
    for (const name of ['AuditEvent', 'KeyEvent'])
      assert.ok((at(`#/components/messages/${name}/examples`) as unknown[]).length >= 3);
  });

  function validator(name: string) {
    return ajv.compile({ $ref: `#/components/schemas/${name}`, components: document['components'] });
  }
});
