/** docs/reference/configuration.md, from the schemas that read the variables. */
import { MORE } from '../configuration/more.ts';
import { PROGRAMS, type Program } from '../configuration/programs.ts';

type Variable = Program['variables'][number];

const HEAD = `# Configuration

Every variable of every program, as its own schema reads it. This page is made from the schemas by \`npm run generate\`;
what is said of a variable is changed there.

- **By file.** Where a service or \`npm start\` reads \`NAME\`, it also reads \`NAME_FILE\`: the path of a file whose content is the
  value, without its last line break. Give a *secret* that way, so that it stands in no list of processes; both at once
  are a mistake, which is said.
- **Empty** counts as absent.
- **A ring** is several secrets, newest first, as \`id:secret,id:secret\`: the first makes what is new, all of them are known.
  Each secret has 32 random bytes or more in base64url: \`openssl rand -base64 32 | tr '+/' '-_' | tr -d =\`.
- **Since when**: every variable is there since 0.1.0, the first release. [Release notes](../release-notes/0.1.0.md) name those that
  come or change later.
- **What is wrong** is said all at once, a line for each variable and none with a value, and the program ends with 78; with 64 for an
  argument that it does not know.

Each service tells what it would run with, and starts nothing:

| | |
|---|---|
| \`node services/gateway/src/main.ts --check-config\` | says what is wrong, and ends with 78; or ends with 0, and says which variables look mistyped: nobody reads them, and one that is nearly the same is not set |
| \`node services/gateway/src/main.ts --print-config\` | also prints what is in force, a \`NAME=value\` for each variable, and where each is from; of a secret no more than that it is set |
`;

/** The page. */
export function configurationPage(): string {
  return `${[HEAD, ...PROGRAMS.map(sectionOf)].join('\n')}`;
}

function sectionOf({ title, usedBy, variables }: Program): string {
  const rows = variables.map((variable) => `| ${rowOf(variable).join(' | ')} |`);
  return `## ${title.replaceAll('`', '')}

${usedBy}

| variable | value | default | |
|---|---|---|---|
${rows.join('\n')}
`;
}

function rowOf({ name, kind, purpose, isRequired, isSecret, defaultText }: Variable): string[] {
  const what = isSecret ? `${kind}; *secret*` : kind;
  const more = MORE[name];
  const text = more ? `${purpose} [More](${more})` : purpose;
  return [`\`${name}\``, what, isRequired ? 'required' : defaultOf(defaultText), text].map(escaped);
}

/** A value as it would be written; a text with blanks is a description. */
function defaultOf(text: string | undefined): string {
  if (text === undefined || text === '') return 'none';
  return text.includes(' ') ? text : `\`${text}\``;
}

const escaped = (text: string) => text.replaceAll('|', '\\|');
