import { artifacts } from './artifacts.ts';
import { configuration } from './configuration.ts';
import { keys } from './keys.ts';
import { network, servers } from './servers.ts';
import type { Situation } from './situation.ts';

export const SITUATIONS: readonly Situation[] = [
  ...configuration,
  ...network,
  ...servers,
  ...keys,
  ...artifacts,
];
