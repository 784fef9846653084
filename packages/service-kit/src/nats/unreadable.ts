/** Messages that can't be read, among others of their batch that can. */
import { setImmediate } from 'node:timers/promises';
import type { BusMessage } from './bus-message.ts';

/** For a handler to throw when it has handled all messages of its batch but these. */
export class UnreadableMessages extends Error {
  override readonly name = 'UnreadableMessages';
  /** What is wrong with each, by its place in the batch. */
  readonly problems: ReadonlyMap<number, unknown>;

  constructor(problems: ReadonlyMap<number, unknown>) {
    super(`${problems.size} messages can not be read`);
    this.problems = problems;
  }
}

/**
 * Handles what `read` makes of the messages, in one go, but those for which it throws: they cost the others no more
 * than that. Between two messages whatever else is under way has its turn. If the rest is handled, throws `UnreadableMessages` for them.
 */
export async function handleReadable<Content>(
  messages: readonly BusMessage[],
  read: (message: BusMessage) => Content,
  handle: (contents: readonly Content[]) => Promise<void>,
): Promise<void> {
  const contents: Content[] = [];
  const problems = new Map<number, unknown>();
  for (const [index, message] of messages.entries()) {
    try {
      contents.push(read(message));
    } catch (problem) {
      problems.set(index, problem);
    }
    await setImmediate();
  }
  if (contents.length > 0) await handle(contents);
  if (problems.size > 0) throw new UnreadableMessages(problems);
}
