import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { PlainHeadReader } from './plain-head.ts';

const READ = 'GET /mlflow/api/2.0/mlflow/runs/get?run_id=1 HTTP/1.1\r\n';

const read = (text: string, reader = new PlainHeadReader()) => reader.read(Buffer.from(text, 'latin1'));

describe('a plain head', () => {
  it('has its fields as they were sent, and by names in lower case', () => {
    assert.deepEqual(
      {
        ...read(
          `POST /a%20b?c=[d] HTTP/1.1\r\nHost: x\r\nX-Thing: \t a b\t\r\nContent-Length: 12\r\n\r\nbody`,
        ),
      },
      {
        method: 'POST',
        url: '/a%20b?c=[d]',
        rawHeaders: ['Host', 'x', 'X-Thing', 'a b', 'Content-Length', '12'],
        headers: Object.assign(Object.create(null), { host: 'x', 'x-thing': 'a b', 'content-length': '12' }),
        bodyBytes: 12,
        end: 76,
      },
    );
  });

  for (const [what, text] of Object.entries({
    'a part of one': `${READ}Host: x\r\n`,
    'one without fields': `${READ}\r\n`,
    'one without a host': `${READ}Accept: a\r\n\r\n`,
    'two hosts': `${READ}Host: x\r\nhost: x\r\n\r\n`,
    'a folded line': `${READ}Host: x\r\n y\r\n\r\n`,
    'a line that ends without CR': `${READ}Host: x\nAccept: a\r\n\r\n`,
    'a request line that ends without LF': 'GET / HTTP/1.1\rXHost: x\r\n\r\n',
    'a CR within the request line': 'GET /\r HTTP/1.1\r\nHost: x\r\n\r\n',
    'a CR within a line': `${READ}Host: x\rAccept: a\r\n\r\n`,
    'a space before the colon': `${READ}Host : x\r\n\r\n`,
    'a NUL': `${READ}Host: x\0\r\n\r\n`,
    'letters of another alphabet': `${READ}Host: x\r\nAccept: \xe4\r\n\r\n`,
    chunks: `${READ}Host: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'an expectation': `${READ}Host: x\r\nExpect: 100-continue\r\n\r\n`,
    'an upgrade': `${READ}Host: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n`,
    'a last request': `${READ}Host: x\r\nConnection: close\r\n\r\n`,
    'a length that is none': `${READ}Host: x\r\nContent-Length: +1\r\n\r\n`,
    'two lengths': `${READ}Host: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n`,
    'HTTP/1.0': 'GET / HTTP/1.0\r\nHost: x\r\n\r\n',
    'a whole URI': 'GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n',
    'a fragment': 'GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n',
    'an unknown method': 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n',
    'an empty line before it': `\r\n${READ}Host: x\r\n\r\n`,
  }))
    it(`is not: ${what}`, () => {
      assert.equal(read(text), undefined);
    });

  it('has its own fields, though others of the same length came before it on its connection', () => {
    const reader = new PlainHeadReader();
    const hostOf = (host: string) => read(`${READ}Host: ${host}\r\n\r\n`, reader)?.headers.host;
    assert.deepEqual(['a', 'b', 'b', 'cc', 'a'].map(hostOf), ['a', 'b', 'b', 'cc', 'a']);
    assert.equal(read(`${READ}Host: a\r\nHost: b\r\n\r\n`, reader), undefined);
  });

  it('is read as Node reads it, whatever comes', async () => {
    const node = await startNode();
    const reader = new PlainHeadReader();
    const isPlain: boolean[] = [];
    try {
      await fc.assert(
        fc.asyncProperty(anyHead, async (text) => {
          const plain = read(text, reader);
          isPlain.push(plain !== undefined);
          if (!plain) return;
          const { method, url, rawHeaders, headers, bodyBytes } = plain;
          const length = headers['content-length'];
          assert.deepEqual(await node.read(text), { method, url, rawHeaders, headers: { ...headers } });
          assert.equal(bodyBytes, length === undefined ? 0 : Number(length));
          assert.equal(plain.end, text.length);
        }),
        { numRuns: 1500 },
      );
    } finally {
      node.close();
    }
    assert.ok(isPlain.filter(Boolean).length > 60 && isPlain.includes(false), 'both kinds were tried');
  });
});

const odd = fc.constantFrom(
  '',
  ' ',
  '\t',
  '\r',
  '\n',
  '\0',
  '\x7f',
  '\xe4',
  ':',
  '#',
  '"',
  '\\',
  '{',
  '%',
  ';',
);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('Accept', 'X-A', 'cookie', 'constructor', 'x_a', "!#$%&'*+.^`|~") },
  {
    weight: 3,
    arbitrary: fc.constantFrom('Connection', 'Content-Length', 'Keep-Alive', 'TE', 'Age', 'From'),
  },
  { weight: 1, arbitrary: fc.constantFrom('Host', 'Transfer-Encoding', 'X A', 'X-A ', '') },
);
const value = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('', 'a', ' a\t b ', 'keep-alive', 'Keep-Alive', '0', '007', '12', 'a,b;c="d"'),
  },
  { weight: 1, arbitrary: fc.tuple(odd, fc.string(), odd).map((parts) => parts.join('')) },
);
const target = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('/', '/a/b?c=d&e', '//a', '/%2e%2E/;a', "/!$&'()*+,=@[]~?/?") },
  { weight: 1, arbitrary: fc.tuple(odd, fc.string(), odd).map((parts) => `/${parts.join('')}`) },
);
const lineEnd = fc.oneof(
  { weight: 40, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\n ') },
);
/** Of the request line and of the first field too; and a byte of it all that is another one. */
const anyHead = fc
  .tuple(
    fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'),
    target,
    fc.tuple(lineEnd, lineEnd),
    fc.array(fc.tuple(name, fc.constantFrom(':', ': '), value, lineEnd), { maxLength: 5 }),
  )
  .map(
    ([method, path, [first, second], fields]) =>
      `${method} ${path} HTTP/1.1${first}Host: x${second}${fields.map((parts) => parts.join('')).join('')}\r\n`,
  )
  .chain((text) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(text) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.nat(text.length - 5), fc.constantFrom('\r', '\n', ' ', 'X', ':', '\0', '\t'))
          .map(([at, byte]) => text.slice(0, at) + byte + text.slice(at + 1)),
      },
    ),
  );

/** A server of Node's that tells how it has read a head; it answers at once, and never waits for a body. */
async function startNode() {
  const server = createServer(
    { keepAliveTimeout: 0 },
    ({ method, url, rawHeaders, headers }: IncomingMessage, answer) => {
      const text = JSON.stringify({ method, url, rawHeaders, headers: Object.entries(headers) });
      answer.writeHead(200, { Connection: 'close' }).end(method === 'HEAD' ? undefined : text);
      heads.push(text);
    },
  );
  const heads: string[] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    read: async (text: string) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(text, 'latin1');
      await once(socket.resume(), 'close');
      const head = heads.pop();
      if (head === undefined) return 'refused';
      const { headers, ...rest } = JSON.parse(head) as { headers: [string, string][] };
      return { ...rest, headers: Object.fromEntries(headers) };
    },
    close: () => server.close(),
  };
}
