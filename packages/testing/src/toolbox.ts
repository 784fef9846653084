import { createToolbox } from '@hokusai/local-stack';
import { fullEnvironment, home } from './config.ts';

/** What must be installed first is installed on first use, with a line for each step. */
export const toolbox = createToolbox({
  home,
  env: fullEnvironment(),
  onProgress: (what, text) => console.error(`[test backends] ${what}: ${text}`),
});
