import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The oldest Node that runs the sources, which are TypeScript, as they are. */
export const REQUIRED_MAJOR = 24;

/**
 * The Node to run TypeScript on: the one that npm installed as an optional dependency, else the running
 * one if it is new enough. A C library other than glibc can't load the former, so the latter is tried there.
 *
 * @param {string} root the checkout
 * @returns {string | undefined} path of the executable
 */
export function findNode24(root) {
  const running =
    Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR ? process.execPath : undefined;
  const bundled = usesForeignLibc() ? [] : bundledNodes(root);
  return bundled.find((path) => existsSync(path)) ?? running;
}

/** @param {string} root */
function bundledNodes(root) {
  const target = `${process.platform}-${process.arch}`;
  return [`node-${target}`, `node-bin-${target}`].map((name) =>
    join(root, 'node_modules', name, 'bin', 'node'),
  );
}

function usesForeignLibc() {
  if (process.platform !== 'linux') return false;
  // Else the report looks up the name of every peer it is connected to.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}
