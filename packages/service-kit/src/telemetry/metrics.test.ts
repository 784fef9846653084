import assert from 'node:assert/strict';
import { counter, gauge, histogram } from './definitions.ts';
import { Metrics } from './metrics.ts';
import { ProcessMetrics } from './processes.ts';

const REQUESTS = counter('hokusai_test_requests_total', 'Requests.', ['route', 'status']);
const DURATION = histogram('hokusai_test_duration_seconds', 'Durations.', ['route'], [0.1, 1]);
const AGE = gauge('hokusai_test_age_seconds', 'Age.', [], 'max');

describe('Metrics', () => {
  it('writes what was counted in the form of Prometheus', async () => {
    const metrics = new Metrics();
    const requests = metrics.counter(REQUESTS);
    requests.of('/a"b', '2xx').add();
    requests.of('/a"b', '2xx').add(2);
    const durations = metrics.histogram(DURATION).of('/a');
    for (const seconds of [0.05, 0.1, 0.5, 7]) durations.observe(seconds);
    metrics.read(AGE, () => 5);
    assert.deepEqual(
      (await metrics.text()).split('\n').filter((line) => line && !line.startsWith('#')),
      [
        'hokusai_test_requests_total{route="/a\\"b",status="2xx"} 3',
        'hokusai_test_duration_seconds_bucket{route="/a",le="0.1"} 2',
        'hokusai_test_duration_seconds_bucket{route="/a",le="1"} 3',
        'hokusai_test_duration_seconds_bucket{route="/a",le="+Inf"} 4',
        'hokusai_test_duration_seconds_sum{route="/a"} 7.65',
        'hokusai_test_duration_seconds_count{route="/a"} 4',
        'hokusai_test_age_seconds 5',
      ],
    );
  });

  it('bounds the series of a metric, and loses no count', async () => {
    const metrics = new Metrics();
    const requests = metrics.counter(REQUESTS);
    for (let route = 0; route < 3000; route += 1) requests.of(`/${route}`, '2xx').add();
    const [snapshot] = await metrics.snapshot();
    const values = snapshot?.values ?? [];
    assert.equal(values.length, 2000);
    assert.equal(
      values.reduce((sum, { value }) => sum + value, 0),
      3000,
    );
    assert.deepEqual(values.at(-1)?.labels, { route: 'other', status: 'other' });
  });

  it('leaves out what can not be read, and tells the rest', async () => {
    const metrics = new Metrics();
    metrics.read(AGE, () => Promise.reject(new Error('away')));
    metrics.counter(REQUESTS).of('/', '2xx').add();
    assert.match(await metrics.text(), /\nhokusai_test_requests_total.* 1\n/);
    assert.doesNotMatch(await metrics.text(), /^hokusai_test_age_seconds/m);
  });

  it('refuses a name that is taken, and labels that are not those of the metric', () => {
    const metrics = new Metrics();
    const requests = metrics.counter(REQUESTS);
    assert.throws(() => metrics.counter(REQUESTS), /registered twice/);
    assert.throws(() => requests.of('/'), /has the labels route, status/);
  });
});

describe('ProcessMetrics', () => {
  const processOf = (seconds: number) => {
    const metrics = new Metrics();
    const requests = metrics.counter(REQUESTS).of('/', '2xx');
    metrics.histogram(DURATION).of('/').observe(seconds);
    metrics.read(AGE, () => seconds);
    return { requests, ask: async () => structuredClone(await metrics.snapshot()) };
  };

  it('adds up what is counted, and takes the largest age', async () => {
    const all = new ProcessMetrics();
    const [one, two] = [processOf(0.05), processOf(3)];
    one.requests.add(2);
    two.requests.add(5);
    for (const each of [one, two]) all.add(each, each.ask);
    const text = await all.text();
    assert.match(text, /^hokusai_test_requests_total\{.*\} 7$/m);
    assert.match(text, /^hokusai_test_duration_seconds_bucket\{route="\/",le="0.1"\} 1$/m);
    assert.match(text, /^hokusai_test_duration_seconds_count\{route="\/"\} 2$/m);
    assert.match(text, /^hokusai_test_age_seconds 3$/m);
  });

  it('keeps in its sums what an ended process had counted, and none of its gauges', async () => {
    const all = new ProcessMetrics();
    const [one, two] = [processOf(9), processOf(3)];
    one.requests.add(2);
    for (const each of [one, two]) all.add(each, each.ask);
    await all.text();
    await all.ended(one);
    two.requests.add(1);
    const text = await all.text();
    assert.match(text, /^hokusai_test_requests_total\{.*\} 3$/m);
    assert.match(text, /^hokusai_test_duration_seconds_count\{route="\/"\} 2$/m);
    assert.match(text, /^hokusai_test_age_seconds 3$/m);
  });

  it('keeps what both of two had counted that end together', async () => {
    const all = new ProcessMetrics();
    const both = [processOf(1), processOf(1)];
    for (const each of both) {
      each.requests.add(2);
      all.add(each, each.ask);
    }
    const before = await all.text();
    await Promise.all(both.map((each) => all.ended(each)));
    const counted = /^hokusai_test_requests_total\{.*$/m;
    assert.equal(counted.exec(await all.text())?.[0], counted.exec(before)?.[0]);
  });

  it('does without a process that does not answer', async () => {
    const all = new ProcessMetrics();
    const one = processOf(1);
    all.add(one, one.ask);
    all.add({}, () => Promise.reject(new Error('no answer in 2500 ms')));
    assert.match(await all.text(), /^hokusai_test_age_seconds 1$/m);
  });
});
