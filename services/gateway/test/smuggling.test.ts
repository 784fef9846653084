/** No byte of one request may be read as another, by us or by the upstream. */
import assert from 'node:assert/strict';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { parseAnswer, rawConnection, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const PATH = '/mlflow/api/2.0/mlflow/runs/create';

describe('smuggling', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let head: string;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      let body = '';
      incoming.setEncoding('latin1').on('data', (chunk: string) => {
        body += chunk;
      });
      incoming.on('end', () => outgoing.end(JSON.stringify({ url: incoming.url, body })));
    });
    gateway = await startGateway({ upstreamUrl: upstream.url });
    head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${gateway.key.key}\r\n`;
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  const SMUGGLED = 'GET /mlflow/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

  /** What comes after the head of a POST, and the status that it must be refused with. */
  const refused: [name: string, rest: string, status: number][] = [
    [
      'Content-Length beside Transfer-Encoding',
      `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(SMUGGLED)}`,
      400,
    ],
    [
      'Transfer-Encoding beside Content-Length',
      `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunked(SMUGGLED)}`,
      400,
    ],
    ['two lengths', `Content-Length: 4\r\nContent-Length: 90\r\n\r\nabcd${SMUGGLED}`, 400],
    ['two equal lengths', `Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a list of lengths', `Content-Length: 4, 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a signed length', `Content-Length: +4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a hexadecimal length', `Content-Length: 0x4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a length beyond all numbers', `Content-Length: 99999999999999999999999\r\n\r\n${SMUGGLED}`, 400],
    ['another transfer coding', `Transfer-Encoding: gzip, chunked\r\n\r\n${chunked(SMUGGLED)}`, 501],
    ['chunked that is not last', `Transfer-Encoding: chunked, gzip\r\n\r\n${chunked(SMUGGLED)}`, 400],
    [
      'chunked twice',
      `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(SMUGGLED)}`,
      400,
    ],
    ['an unknown coding', `Transfer-Encoding: xchunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
    ['identity', `Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a quoted coding', `Transfer-Encoding: "chunked"\r\n\r\n${chunked(SMUGGLED)}`, 400],
    ['a vertical tab before the coding', `Transfer-Encoding: \x0bchunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
    ['a space before the colon', `Content-Length : 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ["a space before a coding's colon", `Transfer-Encoding : chunked\r\n\r\n${chunked(SMUGGLED)}`, 400],
    ['a folded header', `X-Folded: a\r\n Content-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a bare LF in the head', `X-A: a\nContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a bare LF at its end', `Content-Length: 4\n\nabcd${SMUGGLED}`, 400],
    ['a bare CR in a value', `X-A: a\rContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['NUL in a value', `X-A: a\0b\r\nContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['a name with a space', `X A: a\r\nContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['an empty name', `: a\r\nContent-Length: 4\r\n\r\nabcd${SMUGGLED}`, 400],
    ['two hosts', `Host: y\r\nContent-Length: 0\r\n\r\n`, 400],
    [
      'a chunk size beyond all numbers',
      `Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${SMUGGLED}`,
      400,
    ],
    ['a chunk size that is none', `Transfer-Encoding: chunked\r\n\r\nxyz\r\n${SMUGGLED}`, 400],
    ['a chunk that is longer than it says', `Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n`, 400],
    ['bare LF between chunks', `Transfer-Encoding: chunked\r\n\r\n4\nabcd\n0\n\n`, 400],
  ];
  for (const [name, rest, status] of refused) {
    it(`refuses ${name}, and ends the connection`, async () => {
      const before = upstream.requests.length;
      const text = await sendRaw(gateway.port, head + rest);
      assert.equal(parseAnswer(text).status, status, text);
      assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, text);
      assert.doesNotMatch(upstream.received(), /smuggled/);
      // What was wrong only in the body may have begun to be forwarded; it must not have been completed.
      for (const request of upstream.requests.slice(before)) assert.equal(request.complete, false);
    });
  }

  const accepted: [name: string, rest: string, body: string][] = [
    ['chunked', `Transfer-Encoding: chunked\r\n\r\n${chunked('abcd')}`, 'abcd'],
    ['odd case', `transfer-ENCODING: ChUnKeD\r\n\r\n${chunked('abcd')}`, 'abcd'],
    ['spaces around', `Transfer-Encoding:   chunked  \r\n\r\n${chunked('abcd')}`, 'abcd'],
    ['chunk extensions', `Transfer-Encoding: chunked\r\n\r\n4;a=b;c="d"\r\nabcd\r\n0;e\r\n\r\n`, 'abcd'],
    [
      'trailers',
      `Trailer: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\nX: y\r\nHost: evil\r\n\r\n`,
      'abcd',
    ],
    ['an empty chunked body', `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, ''],
    ['a length of zero', 'Content-Length: 0\r\n\r\n', ''],
    ['no length at all', '\r\n', ''],
    ['a length with zeros', 'Content-Length: 0004\r\n\r\nabcd', 'abcd'],
  ];
  for (const [name, rest, body] of accepted) {
    it(`takes ${name}, and the next request after it`, async () => {
      const next = `GET /mlflow/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
      const text = await sendRaw(gateway.port, head + rest + next);
      assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2, text);
      assert.ok(text.includes(JSON.stringify({ url: PATH.slice('/mlflow'.length), body })), text);
      assert.ok(text.includes(JSON.stringify({ url: '/version', body: '' })), text);
    });
  }

  it('refuses Transfer-Encoding of HTTP/1.0', async () => {
    const text = await sendRaw(
      gateway.port,
      `${head.replace('1.1', '1.0')}Transfer-Encoding: chunked\r\n\r\n${chunked('a')}`,
    );
    assert.equal(parseAnswer(text).status, 400);
  });

  it('refuses a request without Host, but not of HTTP/1.0', async () => {
    assert.equal(
      parseAnswer(await sendRaw(gateway.port, 'GET /mlflow/version HTTP/1.1\r\nConnection: close\r\n\r\n'))
        .status,
      400,
    );
    assert.equal(
      parseAnswer(await sendRaw(gateway.port, 'GET /mlflow/version HTTP/1.0\r\n\r\n')).status,
      200,
    );
  });

  it('survives a Trailer header, and one in an answer to HTTP/1.0', async () => {
    const text = await sendRaw(
      gateway.port,
      'GET /mlflow/version HTTP/1.0\r\nHost: x\r\nTrailer: x\r\nTE: trailers\r\n\r\n',
    );
    assert.equal(parseAnswer(text).status, 200);
  });

  it('answers pipelined requests in their order', async () => {
    const requests = Array.from(
      { length: 30 },
      (_, index) =>
        `GET /mlflow/version?${index} HTTP/1.1\r\nHost: x\r\n${index === 29 ? 'Connection: close\r\n' : ''}\r\n`,
    );
    const text = await sendRaw(gateway.port, requests.join(''));
    const order = [...text.matchAll(/"url":"\/version\?(\d+)"/g)].map(([, index]) => Number(index));
    assert.deepEqual(
      order,
      Array.from({ length: 30 }, (_, index) => index),
    );
  });

  it('does not answer an unreadable request in place of the one before', async () => {
    const connection = await rawConnection(gateway.port);
    connection.send(`GET /mlflow/version HTTP/1.1\r\nHost: x\r\n\r\nNONSENSE\r\n\r\n`);
    const text = await connection.closed();
    assert.doesNotMatch(text, /HTTP\/1\.1 400/);
  });

  it('ends a connection that goes on after an unread body', async () => {
    const early = await startHttpUpstream((_, outgoing) => outgoing.writeHead(403).end('early'));
    const impatient = await startGateway({ upstreamUrl: early.url });
    try {
      const connection = await rawConnection(impatient.port);
      connection.send(
        `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${impatient.key.key}\r\nContent-Length: ${SMUGGLED.length + 10}\r\n\r\nfirst`,
      );
      await connection.until(/early/);
      connection.send(`${SMUGGLED}later`);
      connection.send('GET /mlflow/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      const text = await connection.closed();
      assert.doesNotMatch(early.received(), /GET \/smuggled/);
      assert.ok((text.match(/HTTP\/1\.1 \d/g)?.length ?? 0) <= 2, text);
    } finally {
      await impatient.close();
      await early.close();
    }
  });
});
