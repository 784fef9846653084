import assert from 'node:assert/strict';
import fc from 'fast-check';
import { endpointTable } from './endpoints.ts';

const table = endpointTable([
  '/',
  '/traces',
  '/traces/search',
  '/traces/{trace_id}',
  '/traces/{trace_id}/tags',
  '/traces/{trace_id}/tags/{key}',
  '/artifacts/{path:path}',
  '/artifacts',
  '/models/{name}:generate',
  '/models/{name}:stream',
  '/jobs/',
  '/servers/{name:path}/versions/{version:path}',
  '/servers/{name:path}',
  '/servers/endpoints',
]);
const find = (path: string) => table.find(path.slice(1).split('/'));

describe('endpointTable', () => {
  it('gives the template of the route that a path takes', () => {
    const cases: Record<string, string> = {
      '/': '/',
      '/traces': '/traces',
      '/traces/': '/traces',
      '/traces/search': '/traces/search',
      '/traces/tr-123': '/traces/{trace_id}',
      '/traces/search/tags': '/traces/{trace_id}/tags',
      '/traces/tr-1/tags/a%20b': '/traces/{trace_id}/tags/{key}',
      '/artifacts': '/artifacts',
      '/artifacts/a': '/artifacts/{path}',
      '/artifacts/a/b/c.txt': '/artifacts/{path}',
      '/models/gpt:generate': '/models/{name}',
      '/jobs': '/jobs',
      '/jobs/': '/jobs',
      '/servers/io.example/x/versions/1': '/servers/{name}',
      '/servers/endpoints': '/servers/endpoints',
    };
    for (const [path, template] of Object.entries(cases)) assert.equal(find(path), template, path);
  });

  it('folds what it does not know into the longest known beginning', () => {
    const cases: Record<string, string> = {
      '/nothing': '/**',
      '/nothing/at/all': '/**',
      '/traces/tr-1/frobnicate': '/traces/*/**',
      '/traces/tr-1/tags/a/b': '/traces/*/tags/*/**',
      '/models': '/models/**',
      '/servers': '/servers/**',
    };
    for (const [path, template] of Object.entries(cases)) assert.equal(find(path), template, path);
  });

  it('knows a bounded number of templates, whatever is asked for', () => {
    const seen = new Set<string>();
    const segment = fc.oneof(
      fc.constantFrom('traces', 'tags', 'artifacts', 'models', 'servers', 'search', ''),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
        seen.add(table.find(segments));
      }),
      { numRuns: 3000 },
    );
    assert.ok(seen.size < 30, [...seen].join(' '));
  });
});
