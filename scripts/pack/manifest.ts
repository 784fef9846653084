/** The manifest of an archive, made from that of the checkout. */

export interface Manifest {
  name: string;
  version: string;
  main?: string;
  types?: string;
  bin?: Readonly<Record<string, string>>;
  exports?: Exports;
  files?: readonly string[];
  dependencies?: Readonly<Record<string, string>>;
  [other: string]: unknown;
}

type Exports = string | { readonly [condition: string]: Exports };

/** What only a checkout has or needs. */
const OF_THE_CHECKOUT = ['private', 'scripts', 'devDependencies', 'files'];
const SOURCE = 'source';

/** Without what leads to the sources, which are not in the archive, and what builds and tests them. */
export function publishedManifest(manifest: Manifest): Manifest {
  const { exports, ...others } = manifest;
  const kept = Object.entries(others).filter(([name]) => !OF_THE_CHECKOUT.includes(name));
  return {
    ...(Object.fromEntries(kept) as Manifest),
    ...(exports !== undefined && { exports: withoutSource(exports) }),
  };
}

function withoutSource(exports: Exports): Exports {
  if (typeof exports === 'string') return exports;
  const kept = Object.entries(exports).filter(([condition]) => condition !== SOURCE);
  return Object.fromEntries(kept.map(([condition, target]) => [condition, withoutSource(target)]));
}

/** All files that the manifest leads to, relative to it. */
export function targetsOf({ main, types, bin, exports }: Manifest): string[] {
  const named = [main, types, ...Object.values(bin ?? {}), ...filesIn(exports ?? {})];
  return [...new Set(named.filter((path) => path !== undefined).map((path) => path.replace(/^\.\//, '')))];
}

function filesIn(exports: Exports): string[] {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(filesIn);
}
