/** The operation that describes all operations, itself among them. */
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import { type Operation, operation } from './operation.ts';

const openApi = z
  .record(z.string(), z.unknown())
  .meta({ description: 'An OpenAPI 3.1 document.', examples: [{ openapi: '3.1.0' }] });

/** The operations, and one more that describes them all. */
export function described(operations: readonly Operation[]): Operation[] {
  const about = operation({
    ...{ tag: 'About', id: 'describe', method: 'get', path: '/api/v1/openapi.json' },
    summary: 'Describe this API',
    description: 'A page to read it is at `/api/v1/docs`.',
    scope: 'none',
    answer: { status: 200, schema: openApi, description: 'This document.' },
    serve: ({ exchange }) => {
      // Below the prefix of a proxy, the paths begin there.
      const servers = [{ url: exchange.client.outerPrefix || '/' }];
      return Promise.resolve({ ...document, servers });
    },
  });
  const all = [...operations, about];
  const document = openApiDocument(all);
  return all;
}
