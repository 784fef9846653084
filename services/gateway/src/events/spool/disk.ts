/** The disk half of the spool: files of batches, the oldest first, of this incarnation and of adopted ones. */
import type { Logger } from '@hokusai/service-kit';
import type { SpoolAccount, SpoolDirectory, SpoolFolder } from './directory.ts';
import { decodeFile, encodeBatch, FILE_MARK, type SpoolMessage } from './records.ts';

export interface SpoolDiskOptions {
  /** What is in it, in the log. */
  what: string;
  directory: SpoolDirectory;
  incarnation: string;
  /** Of this incarnation, as it begins; absent where nothing is to be said of it. */
  account: SpoolAccount | undefined;
  /** Of all batches, those of adopted incarnations included. */
  maxBytes: number;
  logger: Logger;
  /** Told of each batch of this incarnation that had to give way. */
  onDropped: (batch: SpoolMessage) => void;
}

/** An incarnation whose folder is ours: this process's, or an orphan. */
export interface Owner {
  folder: SpoolFolder;
  account: SpoolAccount | undefined;
  isOrphan: boolean;
  /** Highest number in what was read of it. */
  highest: number;
  /** Files that are giving way. */
  dropping: number;
}

/** A file of batches. */
export interface Segment {
  owner: Owner;
  number: number;
  bytes: number;
  /** It is being sent, and doesn't give way. */
  isTaken: boolean;
  /** What is being added to it; never fails. */
  appending: Promise<void>;
  failedReads: number;
  /** Ids of its batches that need not be sent again. */
  sent: Set<string>;
}

export interface TakenSegment {
  segment: Segment;
  batches: SpoolMessage[];
}

/** Large enough for few files, small enough to be read at once and for little to give way at the bound. */
const SEGMENT_BYTES = 1024 * 1024;
/** Of the bound: what gives way is the oldest part, not all. */
const MIN_SEGMENTS = 8;
const MAX_FAILED_READS = 5;

export class SpoolDisk {
  readonly #options: SpoolDiskOptions;
  readonly #segmentBytes: number;
  #own: Owner | undefined;
  #orphans: Owner[] = [];
  /** Incarnations that were adopted, whatever has become of their folders. */
  readonly #adopted = new Set<string>();
  #segments: Segment[] = [];
  /** The own one that is added to. */
  #open: Segment | undefined;
  #lastNumber = 0;
  #isClosed = false;

