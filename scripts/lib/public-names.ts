/**
 * Every public name by which others use this software: variables, errors, exit codes, commands with their options, what
 * the SDK exports, and the management API with its parameters and fields. One line each.
 */
import { EXIT_CODES } from '../../packages/cli/src/failure.ts';
import { createProgram } from '../../packages/cli/src/program.ts';
import { ERROR_REASONS } from '../../packages/contracts/src/error-reasons.ts';
import * as sdk from '../../packages/sdk/src/index.ts';
import { openApiDocument } from '../../services/gateway/src/http/api/openapi.ts';
import { apiOperations } from '../../services/gateway/src/http/api/operations.ts';
import { PROGRAMS } from '../configuration/programs.ts';

export interface PublicNames {
  /** What there is. */
  names: readonly string[];
  /** What a request has to have: `<operation> <field or parameter>`. */
  required: readonly string[];
}

type Command = ReturnType<typeof createProgram>;

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

interface Operation {
  parameters?: readonly { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: Record<string, Schema> };
}

/** Of the sources as they are. */
export function publicNames(): PublicNames {
  const api = apiNames();
  // Commands are made without being run: nothing of what they would use is there.
  const program = createProgram({ version: '' } as Parameters<typeof createProgram>[0]);
  const names = [
    ...PROGRAMS.flatMap(({ variables }) => variables.map(({ name }) => `variable ${name}`)),
    ...Object.keys(ERROR_REASONS).map((reason) => `error ${reason}`),
    ...Object.entries(EXIT_CODES).map(([kind, code]) => `exit code ${code} ${kind}`),
    ...commandNames(program, 'command hokusai'),
    ...Object.keys(sdk).map((name) => `export ${name}`),
    ...api.names,
  ];
  return { names: [...new Set(names)].toSorted(), required: [...new Set(api.required)].toSorted() };
}

function commandNames(command: Command, path: string): string[] {
  return [
    path,
    ...command.options.map(({ long, short }) => `${path} ${long ?? short}`),
    ...command.commands.flatMap((child) => commandNames(child as Command, `${path} ${child.name()}`)),
  ];
}

function apiNames(): { names: string[]; required: string[] } {
  const clients = {} as Parameters<typeof apiOperations>[0];
  const document = openApiDocument(apiOperations(clients)) as unknown as Document;
  const found = { names: [] as string[], required: [] as string[] };
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      addOperation(found, document, `${method.toUpperCase()} ${path}`, operation);
    }
  }
  return found;
}

function addOperation(
  found: { names: string[]; required: string[] },
  document: Document,
  name: string,
  operation: Operation,
): void {
  found.names.push(name);
  for (const parameter of operation.parameters ?? []) {
    found.names.push(`${name} ${parameter.in} ${parameter.name}`);
    if (parameter.required) found.required.push(`${name} ${parameter.in} ${parameter.name}`);
  }
  for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
    const fields = fieldsOf(document, schema);
    found.names.push(...fields.map(({ path }) => `${name} takes ${path}`));
    found.required.push(
      ...fields.flatMap(({ path, isRequired }) => (isRequired ? [`${name} takes ${path}`] : [])),
    );
  }
  for (const [status, { content }] of Object.entries(operation.responses)) {
    if (!status.startsWith('2')) continue;
    for (const { schema } of Object.values(content ?? {})) {
      found.names.push(...fieldsOf(document, schema).map(({ path }) => `${name} answers ${path}`));
    }
  }
}

interface Field {
  path: string;
  isRequired: boolean;
}

/** With those within, by their paths. */
function fieldsOf(document: Document, given: Schema | undefined, path: readonly string[] = []): Field[] {
  const schema = given?.$ref ? document.components.schemas?.[given.$ref.split('/').at(-1) ?? ''] : given;
  if (schema === undefined) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
    { path: [...path, name].join('.'), isRequired: schema.required?.includes(name) === true },
    ...fieldsOf(document, member, [...path, name]),
  ]);
  const parts = [schema.items, ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => some ?? [])];
  return [...own, ...parts.flatMap((part) => fieldsOf(document, part, path))];
}
