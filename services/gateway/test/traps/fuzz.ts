/**
 * Requests that are broken at random. Whatever becomes of them, the gateway lives, and what gets to the
 * upstream is a well-formed request that one of the keys in them may make. A failure is repeated with the
 * seed and path that it prints.
 */
import assert from 'node:assert/strict';
import { growthDuring } from '@hokusai/testing';
import fc from 'fast-check';
import { ADMIN, ARTIFACT, type Ground, READ, TUNNEL, WRITE } from './support/ground.ts';
import { valuesOf } from './support/strict-reader.ts';

const MIB = 1024 * 1024;
const MEMORY_BOUND = 128 * MIB;
const LIMIT_MS = 10_000;
/** No answer within that time: the gateway waits for more. */
const QUIET_MS = 80;
const AT_ONCE = 8;

const TARGETS = [
  READ,
  WRITE,
  ADMIN,
  ARTIFACT,
  TUNNEL,
  '/mlflow/version',
  '/mlflow/',
  '/mlflow',
  '/api/v1/auth/whoami',
  '/',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];
/** What is set into requests, or in place of parts of them. */
const PIECES = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\n\n',
    '\0',
    ' ',
    '\t',
    '\x0b',
    '\x7f',
    '\xff',
    '\r\n ',
    ':',
    ',',
    ';',
  ],
  ...['/', '//', '..', '/../', '%2e', '%2f', '%5c', '\\', '%00', '#', '?', '%', ';x=y', 'http://evil', '*'],
  ...['Content-Length: 4\r\n', 'Content-Length: 99\r\n', 'Content-Length: -1\r\n', 'content_length: 4\r\n'],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: gzip, chunked\r\n',
    'Transfer-Encoding : chunked\r\n',
  ],
  ...[
    'Connection: X-Hokusai-User\r\n',
    'Connection: Upgrade\r\nUpgrade: h2c\r\n',
    'Expect: 100-continue\r\n',
  ],
  ...[
    'Host: evil\r\n',
    'X-Hokusai-User: root\r\n',
    'X_Hokusai_Key_Id: 1\r\n',
    'X-Forwarded-For: 6.6.6.6\r\n',
  ],
  ...[
    'X-HTTP-Method-Override: DELETE\r\n',
    'X-Original-URL: /admin\r\n',
    'Trailer: x\r\n',
    'TE: trailers\r\n',
  ],
  ...[
    '0\r\n\r\n',
    '4\r\nabcd\r\n',
    'ffffffff\r\n',
    'fffffffffffffffff\r\n',
    '4;a=b\r\n',
    ' HTTP/1.1',
    ' HTTP/1.0',
  ],
  `POST ${ADMIN} HTTP/1.1\r\nHost: x\r\n\r\n`,
];

/** Which of the ground's keys a request has; they are put in only when it is sent, so that failures read alike. */
type Whose = 'key' | 'reader' | 'revoked' | 'stranger' | 'nobody';
const WHOSE: readonly Whose[] = ['key', 'reader', 'reader', 'revoked', 'stranger', 'nobody'];
/** Stand for the key, and for whose it is. No mutation of them can become another's. */
const KEY = '{key}';
const OWNER = '{whose}';

interface Attempt {
  whose: Whose;
  bytes: string;
}

const headers = fc.record({
  target: fc.constantFrom(...TARGETS),
  method: fc.constantFrom(...METHODS),
  place: fc.constantFrom('Authorization: Bearer ', 'Authorization: ', 'X-API-Key: '),
  body: fc.constantFrom(
    '',
    '',
    'Content-Length: 4\r\n\r\nabcd',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n',
  ),
});
const plainRequest = headers.map(
  ({ target, method, place, body }) =>
    `${method} ${target} HTTP/1.1\r\nHost: x\r\n${place}${KEY}\r\nX-Whose: ${OWNER}\r\n${body === '' ? '\r\n' : body}`,
);

/** Two places in a text, the first not behind the second. */
const places = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 40 }));
const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 }).map(latin1));
const mutation = fc
  .tuple(places, piece, fc.constantFrom('insert', 'replace', 'remove', 'repeat'))
  .map(([[where, length], text, kind]) => (bytes: string) => {
    const at = Math.floor(where * bytes.length);
    const cut = bytes.slice(at, at + length);
    const rest = bytes.slice(at + length);
    if (kind === 'insert') return bytes.slice(0, at) + text + cut + rest;
    if (kind === 'replace') return bytes.slice(0, at) + text + rest;
    if (kind === 'remove') return bytes.slice(0, at) + rest;
    return bytes.slice(0, at) + cut + cut + rest;
  });

const attempt: fc.Arbitrary<Attempt> = fc
  .tuple(
    fc.constantFrom(...WHOSE),
    fc.array(plainRequest, { minLength: 1, maxLength: 3 }),
    fc.array(mutation, { maxLength: 4 }),
  )
  .map(([whose, requests, mutations]) => ({
    whose,
    bytes: mutations.reduce((bytes, mutate) => mutate(bytes), requests.join('')),
  }));

export function fuzz(ground: Ground): void {
  describe('at random', () => {
    ground.trap('no broken request harms the gateway, or gets past it unauthorised', async function () {
      this.timeout(LIMIT_MS + 60_000);
      const keys: Record<Whose, string> = {
        key: ground.key,
        reader: ground.reader,
        revoked: ground.add({ isActive: false, revokedAtMs: 1_750_000_000_000 }),
        stranger: ground.stranger(),
        nobody: 'none',
      };
      ground.tunnel.onSocket = (socket) =>
        socket.once('data', () => {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
          );
          socket.pipe(socket);
        });
      const growth = await growthDuring(ground.pid, () =>
        fc.assert(
          fc.asyncProperty(
            fc.array(attempt, { minLength: AT_ONCE, maxLength: AT_ONCE }),
            async (attempts) => {
              const before = ground.upstream.heads.length;
              const bytes = ({ whose, bytes: text }: Attempt) =>
                text.replaceAll(KEY, keys[whose]).replaceAll(OWNER, whose);
              await Promise.all(attempts.map((each) => spring(ground, bytes(each))));
              assertOwnKeys(ground, keys, before);
              ground.assertNothingUnauthorised();
            },
          ),
          { numRuns: 1_000_000, interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: false },
        ),
      );
      assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
    });
  });
}

/** Sends the bytes, waits for whatever comes, and leaves. */
async function spring(ground: Ground, bytes: string): Promise<void> {
  const connection = await ground.connect();
  connection.send(bytes);
  await new Promise<void>((resolve) => {
    const quiet = setTimeout(resolve, QUIET_MS);
    connection.socket.on('data', () => quiet.refresh());
    connection.socket.on('close', () => {
      clearTimeout(quiet);
      resolve();
    });
  });
  connection.socket.destroy();
}

/** What still says whose it is has the identity of that one, and of nobody else. */
function assertOwnKeys(ground: Ground, keys: Readonly<Record<string, string>>, since: number): void {
  for (const { headers: fields, raw } of ground.upstream.heads.slice(since)) {
    const [whose = ''] = valuesOf(fields, 'x-whose');
    const [keyId] = valuesOf(fields, 'x-hokusai-key-id');
    const key = keys[whose];
    if (key !== undefined && keyId !== undefined) assert.equal(keyId, ground.idOf(key), raw);
  }
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
