import assert from 'node:assert/strict';
import { rulesOf, type UpstreamRow, upstreamRows } from './upstream-rows.ts';

const features = {
  id: 'features',
  prefix: '/features',
  target: 'http://features:8080',
  read_scope: 'mlflow:read',
  write_scope: 'mlflow:write',
};

const parse = (value: unknown) =>
  upstreamRows().safeParse(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown): UpstreamRow[] => {
  const { data, error } = parse(value);
  return data ?? assert.fail(String(error));
};
const problems = (value: unknown): string[] => parse(value).error?.issues.map(({ message }) => message) ?? [];

describe('UPSTREAMS', () => {
  it('may say as little as where it is, where it leads, and which scopes are needed', () => {
    assert.deepEqual(read([features]), [
      {
        ...features,
        environments: ['live', 'test'],
        auth: 'required',
        encoded_slash: [],
        endpoints: [],
        upgrade: false,
      },
    ]);
    assert.deepEqual(read([]), []);
  });

  it('may say all', () => {
    const [row] = read([
      {
        id: 'jupyter-2',
        name: 'Jupyter (team 2)',
        prefix: '/teams/jupyter',
        target: 'https://jupyter.internal/base/',
        test_target: 'http://127.0.0.1:9000',
        environments: ['test'],
        auth: 'required',
        rules: [
          { methods: ['GET'], paths: ['/health'], scope: 'public' },
          { paths: ['/admin/**'], scope: 'refused' },
          { paths: ['/', '/{api,files/*}/**'], scope: 'mlflow:invoke' },
        ],
        encoded_slash: ['/files/**'],
        endpoints: ['/api/kernels/{id}', '/files/{path:path}'],
        upgrade: true,
        authorization: 'token abc',
        connect_timeout_ms: 1,
        response_timeout_ms: 2,
        body_idle_timeout_ms: 3,
        max_in_flight: 4,
      },
    ]);
    assert.equal(row?.upgrade, true);
    assert.deepEqual(
      rulesOf(row as UpstreamRow).map(({ outcome, methods }) => [outcome, methods.length]),
      [
        ['public', 1],
        ['refused', 7],
        ['mlflow:invoke', 7],
      ],
    );
  });

  const row = (parts: object) => [{ ...features, ...parts }];
  const without = (name: keyof typeof features) => [{ ...features, [name]: undefined }];
  const wrong: (readonly [name: string, value: unknown, ...problems: RegExp[]])[] = [
    ['what is no JSON', '[{', /^expected a JSON list of upstreams: /],
    ['rows that are none', ['features', null, 7], /^\[0\]: /, /^\[1\]: /, /^\[2\]: /],
    ['what is no list', {}, /^expected a JSON list of upstreams: /],
    ['a row without an id', without('id'), /^\[0\]\.id: /],
    ['an id in capitals', row({ id: 'Features' }), /^\[0\]\.id: expected up to 32/],
    ['the id of MLflow', row({ id: 'mlflow' }), /^\[0\]\.id: is taken already/],
    ['a field that there is not', row({ credentials: 'x' }), /^\[0\]: .*credentials/],
    ['a name with a line break', row({ name: 'a\nb' }), /^\[0\]\.name: /],
    ...['features', '/features/', '/', '/a/../b', '/a//b', '/a%20b', '/a/*'].map(
      (prefix) => [`the prefix ${prefix}`, row({ prefix }), /^\[0\]\.prefix: expected a path/] as const,
    ),
    ...['/api', '/api/v2', '/mlflow', '/mlflow/x', '/livez', '/readyz'].map(
      (prefix) => [`the prefix ${prefix}`, row({ prefix }), /^\[0\]\.prefix: overlaps with \//] as const,
    ),
    ...['features:8080', 'ftp://x', 'http://x/?a', 'http://x/#a', ''].map(
      (target) => [`the target ${target}`, row({ target }), /^\[0\]\.target: expected http:/] as const,
    ),
    ['no environment', row({ environments: [] }), /^\[0\]\.environments: /],
    ['another environment', row({ environments: ['prod'] }), /^\[0\]\.environments\[0\]: /],
    [
      'a target for keys that are not served',
      row({ environments: ['live'], test_target: 'http://x' }),
      /^\[0\]\.test_target: is for test keys/,
    ],
    ['no scopes', row({ read_scope: undefined, write_scope: undefined }), /^\[0\]\.rules: say which scopes/],
    ['half of the scopes', row({ write_scope: undefined }), /^\[0\]\.read_scope: .*belong together/],
    [
      'a scope that there is not',
      row({ read_scope: 'features:read' }),
      /^\[0\]\.read_scope: expected one of/,
    ],
    ['two ways at once', row({ kind: 'mlflow' }), /^\[0\]\.rules: give kind, or rules/],
    [
      'rules that say nothing',
      [{ ...features, read_scope: undefined, write_scope: undefined, rules: [] }],
      /^\[0\]\.rules: /,
    ],
    ...['x', '/a*', '/**/a', '/a b', '/a?b', '/{a', '/a/**x'].map(
      (path) =>
        [
          `the pattern ${path}`,
          [
            {
              ...features,
              read_scope: undefined,
              write_scope: undefined,
              rules: [{ paths: [path], scope: 'public' }],
            },
          ],
          /^\[0\]\.rules\[0\]\.paths\[0\]: expected a path such as/,
        ] as const,
    ),
    ['a time-out of nothing', row({ response_timeout_ms: 0 }), /^\[0\]\.response_timeout_ms: /],
    ['nothing in flight', row({ max_in_flight: 0 }), /^\[0\]\.max_in_flight: /],
    [
      'two credentials',
      row({ target: 'http://me:secret@x', authorization: 'Bearer secret' }),
      /^\[0\]\.authorization: stands in the URL too/,
    ],
    ['a credential with a line break', row({ authorization: 'secret\r\nX: y' }), /^\[0\]\.authorization: /],
    [
      'the same row twice',
      [features, features],
      /^\[1\]\.id: is taken/,
      /^\[1\]\.prefix: overlaps with \/features/,
    ],
    [
      'prefixes within each other',
      [features, { ...features, id: 'other', prefix: '/features/other' }],
      /^\[1\]\.prefix: overlaps with \/features,/,
    ],
    [
      'several mistakes, in several rows',
      [
        { ...features, target: 'x', upgrade: 'yes', kind: 'mlflow' },
        { ...features, id: '', auth: 'maybe', environments: ['live'], test_target: 'http://x' },
      ],
      /^\[0\]\.target: /,
      /^\[0\]\.upgrade: /,
      /^\[0\]\.rules: give kind/,
      /^\[1\]\.prefix: overlaps/,
      /^\[1\]\.test_target: /,
      /^\[1\]\.id: /,
      /^\[1\]\.auth: /,
    ],
  ];
  for (const [name, value, ...expected] of wrong)
    it(`refuses ${name}`, () => {
      const found = problems(value);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const pattern of expected)
        assert.ok(
          found.some((each) => pattern.test(each)),
          found.join('\n'),
        );
      assert.doesNotMatch(found.join('\n'), /secret/);
    });

  it('may lack scopes where nobody needs a key', () => {
    const [open] = read([{ ...features, auth: 'none', read_scope: undefined, write_scope: undefined }]);
    assert.equal(open?.auth, 'none');
  });

  it('may begin with the letters of another', () => {
    assert.equal(read([features, { ...features, id: 'more', prefix: '/features-2' }]).length, 2);
    assert.equal(read([{ ...features, prefix: '/mlflow-2' }]).length, 1);
  });
});
