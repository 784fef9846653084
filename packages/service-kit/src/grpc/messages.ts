/**
 * Requests, read as strictly as the protocol is meant (protobuf.dev, "Encoding" and proto3's "strings must be UTF-8").
 * protobufjs by itself replaces what is no UTF-8, and takes what is left of a text that is cut off.
 */
import { isUtf8 } from 'node:buffer';
import {
  type Metadata,
  type MethodDefinition,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import {
  type ErrorObserver,
  HokusaiError,
  observeFailure,
  toStatus,
  type Violation,
} from '@hokusai/contracts';
import protobuf from 'protobufjs/minimal.js';

/** What decoders put in place of what is no UTF-8; texts may also hold it of themselves. */
const REPLACEMENT = '\ufffd';
/** Half a surrogate pair stands for a text that is no UTF-8: no text that is can be decoded to it. */
const NO_TEXT = '\ud800';
/** Of `google.protobuf.Timestamp`, and of durations that are not negative. */
const MAX_NANOS = 999_999_999;
/** More would not fit into the answer. */
const MAX_VIOLATIONS = 100;
const REASON = 'malformed_message';

class StrictReader extends protobuf.BufferReader {
  override string(): string {
    const length = this.uint32();
    const start = this.pos;
    this.skip(length);
    const text = (this.buf as Buffer).toString('utf8', start, this.pos);
    if (!text.includes(REPLACEMENT) || isUtf8(this.buf.subarray(start, this.pos))) return text;
    return NO_TEXT;
  }
}

/** The definition whose requests are read strictly: one that can't be is the error to answer, not thrown. */
export function readStrictly(definition: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(definition).map(([name, method]) => [
    name,
    { ...method, requestDeserialize: (bytes: Buffer) => requestOf(method, bytes) },
  ]);
  return Object.fromEntries(methods) as ServiceDefinition;
}

/** Ends calls with an error that `readStrictly` made of one of their messages: grpc-js would say INTERNAL. */
export function refuseMalformed(observe: ErrorObserver): ServerInterceptor {
  return ({ path }, call) => {
    let metadata: Metadata;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (received, pass) => {
            metadata = received;
            pass(received);
          },
          onReceiveMessage: (message: unknown, pass) => {
            if (!(message instanceof HokusaiError)) return pass(message);
            observeFailure(observe, { metadata, getPath: () => path }, message);
            call.sendStatus(toStatus(message));
          },
        }),
    });
  };
}

function requestOf(method: MethodDefinition<unknown, unknown>, bytes: Buffer): unknown {
  try {
    const reader = new StrictReader(bytes);
    // protobufjs decodes from a reader as it does from bytes; grpc-js knows of bytes only.
    const request = method.requestDeserialize(reader as unknown as Buffer);
    // Within a number it may run past the end.
    if (reader.pos !== reader.len) throw new RangeError('cut off');
    const violations: Violation[] = [];
    findViolations(request, undefined, violations);
    if (violations.length === 0) return request;
    const message = 'The request holds what no field of its kind may hold.';
    return new HokusaiError('invalid_request', message, { reason: REASON, violations });
  } catch (error) {
    return undecodable(method.path, error);
  }
}

function undecodable(path: string, cause: unknown): HokusaiError {
  const message = `The bytes are no request of ${path.slice(1)}: they are cut off, or were made for another method.`;
  return new HokusaiError('invalid_request', message, { reason: REASON, cause });
}

/** Where a value stands. A path is made of it only if something is wrong there, since a request may hold very many. */
interface Place {
  name: string | number;
  within: Place | undefined;
}

function findViolations(value: unknown, place: Place | undefined, found: Violation[]): void {
  if (found.length >= MAX_VIOLATIONS) return;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) found.push({ path: pathOf(place), message: 'is not valid UTF-8' });
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1)
      findViolations(value[index], { name: index, within: place }, found);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [name, each] of Object.entries(value)) findInField(each, { name, within: place }, found);
  }
}

/** Only the two well-known types have a number called `nanos`. */
function findInField(value: unknown, place: Place & { name: string }, found: Violation[]): void {
  if (place.name === 'nanos' && typeof value === 'number' && (value < 0 || value > MAX_NANOS))
    found.push({ path: pathOf(place), message: `must be from 0 to ${MAX_NANOS}` });
  // Of a map.
  if (!place.name.isWellFormed())
    found.push({ path: pathOf(place.within), message: 'has a name that is not valid UTF-8' });
  else findViolations(value, place, found);
}

/** Fields by their names in `.proto` files, of which the loader makes `camelCase`. */
function pathOf(place: Place | undefined): string {
  if (place === undefined) return '';
  const { name, within } = place;
  const before = pathOf(within);
  if (typeof name === 'number') return `${before}[${name}]`;
  return `${before && `${before}.`}${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
