/** Requests to an API by its OpenAPI document, most of them nearly right. */
import fc from 'fast-check';
import { type Generator, generatorOf, junk, mutated } from './generated-values.ts';
import type { DocumentedOperation, OpenApi } from './openapi.ts';

export interface GeneratedRequest {
  operation: DocumentedOperation;
  /** Path and query; see `withKnownId`. */
  target: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

/** In a target, for the id of something that there is: without it all requests would end in 404. */
const KNOWN_ID = 'KNOWN-ID';

/** The target for a request about something that there is. */
export function withKnownId({ target }: GeneratedRequest, id: string): string {
  return target.replace(KNOWN_ID, id);
}

export function requestsOf(document: OpenApi): fc.Arbitrary<GeneratedRequest> {
  const generate = generatorOf(document);
  const each = document.operations.map((operation) =>
    fc.record({
      operation: fc.constant(operation),
      target: targetOf(operation, generate),
      headers: headersOf(operation, generate),
      body: operation.body ? bodyOf(generate(operation.body)) : rarely(fc.constantFrom('{}', 'x')),
    }),
  );
  return fc.oneof(...each);
}

function rarely<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function bodyOf(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string | Uint8Array | undefined> {
  const wrong = valid.chain(mutated);
  const text = fc
    .oneof({ weight: 4, arbitrary: valid }, { weight: 4, arbitrary: wrong })
    .map((value) => JSON.stringify(value));
  const broken = fc.tuple(text, fc.nat(), fc.nat({ max: 255 })).map(([whole, place, byte]) => {
    const bytes = Buffer.from(whole);
    bytes[place % Math.max(1, bytes.length)] = byte;
    return bytes;
  });
  return fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 1, arbitrary: broken },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const RAW = ['%ff', '%c3%28', '%00', '%2e%2e', '%2f', '+', '%25', ';', '*'];

function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(text.slice(0, 2000).toWellFormed());
}

function targetOf({ path, parameters }: DocumentedOperation, generate: Generator): fc.Arbitrary<string> {
  const steps = parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name, schema }) => {
      const made = generate(schema).map(encoded);
      const known = fc.constantFrom(name === 'id' ? KNOWN_ID : 'hk_live_000000000000');
      const value = fc.oneof({ weight: 8, arbitrary: known }, made, fc.constantFrom(...RAW));
      return value.map((text) => [name, text] as const);
    });
  const filled = fc
    .tuple(...steps)
    .map((values) => values.reduce((whole, [name, value]) => whole.replace(`{${name}}`, value), path));
  return fc.tuple(filled, queryOf(parameters, generate)).map((parts) => parts.join(''));
}

function queryOf(parameters: DocumentedOperation['parameters'], generate: Generator): fc.Arbitrary<string> {
  const valid = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => {
      const value = fc.oneof(
        { weight: 6, arbitrary: generate(schema).map(encoded) },
        junk.map(encoded),
        fc.constantFrom(...RAW),
      );
      return value.map((text) => `${name}=${text}`);
    });
  const wrong = fc.tuple(fc.string(), junk).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  if (valid.length === 0) return rarely(wrong).map((pair) => (pair === undefined ? '' : `?${pair}`));
  const pair = fc.oneof({ weight: 9, arbitrary: fc.oneof(...valid) }, wrong);
  return fc.array(pair, { maxLength: 4 }).map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
}

/** Visible ASCII and a space: others can't be sent, or are refused before they get here. */
const headerValue = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
});

function headersOf(
  { parameters, body }: DocumentedOperation,
  generate: Generator,
): fc.Arbitrary<Record<string, string>> {
  const documented = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, schema }) => {
      const nearlyRight = generate(schema).map((value) => String(value).replace(/[^ -~]/g, '?'));
      return [name, fc.oneof(fc.uuid(), nearlyRight, headerValue)] as const;
    });
  const types = fc.constantFrom('text/plain', 'application/json; charset=utf-16', '');
  const json = fc.constantFrom('application/json', 'application/json;charset="utf-8"');
  const fields = {
    ...Object.fromEntries(documented),
    'X-Request-ID': headerValue,
    'X-Forwarded-For': headerValue,
    traceparent: headerValue,
  };
  if (!body) return fc.record(fields, { requiredKeys: [] });
  const type = fc.oneof({ weight: 9, arbitrary: json }, types);
  return fc.record({ ...fields, 'Content-Type': type }, { requiredKeys: ['Content-Type'] });
}
