/** A real browser: a headless Chromium that is on the machine, driven by its DevTools protocol. */
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

/** A host that leads to this machine and is another site than the gateway's. */
export const FOREIGN_HOST = 'foreign.example';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const NONE_FOUND =
  'no browser was found: install Chromium (on Debian: apt-get install chromium), or set CHROMIUM_PATH';

/** Path of the browser: CHROMIUM_PATH, or the first of the usual names on the PATH. Throws if there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string {
  if (env['CHROMIUM_PATH']) return env['CHROMIUM_PATH'];
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  if (found === undefined) throw new Error(NONE_FOUND);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser of one person, with a profile of its own that is removed when it is closed. */
export interface TestBrowser extends AsyncDisposable {
  context: BrowserContext;
}

/** `credentials` are given whenever the browser would ask for them; without, it has nobody to ask. */
export async function launchBrowser(
  executablePath: string,
  credentials?: { username: string; password: string },
): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'hokusai-browser-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(PREFERENCES));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    // It finds nobody but this machine.
    args: [`--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`],
    ...(credentials && { httpCredentials: credentials }),
  });
  return {
    context,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/**
 * As the browsers of many people are set: what belongs to one site, its passwords included, is sent there
 * also where a page of another one asks for it.
 */
const PREFERENCES = {
  profile: { cookie_controls_mode: 0, block_third_party_cookies: false },
};
