/** Usage in requests and answers. */
import {
  GRANULARITIES,
  isTimeZone,
  MAX_OBSERVED,
  MAX_RANKING,
  MAX_UNUSED_DAYS,
} from '@hokusai/contracts/usage-periods';
import { z } from 'zod';
import {
  count,
  instant,
  keyPrefix,
  line,
  listOf,
  nextCursor,
  page,
  stored,
  time,
  uuid,
  wholeNumber,
} from '../fields.ts';

const ENDPOINT_LIMIT = 500;

const format = {
  format: z
    .enum(['json', 'csv'], 'expected json or csv')
    .optional()
    .meta({ description: 'Before what the header Accept says.', examples: ['csv'] }),
};

const period = {
  from: instant('First moment of the period; a day before its end if left out.').optional(),
  to: instant('First moment after the period; now if left out.').optional(),
};

const filter = {
  key_id: uuid('Requests with this key.').optional(),
  user_id: uuid('Requests with keys of this user.').optional(),
  endpoint: line(ENDPOINT_LIMIT)
    .optional()
    .meta({
      description: 'Requests to this route, as `endpoints` shows it.',
      examples: ['/api/2.0/mlflow/runs/create'],
    }),
  ...period,
  ...format,
};

const ranking = {
  limit: wholeNumber(1, MAX_RANKING)
    .optional()
    .meta({ description: 'How many places; 10 if left out.', examples: [10] }),
};

const granularity = z
  .enum(GRANULARITIES, 'expected minute, hour or day')
  .meta({ description: 'Length of a bucket.', examples: ['hour'] });

const timeZone = z
  .string()
  .refine(isTimeZone, 'expected a name of the IANA time zone database, such as Europe/Berlin')
  .meta({
    description: 'Whose hours and days they are (IANA).',
    examples: ['Europe/Berlin'],
  });

export const summaryQuery = z.strictObject(filter);
export type FilterQuery = z.infer<typeof summaryQuery>;

export const timeSeriesQuery = z.strictObject({
  ...filter,
  granularity: granularity.optional().meta({ description: 'Length of a bucket; an hour if left out.' }),
  time_zone: timeZone
    .optional()
    .meta({ description: 'Whose hours and days they are (IANA); UTC if left out.' }),
});

export const endpointsQuery = z.strictObject({
  ...filter,
  ...ranking,
  order: z
    .enum(['requests', 'slowest'], 'expected requests or slowest')
    .optional()
    .meta({
      description: 'Most requests first (if left out), or the longest 99th percentile.',
      examples: ['slowest'],
    }),
});

const dimension = z
  .enum(['key', 'endpoint', 'client_ip'], 'expected key, endpoint or client_ip')
  .meta({ description: 'What is ranked.', examples: ['endpoint'] });

export const topQuery = z.strictObject({
  ...filter,
  ...ranking,
  by: dimension
    .optional()
    .meta({ description: 'What is ranked; keys if left out. Addresses go with no `endpoint`.' }),
});

export const unusedQuery = z.strictObject({
  ...page,
  ...format,
  days: wholeNumber(1, MAX_UNUSED_DAYS)
    .optional()
    .meta({ description: 'Without a request for at least so many days; 90 if left out.', examples: [90] }),
});

export const integrityQuery = z.strictObject({ ...page, ...period, ...format });

export const observedQuery = z.strictObject({
  ...period,
  ...format,
  limit: wholeNumber(1, MAX_OBSERVED)
    .optional()
    .meta({ description: 'How many clients; 100 if left out.', examples: [100] }),
});

function milliseconds(description: string, example: number) {
  return z
    .number()
    .min(0)
    .meta({ description, examples: [example] });
}

