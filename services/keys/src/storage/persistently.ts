const ATTEMPTS = 3;
/** SQLSTATE deadlock_detected and serialization_failure: the other one got through, so now it may work. */
const LOST_TO_ANOTHER = new Set(['40P01', '40001']);

/** Attempts it again if it lost against another transaction. */
export async function persistently<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !LOST_TO_ANOTHER.has(String((error as { code?: unknown }).code))) throw error;
    }
  }
}
