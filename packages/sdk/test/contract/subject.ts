import type { ExperimentManager } from '../../src/index.ts';

/** What the contract is tested on. */
export interface Subject {
  manager: ExperimentManager;
  /** The experiment that the manager is configured with. */
  experimentName: string;
  /** Of MLflow. */
  major: 2 | 3;
  /** A name that nobody else has on a server that others use too. */
  unique(name: string): string;
}

/** Called in a test or a hook: what is tested on is opened before the first test. */
export type GetSubject = () => Subject;
