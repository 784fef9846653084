import { HokusaiError, type Violation } from '@hokusai/contracts/errors';

/** Errors travel in headers, which have room for so many. */
const LISTED = 32;
/** In the message, which is for people. */
const SPELLED_OUT = 5;

/** Collects all that is wrong with a request before it is refused. */
export class Violations {
  readonly #found: Violation[] = [];
  #reason: string | undefined;

  /**
   * @param path JSON path in the request, `''` for the whole of it
   * @param reason stable code for the audit log, where the rule is one of authorisation
   */
  add(path: string, message: string, reason?: string): void {
    this.#found.push({ path, message });
    this.#reason ??= reason;
  }

  /** Throws `unprocessable` if anything was found. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const texts = this.#found.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    const message = `The request breaks a rule: ${firstOf(texts, SPELLED_OUT, (count) => count).join('; ')}.`;
    throw new HokusaiError('unprocessable', message, {
      violations: firstOf(this.#found, LISTED, (count) => ({ path: '', message: count })),
      reason: this.#reason ?? 'invalid_field',
    });
  }
}

/** The first items and, where there are more, one that says how many. */
function firstOf<Item>(items: readonly Item[], limit: number, more: (count: string) => Item): Item[] {
  const rest = items.length - limit;
  return rest <= 0 ? [...items] : [...items.slice(0, limit), more(`and ${rest} more`)];
}
