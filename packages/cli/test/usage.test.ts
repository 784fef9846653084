/** What the commands about usage ask the gateway for, and how they show what it answers. */
import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { hokusai, hokusaiOnTerminal } from './support/command.ts';
import { answer, type FakeGateway, problem, type Reply, startFakeGateway } from './support/fake-gateway.ts';
import {
  CALLER_KEY,
  integrityJson,
  KEY_ID,
  PERIOD,
  rankingJson,
  seriesJson,
  summaryJson,
  totalsJson,
  USER_ID,
  unusedKeyJson,
} from './support/samples.ts';

const CTRL_C = '\u0003';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BLOCKS = /[▏▎▍▌▋▊▉█]/;
const DOTS = /[\u2801-\u28ff]/;
const CSV_HEAD = { 'content-type': 'text/csv; charset=utf-8; header=present' };

describe('hokusai usage', () => {
  let gateway: FakeGateway;
  let env: Record<string, string>;
  before(async () => {
    gateway = await startFakeGateway();
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
  });
  beforeEach(() => {
    gateway.asked.length = 0;
    gateway.reply(whateverIsAsked);
  });
  after(() => gateway.close());

  const ANSWERS: Readonly<Record<string, () => object>> = {
    '/api/v1/usage/summary': () => summaryJson(),
    '/api/v1/usage/timeseries': () => seriesJson(),
    '/api/v1/usage/top': () => rankingJson(),
    '/api/v1/usage/endpoints': () =>
      rankingJson([{ method: 'POST', endpoint: '/api/2.0/mlflow/runs/create', ...totalsJson() }]),
    '/api/v1/usage/unused': () => ({ data: [unusedKeyJson()], next_cursor: null }),
    '/api/v1/usage/integrity': () => integrityJson(),
  };
  const whateverIsAsked: Reply = (asked, response) => {
    const found = ANSWERS[new URL(asked.url, gateway.url).pathname];
    answer(found ? 200 : 404, found?.() ?? {})(asked, response);
  };

  async function run(...args: string[]) {
    const { code, stdout, stderr } = await hokusai(['usage', ...args], { env });
    assert.equal(code, 0, stderr);
    return { stdout, stderr };
  }

  /** Path and query of each request, apart from its times. */
  function asked() {
    return gateway.asked.map(({ url }) => {
      const { pathname, searchParams } = new URL(url, gateway.url);
      const { from, to, ...rest } = Object.fromEntries(searchParams);
      return { path: pathname.replace('/api/v1/usage/', ''), from, to, rest };
    });
  }

  /** On a terminal of its own; what it showed, without colours. */
  async function shown(args: string[], more: Record<string, string> = {}, columns = 100) {
    const terminal = hokusaiOnTerminal(['usage', ...args], { env: { ...env, ...more }, columns });
    assert.equal(await terminal.ended, 0, terminal.screen());
    return stripVTControlCharacters(terminal.screen()).replaceAll('\r', '');
  }

  const UTF8 = { LANG: 'C.UTF-8' };
  const filter = ['--key', KEY_ID, '--user', USER_ID, '--endpoint', '/api/2.0/mlflow/runs/create'];
  const filtered = { key_id: KEY_ID, user_id: USER_ID, endpoint: '/api/2.0/mlflow/runs/create' };

  it('sums up, by every filter and over any period', async () => {
    const { stdout } = await run('summary', ...filter, '--from', '7d', '--to', '2026-02-01T00:00:00+01:00');
    const [{ path, from, to, rest } = assert.fail()] = asked();
    assert.deepEqual([path, rest, to], ['summary', filtered, '2026-01-31T23:00:00.000Z']);
    const sinceMs = Date.parse(from ?? '') - (Date.now() - 7 * DAY_MS);
    assert.ok(sinceMs > -60_000 && sinceMs <= HOUR_MS, from);
    assert.deepEqual(stdout.split('\n'), [
      'Period     2026-11-21 12:00 UTC to 2026-11-22 12:00 UTC',
      'Requests   1,520',
      'Errors     3 (0.197 %)',
      'Status     2xx 1,480, 4xx 37, 5xx 3',
      'Refused    4 rate_limited',
      '           1 scope_missing',
      'Latency    p50 8.12 ms, p90 21.4 ms, p99 1.23 s',
      'Bytes in   48.2 kB',
      'Bytes out  1.2 MB',
      '',
    ]);
    assert.equal(gateway.asked.length, 1);
  });

  it('begins with an hour, or a day, where it goes back for days, or months', async () => {
    for (const [length, times] of [
      ['47h', /\.\d{3}Z$/],
      ['2d', /T\d\d:00:00\.000Z$/],
      ['90d', /T00:00:00\.000Z$/],
    ] as const) {
      gateway.asked.length = 0;
      await run('summary', '--from', length);
      assert.match(asked()[0]?.from ?? '', times);
    }
    await run('summary', '--from', '2020-01-01T00:00:07Z');
    assert.equal(asked().at(-1)?.from, '2020-01-01T00:00:07.000Z');
  });

  it('leaves the period to the gateway where none is named', async () => {
    await run('summary');
    assert.deepEqual(asked(), [{ path: 'summary', from: undefined, to: undefined, rest: {} }]);
  });

  it('sums up each hour or day, in a time zone', async () => {
    gateway.reply(answer(200, seriesJson({ time_zone: 'Europe/Berlin' })));
    const { stdout } = await run('summary', '--every', 'hour', '--time-zone', 'Europe/Berlin');
    assert.deepEqual(asked()[0]?.rest, { granularity: 'hour', time_zone: 'Europe/Berlin' });
    assert.match(
      stdout,
      /^START +REQUESTS +ERRORS +4XX +REFUSED +P50 +P99 +IN +OUT\n2026-11-21 13:00 GMT\+1 +0 /,
    );
    assert.equal(stdout.trim().split('\n').length, 25);
  });

  it('ranks', async () => {
    const { stdout } = await run('top', ...filter, '--from', '1h');
    assert.deepEqual(asked()[0]?.rest, { by: 'key', limit: '10', ...filtered });
    assert.match(stdout, /^KEY +NAME +REQUESTS/);
    assert.match(stdout, new RegExp(`\\n${KEY_ID} +ci +1,520 +3 +37 +5 `));
    gateway.asked.length = 0;
    await run('top', '--by', 'address', '--limit', '3');
    await run('top', '--by', 'endpoint');
    const slowest = await run('top', '--slowest');
    assert.match(slowest.stdout, /^METHOD +ENDPOINT +REQUESTS[\s\S]*\nPOST +\/api\/2\.0/);
    assert.deepEqual(
      asked().map(({ path, rest }) => [path, rest]),
      [
        ['top', { by: 'client_ip', limit: '3' }],
        ['top', { by: 'endpoint', limit: '10' }],
        ['endpoints', { order: 'slowest', limit: '10' }],
      ],
    );
  });

  it('says that there were no requests, and keeps stdout so', async () => {
    gateway.reply(answer(200, rankingJson([])));
    assert.deepEqual(await run('top'), { stdout: '', stderr: 'No requests.\n' });
  });

  it('lists unused keys', async () => {
    const never = unusedKeyJson({ key_id: USER_ID, last_used_at: null, user_id: null });
    gateway.reply(answer(200, { data: [unusedKeyJson(), never], next_cursor: null }));
    const { stdout } = await run('unused', '--days', '30', '--limit', '7');
    assert.deepEqual(asked()[0]?.rest, { days: '30', limit: '7' });
    assert.match(stdout, new RegExp(`\\n${KEY_ID} +ci +2026-01-02 03:04 UTC +hk_live_`));
    assert.match(stdout, new RegExp(`\\n${USER_ID} +ci +never `));
  });

  it('shows the accounts of gateways, and checks them', async () => {
    const { stdout, stderr } = await run('integrity', '--from', '7d');
    assert.match(stdout, /host:8080 +gap +2,000 +1,995 +1,995 +1,995 +7 +3–6 9 +2026-11-22 10:00 UTC/);
    assert.match(stderr, /^Usage is incomplete\. Requests are missing\. .* dead letters\.\n$/);
    for (const form of [[], ['--json'], ['--csv']]) {
      if (form[0] === '--csv') gateway.reply(answer(200, 'gateway\r\n', CSV_HEAD), whateverIsAsked);
      const { code, stderr: said } = await hokusai(['usage', 'integrity', '--check', ...form], { env });
      assert.equal(code, 11, said);
      assert.match(said, /Requests are missing/);
    }
    const open = { ...integrityJson().incarnations[0], status: 'open', gaps: [] };
    const statuses = { open: 1, balanced: 0, gap: 0, unclean_end: 0 };
    gateway.reply(answer(200, integrityJson({ statuses, incarnations: [open] })));
    assert.match(
      (await run('integrity', '--check')).stderr,
      /^Nothing is missing but what is still on its way/,
    );
    const none = { complete: true, statuses: { ...statuses, open: 0 }, incarnations: [] };
    gateway.reply(answer(200, integrityJson(none)));
    assert.deepEqual(await run('integrity', '--check'), { stdout: '', stderr: 'No gateway was heard of.\n' });
  });

  it('says what silence of a gateway can mean, and that more ranges are missing than are listed', async () => {
    const account = { ...integrityJson().incarnations[0], gaps_left_out: 1234 };
    const statuses = { open: 0, balanced: 0, gap: 0, unclean_end: 1 };
    gateway.reply(answer(200, integrityJson({ statuses, incarnations: [account] })));
    const { stdout, stderr } = await run('integrity');
    assert.match(stdout, / 3–6 9 and 1,234 more /);
    assert.match(stderr, /^Usage is incomplete\.\s.*not said goodbye.*\n$/);
  });

  it('says that nothing can be said while the broker is away, which is not as it should be', async () => {
    const statuses = { open: 1, balanced: 0, gap: 0, unclean_end: 0 };
    gateway.reply(answer(200, integrityJson({ broker_reachable: false, statuses })));
    assert.match((await run('integrity')).stderr, /^NATS can't be reached: .* is not known here\./);
    gateway.reply(answer(200, integrityJson({ broker_reachable: false, statuses })));
    assert.equal((await hokusai(['usage', 'integrity', '--check'], { env })).code, 11);
  });

  it('pages through the accounts of one period, and judges by the words about all of them', async () => {
    const [account] = integrityJson().incarnations;
    const page = (length: number, next_cursor: string | null) =>
      answer(200, integrityJson({ incarnations: Array(length).fill(account), next_cursor }));
    gateway.reply(page(200, 'c1'), page(200, 'c2'), page(3, null));
    const { stdout } = await run('integrity', '--json');
    const { incarnations, ...all } = JSON.parse(stdout);
    assert.deepEqual([incarnations.length, all.statuses.gap, all.next_cursor], [403, 1, null]);
    assert.deepEqual(
      asked().map(({ from, to, rest }) => ({ from, to, ...rest })),
      [
        { from: undefined, to: undefined, limit: '200' },
        { ...PERIOD, limit: '200', cursor: 'c1' },
        { ...PERIOD, limit: '200', cursor: 'c2' },
      ],
    );
    gateway.asked.length = 0;
    gateway.reply(page(7, 'c1'));
    const { stdout: table, stderr } = await run('integrity', '--limit', '7');
    assert.equal(table.match(/host:8080/g)?.length, 7);
    assert.match(stderr, /^There are more gateway processes than these: see --limit\.\n/);
    assert.deepEqual(asked()[0]?.rest, { limit: '7' });
    gateway.reply(page(200, 'c1'), page(200, 'c1'));
    const { code } = await hokusai(['usage', 'integrity'], { env });
    assert.equal(code, 1);
  });

  it("prints the API's JSON to the letter", async () => {
    for (const [args, value] of [
      [['summary'], summaryJson()],
      [['summary', '--every', 'day'], seriesJson()],
      [['top'], rankingJson()],
      [['unused'], { data: [], next_cursor: null }],
      [['integrity'], integrityJson()],
    ] as const) {
      const json = `${JSON.stringify({ ...value, newer: 1.0 }, undefined, 1)}\n`;
      gateway.reply(answer(200, json));
      assert.equal((await run(...args, '--json')).stdout, json, args.join(' '));
    }
  });

  it("prints the API's CSV to the letter", async () => {
    for (const args of [
      ['summary'],
      ['summary', '--every', 'day'],
      ['top'],
      ['top', '--slowest'],
      ['integrity'],
    ]) {
      gateway.asked.length = 0;
      gateway.reply(answer(200, 'a,b\r\n1,"x\r\ny"\r\n', CSV_HEAD));
      assert.equal((await run(...args, '--csv')).stdout, 'a,b\r\n1,"x\r\ny"\r\n', args.join(' '));
      assert.deepEqual(
        gateway.asked.map(({ headers }) => headers.accept),
        ['text/csv'],
      );
    }
  });

  it('pages through CSV, with one header line', async () => {
    const link = (cursor: string) => ({ ...CSV_HEAD, link: `<?days=90&cursor=${cursor}>; rel="next"` });
    gateway.reply(answer(200, 'key_id\r\na\r\n', link('c%2F1')), answer(200, 'key_id\r\nb\r\n', link('c2')));
    const { stdout, stderr } = await run('unused', '--csv', '--limit', '250');
    assert.equal(stdout, 'key_id\r\na\r\nb\r\n');
    assert.deepEqual(
      asked().map(({ rest }) => rest),
      [
        { days: '90', limit: '200' },
        { days: '90', limit: '50', cursor: 'c/1' },
      ],
    );
    assert.match(stderr, /There are more unused keys/);
  });

  it('lets no control character of a name reach the terminal', async () => {
    const entry = { value: 'a\u001b[2J', label: 'b\u009b', ...totalsJson() };
    gateway.reply(answer(200, rankingJson([entry])));
    assert.match((await run('top')).stdout, /a\\u001b\[2J +b\\u009b/);
    gateway.reply(answer(200, 'name\r\na\u001b[2J\r\n', CSV_HEAD));
    assert.equal((await run('top', '--csv')).stdout, 'name\r\na\\u001b[2J\r\n');
  });

  it('says by which options what is wrong was given', async () => {
    const violations = [{ path: 'granularity', message: 'is too fine' }];
    gateway.reply(problem(422, 'invalid_values', 'The request is not valid.', { violations }));
    const { code, stderr } = await hokusai(['usage', 'summary', '--every', 'minute', '--from', '90d'], {
      env,
    });
    assert.equal(code, 8);
    assert.match(stderr, /granularity is --every/);
  });

  for (const args of [
    ['summary', '--every', 'week'],
    ['summary', '--from', 'yesterday'],
    ['summary', '--key', 'ci'],
    ['summary', '--json', '--csv'],
    ['summary', '--time-zone', '+01:00'],
    ['top', '--by', 'user'],
    ['top', '--slowest', '--by', 'key'],
    ['top', '--limit', '0'],
    ['unused', '--days', '0'],
    ['watch', '--last', '25h'],
    ['watch', '--interval', '0s'],
    ['watch', '--count', '0'],
  ])
    it(`refuses a wrong command line before asking: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await hokusai(['usage', ...args], { env });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.equal(gateway.asked.length, 0);
    });

  describe('on a terminal', () => {
    it('plots the requests of a summary, of the same period', async () => {
      const screen = await shown(['summary', '--key', KEY_ID], UTF8);
      assert.match(screen, /Requests each hour\n900 ┤/);
      assert.match(screen, DOTS);
      assert.match(screen, /2026-11-21 12:00 UTC +2026-11-22 11:00 UTC\n/);
      const [, series] = asked();
      assert.deepEqual(series, {
        path: 'timeseries',
        ...PERIOD,
        rest: { key_id: KEY_ID, granularity: 'hour' },
      });
    });

    it('plots with stars and bars where the locale has nothing else', async () => {
      // Without LC_ALL, Python would give its child a locale with UTF-8.
      const plot = await shown(['summary'], { LC_ALL: 'C' });
      assert.match(plot, /900 \+ +\*+\n/);
      const table = await shown(['top'], { LC_ALL: 'C' });
      assert.match(table, /1,520 +#{12} +3/);
      for (const screen of [plot, table]) assert.doesNotMatch(screen, /[^\n -~]/);
    });

    it('has bars to compare', async () => {
      const two = [
        { value: 'a', label: null, ...totalsJson({ requests: 100 }) },
        { value: 'b', label: null, ...totalsJson({ requests: 25 }) },
      ];
      gateway.reply(answer(200, rankingJson(two)));
      const screen = await shown(['top', '--by', 'endpoint'], UTF8);
      assert.match(screen, /a +100 +█{12} +3/);
      assert.match(screen, /b +25 +█{3} +3/);
    });

    it('fits, whatever the width', async () => {
      for (const columns of [40, 80, 250])
        for (const args of [['summary'], ['summary', '--every', 'hour'], ['top'], ['integrity']]) {
          const lines = (await shown(args, UTF8, columns)).split('\n');
          // Sentences are broken by the terminal.
          for (const line of lines.filter((text) => !text.endsWith('.')))
            assert.ok([...line].length <= Math.max(columns, 52), `${columns}: ${line}`);
        }
    });

    it('draws nothing where stdout is no terminal', async () => {
      const { stdout } = await hokusai(['usage', 'top'], { env: { ...env, ...UTF8 } });
      assert.doesNotMatch(stdout, BLOCKS);
    });
  });

  describe('watch', () => {
    it('looks again and again, in place, until Ctrl-C, which is 130', async () => {
      const terminal = hokusaiOnTerminal(['usage', 'watch', '--interval', '1s', '--key', KEY_ID], {
        env: { ...env, ...UTF8 },
      });
      await terminal.shows('requests 1,520');
      assert.ok(terminal.screen().includes('\u001b[2J\u001b[H'));
      gateway.reply((asked, response) => {
        const isSummary = asked.url.includes('/summary');
        if (isSummary) answer(200, summaryJson({ requests: 7777 }))(asked, response);
        else whateverIsAsked(asked, response);
      });
      await terminal.shows('requests 7,777');
      terminal.type(CTRL_C);
      assert.equal(await terminal.ended, 130);
      const screen = terminal.screen();
      assert.doesNotMatch(screen, /hokusai:|Cancelled/);
      assert.equal(screen.split('\u001b[2J').length, 2);
      assert.match(stripVTControlCharacters(screen), /the last 30 minutes/);
      const [first] = asked().filter(({ path }) => path === 'timeseries');
      assert.deepEqual(first?.rest, { key_id: KEY_ID, granularity: 'minute' });
      assert.ok(Math.abs(Date.parse(first?.from ?? '') - (Date.now() - 1_800_000)) < 60_000);
    });

    it('ends after as many looks as it was told', async () => {
      const { stdout } = await run('watch', '--count', '2', '--interval', '1s', '--last', '1h');
      assert.equal(stdout.match(/UTC, the last hour/g)?.length, 2);
      assert.equal(gateway.asked.length, 6);
      assert.ok(!stdout.includes('\u001b'));
    });

    it('prints a line of JSON for each look', async () => {
      const { stdout } = await run('watch', '--count', '2', '--interval', '1s', '--json');
      const looks = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(looks.length, 2);
      assert.deepEqual(Object.keys(looks[0]), ['at', 'summary', 'series', 'top']);
      assert.equal(looks[1].summary.requests, 1520);
    });

    it('ends with what went wrong', async () => {
      gateway.reply(problem(403, 'scope_missing', 'The key lacks usage:read.'));
      const { code, stderr } = await hokusai(['usage', 'watch'], { env });
      assert.equal(code, 5);
      assert.match(stderr, /usage:read/);
    });
  });
});
