import assert from 'node:assert/strict';
import { redisSlotOf } from './redis-slot.ts';

describe('slots of a Redis Cluster', () => {
  it('are those that Redis says with CLUSTER KEYSLOT', () => {
    const slots = { '123456789': 12_739, foo: 12_182, 'foo{}{bar}': 8363, 'foo{{bar}}zap': 4015, '': 0 };
    for (const [key, slot] of Object.entries(slots)) assert.equal(redisSlotOf(key), slot, key);
  });

  it('are the same for keys with the same tag', () => {
    assert.equal(redisSlotOf('a:{user}:key:1'), redisSlotOf('b:{user}'));
    assert.equal(redisSlotOf('{user}'), redisSlotOf('user'));
  });
});
