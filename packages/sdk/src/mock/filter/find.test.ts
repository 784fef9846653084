import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidRequestError } from '../../errors/errors.ts';
import { find, type Value } from './find.ts';
import { EXPERIMENTS, RUNS, VERSIONS } from './grammar.ts';
import { parseFilter, parseOrder } from './parse.ts';

/** Finds in one item that has that value as its param `p`; it is there or not. */
function finds(filter: string, ...values: readonly Value[]): boolean {
  const found = find(
    values,
    { filter, orderBy: [] },
    { grammar: RUNS, look: (value) => [value], usualOrder: [] },
  );
  return found.length === values.length;
}

describe('parseFilter', () => {
  it('takes names as MLflow writes them', () => {
    const written = [
      ['metrics.loss = 1', 'metric', 'loss'],
      ['metric.`val/loss at 5` = 1', 'metric', 'val/loss at 5'],
      ['params."a b" = \'x\'', 'param', 'a b'],
      ["tags.mlflow.source.name = 'x'", 'tag', 'mlflow.source.name'],
      ["tags.`a.b`='x'", 'tag', 'a.b'],
      ["status = 'FINISHED'", 'attribute', 'status'],
      ["run.`run name` = 'x'", 'attribute', 'run_name'],
      ['Created > 5', 'attribute', 'start_time'],
      ["datasets.name = 'x'", 'dataset', 'name'],
    ] as const;
    for (const [filter, kind, key] of written) {
      const [comparison] = parseFilter(filter, RUNS);
      assert.deepEqual([comparison?.kind, comparison?.key], [kind, key], filter);
    }
  });

  it('takes all operators, in small letters too', () => {
    const operators = ['=', '!=', 'like', 'ILIKE', 'in', 'not  IN'];
    const parsed = operators.map((operator) => {
      const value = /in/i.test(operator) && !/like/i.test(operator) ? '(\'a\', "b")' : "'a'";
      return parseFilter(`run_id ${operator} ${value}`, RUNS)[0]?.operator;
    });
    assert.deepEqual(parsed, ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN']);
    assert.equal(parseFilter('tags.a is not null', RUNS)[0]?.operator, 'IS NOT NULL');
  });

  it('refuses what MLflow refuses', () => {
    const refused = [
      ["a = 'b'", RUNS],
      ["metrics.a = 'b'", RUNS],
      ["params.a = 'b' OR params.a = 'c'", RUNS],
      ["params.a = 'b',", RUNS],
      ['params.a = 1', RUNS],
      ["params.a IN ('b')", RUNS],
      ['status IS NULL', RUNS],
      ["params.a = 'b", RUNS],
      ['params.a =', RUNS],
      ["dataset.colour = 'a'", RUNS],
      ["run_id IN ('a'", RUNS],
      ["__proto__ = 'a'", RUNS],
      ["constructor.a = 'a'", RUNS],
      ['metrics.a = 1', EXPERIMENTS],
      ["experiment_id LIKE '1'", EXPERIMENTS],
      ["version_number = '1'", VERSIONS],
      ['tags.a IS NULL', VERSIONS],
    ] as const;
    for (const [filter, grammar] of refused) {
      assert.throws(() => parseFilter(filter, grammar), InvalidRequestError, filter);
    }
  });

  it('reads back any text that has no quotes, under any key that has no backtick', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/['\\]/.test(value));
    const key = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('`'));
    fc.assert(
      fc.property(key, text, (name, value) => {
        assert.deepEqual(parseFilter(`tags.\`${name}\` = '${value}'`, RUNS), [
          { kind: 'tag', key: name, operator: '=', value },
        ]);
      }),
    );
  });
});

describe('parseOrder', () => {
  it('goes up unless it is told to go down', () => {
    assert.deepEqual(parseOrder('metrics.`a b` desc', RUNS), {
      kind: 'metric',
      key: 'a b',
      isAscending: false,
    });
    assert.deepEqual(parseOrder('name', EXPERIMENTS), { kind: 'attribute', key: 'name', isAscending: true });
    assert.throws(() => parseOrder('name UP', EXPERIMENTS), InvalidRequestError);
    assert.throws(() => parseOrder('name ASC, name', EXPERIMENTS), InvalidRequestError);
    assert.throws(() => parseOrder('tags.a', EXPERIMENTS), InvalidRequestError);
    assert.throws(() => parseOrder('dataset.name', RUNS), InvalidRequestError);
    assert.throws(() => parseOrder('run.`run name`', RUNS), InvalidRequestError);
    assert.throws(() => parseOrder('colour', RUNS), InvalidRequestError);
  });
});

describe('find', () => {
  it('has LIKE match the whole text, by character, with nothing else that is special', () => {
    assert.ok(finds("params.p LIKE 'a%'", 'a', 'ab', 'a\nb'));
    assert.ok(finds("params.p LIKE '_'", 'ü', '🎉'));
    assert.ok(!finds("params.p LIKE 'a'", 'ab'));
    assert.ok(!finds("params.p LIKE 'A'", 'a'));
    assert.ok(finds("params.p ILIKE 'ÄA%'", 'äab'));
    assert.ok(!finds("params.p LIKE '.*'", 'ab'));
    fc.assert(
      fc.property(
        fc.string().filter((value) => !/['\\%_]/.test(value)),
        (value) =>
          finds(`params.p LIKE '${value}'`, value) && finds(`params.p ilike '%${value}_'`, `x${value}y`),
      ),
    );
  });

  it('compares integers of 64 bits with numbers', () => {
    assert.ok(finds('start_time > 5', 2n ** 62n, 6));
    assert.ok(finds('start_time = 5', 5, 5n));
    assert.ok(!finds('start_time < 5', 2n ** 62n));
  });

  it('finds NaN by nothing but !=', () => {
    for (const operator of ['=', '<', '<=', '>', '>='])
      assert.ok(!finds(`metrics.p ${operator} 1`, Number.NaN));
    assert.ok(finds('metrics.p != 1', Number.NaN));
  });
});
