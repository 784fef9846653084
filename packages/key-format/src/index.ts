/** Parsing, minting and checking of API keys. Pure: randomness and secrets come in as arguments. */
export { BASE62, encodeBase62, type RandomBytes, randomBase62 } from './base62.ts';
export { type MintedKey, mintKey } from './mint.ts';
export { type KeyFormatProblem, type ParsedKey, parseKey } from './parse.ts';
export { mayHoldKey, redactKeys } from './redact.ts';
export { type ParsedTagRing, parseTagRing, type TagRingProblem } from './ring.ts';
export { ENVIRONMENTS, type Environment, KEY_LENGTH, KEY_PATTERN, PREFIX_LENGTH } from './shape.ts';
export { checkTag, type TagKey, type TagRing } from './tag.ts';
