import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import fc from 'fast-check';
import type { ClientAnswer } from '../client-request.ts';
import { PlainAnswer } from './plain-answer.ts';

const KEEP_ALIVE_MS = 75_000;
const BODY = 'x'.repeat(20_000);

interface Case {
  method: string;
  status: number;
  reason: string | undefined;
  headers: string[];
  own: string[];
  isFlushed: boolean;
  chunks: number[];
  last: number;
  isText: boolean;
  trailers: [string, string][];
  isLast: boolean;
}

/** As whoever answers does it. */
function giveAnswer(answer: ClientAnswer, given: Case): void {
  if (given.isLast) answer.shouldKeepAlive = false;
  const [name, value] = given.own;
  if (name !== undefined && value !== undefined) answer.setHeader(name, value);
  if (given.reason === undefined) answer.writeHead(given.status, [...given.headers]);
  else answer.writeHead(given.status, given.reason, [...given.headers]);
  if (given.isFlushed) answer.flushHeaders();
  for (const length of given.chunks) answer.write(Buffer.from(BODY.slice(0, length)));
  answer.addTrailers(given.trailers);
  const last = BODY.slice(0, given.last);
  if (given.last === 0) answer.end();
  else if (given.isText) answer.end(last, 'latin1');
  else answer.end(Buffer.from(last));
}

/** All that comes out of the other end of a connection. */
async function bytesOf(give: (side: Duplex) => Promise<void>): Promise<string> {
  const [side, client] = duplexPair();
  const pieces: Buffer[] = [];
  client.on('data', (piece: Buffer) => pieces.push(piece));
  await give(side);
  // The pair hands over in ticks.
  await new Promise((resolve) => setImmediate(resolve));
  side.destroy();
  return Buffer.concat(pieces)
    .toString('latin1')
    .replace(/^Date: .*$/m, 'Date: now');
}

function ours(given: Case): Promise<string> {
  return bytesOf(
    (side) =>
      new Promise((resolve) => {
        const clock = { now: () => Date.now() };
        const socket = side as unknown as Socket;
        const { method } = given;
        giveAnswer(
          new PlainAnswer({ socket, method, clock, keepAliveMs: KEEP_ALIVE_MS, onFinished: () => resolve() }),
          given,
        );
      }),
  );
}

function nodes(given: Case): Promise<string> {
  return bytesOf(
    (side) =>
      new Promise((resolve) => {
        const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_request, answer) => {
          answer.once('finish', () => resolve());
          giveAnswer(answer, given);
        });
        side.push(`${given.method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
        server.emit('connection', side);
      }),
  );
}

const field = fc.constantFrom(
  ['Content-Type', 'text/plain'],
  ['X-A', ''],
  ['x-a', 'b'],
  ['Date', 'now'],
  ['Connection', 'close'],
  ['ETag', '"a"'],
);
const lengths = fc.constantFrom<number>(0, 1, 15, 16, 8192, 8193, 20_000);

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
    status: fc.constantFrom<number>(200, 204, 206, 304, 404, 500, 599),
    reason: fc.constantFrom(undefined, 'Fine'),
    headers: fc.array(field, { maxLength: 4 }).map((fields) => fields.flat()),
    own: fc.constantFrom<string[]>([], ['Strict-Transport-Security', 'max-age=1']),
    isFlushed: fc.boolean(),
    chunks: fc.array(lengths, { maxLength: 3 }),
    last: lengths,
    isText: fc.boolean(),
    trailers: fc.constantFrom<[string, string][]>([], [['X-Sum', '1']]),
    isLast: fc.boolean(),
    hasLength: fc.boolean(),
  })
  // Beside fields of the server's own Node puts those of one name together.
  .map((given) => (given.own.length === 0 ? given : { ...given, headers: given.headers.slice(0, 2) }))
  .map(({ hasLength, ...given }) => {
    if (!hasLength) return given;
    const length = given.chunks.reduce((sum, each) => sum + each, given.last);
    return { ...given, headers: [...given.headers, 'Content-Length', String(length)] };
  });

describe('a plain answer', () => {
  it('is what Node would have sent, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        assert.equal(await ours(given), await nodes(given));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the bytes of fields as they are', async () => {
    const given = {
      method: 'GET',
      status: 200,
      reason: undefined,
      own: [],
      isFlushed: true,
      chunks: [],
      last: 0,
    };
    const text = await ours({
      ...given,
      headers: ['X-A', 'b\xe4'],
      isText: false,
      trailers: [],
      isLast: false,
    });
    assert.match(text, /^X-A: b\xe4\r$/m);
  });

  it('tells when it is over, and only then that it is written', async () => {
    const told: string[] = [];
    await bytesOf(
      (side) =>
        new Promise((resolve) => {
          const answer = new PlainAnswer({
            socket: side as unknown as Socket,
            method: 'GET',
            clock: { now: () => 0 },
            keepAliveMs: KEEP_ALIVE_MS,
            onFinished: () => resolve(void told.push('told')),
          });
          for (const event of ['finish', 'close']) answer.on(event, () => told.push(event));
          answer.writeHead(200, []);
          answer.end();
          assert.deepEqual([answer.writableEnded, answer.writableFinished, told], [true, false, []]);
        }),
    );
    assert.deepEqual(told, ['finish', 'close', 'told']);
  });
});
