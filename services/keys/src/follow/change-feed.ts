/**
 * The change feed of one replica: looks at the change log whenever something was committed, and at least
 * each second, and tells all followers what it saw. There is no leader: every replica has its own.
 */
import { HokusaiError } from '@hokusai/contracts';
import { type Clock, type Logger, pause, Wakeup } from '@hokusai/service-kit';
import { type Follower, type Look, lowestCut, type Ping, type Reset, type Tick } from './follower.ts';

/** A follower as the database is to know it. */
export interface FollowerRecord {
  follower: Follower;
  hasLeft: boolean;
}

export interface FollowStore {
  /**
   * Commits a write that names all of these followers and their last pings. Rejects where nothing can be
   * committed: on a standby, on a primary that was replaced, while the database is away. `isAwaited`: there
   * may be receipts that wait for what these followers have done.
   */
  record(followers: readonly FollowerRecord[], isAwaited: boolean): Promise<void>;
  /** Looks at the log in one statement, back to `from`, or to the look's own cut if that is undefined. */
  look(from: bigint | undefined): Promise<Look>;
}

/** The way to one follower. */
export interface FollowerLink {
  follower: Follower;
  /** Resolves when the transport has taken the message, however long that takes; never rejects. */
  send(message: Tick | Reset): Promise<void>;
  /** Ends the stream, in good order or with an error. */
  end(error?: HokusaiError): void;
}

export interface ChangeFeedOptions {
  store: FollowStore;
  clock: Clock;
  logger: Logger;
}

/** At least so often, so that trust is renewed and a lost notification costs no more than this. */
const ROUND_INTERVAL_MS = 1000;
/** Commits within this time of each other share a round. */
const GATHER_MS = 20;
/** A follower that takes nothing for so long is dropped; by then it trusts nothing any more. */
const SLOW_LIMIT_MS = 5000;
/** Without a tick for so long a stream is ended, so that the gateway can try another replica. */
const STALL_LIMIT_MS = 3000;

interface Member extends FollowerLink {
  /** When the last tick was handed to the transport, or the stream was opened. Monotonic. */
  toldAtMs: number;
  /** True until the transport has taken the last messages. */
  isBusy: boolean;
  hasLeft: boolean;
  /** It has acknowledged a change, and that was not recorded yet. */
  hasAnswered: boolean;
}

export class ChangeFeed {
  readonly #store: FollowStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #members = new Set<Member>();
  readonly #wakeup = new Wakeup();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #roundStartedAtMs = Number.NEGATIVE_INFINITY;
  /** How many looks in a row have seen changes that the cut has not passed. */
  #unsettledLooks = 0;
  #isFailing = false;
  /** When the log was last read for somebody, or needed not to be. Monotonic. */
  #readAtMs: number;

  constructor({ store, clock, logger }: ChangeFeedOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#readAtMs = clock.monotonic();
    this.#running = this.#run();
  }

  /** How many followers this replica has. */
  get size(): number {
    return this.#members.size;
  }

  /** Since the log was last read for the followers; 0 where there are none. */
  ageMs(): number {
    return this.#members.size === 0 ? 0 : this.#clock.monotonic() - this.#readAtMs;
  }

  /** Something was committed. */
  wake(): void {
    this.#wakeup.wake();
  }

  /** Takes in a follower; its first tick follows once it stands in the database. */
  add(link: FollowerLink): void {
    const { incarnation } = link.follower.options;
    for (const member of this.#members) {
      if (member.follower.options.incarnation === incarnation) {
        this.#end(member, new HokusaiError('conflict', 'The same gateway has opened a newer stream.'));
      }
    }
    if (this.#closing.signal.aborted) {
      link.end(stopping());
      return;
    }
    const toldAtMs = this.#clock.monotonic();
    this.#members.add({ ...link, toldAtMs, isBusy: false, hasLeft: false, hasAnswered: false });
    this.wake();
  }

  /** Takes note of a follower's ping, which is recorded with the next round: at once if it acknowledges a change. */
  receive(follower: Follower, ping: Ping): void {
    const isAnswer = follower.receive(ping);
    const member = this.#memberOf(follower);
    if (!member || !isAnswer) return;
    member.hasAnswered = true;
    this.wake();
  }

  /** The stream is gone without a goodbye; the database keeps the follower's last ping. */
  remove(follower: Follower): void {
    const member = this.#memberOf(follower);
    if (member) this.#members.delete(member);
  }

  /** The follower trusts nothing any more: noted in the database, then the stream is ended. */
  leave(follower: Follower): void {
    const member = this.#memberOf(follower);
    if (!member) return;
    member.hasLeft = true;
    this.wake();
  }

