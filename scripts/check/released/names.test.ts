import assert from 'node:assert/strict';
import { nameProblems } from './names.ts';

const operation = 'POST /api/v1/users';
const released = {
  names: [operation, `${operation} takes name`, 'error gone'],
  required: [`${operation} takes name`],
};

describe('public names that were released', () => {
  it('may be joined by others, and by operations that need what they like', () => {
    const added = ['POST /api/v1/teams', 'POST /api/v1/teams takes id', `${operation} takes nick`];
    const present = {
      names: [...released.names, ...added],
      required: [...released.required, 'POST /api/v1/teams takes id'],
    };
    assert.deepEqual(nameProblems(released, present), []);
  });

  it('may need less than before', () => {
    assert.deepEqual(nameProblems(released, { ...released, required: [] }), []);
  });

  it('may not go, nor may an operation need more', () => {
    const names = [operation, `${operation} takes name`];
    assert.deepEqual(nameProblems(released, { names, required: [] }), ['name-removed: error gone']);
    const required = [...released.required, `${operation} takes email`];
    assert.deepEqual(nameProblems(released, { names: released.names, required }), [
      `newly-required: ${operation} takes email`,
    ]);
  });
});
