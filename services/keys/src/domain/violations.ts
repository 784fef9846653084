import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { unprocessable, type Violation } from '@hokusai/contracts/errors';

/** Collects all that is wrong with a request before it is refused. */
export class Violations {
  readonly #found: Violation[] = [];
  #reason: ErrorReason | undefined;

  /**
   * @param path JSON path in the request, `''` for the whole of it
   * @param reason stable code for the audit log, where the rule is one of authorisation
   */
  add(path: string, message: string, reason?: ErrorReason): void {
    this.#found.push({ path, message });
    this.#reason ??= reason;
  }

  /** Throws `unprocessable` if anything was found. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    throw unprocessable(this.#found, { reason: this.#reason ?? 'invalid_field' });
  }
}
