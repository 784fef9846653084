import assert from 'node:assert/strict';
import { type Json, schemaProblems } from './schemas.ts';

const released = {
  type: 'object',
  description: 'As it was.',
  required: ['id', 'at'],
  properties: {
    id: { type: 'string', maxLength: 64 },
    at: { anyOf: [{ type: 'object', properties: { day: { type: 'integer' } } }, { type: 'null' }] },
    kind: { enum: ['a', 'b'] },
    description: { type: 'string' },
  },
} satisfies Json;

const withMembers = (members: { [name: string]: Json }, more: object = {}): Json => ({
  ...released,
  ...more,
  properties: { ...released.properties, ...members },
});

describe('the schema of a message that was released', () => {
  it('may get members that need not be there, at any depth, and other words about it', () => {
    const at = {
      anyOf: [{ type: 'object', properties: { day: { type: 'integer' }, hour: {} } }, { type: 'null' }],
    };
    assert.deepEqual(schemaProblems(released, released), []);
    assert.deepEqual(schemaProblems(released, withMembers({ more: {}, at }, { description: 'New.' })), []);
  });

  const changes: Record<string, [Json, RegExp]> = {
    'a member that is gone': [{ ...released, properties: { id: released.properties.id } }, /^at was removed/],
    'a member called like a word that decides nothing': [
      withMembers({ description: {} }),
      /^description.type/,
    ],
    'another type': [withMembers({ id: { type: 'integer', maxLength: 64 } }), /^id.type has changed/],
    'a bound that is wider': [withMembers({ id: { type: 'string', maxLength: 65 } }), /^id.maxLength/],
    'a bound that is gone': [withMembers({ id: { type: 'string' } }), /^id.maxLength/],
    'a bound that is new': [withMembers({ kind: { enum: ['a', 'b'], maxLength: 9 } }), /^kind.maxLength/],
    'one more value': [withMembers({ kind: { enum: ['a', 'b', 'c'] } }), /^kind.enum/],
    'another alternative': [withMembers({ at: { anyOf: [{ type: 'null' }] } }), /^at.anyOf/],
    'a member that has to be there now': [
      withMembers({ more: {} }, { required: ['id', 'at', 'more'] }),
      /^required/,
    ],
    'a member that need not be there any more': [withMembers({}, { required: ['id'] }), /^required/],
    'no schema at all': [null, /^all of it has changed/],
  };
  for (const [what, [present, expected]] of Object.entries(changes)) {
    it(`may not get ${what}`, () => {
      assert.match(schemaProblems(released, present).join('\n'), expected);
    });
  }
});