const totals = {
  requests: count('All of them, refused ones included.', 1520),
  errors: count('Answers of 500 and above.', 3),
  statuses: z
    .strictObject({
      '1xx': count('Upgraded connections.', 0),
      '2xx': count('Successful.', 1480),
      '3xx': count('Redirected.', 0),
      '4xx': count('Errors of the client, refusals of the gateway among them.', 37),
      '5xx': count('The same as `errors`.', 3),
    })
    .meta({ description: 'All of them by the hundreds of their status.' }),
  refused: z.record(z.string(), count('How many.', 2)).meta({
    description:
      'Refused by the gateway, by reason. Where nothing is filtered by, also those without a known key, which `requests` leaves out.',
    examples: [{ scope_missing: 2 }],
  }),
  latency_ms: z
    .strictObject({
      p50: milliseconds('Half of the requests took at most so many milliseconds.', 8.1),
      p90: milliseconds('Nine in ten.', 21.4),
      p99: milliseconds('99 in a hundred.', 88),
    })
    .nullable()
    .meta({
      description: 'Time to the end of the answer, to within 1 %; null without requests.',
      examples: [{ p50: 8.1, p90: 21.4, p99: 88 }],
    }),
  bytes_in: count('Bodies of requests.', 48_211),
  bytes_out: count('Bodies of answers.', 1_204_331),
};

const answeredPeriod = {
  from: time('First moment of the period.'),
  to: time('First moment after it.'),
};

export const summaryResponse = z
  .strictObject({ ...answeredPeriod, ...totals })
  .meta({ id: 'UsageSummary', description: 'Sums over the requests of a period.' });
export type SummaryJson = z.infer<typeof summaryResponse>;
export type TotalsJson = Omit<SummaryJson, 'from' | 'to'>;

const bucket = z
  .strictObject({
    start: time('First moment of the bucket; of the first one it may lie before `from`.'),
    ...totals,
  })
  .meta({ id: 'UsageBucket', description: 'Sums of one bucket.' });
export type BucketJson = z.infer<typeof bucket>;

export const timeSeriesResponse = z
  .strictObject({
    ...answeredPeriod,
    granularity,
    time_zone: timeZone,
    data: z.array(bucket).meta({ description: 'Oldest first, without gaps.' }),
  })
  .meta({ id: 'UsageTimeSeries', description: 'Sums of each minute, hour or day of a period.' });

/** One page, which `next_cursor` says as in every list. */
function rankingOf<Item extends z.ZodType>(id: string, item: Item, description: string) {
  return z
    .strictObject({
      ...answeredPeriod,
      data: z.array(item).meta({ description }),
      next_cursor: z.null().meta({ description: 'A ranking has one page.', examples: [null] }),
    })
    .meta({ id });
}

const endpointUsage = z
  .strictObject({
    method: stored('Of HTTP.', 'POST'),
    endpoint: stored('The route: ids in it are left out.', '/api/2.0/mlflow/runs/create'),
    ...totals,
  })
  .meta({ id: 'EndpointUsage', description: 'Sums of one endpoint.' });
export type EndpointJson = z.infer<typeof endpointUsage>;

export const endpointsResponse = rankingOf('EndpointUsageList', endpointUsage, 'In the order asked for.');

const topEntry = z
  .strictObject({
    value: stored('Key id, endpoint or address.', '6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a'),
    label: stored('Prefix and name of a key.', 'hk_live_4fQ0ZyB2kL9x training pipeline').nullable(),
    ...totals,
  })
  .meta({ id: 'UsageRank', description: 'One place in a ranking.' });
export type TopEntryJson = z.infer<typeof topEntry>;

export const topResponse = rankingOf('UsageRanking', topEntry, 'Most requests first.');

const unusedKey = z
  .strictObject({
    key_id: uuid('Of the key.'),
    key_prefix: keyPrefix('Public first part of its current secret.'),
    name: stored('Of the key.', 'training pipeline'),
    user_id: uuid('Its owner; null while that is not known.').nullable(),
    last_used_at: time('When it was last used; null: never, as far as usage is kept.').nullable(),
  })
  .meta({ id: 'UnusedKey', description: 'A key that was not used.' });
export type UnusedKeyJson = z.infer<typeof unusedKey>;

export const unusedResponse = listOf('UnusedKeyList', unusedKey, 'Longest unused first.');

const range = z
  .strictObject({ from: count('First number.', 12), to: count('Last number.', 14) })
  .meta({ id: 'SequenceRange', description: 'Numbers of requests, both ends included.' });

