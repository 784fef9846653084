import type { Terminal } from '../terminal.ts';

const INTERVAL_MS = 200;

export interface Progress {
  /** Told at every step; shown now and then. */
  tell(line: () => string): void;
  end(): void;
}

/** Shown on a terminal only. */
export function progressOf(terminal: Pick<Terminal, 'progress'>, now: () => number): Progress {
  let shownAtMs = now();
  let [steps, isShown] = [0, false];
  return {
    tell(line) {
      // Asking for the time at every step would take longer than most steps do.
      steps += 1;
      if (steps % 100 !== 0 || now() - shownAtMs < INTERVAL_MS) return;
      shownAtMs = now();
      isShown = true;
      terminal.progress(line());
    },
    end() {
      if (isShown) terminal.progress('');
      isShown = false;
    },
  };
}
