/** What a start shows: a line per part that moves on a terminal, plain lines elsewhere. */

export type ProgressEvent =
  | { kind: 'busy'; part: string; text: string }
  | { kind: 'done'; part: string; text: string }
  | { kind: 'failed'; part: string };

export type Report = (event: ProgressEvent) => void;

export interface ProgressView {
  report: Report;
  /** Leaves what was shown and stops moving. */
  close(): void;
}

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const NAME_WIDTH = 10;

export function createProgressView(
  output: Output,
  now: () => number = () => performance.now(),
): ProgressView {
  return output.isTTY ? liveView(output, now) : plainView(output, now);
}

function plainView(output: Output, now: () => number): ProgressView {
  const begun = new Map<string, number>();
  const shown = new Map<string, string>();
  return {
    close: () => {},
    report: (event) => {
      if (!begun.has(event.part)) begun.set(event.part, now());
      const text = describe(event, now() - (begun.get(event.part) as number));
      if (shown.get(event.part) === text) return;
      shown.set(event.part, text);
      output.write(`${event.part.padEnd(NAME_WIDTH)} ${text}\n`);
    },
  };
}

function describe(event: ProgressEvent, elapsedMs: number): string {
  if (event.kind === 'busy') return event.text;
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  return event.kind === 'done' ? `${event.text} (${seconds})` : `failed (${seconds})`;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** For a terminal that knows no width (0). */
const DEFAULT_COLUMNS = 80;
const DIM = '\u001b[2m';
const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const RESET = '\u001b[0m';

interface Line {
  event: ProgressEvent;
  begun: number;
  ended: number | undefined;
}

function liveView(output: Output, now: () => number): ProgressView {
  const lines = new Map<string, Line>();
  let drawn = 0;
  let frame = 0;
  const draw = () => {
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    const rows = [...lines.values()].map(
      (line) => `\u001b[2K${row(line, frame, now(), output.columns || DEFAULT_COLUMNS)}\n`,
    );
    output.write(up + rows.join(''));
    drawn = lines.size;
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, FRAME_MS);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      draw();
    },
    report: (event) => {
      const begun = lines.get(event.part)?.begun ?? now();
      lines.set(event.part, { event, begun, ended: event.kind === 'busy' ? undefined : now() });
      draw();
    },
  };
}

function row({ event, begun, ended }: Line, frame: number, now: number, columns: number): string {
  const text = describe(event, (ended ?? now) - begun);
  const seconds = event.kind === 'busy' ? ` ${((now - begun) / 1000).toFixed(0)} s` : '';
  const content = `${event.part.padEnd(NAME_WIDTH)} ${text}${seconds}`.slice(0, Math.max(columns - 3, 10));
  return `${mark(event, frame)} ${event.kind === 'busy' ? `${DIM}${content}${RESET}` : content}`;
}

function mark(event: ProgressEvent, frame: number): string {
  if (event.kind === 'done') return `${GREEN}✓${RESET}`;
  if (event.kind === 'failed') return `${RED}✗${RESET}`;
  return FRAMES[frame % FRAMES.length] as string;
}
