/** No byte of one request may be read as another, by us or by the upstream. */
import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import { parseAnswer } from '../support/raw-client.ts';
import { type Ground, READ, WRITE } from './support/ground.ts';
import { valuesOf } from './support/strict-reader.ts';

const SMUGGLED = 'GET /mlflow/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
/** As a body that ends early leaves it for the next reader. */
const TWO_LENGTHS = `abcd${SMUGGLED}`;

/** What comes after the head of a POST, and the status that it must be refused with. */
const REFUSED: [name: string, rest: string, status: number][] = [
  ['CL + TE', `Content-Length: 4\r\n${CHUNKED}${chunked(SMUGGLED)}`, 400],
  ['TE + CL', `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['CL of zero + TE', `Content-Length: 0\r\n${CHUNKED}${chunked(SMUGGLED)}`, 400],
  ['two lengths', `Content-Length: 4\r\nContent-Length: 90\r\n\r\n${TWO_LENGTHS}`, 400],
  ['two equal lengths', `Content-Length: 4\r\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['two lengths in other case', `Content-Length: 4\r\ncontent-LENGTH: 90\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a list of lengths', `Content-Length: 4, 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a signed length', `Content-Length: +4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a negative length', `Content-Length: -4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a hexadecimal length', `Content-Length: 0x4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a length with a fraction', `Content-Length: 4.0\r\n\r\n${TWO_LENGTHS}`, 400],
  ['an empty length', `Content-Length:\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a length with a space inside', `Content-Length: 4 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a length beyond all numbers', `Content-Length: 99999999999999999999999\r\n\r\n${SMUGGLED}`, 400],
  ['gzip, chunked', `Transfer-Encoding: gzip, chunked\r\n\r\n${chunked(SMUGGLED)}`, 501],
  ['chunked, gzip', `Transfer-Encoding: chunked, gzip\r\n\r\n${chunked(SMUGGLED)}`, 400],
  [
    'gzip, then chunked',
    `Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(SMUGGLED)}`,
    501,
  ],
  [
    'chunked twice',
    `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(SMUGGLED)}`,
    400,
  ],
  ['chunked, chunked', `Transfer-Encoding: chunked, chunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['chunked and nothing', `Transfer-Encoding: chunked,\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['nothing and chunked', `Transfer-Encoding: ,chunked\r\n\r\n${chunked(SMUGGLED)}`, 501],
  ['no coding', `Transfer-Encoding:\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['an unknown coding', `Transfer-Encoding: xchunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['identity', `Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a quoted coding', `Transfer-Encoding: "chunked"\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['a coding with a parameter', `Transfer-Encoding: chunked;q=1\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['a vertical tab before the coding', `Transfer-Encoding: \x0bchunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['a NUL behind the coding', `Transfer-Encoding: chunked\0\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['a space before the colon', `Content-Length : 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ["a space before a coding's colon", `Transfer-Encoding : chunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['a tab before the colon', `Content-Length\t: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['obs-fold', `X-Folded: a\r\n Content-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['obs-fold with a tab', `X-Folded: a\r\n\tContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['obs-fold of the coding', `Transfer-Encoding:\r\n chunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
  ['a bare LF in the head', `X-A: a\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a bare LF at its end', `Content-Length: 4\n\n${TWO_LENGTHS}`, 400],
  ['a bare CR in a value', `X-A: a\rContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a bare CR before the end of a line', `Content-Length: 4\r\r\n\r\n${TWO_LENGTHS}`, 400],
  ['NUL in a value', `X-A: a\0b\r\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a name with a space', `X A: a\r\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['an empty name', `: a\r\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a line without a colon', `nonsense\r\nContent-Length: 4\r\n\r\n${TWO_LENGTHS}`, 400],
  ['a chunk size beyond all numbers', `${CHUNKED}fffffffffffffffff\r\n${SMUGGLED}`, 400],
  ['a chunk size that is none', `${CHUNKED}xyz\r\n${SMUGGLED}`, 400],
  ['a hexadecimal mark before a chunk size', `${CHUNKED}0x4\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a signed chunk size', `${CHUNKED}+4\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a negative chunk size', `${CHUNKED}-4\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a space before a chunk size', `${CHUNKED} 4\r\nabcd\r\n0\r\n\r\n`, 400],
  ['no chunk size', `${CHUNKED}\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a chunk that is longer than it says', `${CHUNKED}3\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a chunk without its end', `${CHUNKED}4\r\nabcd0\r\n\r\n`, 400],
  ['bare LF between chunks', `${CHUNKED}4\nabcd\n0\n\n`, 400],
  ['bare LF in a chunk extension', `${CHUNKED}4;a\nabcd\r\n0\r\n\r\n`, 400],
  ['bare CR in a chunk extension', `${CHUNKED}4;a\rb\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a chunk extension of 100 KiB', `${CHUNKED}4;${'a'.repeat(100 * 1024)}\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a trailer that would frame', `${CHUNKED}4\r\nabcd\r\n0\r\nContent-Length: 9\r\n\r\n`, 400],
  ['a trailer that is none', `${CHUNKED}4\r\nabcd\r\n0\r\nX Y: z\r\n\r\n`, 400],
  ['trailers of 100 KiB', `${CHUNKED}4\r\nabcd\r\n0\r\nX: ${'a'.repeat(100 * 1024)}\r\n\r\n`, 431],
];

const ACCEPTED: [name: string, rest: string, body: string][] = [
  ['chunked', `${CHUNKED}${chunked('abcd')}`, 'abcd'],
  ['odd case', `transfer-ENCODING: ChUnKeD\r\n\r\n${chunked('abcd')}`, 'abcd'],
  ['spaces around', `Transfer-Encoding:   chunked  \r\n\r\n${chunked('abcd')}`, 'abcd'],
  ['chunk extensions', `${CHUNKED}4;a=b;c="d"\r\nabcd\r\n0;e\r\n\r\n`, 'abcd'],
  ['capital letters in a chunk size', `${CHUNKED}A\r\n0123456789\r\n0\r\n\r\n`, '0123456789'],
  ['zeros before a chunk size', `${CHUNKED}0000004\r\nabcd\r\n000\r\n\r\n`, 'abcd'],
  ['trailers', `Trailer: x\r\n${CHUNKED}4\r\nabcd\r\n0\r\nX: y\r\nHost: evil\r\n\r\n`, 'abcd'],
  ['an empty chunked body', `${CHUNKED}0\r\n\r\n`, ''],
  ['a length of zero', 'Content-Length: 0\r\n\r\n', ''],
  ['no length at all', '\r\n', ''],
  ['a length with zeros', 'Content-Length: 0004\r\n\r\nabcd', 'abcd'],
  ['a body that looks like a request', `Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`, SMUGGLED],
  ['a chunk that looks like a request', `${CHUNKED}${chunked(SMUGGLED)}`, SMUGGLED],
  ['a length under an underscore', 'Content_Length: 0\r\nContent-Length: 4\r\n\r\nabcd', 'abcd'],
  ['a coding under an underscore', 'Transfer_Encoding: chunked\r\nContent-Length: 4\r\n\r\nabcd', 'abcd'],
];

export function smuggling(ground: Ground): void {
  describe('that smuggle one request in another', () => {
    const head = () => `POST ${WRITE} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ground.key}\r\n`;

    for (const [name, rest, status] of REFUSED) {
      ground.trap(`${name} is refused with ${status}, and the connection ends`, async () => {
        const before = ground.upstream.requests.length;
        const text = await ground.send(head() + rest);
        assert.equal(parseAnswer(text).status, status, text);
        assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, text);
        assert.doesNotMatch(ground.upstream.received(), /smuggled/);
        // What was wrong only in the body may have begun to be forwarded; it must not have been completed.
        for (const request of ground.upstream.requests.slice(before)) assert.equal(request.complete, false);
      });
    }

    for (const [name, rest, body] of ACCEPTED) {
      ground.trap(`${name} is taken, and so is the next request after it`, async () => {
        const next = 'GET /mlflow/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
        const text = await ground.send(head() + rest + next);
        assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2, text);
        assert.ok(text.includes(JSON.stringify({ url: WRITE.slice('/mlflow'.length), body })), text);
        assert.ok(text.includes(JSON.stringify({ url: '/version', body: '' })), text);
      });
    }

    ground.trap('Transfer-Encoding of HTTP/1.0', async () => {
      const text = await ground.send(`${head().replace('1.1', '1.0')}${CHUNKED}${chunked(SMUGGLED)}`);
      assert.equal(parseAnswer(text).status, 400);
    });

    ground.trap('a body of a GET', async () => {
      const get = head().replace('POST', 'GET').replace(WRITE, READ);
      for (const rest of [
        `Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
        `${CHUNKED}${chunked(SMUGGLED)}`,
      ]) {
        const text = await ground.send(`${get}Connection: close\r\n${rest}`);
        assert.equal(JSON.parse(parseAnswer(text).body).type, 'urn:hokusai:error:unexpected_body');
      }
    });

    upgrades(ground);
    pipelines(ground);
  });
}

function upgrades(ground: Ground): void {
  for (const [name, lines] of [
    ['h2c', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']],
    [
      'a WebSocket',
      [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ],
    ],
    ['another protocol', ['Connection: upgrade', 'Upgrade: TLS/1.0, evil']],
  ] as const) {
    ground.trap(`an upgrade to ${name} is not passed on, and what follows is read as requests`, async () => {
      const connection = await ground.connect();
      const all = ['Host: x', ...lines, `Authorization: ${ground.key}`];
      connection.send(`GET ${READ} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n`);
      assert.match(await connection.until(/"body":""\}/), /^HTTP\/1\.1 200 /);
      const { headers } = ground.upstream.heads.at(-1) ?? assert.fail('nothing came');
      for (const field of ['upgrade', 'http2-settings']) assert.deepEqual(valuesOf(headers, field), []);
      // Were this a tunnel now, it would reach the upstream as it is.
      connection.send(
        `GET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${ground.key}\r\n\r\n`,
      );
      assert.match(await connection.closed(), /HTTP\/1\.1 404 /);
    });
  }
}

function pipelines(ground: Ground): void {
  ground.trap('pipelined requests are answered in their order', async () => {
    const requests = Array.from(
      { length: 30 },
      (_, index) =>
        `GET /mlflow/version?${index} HTTP/1.1\r\nHost: x\r\n${index === 29 ? 'Connection: close\r\n' : ''}\r\n`,
    );
    const text = await ground.send(requests.join(''));
    const order = [...text.matchAll(/"url":"\/version\?(\d+)"/g)].map(([, index]) => Number(index));
    assert.deepEqual(order, [...Array(30).keys()]);
  });

  ground.trap('pipelined requests each have the key that they brought', async () => {
    const get = (line: string) => `GET ${READ} HTTP/1.1\r\nHost: x\r\n${line}\r\n`;
    const before = ground.upstream.heads.length;
    const text = await ground.send(
      `${get(`X-API-Key: ${ground.key}\r\n`)}${get('')}${get(`X-API-Key: ${ground.reader}\r\n`)}${get('Connection: close\r\n')}`,
    );
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    assert.deepEqual(statuses, ['200', '401', '200', '401']);
    assert.equal(ground.upstream.heads.length, before + 2);
  });

  ground.trap('an unreadable request is not answered in place of the one before', async () => {
    const connection = await ground.connect();
    connection.send('GET /mlflow/version HTTP/1.1\r\nHost: x\r\n\r\nNONSENSE\r\n\r\n');
    const statuses = [...(await connection.closed()).matchAll(/HTTP\/1\.1 (\d+) /g)].map(
      ([, status]) => status,
    );
    assert.deepEqual(statuses, ['200', '400']);
  });

  ground.trap('a request that is pipelined after an early answer is not read out of the body', async () => {
    ground.upstream.answer = (_, outgoing) => outgoing.writeHead(403).end('early');
    const connection = await ground.connect();
    const length = SMUGGLED.length + 10;
    connection.send(
      `POST ${WRITE} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ground.key}\r\nContent-Length: ${length}\r\n\r\nfirst`,
    );
    await connection.until(/early/);
    connection.send(`${SMUGGLED}later`);
    connection.send('GET /mlflow/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const text = await connection.closed();
    assert.ok((text.match(/HTTP\/1\.1 \d/g)?.length ?? 0) <= 2, text);
    assert.ok(!ground.upstream.heads.some(({ target }) => target.includes('smuggled')));
  });

  ground.trap(
    'a request that is pipelined after our own early answer is not read out of the body',
    async () => {
      const next = 'GET /mlflow/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
      const before = ground.upstream.heads.length;
      const text = await ground.send(
        `POST ${WRITE} HTTP/1.1\r\nHost: x\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}${next}`,
      );
      assert.match(text, /^HTTP\/1\.1 401 .*HTTP\/1\.1 200 /s);
      assert.deepEqual(
        ground.upstream.heads.slice(before).map(({ target }) => target),
        ['/health'],
      );
    },
  );

  ground.trap(
    'a connection to the upstream is not used again after a body that was not consumed',
    async () => {
      let early: unknown;
      ground.upstream.answer = (incoming, outgoing) => {
        early = incoming.socket;
        outgoing.writeHead(403).end('early');
      };
      const connection = await ground.connect();
      connection.send(
        `POST ${WRITE} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ground.key}\r\nContent-Length: 1000\r\n\r\nfirst`,
      );
      await connection.until(/early/);
      ground.upstream.answer = (_, outgoing) => outgoing.end('ok');
      for (let time = 0; time < 10; time += 1) assert.equal((await ground.ask(`GET ${READ}`)).status, 200);
      assert.ok(!ground.upstream.requests.slice(-10).some(({ socket }) => socket === early));
      connection.socket.destroy();
      await eventually(() => assert.ok(![...ground.upstream.sockets].includes(early as never)));
    },
  );
}
