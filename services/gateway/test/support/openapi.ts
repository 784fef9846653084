/** An OpenAPI document as a test reads it: by its own words, without the schemas that it was made from. */
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type JsonSchema = Record<string, unknown>;

export interface DocumentedParameter {
  in: 'path' | 'query' | 'header';
  name: string;
  schema: JsonSchema;
}

export interface DocumentedOperation {
  id: string;
  /** In capitals. */
  method: string;
  /** With its parameters in braces. */
  path: string;
  parameters: DocumentedParameter[];
  /** null: none is taken. */
  body: JsonSchema | null;
  /** undefined if the document does not know of such an answer; that of the first type if not of this one. */
  response(
    status: number,
    mediaType?: string,
  ): { contentType: string; validate: ValidateFunction } | undefined;
  /** What is wrong with a body by the document; '' if nothing is. */
  bodyProblem(body: unknown): string;
}

interface RawOperation {
  operationId: string;
  parameters?: DocumentedParameter[];
  requestBody?: { content: { 'application/json': { schema: JsonSchema } } };
  responses: Record<string, { $ref?: string; content?: Record<string, unknown> }>;
}

interface RawDocument {
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, JsonSchema> };
}

export interface OpenApi {
  operations: DocumentedOperation[];
  schemas: Record<string, JsonSchema>;
  /** What a `$ref` of the document stands for. */
  resolve(schema: JsonSchema): JsonSchema;
}

export async function readOpenApi(url: string): Promise<OpenApi> {
  const response = await fetch(`${url}/api/v1/openapi.json`);
  assert.equal(response.status, 200);
  const document = (await response.json()) as RawDocument;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api');
  const at = (pointer: string) => {
    let node: unknown = document;
    for (const step of pointer.slice(2).split('/'))
      node = (node as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    return node as JsonSchema;
  };
  const validators = new Map<string, ValidateFunction>();
  const validatorAt = (pointer: string) => {
    const validator = validators.get(pointer) ?? ajv.compile({ $ref: `api${pointer}` });
    validators.set(pointer, validator);
    return validator;
  };

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]): DocumentedOperation => {
      const here = `#/paths/${escaped(path)}/${method}`;
      const validateBody =
        raw.requestBody && validatorAt(`${here}/requestBody/content/application~1json/schema`);
      return {
        ...{ id: raw.operationId, method: method.toUpperCase(), path },
        parameters: raw.parameters ?? [],
        body: raw.requestBody?.content['application/json'].schema ?? null,
        response: (status, mediaType) => {
          const documented = raw.responses[status];
          if (!documented) return undefined;
          const pointer = documented.$ref ?? `${here}/responses/${status}`;
          const documentedTypes = Object.keys((at(pointer)['content'] ?? {}) as object);
          const [first = ''] = documentedTypes;
          const contentType = documentedTypes.find((known) => known === mediaType) ?? first;
          return { contentType, validate: validatorAt(`${pointer}/content/${escaped(contentType)}/schema`) };
        },
        bodyProblem: (body) => {
          assert.ok(validateBody, `${raw.operationId} takes no body`);
          return validateBody(body) ? '' : ajv.errorsText(validateBody.errors);
        },
      };
    }),
  );
  return { operations, schemas: document.components.schemas, resolve: (schema) => resolved(schema, at) };
}

function resolved(schema: JsonSchema, at: (pointer: string) => JsonSchema): JsonSchema {
  const { $ref } = schema;
  return typeof $ref === 'string' ? resolved(at($ref), at) : schema;
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The operation that serves a request; undefined if the document has none. */
export function operationFor(
  { operations }: OpenApi,
  method: string,
  pathname: string,
): DocumentedOperation | undefined {
  return operations.find(
    ({ method: known, path }) =>
      known === method && new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
}

function parsedBody(mediaType: string, text: string): unknown {
  if (mediaType === 'text/csv') return text;
  if (mediaType !== 'application/jsonl') return JSON.parse(text);
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Throws if an answer is not as the document says. */
export async function checkAnswer(operation: DocumentedOperation, response: Response): Promise<unknown> {
  const what = `${operation.id} answered ${response.status}`;
  const text = await response.text();
  const [mediaType = '', ...parameters] = (response.headers.get('content-type') ?? '').split('; ');
  const documented = operation.response(response.status, mediaType);
  assert.ok(documented, `${what}, which is not in the document: ${text}`);
  assert.equal(mediaType, documented.contentType, what);
  assert.equal(parameters.length > 0, mediaType.startsWith('text/'), what);
  assert.ok(response.headers.get('x-request-id'), what);
  const json = parsedBody(mediaType, text);
  const { validate } = documented;
  assert.ok(validate(json), `${what}: ${JSON.stringify(validate.errors)} in ${text}`);
  return json;
}
