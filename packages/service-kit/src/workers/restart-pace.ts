/** Whoever dies so soon after its start most likely can't live at all. */
const SHORT_LIFE_MS = 30_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;
/** So many short lives in a row are a crash loop: some four seconds of waiting, and the starts themselves. */
export const MAX_SHORT_LIVES = 6;

/** How soon a worker that died is replaced: each time later, and in the end not at all. */
export class RestartPace {
  #shortLives = 0;

  /** Delay in ms until the next start, or undefined if there should be none. */
  afterLifeOf(livedMs: number): number | undefined {
    this.#shortLives = livedMs < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    if (this.#shortLives >= MAX_SHORT_LIVES) return undefined;
    return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, this.#shortLives - 1), MAX_DELAY_MS);
  }
}
