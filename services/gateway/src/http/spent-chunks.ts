/**
 * Memory of a body's chunks. It lies outside of V8's heap: left to the collector, it stays until 64 MiB have come
 * together, and then the whole heap is searched for it. So it is given back as soon as a chunk has been passed on.
 */
import type { Socket } from 'node:net';

/** Smaller ones cost less than it takes to give them back, and may lie in a block that Node shares out. */
const LARGE_BYTES = 16 * 1024;

/**
 * Gives back the memory of a large chunk that has it for itself; leaves others alone. The chunk is empty from then
 * on: nobody may need it any more, and no write of it may be under way, whose bytes would become others'.
 */
export function freeSpent(chunk: Uint8Array): void {
  const { buffer } = chunk;
  const isWhole = chunk.length === buffer.byteLength;
  if (isLarge(chunk) && isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

type Done = (error?: Error | null) => void;

/**
 * Frees what was written to a socket, for one to which nothing is written that anybody needs afterwards. After a
 * write that failed nothing is freed.
 */
export function freeWhatIsWritten(socket: Socket): void {
  const { _write: write, _writev: writev } = socket;
  socket._write = (chunk: unknown, encoding, done) => {
    write.call(socket, chunk, encoding, isLarge(chunk) ? freeing([chunk], done) : done);
  };
  socket._writev = (pieces, done) => {
    // Before the write: Node puts other things into the array.
    const chunks = pieces.map(({ chunk }) => chunk as unknown).filter(isLarge);
    writev?.call(socket, pieces, chunks.length > 0 ? freeing(chunks, done) : done);
  };
}

function isLarge(chunk: unknown): chunk is Uint8Array {
  return chunk instanceof Uint8Array && chunk.length >= LARGE_BYTES;
}

function freeing(chunks: readonly Uint8Array[], done: Done): Done {
  return (error) => {
    done(error);
    // A write may be over before the call of it has returned: whoever made it is to see its chunk as it was.
    if (!error) process.nextTick(freeAll, chunks);
  };
}

function freeAll(chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) freeSpent(chunk);
}
