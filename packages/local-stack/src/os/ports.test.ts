import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { freePort, portHolder, portProblem } from './ports.ts';

describe('ports', () => {
  it('are free when nothing listens', async () => {
    assert.equal(await portProblem(await freePort(), '127.0.0.1'), undefined);
  });

  it('are handed out once, though nothing has come to listen on them', async () => {
    // As many as that, and the system would give some of them twice.
    const ports = new Set<number>();
    for (let count = 0; count < 1000; count += 1) ports.add(await freePort());
    assert.equal(ports.size, 1000);
  });

  it('in use are said to be, with their holder', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.equal(await portProblem(port, '127.0.0.1'), 'EADDRINUSE');
    if (process.platform === 'linux') assert.equal(portHolder(port)?.pid, process.pid);
    server.close();
    await once(server, 'close');
    assert.equal(portHolder(port), undefined);
  });

  it('of another machine can not be listened on', async () => {
    assert.equal(await portProblem(0, '192.0.2.1'), 'EADDRNOTAVAIL');
  });
});
