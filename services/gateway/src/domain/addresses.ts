/** Matching of client addresses against CIDR blocks, v4 and v6. */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = [Address, number];

/** Bits before the v4 address in a v4-mapped v6 address (RFC 4291, section 2.5.5.2). */
const MAPPED_BITS = 96;

/** Tells whether an address lies in one of some blocks. */
export type AddressMatcher = (address: string) => boolean;

/**
 * Matcher for CIDR blocks or single addresses. A v4-mapped address or block is the v4 one. A block that
 * can't be read matches nothing, and so does an address that can't be read: whoever can't be told apart
 * stays outside.
 */
export function addressMatcher(blocks: readonly string[]): AddressMatcher {
  const parsed = blocks.map(parseBlock).filter((block) => block !== undefined);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && parsed.some((block) => contains(block, address));
  };
}

function contains([network, bits]: Block, address: Address): boolean {
  // ipaddr.js throws when the kinds differ.
  return network.kind() === address.kind() && address.match(network, bits);
}

function parseAddress(text: string): Address | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
}

function parseBlock(text: string): Block | undefined {
  if (!text.includes('/')) {
    const address = parseAddress(text);
    return address && [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(text);
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  if (isMapped && bits >= MAPPED_BITS) return [address.toIPv4Address(), bits - MAPPED_BITS];
  return [address, bits];
}