  constructor(options: SpoolDiskOptions) {
    this.#options = options;
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.floor(options.maxBytes / MIN_SEGMENTS));
  }

  get isOpen(): boolean {
    return this.#own !== undefined;
  }

  /** Largest piece to append at once. */
  get segmentBytes(): number {
    return this.#segmentBytes;
  }

  /** Files of this incarnation. */
  get ownSegments(): number {
    return this.#segments.filter(({ owner }) => owner === this.#own).length;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Makes this incarnation's folder. Throws if it can't. */
  async open(): Promise<void> {
    const { directory, incarnation, account } = this.#options;
    const folder = await directory.create(incarnation);
    try {
      if (account) await folder.writeAccount(account);
    } catch (error) {
      await folder.discard();
      throw error;
    }
    this.#own = newOwner(folder, account, false);
  }

  /** Takes over what gone processes left. */
  async adopt(): Promise<void> {
    const { what, directory, incarnation, logger } = this.#options;
    const isKnown = (one: string) => one === incarnation || this.#adopted.has(one);
    for (const folder of await directory.adopt(isKnown)) {
      try {
        await this.#adoptOne(folder);
      } catch (error) {
        logger.warn(
          { err: error, orphan: folder.incarnation },
          `${what} of a former process can not be read`,
        );
        folder.release();
      }
    }
    await this.#makeRoom(0);
  }

  async #adoptOne(folder: SpoolFolder): Promise<void> {
    const owner = newOwner(folder, await folder.readAccount(), true);
    const segments = (await folder.list()).map(({ number, bytes }) => newSegment(owner, number, bytes));
    this.#adopted.add(folder.incarnation);
    this.#orphans.push(owner);
    this.#segments.unshift(...segments);
    const bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
    if (bytes === 0) return;
    this.#options.logger.info(
      { orphan: folder.incarnation, bytes },
      `sending ${this.#options.what} that a former process left`,
    );
  }

  /** Adds batches of this incarnation, `segmentBytes` at most. Throws if they can't be written: then none are kept. */
  async append(batches: readonly SpoolMessage[]): Promise<void> {
    const own = this.#own as Owner;
    const records = batches.map(encodeBatch);
    const length = records.reduce((sum, record) => sum + record.length, 0);
    await this.#makeRoom(length + FILE_MARK.length);
    if (this.#open && this.#open.bytes + length > this.#segmentBytes) this.#open = undefined;
    const segment = this.#open ?? newSegment(own, this.#lastNumber + 1, 0);
    const bytes = Buffer.concat(segment.bytes === 0 ? [FILE_MARK, ...records] : records);
    const { promise, resolve } = Promise.withResolvers<void>();
    segment.appending = promise;
    try {
      await own.folder.append(segment.number, bytes, segment.bytes);
    } catch (error) {
      // What may stand there now is not added to.
      this.#open = undefined;
      if (isMissing(error)) this.#loseFolder(own);
      throw error;
    } finally {
      this.#lastNumber = segment.number;
      resolve();
    }
    if (segment.bytes === 0) {
      this.#segments.push(segment);
      this.#open = segment;
    }
    segment.bytes += bytes.length;
  }

  /** Reads the oldest file, which stays until it is given to `remove` or `giveBack`. */
  async take(): Promise<TakenSegment | undefined> {
    const segment = this.#segments.find(({ isTaken }) => !isTaken);
    if (!segment) return undefined;
    segment.isTaken = true;
    if (this.#open === segment) this.#open = undefined;
    await segment.appending;
    try {
      return { segment, batches: await this.#read(segment) };
    } catch (error) {
      this.giveBack(segment);
      segment.failedReads += 1;
      if (segment.failedReads < MAX_FAILED_READS) throw error;
      this.#options.logger.error(
        { err: error, ...nameOf(segment) },
        `${this.#options.what} on disk can not be read`,
      );
      await this.remove(segment);
      return undefined;
    }
  }

  giveBack(segment: Segment): void {
    segment.isTaken = false;
  }

  /** It has been sent. */
  async remove(segment: Segment): Promise<void> {
    // It may be another process's by now.
    if (this.#isClosed) return;
    this.#segments = this.#segments.filter((one) => one !== segment);
    await segment.owner.folder.remove(segment.number);
  }

  /** One whose batches are all sent; it is to be spoken for, and then given to `discard`. */
  get emptyOrphan(): Owner | undefined {
    const hasFiles = (orphan: Owner) => this.#segments.some(({ owner }) => owner === orphan);
    return this.#orphans.find((orphan) => orphan.dropping === 0 && !hasFiles(orphan));
  }

  async discard(orphan: Owner): Promise<void> {
    if (this.#isClosed) return;
    this.#orphans = this.#orphans.filter((one) => one !== orphan);
    await orphan.folder.discard();
  }

  /**
   * The end of this process: leaves to the next one what is there, and says goodbye in `account` unless
   * that is said already.
   */
  async close(account: SpoolAccount | undefined, isSaid: boolean): Promise<void> {
    this.#isClosed = true;
    for (const { folder } of this.#orphans) folder.release();
    const own = this.#own;
    if (!own) return;
    this.#own = undefined;
    if (isSaid && !this.#segments.some(({ owner }) => owner === own)) return await own.folder.discard();
    try {
      if (account) await own.folder.writeAccount(account);
    } finally {
      own.folder.release();
    }
  }

  /** Somebody has removed it: it is to be opened anew. */
  #loseFolder(own: Owner): void {
    own.folder.release();
    this.#own = undefined;
  }

  async #makeRoom(bytes: number): Promise<void> {
    while (this.bytes + bytes > this.#options.maxBytes) {
      const oldest = this.#segments.find((one) => !one.isTaken && one !== this.#open);
      if (!oldest) return;
      await this.#drop(oldest);
    }
  }

  async #drop(segment: Segment): Promise<void> {
    const { owner, sent } = segment;
    this.#segments = this.#segments.filter((one) => one !== segment);
    owner.dropping += 1;
    const all = await this.#read(segment).catch(() => []);
    const batches = all.filter(({ id }) => !sent.has(id));
    if (!owner.isOrphan) for (const batch of batches) this.#options.onDropped(batch);
    if (owner.account) {
      owner.account.dropped += batches.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      // Known even if this process ends here; that the numbers are missing shows in any case.
      await owner.folder.writeAccount(owner.account).catch(() => {});
    }
    await owner.folder.remove(segment.number);
    owner.dropping -= 1;
  }

  async #read(segment: Segment): Promise<SpoolMessage[]> {
    const { what, logger } = this.#options;
    const bytes = await segment.owner.folder.read(segment.number);
    const { batches, unreadableBytes } = bytes
      ? decodeFile(bytes)
      : { batches: [], unreadableBytes: segment.bytes };
    if (unreadableBytes > 0)
      logger.warn({ ...nameOf(segment), unreadableBytes }, `part of the ${what} on disk is lost`);
    segment.owner.highest = Math.max(segment.owner.highest, ...batches.map(({ to }) => to));
    return batches;
  }
}

function newOwner(folder: SpoolFolder, account: SpoolAccount | undefined, isOrphan: boolean): Owner {
  return { folder, account, isOrphan, highest: 0, dropping: 0 };
}

function newSegment(owner: Owner, number: number, bytes: number): Segment {
  return {
    owner,
    number,
    bytes,
    isTaken: false,
    appending: Promise.resolve(),
    failedReads: 0,
    sent: new Set(),
  };
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function nameOf({ owner, number }: Segment) {
  return { incarnation: owner.folder.incarnation, file: number };
}
