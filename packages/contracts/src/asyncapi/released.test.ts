/** Neighbours of two releases read each other's events: those of each release that is recorded, and those of today. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { readUsageBatch } from '../events/read-usage.ts';
import { SUBJECTS } from '../events/subjects.ts';
import { MESSAGE_SCHEMAS, type Message, messageExamples } from './messages.ts';

// CommonJS, whose default export is the module itself to Node.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

interface Recorded {
  schemas: Record<string, object>;
  examples: Message[];
}

const root = join(import.meta.dirname, '../../../..');
const releases = globSync('releases/*/events.json', { cwd: root }).toSorted();

/** A field that nobody knows in each object, but for those whose members have any names. */
function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) =>
    name === 'before' || name === 'after' ? [name, member] : [name, withUnknownFields(member)],
  );
  return { ...Object.fromEntries(members), unheard_of: { since: 'the next release' } };
}

function read({ subject, event }: Message): unknown {
  const [, schema] = Object.entries(MESSAGE_SCHEMAS).find(([begin]) => subject.startsWith(begin)) ?? [];
  assert.ok(schema, subject);
  const message = schema.parse(event);
  return subject === SUBJECTS.usageRequests ? { ...message, data: readUsageBatch(event) } : message;
}

describe('events of two releases', () => {
  it('are recorded', () => assert.ok(releases.length > 0));

  for (const file of releases) {
    const version = basename(dirname(file));
    const recorded: Recorded = JSON.parse(readFileSync(join(root, file), 'utf8'));

    it(`are read as ${version} has written them, which is of each kind`, () => {
      const kinds = Object.keys(recorded.schemas);
      for (const kind of kinds) {
        assert.ok(
          recorded.examples.some(({ subject }) => subject.startsWith(kind)),
          kind,
        );
      }
      for (const message of recorded.examples) assert.deepEqual(read(message), message.event);
    });

    it(`are taken by the schemas of ${version} as they are written today, with fields that it does not know`, () => {
      const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
      for (const [kind, schema] of Object.entries(recorded.schemas)) {
        const isValid = ajv.compile(schema);
        const ofKind = messageExamples().filter(({ subject }) => subject.startsWith(kind));
        assert.ok(ofKind.length > 0, kind);
        for (const { event } of ofKind) {
          assert.ok(isValid(event), JSON.stringify(isValid.errors));
          assert.ok(isValid(withUnknownFields(event)), JSON.stringify(isValid.errors));
          assert.ok(!isValid({ ...(event as object), data: {} }));
        }
      }
    });
  }

  it('are read without the fields that only the next one knows', () => {
    for (const { subject, event } of messageExamples()) {
      const newer = withUnknownFields(event);
      assert.notDeepEqual(newer, event);
      assert.deepEqual(read({ subject, event: newer }), event);
    }
  });
});
