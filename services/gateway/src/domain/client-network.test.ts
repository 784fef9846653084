import assert from 'node:assert/strict';
import { clientNetwork } from './client-network.ts';

describe('clientNetwork', () => {
  const cases: [address: string, network: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::/64'],
    ['2001:DB8:0:0:ffff:ffff:ffff:ffff', '2001:db8::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::/64'],
    ['', ''],
    ['unknown', 'unknown'],
    ['nonsense', 'nonsense'],
  ];
  for (const [address, network] of cases) {
    it(`is '${network}' for '${address}'`, () => assert.equal(clientNetwork(address), network));
  }
});
