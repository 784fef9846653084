// Builds dist/, or the folder after --outDir: the package twice, as ES modules and as CommonJS, each with its types. The
// compiler goes by the nearest package.json, so the sources are copied beside another one for CommonJS.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { outDir: { type: 'string', default: 'dist' } } });
const here = import.meta.dirname;
const target = resolve(here, values.outDir);

rmSync(target, { recursive: true, force: true });
compile('tsconfig.build.json', join(target, 'esm'));
// Below a folder that no check of the sources looks into, and within reach of what they import.
mkdirSync(join(here, 'dist'), { recursive: true });
const copy = mkdtempSync(join(here, 'dist/.commonjs-'));
try {
  cpSync(join(here, 'src'), join(copy, 'src'), { recursive: true });
  writeType(copy, 'commonjs');
  writeFileSync(
    join(copy, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.build.json',
      compilerOptions: { rootDir: 'src', verbatimModuleSyntax: false, esModuleInterop: true },
      include: ['src'],
      exclude: ['**/*.test.ts'],
    }),
  );
  compile(join(copy, 'tsconfig.json'), join(target, 'cjs'));
} finally {
  rmSync(copy, { recursive: true });
}
writeType(join(target, 'cjs'), 'commonjs');
// The compiler leaves .ts in declarations, which older ones can't follow.
for (const path of readdirSync(target, { recursive: true })) {
  if (!path.endsWith('.d.ts')) continue;
  const declaration = readFileSync(join(target, path), 'utf8');
  writeFileSync(
    join(target, path),
    declaration.replace(/(from '|import\(['"])(\.[^'"]*)\.ts(['"])/g, '$1$2.js$3'),
  );
}

function compile(project, outDir) {
  const { status } = spawnSync('tsc', ['-p', project, '--outDir', outDir], { cwd: here, stdio: 'inherit' });
  if (status !== 0) throw new Error(`tsc ended with ${status}`);
}

function writeType(folder, type) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type })}\n`);
}
