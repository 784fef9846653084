/** What comes between two statements of a transaction. */
import type { Pool } from '@hokusai/service-kit';

/** A pool on whose connections `work` is done before each statement that matches, and nothing else goes on until then. */
export function meanwhile(pool: Pool, statement: RegExp, work: () => Promise<void>): Pool {
  return withMethod(pool, 'connect', async () => {
    const client = await pool.connect();
    const query = async (...args: unknown[]) => {
      if (typeof args[0] === 'string' && statement.test(args[0])) await work();
      return await Reflect.apply(client.query, client, args);
    };
    // Streams of rows are handed over at once.
    return withMethod(client, 'query', (...args: unknown[]) =>
      typeof args[0] === 'string' ? query(...args) : Reflect.apply(client.query, client, args),
    );
  });
}

function withMethod<Target extends object>(target: Target, name: keyof Target, method: unknown): Target {
  return new Proxy(target, {
    get: (_, property) => {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
