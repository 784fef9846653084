/** What MLflow 3 lets one ask for, in each of its searches; from `mlflow/utils/search_utils.py`. */

export type Kind = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset';

const COMPARED = ['=', '!=', '<', '<=', '>', '>='] as const;
const LIKE = ['=', '!=', 'LIKE', 'ILIKE'] as const;
const LISTED = ['IN', 'NOT IN'] as const;
const PRESENCE = ['IS NULL', 'IS NOT NULL'] as const;

export type Operator =
  | (typeof COMPARED)[number]
  | (typeof LIKE)[number]
  | (typeof LISTED)[number]
  | (typeof PRESENCE)[number];

export interface Field {
  /** What it is called where it is looked up, if that is another name. */
  name?: string;
  type: 'text' | 'number';
  operators: readonly Operator[];
  /** True: nothing is ordered by it. */
  isOnlyFiltered?: true;
  /** Those that there are, if not any. */
  keys?: readonly string[];
}

export interface Grammar {
  /** By the word before the dot; what has none is an attribute. */
  kinds: Readonly<Record<string, Kind>>;
  attributes: Readonly<Record<string, Field>>;
  /** Of all keys of a kind. */
  others: Partial<Record<Kind, Field>>;
  /** What may be ordered by, if it is not all, with what it is called where it is looked up. */
  orderable?: Readonly<Record<string, string>>;
}

const NUMBER: Field = { type: 'number', operators: COMPARED };
const TEXT: Field = { type: 'text', operators: LIKE };
const LISTED_TEXT: Field = { type: 'text', operators: [...LIKE, ...LISTED] };
const OPTIONAL_TEXT: Field = { type: 'text', operators: [...LIKE, ...PRESENCE] };

const START_TIME: Field = { ...NUMBER, name: 'start_time' };
const RUN_NAME: Field = { ...TEXT, name: 'run_name', isOnlyFiltered: true };

export const RUNS: Grammar = {
  kinds: {
    ...{ metric: 'metric', metrics: 'metric' },
    ...{ parameter: 'param', parameters: 'param', param: 'param', params: 'param' },
    ...{ tag: 'tag', tags: 'tag', dataset: 'dataset', datasets: 'dataset' },
    ...{ attribute: 'attribute', attributes: 'attribute', attr: 'attribute', run: 'attribute' },
  },
  attributes: {
    run_id: LISTED_TEXT,
    ...{ run_name: TEXT, 'run name': RUN_NAME, 'Run name': RUN_NAME, 'Run Name': RUN_NAME },
    ...{ user_id: TEXT, status: TEXT, artifact_uri: TEXT },
    ...{ start_time: NUMBER, end_time: NUMBER, created: START_TIME, Created: START_TIME },
  },
  others: {
    ...{ metric: NUMBER, param: OPTIONAL_TEXT, tag: OPTIONAL_TEXT },
    dataset: { ...LISTED_TEXT, isOnlyFiltered: true, keys: ['name', 'digest', 'context'] },
  },
};

const TAGGED = { attribute: 'attribute', tag: 'tag', tags: 'tag' } as const;

export const EXPERIMENTS: Grammar = {
  kinds: TAGGED,
  attributes: {
    name: TEXT,
    experiment_id: { type: 'text', operators: ['=', '!=', ...LISTED] },
    creation_time: NUMBER,
    last_update_time: NUMBER,
  },
  others: { tag: OPTIONAL_TEXT },
  orderable: {
    ...{ name: 'name', experiment_id: 'experiment_number' },
    ...{ creation_time: 'creation_time', last_update_time: 'last_update_time' },
  },
};

export const MODELS: Grammar = {
  kinds: TAGGED,
  attributes: { name: LISTED_TEXT },
  others: { tag: TEXT },
  orderable: {
    ...{ name: 'name', timestamp: 'last_updated_timestamp' },
    last_updated_timestamp: 'last_updated_timestamp',
  },
};

export const VERSIONS: Grammar = {
  kinds: TAGGED,
  attributes: { name: LISTED_TEXT, run_id: LISTED_TEXT, source_path: TEXT, version_number: NUMBER },
  others: { tag: TEXT },
  orderable: {
    ...{ name: 'name', version_number: 'version_number' },
    creation_timestamp: 'creation_timestamp',
    last_updated_timestamp: 'last_updated_timestamp',
  },
};
