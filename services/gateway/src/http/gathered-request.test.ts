import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { eventually } from '@hokusai/testing';
import { GatheredRequest } from './gathered-request.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

/** What a server is handed of a body that is sent so. */
async function piecesOf(body: string): Promise<{ pieces: string[]; isComplete: boolean }> {
  const pieces: string[] = [];
  let isComplete = false;
  const server = createServer({ IncomingMessage: GatheredRequest }, (request, answer) => {
    request.on('data', (piece: Buffer) => pieces.push(piece.toString()));
    request.on('end', () => {
      isComplete = request.complete;
      answer.writeHead(204, { Connection: 'close' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
  socket.write(HEAD + body);
  await once(socket, 'close');
  server.close();
  return { pieces, isComplete };
}

describe('a gathered request', () => {
  it('hands over what came together in one piece, however small its chunks are', async () => {
    const { pieces, isComplete } = await piecesOf(`${'1\r\na\r\n'.repeat(5000)}2\r\nbc\r\n0\r\n\r\n`);
    assert.equal(pieces.join(''), `${'a'.repeat(5000)}bc`);
    // One for each of the few reads.
    assert.ok(pieces.length < 10, `${pieces.length} pieces`);
    assert.equal(isComplete, true);
  });

  it('keeps small and large ones in their order', async () => {
    const large = 'x'.repeat(5000);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const texts = ['a', large, 'b', 'c', large, 'd'];
    const { pieces } = await piecesOf(`${texts.map(chunk).join('')}0\r\n\r\n`);
    assert.equal(pieces.join(''), texts.join(''));
  });

  it('holds its sender up by the bytes that wait, not by their pieces', async () => {
    const held: GatheredRequest[] = [];
    const server = createServer({ IncomingMessage: GatheredRequest, highWaterMark: 4096 }, (request) => {
      held.push(request as GatheredRequest);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(HEAD + '1\r\na\r\n'.repeat(2_000_000));
    await eventually(() => assert.ok((held[0]?.readableLength ?? 0) >= 4096));
    // A read or two of the connection, 64 KiB each, of which a sixth is data.
    assert.ok((held[0]?.readableLength ?? 0) < 64 * 1024, `${held[0]?.readableLength}`);
    assert.ok(socket.writableLength > 0);
    for (const request of held) request.destroy();
    socket.destroy();
    server.close();
    await once(server, 'close');
  });
});
