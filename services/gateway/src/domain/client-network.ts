/** Who counts as one client where clients are counted. */
import ipaddr from 'ipaddr.js';

/** The parts of 16 bits that make a /64: the least that a subscriber gets, and hosts choose the rest themselves. */
const NETWORK_PARTS = 4;

/**
 * The network of a client: of a v6 address its /64, as `2001:db8::/64`, since one client can take any address
 * in there. A v4 address stands for itself, v4-mapped or not. What can't be read is given back.
 */
export function clientNetwork(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address;
  const v6 = ipaddr.IPv6.parse(address);
  if (v6.isIPv4MappedAddress()) return v6.toIPv4Address().toString();
  const network = v6.parts.map((part, index) => (index < NETWORK_PARTS ? part : 0));
  return `${new ipaddr.IPv6(network).toString()}/${NETWORK_PARTS * 16}`;
}
