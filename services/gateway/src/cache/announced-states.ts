/** Lets others than the holder of states hear of changes: states are dropped first. */
import type { ChangeListener } from '../domain/ports.ts';
import type { StateHolder } from '../grpc/follow-stream.ts';

export class AnnouncedStates implements StateHolder {
  readonly #states: StateHolder;
  /** There is one, or none. */
  listener: ChangeListener | undefined;

  constructor(states: StateHolder) {
    this.#states = states;
  }

  drop(keyId: string, version: bigint): void {
    this.#states.drop(keyId, version);
    this.listener?.changed(keyId, version);
  }

  dropAll(): void {
    this.#states.dropAll();
    this.listener?.anyChanged();
  }
}
