/** `npm start`. */
import { join } from 'node:path';
import { start } from './cli.ts';

const root = join(import.meta.dirname, '..', '..', '..');
process.exitCode = await start({ root, env: process.env, args: process.argv.slice(2) });
