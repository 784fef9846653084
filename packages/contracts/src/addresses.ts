/** CIDR blocks: which addresses a key works from. The one reader of addresses, for whoever stores or matches them. */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A block with its host bits cleared; IPv4 in IPv6 (`::ffff:a.b.c.d`) counts as IPv4. */
export interface Block {
  network: Address;
  prefixLength: number;
}

/** Of one key. */
export const BLOCKS_LIMIT = 100;
/** Stands for the address of a client that can't be told. It lies in no block. */
export const UNKNOWN_ADDRESS = 'unknown';

const MAPPED_PREFIX = 96;

/** Reads `10.0.0.0/8`, `2001:db8::/32`, or one address. Answers what is wrong as a text. */
export function parseBlock(text: string): Block | string {
  const [addressText = '', lengthText, ...rest] = text.split('/');
  const address = rest.length > 0 ? undefined : readAddress(addressText);
  if (address === undefined) return 'expected an IPv4 or IPv6 address or a CIDR block such as 10.0.0.0/8';
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  if (lengthText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(lengthText)) return `expected /0 to /${bits}`;
  const length = lengthText === undefined ? bits : Number(lengthText);
  if (length > bits) return `expected /0 to /${bits}`;
  const block = unmapped(address, length);
  const network = networkOf(block);
  if (network.toString() === block.network.toString()) return block;
  return `has bits set after /${length}: did you mean ${format({ ...block, network })}?`;
}

/** `network/length`, IPv6 in its shortest form (RFC 5952). */
export function format({ network, prefixLength }: Block): string {
  return `${network.toString()}/${prefixLength}`;
}

/** True if every address of `inner` is one of `outer`. */
export function contains(outer: Block, inner: Block): boolean {
  return (
    outer.network.kind() === inner.network.kind() &&
    outer.prefixLength <= inner.prefixLength &&
    matches(inner.network, outer)
  );
}

/** Tells whether an address lies in one of some blocks. */
export type AddressMatcher = (address: string) => boolean;

/**
 * Matcher for blocks, read once. A block that can't be read matches nothing, and so does an address that
 * can't be read: whoever can't be told apart stays outside.
 */
export function addressMatcher(texts: readonly string[]): AddressMatcher {
  const blocks = texts.map(parseBlock).filter((block) => typeof block !== 'string');
  return (text) => {
    const address = text.includes('/') ? '' : parseBlock(text);
    return typeof address !== 'string' && blocks.some((block) => contains(block, address));
  };
}

/** True if a key that is restricted to `blocks` (empty: not at all) works from `address`. */
export function isAllowed(address: string, blocks: readonly string[]): boolean {
  return blocks.length === 0 || addressMatcher(blocks)(address);
}

function readAddress(text: string): Address | undefined {
  // Only the four-part decimal form: others read 010.0.0.1 as octal, or 10.1 as 10.0.0.1.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  // No zone: fe80::1%eth0 means something on one machine only.
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)
    ? ipaddr.IPv6.parse(text)
    : undefined;
}

function unmapped(address: Address, prefixLength: number): Block {
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  if (!isMapped || prefixLength < MAPPED_PREFIX) return { network: address, prefixLength };
  return { network: address.toIPv4Address(), prefixLength: prefixLength - MAPPED_PREFIX };
}

function networkOf({ network, prefixLength }: Block): Address {
  const bytes = network.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefixLength - 8 * index));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes);
}

function matches(address: Address, block: Block): boolean {
  return address instanceof ipaddr.IPv4
    ? address.match(block.network as ipaddr.IPv4, block.prefixLength)
    : address.match(block.network as ipaddr.IPv6, block.prefixLength);
}
