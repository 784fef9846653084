/** Something that waits to be sent while the process may end. */
export interface Unsent {
  /** Sends it. Its errors are told elsewhere. */
  flush(): Promise<unknown>;
  /** Says what is lost: the process ends now, and waits for nothing. */
  tellLost(): void;
}

export interface ExitWatch {
  add(unsent: Unsent): void;
  remove(unsent: Unsent): void;
}

interface Ending {
  on(event: 'beforeExit' | 'exit', listener: () => void): unknown;
}

/**
 * Sends what waits when a process has nothing else to do (`beforeExit`), once, so that a server that is away does not keep
 * it for ever; and has told what is left when it ends (`exit`): after that, by `process.exit()`, or by an error that
 * nobody caught. A signal ends a process without either.
 */
export function createExitWatch(process: Ending): ExitWatch {
  const watched = new Set<Unsent>();
  const tried = new Set<Unsent>();
  let isListening = false;
  const listen = () => {
    isListening = true;
    process.on('beforeExit', () => {
      for (const unsent of watched) {
        if (tried.has(unsent)) continue;
        tried.add(unsent);
        unsent.flush().catch(() => undefined);
      }
    });
    process.on('exit', () => {
      for (const unsent of watched) unsent.tellLost();
    });
  };
  return {
    add: (unsent) => {
      if (!isListening) listen();
      watched.add(unsent);
    },
    remove: (unsent) => {
      watched.delete(unsent);
      tried.delete(unsent);
    },
  };
}

/** One for the process, which warns of many listeners. */
export const systemExitWatch = createExitWatch(process);

/** For what is gone with the process anyway. */
export const noExitWatch: ExitWatch = { add: () => undefined, remove: () => undefined };
