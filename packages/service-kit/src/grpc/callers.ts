/** Who may call a gRPC server, and what: as it is configured. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** One credential and what it opens. Several with the same name are one caller, such as while a token is replaced. */
export interface CallerEntry {
  name: string;
  credential: CallerCredential;
  /** Paths such as `/hokusai.keys.v1.KeyManagementService/ListKeys`. */
  paths: ReadonlySet<string>;
}

export type CallerCredential =
  | { kind: 'token'; sha256: Buffer }
  /** Subject CN or DNS name of a client certificate. */
  | { kind: 'certificate'; name: string };

/** Methods of a service, as its generated definition tells them. */
export type MethodPaths = Readonly<Record<string, { readonly path: string }>>;

/** 256 bits and more in base64url: guessing it is hopeless, so that one SHA-256 is all it needs. */
const TOKEN = /^[A-Za-z0-9_-]{43,512}$/;

const entrySchema = z
  .strictObject(
    {
      name: z
        .string('expected a name')
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected up to 64 letters, digits, . _ -'),
      token: z.string().regex(TOKEN, 'expected at least 32 random bytes in base64url').optional(),
      token_sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'expected the 64 hexadecimal digits of a SHA-256')
        .optional(),
      certificate: z.string().min(1, 'expected a subject CN or DNS name').max(253).optional(),
      methods: z.array(z.string(), 'expected a list of methods').min(1, 'expected at least one method'),
    },
    'expected an object with name, methods, and one of token, token_sha256, certificate',
  )
  .refine(
    ({ token, token_sha256, certificate }) =>
      [token, token_sha256, certificate].filter((credential) => credential !== undefined).length === 1,
    'expected just one of token, token_sha256, certificate',
  );

type Entry = z.infer<typeof entrySchema>;

/** Reads `<SERVICE>_GRPC_CALLERS`. Its messages never hold a value of a credential. */
export function callersSchema(services: readonly MethodPaths[]) {
  return z.string().transform((text, context): CallerEntry[] => {
    const parsed = z
      .array(entrySchema, 'expected a JSON array')
      .min(1, 'expected a caller')
      .safeParse(json(text));
    const problems = parsed.success
      ? [...duplicates(parsed.data), ...unknownMethods(parsed.data, services)]
      : parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`);
    if (parsed.success && problems.length === 0) return parsed.data.map((entry) => toCaller(entry, services));
    context.addIssue({ code: 'custom', message: problems.join('; ') });
    return z.NEVER;
  });
}

/** The parser's own message would quote the text, which holds tokens. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function placeOf([index, ...rest]: readonly PropertyKey[]): string {
  if (index === undefined) return '';
  return `${[`[${String(index)}]`, ...rest.map(String)].join('.')}: `;
}

function toCaller({ name, methods, ...entry }: Entry, services: readonly MethodPaths[]): CallerEntry {
  const paths = new Set(methods.flatMap((method) => pathsOf(method, services)));
  if (entry.certificate !== undefined)
    return { name, paths, credential: { kind: 'certificate', name: entry.certificate } };
  const { token, token_sha256: hex = '' } = entry;
  return {
    name,
    paths,
    credential: { kind: 'token', sha256: token ? sha256(token) : Buffer.from(hex, 'hex') },
  };
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Paths that `package.Service/Method` or `package.Service/*` names; none if there is no such method. */
function pathsOf(method: string, services: readonly MethodPaths[]): string[] {
  const paths = services.flatMap((service) => Object.values(service).map(({ path }) => path));
  const prefix = method.endsWith('/*') ? `/${method.slice(0, -1)}` : undefined;
  return paths.filter((path) => (prefix ? path.startsWith(prefix) : path === `/${method}`));
}

/** A mistyped method would be refused to its caller, and nobody would know why. */
function unknownMethods(entries: readonly Entry[], services: readonly MethodPaths[]): string[] {
  return entries.flatMap(({ methods }, index) =>
    methods.flatMap((method, place) =>
      pathsOf(method, services).length > 0
        ? []
        : [
            `[${index}].methods[${place}]: there is no such method here; expected package.Service/Method or package.Service/*`,
          ],
    ),
  );
}

/** A credential says who is calling, so no two names may have the same one. */
function duplicates(entries: readonly Entry[]): string[] {
  const known = new Map<string, string>();
  return entries.flatMap(({ name, token, token_sha256: hex, certificate }, index) => {
    const id = certificate ?? (token ? sha256(token).toString('hex') : (hex ?? '').toLowerCase());
    const other = known.get(id);
    known.set(id, other ?? name);
    return other === undefined ? [] : [`[${index}]: has the same credential as an entry before it`];
  });
}
