/** Calls back once, after that long, and keeps no process alive for it; what it returns cancels it. */
export type SetTimer = (callback: () => void, milliseconds: number) => () => void;

export const systemTimer: SetTimer = (callback, milliseconds) => {
  const timer = setTimeout(callback, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};
