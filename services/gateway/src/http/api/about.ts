/** The operations that tell of the gateway: which it is, and what it can do, these among it. */
import { z } from 'zod';
import gateway from '../../../package.json' with { type: 'json' };
import { openApiDocument } from './openapi.ts';
import { type Operation, operation } from './operation.ts';

const openApi = z
  .record(z.string(), z.unknown())
  .meta({ description: 'An OpenAPI 3.1 document.', examples: [{ openapi: '3.1.0' }] });

/** For who wants to know what answers at an address: no other server says this of itself. */
export const version: Operation = operation({
  ...{ tag: 'About', id: 'version', method: 'get', path: '/api/v1/version' },
  summary: 'Say that this is a Hokusai gateway, and of which version',
  scope: 'none',
  answer: {
    status: 200,
    schema: z
      .strictObject({
        service: z
          .literal('hokusai-gateway')
          .meta({ description: 'What answers.', examples: ['hokusai-gateway'] }),
        version: z.string().meta({ description: 'Of the gateway (semver.org).', examples: ['0.1.0'] }),
      })
      .meta({ id: 'Version', description: 'What answers at this address.' }),
    description: 'The gateway.',
  },
  serve: () => Promise.resolve({ service: 'hokusai-gateway' as const, version: gateway.version }),
});

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