  /** Ends all streams; gateways go on at another replica. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.wake();
    await this.#running;
    for (const member of this.#members) this.#end(member, stopping());
  }

  #memberOf(follower: Follower): Member | undefined {
    return Array.from(this.#members).find((member) => member.follower === follower);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#wakeup.wait(this.#intervalMs() - this.#sinceRoundMs());
      if (!signal.aborted) await pause(GATHER_MS - this.#sinceRoundMs(), signal);
      if (signal.aborted) return;
      // What was committed up to here is seen by this round; what comes later wakes the next.
      this.#wakeup.clear();
      this.#roundStartedAtMs = this.#clock.monotonic();
      await this.#round();
      this.#dropUnreachable();
    }
  }

  #sinceRoundMs(): number {
    return this.#clock.monotonic() - this.#roundStartedAtMs;
  }

  async #round(): Promise<void> {
    if (this.#members.size === 0) {
      this.#readAtMs = this.#clock.monotonic();
      return;
    }
    try {
      await this.#lookAndTell();
      this.#readAtMs = this.#clock.monotonic();
      if (this.#isFailing) this.#logger.info('the change log can be followed again');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#logger.warn({ err: error }, 'the change log can not be followed: no ticks');
      this.#isFailing = true;
    }
  }

  async #lookAndTell(): Promise<void> {
    // Only who stands in the database may be told, and only pings that do are echoed: a gateway may come to
    // trust by it, unknown to receipts. It is also before the look begins: a ping that comes during it may
    // have been sent after a commit that it misses.
    const members = Array.from(this.#members, (member) => ({ member, echo: member.follower.ping.number }));
    await this.#record(members.map(({ member }) => member));
    // A busy follower is passed over and loses nothing: it is told from where it was told last.
    const present = members.filter(({ member }) => this.#members.has(member) && !member.isBusy);
    if (present.length === 0) return;
    const look = await this.#store.look(lowestCut(present.map(({ member }) => member.follower)));
    const isSettled = look.changes.every(({ xid }) => xid < look.cut);
    this.#unsettledLooks = isSettled ? 0 : this.#unsettledLooks + 1;
    for (const { member, echo } of present) {
      if (this.#members.has(member)) void this.#tell(member, look, echo);
    }
  }

  /**
   * A change that the cut has not passed, since an older transaction still runs, can't be acknowledged: it is
   * looked at again soon, and then ever more seldom.
   */
  #intervalMs(): number {
    if (this.#unsettledLooks === 0) return ROUND_INTERVAL_MS;
    return Math.min(GATHER_MS * 2 ** this.#unsettledLooks, ROUND_INTERVAL_MS);
  }

  /** Notes how all of them stand, then lets those go that have left. */
  async #record(members: readonly Member[]): Promise<void> {
    const leavers = members.filter(({ hasLeft }) => hasLeft);
    const answerers = members.filter(({ hasAnswered }) => hasAnswered);
    // One that answers again meanwhile is recorded again.
    for (const member of answerers) member.hasAnswered = false;
    try {
      await this.#store.record(members, leavers.length > 0 || answerers.length > 0);
    } catch (error) {
      for (const member of answerers) member.hasAnswered = true;
      throw error;
    }
    for (const member of leavers) this.#end(member);
  }

  async #tell(member: Member, look: Look, echo: bigint): Promise<void> {
    member.isBusy = true;
    member.toldAtMs = this.#clock.monotonic();
    for (const message of member.follower.tell(look, echo)) await member.send(message);
    member.isBusy = false;
  }

  #dropUnreachable(): void {
    const nowMs = this.#clock.monotonic();
    for (const member of this.#members) {
      const silenceMs = nowMs - member.toldAtMs;
      if (member.isBusy && silenceMs >= SLOW_LIMIT_MS) this.#end(member, tooSlow());
      else if (!member.isBusy && silenceMs >= STALL_LIMIT_MS) this.#end(member, withoutDatabase());
    }
  }

  #end(member: Member, error?: HokusaiError): void {
    this.#members.delete(member);
    member.end(error);
  }
}

function stopping(): HokusaiError {
  return new HokusaiError('unavailable', 'This replica of the keys service is stopping; follow another.');
}

function tooSlow(): HokusaiError {
  return new HokusaiError('unavailable', 'The follower does not take its ticks in time; open a new stream.');
}

function withoutDatabase(): HokusaiError {
  return new HokusaiError('unavailable', 'The keys database can not be followed at the moment; try again.');
}
