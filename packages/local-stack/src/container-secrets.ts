/**
 * Makes the secrets of a deployment in containers, once: in `/state/env` all of them, in `/secrets/<container>` what each
 * container may see. Run again, it writes the same.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { containerPlan } from './containers/plan.ts';
import { secretFiles } from './containers/secret-files.ts';
import { readEnvFile, writeEnvFile } from './supervisor/home.ts';

const STATE_FILE = '/state/env';
/** Folders of servers whose images run as another user than the one we run them as. */
const DATA_FOLDERS = ['/data/nats', '/data/mlflow'];
/** Of the user `node` of Node's image. */
const USER_ID = 1000;
/** Each folder is seen by one container only, whose user differs from image to image. */
const READABLE = 0o444;

const plan = containerPlan(readEnvFile(STATE_FILE));
writeEnvFile(STATE_FILE, plan.envFile);
for (const [name, content] of Object.entries(secretFiles(plan))) {
  const path = join('/secrets', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, READABLE);
}
for (const folder of DATA_FOLDERS) if (existsSync(folder)) chownSync(folder, USER_ID, USER_ID);
