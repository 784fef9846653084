/** Examples in JSON, held against the schema of what they show: of the running gateway's API, or of the events. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { root } from './page.ts';

type Json = Record<string, unknown>;

/**
 * What is wrong with an example; '' if nothing is.
 *
 * @param schema `GET /api/v1/users 200`, an answer of the API, with a property of it behind that shows just this one; or
 * `KeyEvent`, a schema of docs/asyncapi.yaml; either after `part of`, if the example leaves fields out
 */
export async function problemOfExample(text: string, schema: string, gatewayUrl: string): Promise<string> {
  const isPart = schema.startsWith('part of ');
  const [method = '', path, status = '', property] = schema.replace('part of ', '').split(' ');
  const described = path === undefined ? describedEvents() : await describedApi(gatewayUrl);
  const document = closed(described, partsIn(described)) as Json;
  const pointer =
    path === undefined
      ? `#/components/schemas/${method}`
      : schemaOfAnswer(document, `#/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'described');
  const at = property === undefined ? pointer : placeOf(document, pointer, property);
  const validate = ajv.compile({ $ref: `described${at}` });
  if (validate(JSON.parse(text))) return '';
  const errors = validate.errors?.filter(({ keyword }) => !isPart || keyword !== 'required') ?? [];
  return errors.length === 0 ? '' : ajv.errorsText(errors);
}

async function describedApi(gatewayUrl: string): Promise<unknown> {
  return (await fetch(`${gatewayUrl}/api/v1/openapi.json`)).json();
}

function describedEvents(): unknown {
  return parse(readFileSync(join(root, 'docs/asyncapi.yaml'), 'utf8'));
}

/** Schemas that others add to. */
function partsIn(document: unknown): Set<string> {
  const references = JSON.stringify(document).matchAll(
    /"allOf":\[\{"\$ref":"#\/components\/schemas\/(\w+)"/g,
  );
  return new Set([...references].map(([, name = '']) => name));
}

/** A field that an answer does not have is wrong in an example, though clients have to bear new ones. */
function closed(node: unknown, parts: ReadonlySet<string>): unknown {
  if (Array.isArray(node)) return node.map((each) => closed(each, parts));
  if (typeof node !== 'object' || node === null) return node;
  const isLeft = (name: string) => name === 'allOf' || parts.has(name);
  const entries = Object.entries(node).map(([name, value]) => [
    name,
    isLeft(name) ? value : closed(value, parts),
  ]);
  const copy = Object.fromEntries(entries) as Json;
  const isOpen = typeof copy['properties'] === 'object' && copy['type'] === 'object';
  return isOpen && copy['additionalProperties'] === undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}

/** The pointer to the schema of an answer's first media type. */
function schemaOfAnswer(document: Json, pointer: string): string {
  const answer = valueAt(document, pointer);
  assert.ok(answer, `the API describes no such answer: ${pointer}`);
  if (typeof answer['$ref'] === 'string') return schemaOfAnswer(document, answer['$ref']);
  const [type = ''] = Object.keys(answer['content'] as Json);
  return `${pointer}/content/${escaped(type)}/schema`;
}

function placeOf(document: Json, pointer: string, property: string): string {
  const schema = valueAt(document, pointer);
  assert.ok(schema, `there is no schema at ${pointer}`);
  if (typeof schema['$ref'] === 'string') return placeOf(document, schema['$ref'], property);
  return `${pointer}/properties/${property}`;
}

function valueAt(document: Json, pointer: string): Json | undefined {
  let node: unknown = document;
  for (const step of pointer.slice(2).split('/'))
    node = (node as Json | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  return node as Json | undefined;
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
