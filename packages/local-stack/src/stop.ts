/** `npm run stop`. */
import { join } from 'node:path';
import { stop } from './cli.ts';

const root = join(import.meta.dirname, '..', '..', '..');
process.exitCode = await stop({ root, env: process.env, args: process.argv.slice(2) });
