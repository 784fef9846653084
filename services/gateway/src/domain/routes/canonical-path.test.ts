import assert from 'node:assert/strict';
import fc from 'fast-check';
import { below, type CanonicalPath, canonicalPath, splitTarget } from './canonical-path.ts';

function canonical(raw: string): CanonicalPath {
  const path = canonicalPath(raw);
  return path.problem === undefined ? path : assert.fail(`${raw}: ${path.message}`);
}

/** Paths with everything that was ever used to disguise one. */
const TRICKS = [
  '/',
  '//',
  '.',
  '..',
  '%2e',
  '%2E',
  '%252e',
  ';',
  ';x=y',
  '%3b',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  '%00',
  '%',
  '%2',
  '%zz',
];
const STRANGERS = [
  '%0a',
  '%7f',
  '%c0%ae',
  '%ed%a0%80',
  '%ff',
  '%e2%80',
  '%C3%A9',
  '\0',
  ' ',
  'é',
  '#',
  '?',
  '~',
  '+',
  '@',
  ':',
  '[',
  '%20',
];
const piece = fc.constantFrom(...TRICKS, ...STRANGERS, 'api', 'mlflow', 'a', 'permissions');
const trickyPath = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

describe('canonicalPath', () => {
  it('keeps an ordinary path as it is', () => {
    const paths = [
      '/',
      '/api/2.0/mlflow/runs/get',
      '/a/',
      '/a;b/c%20d',
      '/%C3%A9',
      "/a!$&'()*+,=:@-._~b",
      '/x%2Fy',
      '/...',
      '/..a',
      '/%25',
    ];
    for (const path of paths) assert.deepEqual(canonical(path), { path, segments: path.slice(1).split('/') });
  });

  it('merges runs of slashes, as MLflow and its clients need it', () => {
    assert.equal(canonical('//model-versions///get-artifact').path, '/model-versions/get-artifact');
    assert.equal(canonical('//').path, '/');
    assert.equal(canonical('/a//').path, '/a/');
  });

  const refused: Record<string, string[]> = {
    relative: ['', 'api', 'http://evil/mlflow/api', '*', 'evil:443', '%2fapi'],
    character: ['/a b', '/a#b', '/a?b', '/é', '/a\0', '/a\nb', '/a\x7f', '/\u{1f600}', '/a\t'],
    escape: [
      '/%',
      '/a%2',
      '/%zz',
      '/%c0%ae',
      '/%c0%af',
      '/%e0%80%af',
      '/%ed%a0%80',
      '/%ff',
      '/%e2%80',
      '/%f4%90%80%80',
      '/%u002e',
    ],
    control: ['/%00', '/a%0a', '/a%0Db', '/%1f', '/%7F', '/a%C2%85'],
    backslash: ['/a\\b', '/\\', '/a%5cb', '/%5C..', '/..\\a'],
    'dot-segment': [
      '/.',
      '/..',
      '/a/../b',
      '/a/./b',
      '/%2e%2e/admin',
      '/.%2E/a',
      '/%2e',
      '/..;/a',
      '/..;x=y',
      '/.;',
      '/a;..',
      '/a;../b',
      '/a%2f..',
      '/a%2F..%2fb',
      '/..%2fa',
      '/%2e%2e%2f',
      '/a%3b..',
      '/..%3bx',
      '/a/..',
      '/a;%2e%2e',
      '/%2e%2e%3b',
      '/x%2F.;y',
    ],
    'slash-run': ['/a%2F', '/%2Fa', '/a/%2fb', '/a%2F%2Fb', '/%2f'],
  };
  for (const [problem, paths] of Object.entries(refused)) {
    it(`refuses: ${problem}`, () => {
      for (const path of paths) assert.equal(canonicalPath(path).problem, problem, path);
    });
  }

  it('never throws, never repeats the path, and is idempotent', () => {
    fc.assert(
      fc.property(trickyPath, (raw) => {
        const path = canonicalPath(raw);
        if (path.problem !== undefined) {
          assert.ok(raw.length < 8 || !path.message.includes(raw));
          return;
        }
        assert.deepEqual(canonicalPath(path.path), path);
        assert.equal(path.path, `/${path.segments.join('/')}`);
      }),
      { numRuns: 5000 },
    );
  });

  it('lets nothing through that changes its level when decoded once, split, or read up to a semicolon', () => {
    fc.assert(
      fc.property(trickyPath, (raw) => {
        const path = canonicalPath(raw);
        if (path.problem !== undefined) return;
        const decoded = decodeURIComponent(path.path);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that must not be there
        assert.doesNotMatch(decoded, /[\x00-\x1f\x7f\\]|\/\//);
        for (const segment of decoded.split(/[/;]/)) assert.ok(segment !== '.' && segment !== '..', raw);
        assert.equal(
          new URL(path.path, 'http://upstream').pathname,
          path.path.replace(/[<>^`{|}"]/g, encodeURIComponent),
        );
      }),
      { numRuns: 5000 },
    );
  });

  it('takes time in proportion to the path', () => {
    const started = performance.now();
    for (const unit of ['/', '/a', '%2F', 'a;', '/.a', '%C3%A9']) canonicalPath(`/${unit.repeat(20_000)}`);
    assert.ok(performance.now() - started < 1000);
  });
});

describe('splitTarget', () => {
  it('parts path and query and keeps both byte for byte', () => {
    assert.deepEqual(splitTarget('/a//b;c?d=%2e&e?f=/..'), { path: '/a//b;c', query: '?d=%2e&e?f=/..' });
    assert.deepEqual(splitTarget('/a'), { path: '/a', query: '' });
    assert.deepEqual(splitTarget('//a?'), { path: '//a', query: '?' });
  });

  it('refuses every form of a target but a path', () => {
    for (const target of ['*', '', 'http://evil/mlflow/', 'HTTP://evil', 'evil:443', '?a', 'mlflow']) {
      assert.equal(splitTarget(target).problem, 'relative', target);
    }
    for (const target of ['/a#b', '/a?b#c']) assert.equal(splitTarget(target).problem, 'character', target);
  });
});

describe('below', () => {
  it('gives what lies below the prefix, as canonicalPath would', () => {
    assert.deepEqual(below('/mlflow', canonical('//mlflow//api/x')), canonical('/api/x'));
    assert.deepEqual(below('/mlflow', canonical('/mlflow/')), canonical('/'));
    assert.deepEqual(below('', canonical('/api')), canonical('/api'));
  });

  it('gives nothing for what only looks like it', () => {
    const others = [
      '/mlflow',
      '/MLFLOW/api',
      '/mlflowx/api',
      '/mlflow;x/api',
      '/%6dlflow/api',
      '/mlflow%2Fapi',
      '/x/mlflow/api',
      '/api',
    ];
    for (const path of others) assert.equal(below('/mlflow', canonical(path)), undefined, path);
  });
});