const incarnation = z
  .strictObject({
    incarnation: stored('Of the gateway process; new at each start.', '6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a'),
    gateway: stored('Its name for people.', 'host:8080'),
    status: z.enum(['open', 'balanced', 'gap', 'unclean_end']).meta({
      description:
        'Still announcing; closed and whole; some range is missing, or the store has not what arrived; silent without a goodbye, so that its end is not known.',
      examples: ['balanced'],
    }),
    assigned: count('Numbers that it gave to requests, as far as is known.', 1520),
    received: count('Numbers that arrived.', 1520),
    stored: count('Requests that are stored, or were until their time to be kept was over.', 1520),
    rolled_up: count(
      'How many of those the rollups hold; answers take the rest from the requests themselves.',
      1520,
    ),
    clock_corrected: count(
      'How many of those stand under the time of their arrival, since the clock of their gateway could not be believed.',
      0,
    ),
    gaps: z.array(range).meta({
      description:
        'Numbers that did not arrive, or are gone: the first 100 ranges, as far as they can be told.',
    }),
    gaps_left_out: count('How many ranges there are besides those in `gaps`.', 0),
    last_known_assigned: count(
      'What it announced last; of an unclean end: it gave out at least so many.',
      1520,
    ),
    opened_at: time('When it started.').nullable(),
    last_heard_at: time('When it last announced itself; null: never.').nullable(),
    closed_at: time('When it said goodbye; null if it did not.').nullable(),
  })
  .meta({ id: 'IncarnationIntegrity', description: 'The account of one gateway process.' });
export type IncarnationJson = z.infer<typeof incarnation>;

const statuses = z
  .strictObject({
    open: count('Still announcing.', 2),
    balanced: count('Closed and whole.', 31),
    gap: count('Some range is missing, or the store has not what arrived.', 0),
    unclean_end: count('Silent without a goodbye.', 0),
  })
  .meta({ id: 'IntegrityStatuses', description: 'How many gateway processes stand how.' });

export const integrityResponse = z
  .strictObject({
    ...answeredPeriod,
    complete: z.boolean().meta({
      description:
        'Nothing that any gateway of the period counted is missing, none ended uncleanly, and the broker can be reached. True where there was no gateway at all.',
      examples: [true],
    }),
    broker_reachable: z.boolean().meta({
      description:
        'False: what gateways have counted since they were last heard of is not known here. They keep it until the broker is back.',
      examples: [true],
    }),
    statuses: statuses.meta({ description: 'How many gateway processes of the whole period stand how.' }),
    incarnations: z.array(incarnation).meta({
      description: 'One for each gateway process, the one that was heard of first at first.',
    }),
    next_cursor: nextCursor,
  })
  .meta({ id: 'UsageIntegrity', description: 'Whether anything is missing, and one page of where.' });
export type IntegrityJson = z.infer<typeof integrityResponse>;

const observedClient = z
  .strictObject({
    reason: stored('What it would have been refused for, as a gateway says that enforces.', 'key_missing'),
    client_ip: z
      .string()
      .nullable()
      .meta({
        description:
          'Its address, or its network with IPv6; null for all further clients of minutes with very many.',
        examples: ['198.51.100.7'],
      }),
    user_agent_family: z.string().meta({
      description: 'What kind of program it is; empty for all further clients.',
      examples: ['mlflow-python-client'],
    }),
    key_prefix: keyPrefix('Of the key that it sent, if there is one.').nullable(),
    key_name: z
      .string()
      .nullable()
      .meta({ description: 'Of that key, if there is one.', examples: ['ci'] }),
    requests: count('How many.', 212),
    first_minute: time('Start of the first minute in which there were any.'),
    last_minute: time('Start of the last one.'),
  })
  .meta({
    id: 'ObservedClient',
    description: 'Requests of one client that were served, and would have been refused.',
  });
export type ObservedClientJson = z.infer<typeof observedClient>;

export const observedResponse = z
  .strictObject({
    ...answeredPeriod,
    data: z.array(observedClient).meta({ description: 'Most requests first.' }),
    next_cursor: nextCursor,
  })
  .meta({ id: 'ObservedClients', description: 'Whom gateways in observe mode would have refused.' });
