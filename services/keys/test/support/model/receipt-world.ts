/** Revocations that wait for gateways, in any order of events, and what the receipts promise. */
import assert from 'node:assert/strict';
import {
  continueInquiry,
  type Inquiry,
  isAnswered,
  openInquiry,
  type Receipt,
  type RevocationPoint,
  type Roster,
  receiptOf,
} from '../../../src/domain/receipt.ts';
import { type Look, lowestCut } from '../../../src/follow/follower.ts';
import { type CommittedRow, type Entry, ModelDatabase } from './database.ts';
import { ModelGateway, type ModelStream } from './gateway.ts';
import { ModelRoster } from './roster.ts';

const KEYS = ['a', 'b', 'c'];

/** The ways in which the rules may be broken, to see that the model notices. */
export interface Faults {
  rosterIsDishonest?: (roster: Roster, point: RevocationPoint) => Roster;
  lookIsDishonest?: (look: Look, database: ModelDatabase) => Look;
  recordsWhoAnswered?: boolean;
}

/** How often it came about. */
export interface Occurrences {
  acknowledged: number;
  left: number;
  silent: number;
  incomplete: number;
  /** A gateway let a request in with a key that had been revoked, before its receipt was given. */
  servedBeforeTheReceipt: number;
  /** The same by a gateway that the receipt calls silent, after it was given, and before the fence. */
  servedBeforeTheFence: number;
  servedInGrace: number;
}

export const noOccurrences = (): Occurrences => ({
  ...{ acknowledged: 0, left: 0, silent: 0, incomplete: 0 },
  ...{ servedBeforeTheReceipt: 0, servedBeforeTheFence: 0, servedInGrace: 0 },
});

interface Revocation {
  row: CommittedRow;
  point: RevocationPoint;
  inquiry?: Inquiry;
  receipt?: Receipt;
}

/** One look of a replica at the log, which takes its time between all steps. */
interface Round {
  members: { stream: ModelStream; echo: bigint }[];
  /** What is left to do. */
  steps: (() => void)[];
  look?: Look;
}

/** What happens (below 100), to what (below 1024), and how long before it, in ms. */
export type Event = readonly [choice: number, detail: number, delayMs: number];

export class ReceiptWorld {
  readonly #faults: Faults;
  readonly #occurrences: Occurrences;
  readonly #database = new ModelDatabase();
  readonly #roster = new ModelRoster(this.#database.epoch);
  readonly #shared = new Map<string, Entry>();
  readonly #gateways: ModelGateway[];
  /** All that replicas hold, also those that the gateway has given up. */
  readonly #streams = new Set<ModelStream>();
  readonly #rounds: (Round | undefined)[] = [];
  #revocations: Revocation[] = [];
  #nowMs = 1_000_000;
  #incarnations = 0;

  constructor(faults: Faults, occurrences: Occurrences) {
    this.#faults = faults;
    this.#occurrences = occurrences;
    this.#gateways = [this.#newGateway(), this.#newGateway()];
  }

  run(events: readonly Event[]): void {
    for (const [choice, detail, delayMs] of events) {
      this.#nowMs += delayMs;
      this.#happen(choice, detail);
    }
  }

  get #now(): Date {
    return new Date(this.#nowMs);
  }

  #newGateway(): ModelGateway {
    this.#incarnations += 1;
    const gateway = new ModelGateway(`gateway ${this.#incarnations}`, () => this.#nowMs, this.#shared);
    this.#connect(gateway, 0);
    return gateway;
  }

  #connect(gateway: ModelGateway, replica: number): void {
    const stream = gateway.connect(replica);
    if (stream) this.#streams.add(stream);
  }

  #happen(choice: number, detail: number): void {
    const gateway = this.#gateways[detail % 2] as ModelGateway;
    const rest = detail >> 1;
    const key = KEYS[rest % KEYS.length] as string;
    if (choice < 5) this.#database.begin(key, this.#nowMs);
    else if (choice < 10) this.#commit(rest, choice < 9);
    else if (choice < 26) this.#advanceRound(detail % 2);
    else if (choice < 34) gateway.deliver();
    else if (choice < 39) gateway.ping();
    else if (choice < 47) this.#receive(rest);
    else if (choice < 49) this.#connect(gateway, rest % 2);
    else if (choice < 54) this.#roundTrip(gateway);
    else if (choice < 62) gateway.read(key, this.#database);
    else if (choice < 80) this.#serve(gateway, key);
    else if (choice < 94) this.#ask(rest);
    else this.#happenSeldom(rest, gateway, detail % 2);
  }

  #happenSeldom(rest: number, gateway: ModelGateway, index: number): void {
    const choice = rest % 16;
    if (choice < 3) this.#roster.backUp();
    else if (choice < 5) this.#restart(rest % 3);
    else if (choice < 6) gateway.leave();
    else if (choice < 8) this.#gateways[index] = this.#newGateway();
    else if (choice < 10) this.#database.trim(rest);
    else this.#dropStream(rest);
  }

  #commit(choice: number, commits: boolean): void {
    const row = this.#database.finish(choice, this.#nowMs, commits);
    if (!row) return;
    const { epoch } = this.#database;
    const point = { epoch, xid: row.xid, readAt: new Date(row.begunAt), revokedBeforeAt: null };
    this.#revocations.push({ row, point });
  }

  /** Somebody looks for answers, or stops waiting for them. */
  #ask(choice: number): void {
    const waiting = this.#revocations.filter(({ receipt }) => !receipt);
    const revocation = waiting[(choice >> 1) % Math.max(waiting.length, 1)];
    if (!revocation) return;
    const { point, inquiry } = revocation;
    const read = this.#roster.read(this.#database.epoch, this.#now);
    const roster = this.#faults.rosterIsDishonest?.(read, point) ?? read;
    const asked = inquiry ? continueInquiry(inquiry, roster) : openInquiry(point, roster);
    revocation.inquiry = asked;
    if (isAnswered(asked) || choice % 8 === 0) this.#give(revocation, receiptOf(asked));
  }

  #give(revocation: Revocation, receipt: Receipt): void {
    revocation.receipt = receipt;
    for (const { status } of receipt.gateways) this.#occurrences[status] += 1;
    if (!receipt.isComplete) this.#occurrences.incomplete += 1;
  }

  #serve(gateway: ModelGateway, key: string): void {
    const served = gateway.serve(key);
    if (!served) return;
    if (served.isGrace) this.#occurrences.servedInGrace += 1;
    for (const revocation of this.#revocations) {
      const { row, receipt } = revocation;
      // A restore may have undone it.
      if (row.keyId !== key || row.version <= served.version || !this.#database.rows.includes(row)) continue;
      if (receipt) this.#assertAllowed(gateway, receipt);
      else this.#occurrences.servedBeforeTheReceipt += 1;
    }
  }

  #assertAllowed({ incarnation }: ModelGateway, receipt: Receipt): void {
    const listed = receipt.gateways.find((each) => each.incarnation === incarnation);
    assert.ok(this.#now <= receipt.effectiveNoLaterThan, 'it is served later than the receipt says');
    if (listed)
      assert.equal(listed.status, 'silent', 'the receipt says that it is not served there any more');
    else assert.ok(!receipt.isComplete, 'the receipt is complete, and the gateway not in it');
    if (!listed?.fencedBy) return;
    assert.ok(this.#now <= listed.fencedBy, 'it is served there after the fence');
    this.#occurrences.servedBeforeTheFence += 1;
  }

  /** A replica notes the echoes, records, looks and tells, with anything in between. */
  #advanceRound(replica: number): void {
    const round = this.#rounds[replica];
    if (!round) this.#rounds[replica] = this.#beginRound(replica);
    else {
      round.steps.shift()?.();
      if (round.steps.length === 0) this.#rounds[replica] = undefined;
    }
  }

  /** All goes well for once. */
  #roundTrip(gateway: ModelGateway): void {
    const { stream } = gateway;
    if (!stream || !this.#streams.has(stream)) return;
    gateway.ping();
    while (stream.toServer.length > 0) this.#take(stream);
    this.#rounds[stream.replica] = undefined;
    do this.#advanceRound(stream.replica);
    while (this.#rounds[stream.replica]);
    while (stream.toGateway.length > 0) gateway.deliver();
  }

  #beginRound(replica: number): Round {
    const streams = [...this.#streams].filter((stream) => stream.replica === replica);
    const { recordsWhoAnswered = false } = this.#faults;
    const recorded = streams.filter(({ follower }) => !recordsWhoAnswered || follower.ping.applied > 0n);
    const records = recorded.map((stream) => ModelRoster.rowOf(stream, this.#now));
    const round: Round = {
      members: streams.map((stream) => ({ stream, echo: stream.follower.ping.number })),
      steps: [],
    };
    const record = () => this.#record(records);
    const look = () => {
      round.look = this.#lookOf(round);
    };
    const tell = () => this.#tell(round);
    round.steps = [record, look, tell];
    return round;
  }

  #record(rows: ReturnType<typeof ModelRoster.rowOf>[]): void {
    for (const row of rows)
      this.#roster.record({ ...row, lastPingAt: this.#now, leftAt: row.leftAt && this.#now });
  }

  #tell({ members, look }: Round): void {
    for (const { stream, echo } of members)
      if (look && this.#streams.has(stream)) stream.toGateway.push(...stream.follower.tell(look, echo));
  }

  #lookOf(round: Round): Look {
    const look = this.#database.look(lowestCut(round.members.map(({ stream }) => stream.follower)));
    this.#roster.noteEpoch(look.epoch, this.#now);
    return this.#faults.lookIsDishonest?.(look, this.#database) ?? look;
  }

  #receive(choice: number): void {
    const streams = [...this.#streams].filter(({ toServer }) => toServer.length > 0);
    const stream = streams[choice % Math.max(streams.length, 1)];
    if (stream) this.#take(stream);
  }

  #take(stream: ModelStream): void {
    const message = stream.toServer.shift();
    if (message === 'leave') stream.hasLeft = true;
    else if (message) stream.follower.receive(message);
  }

  /** A replica notices that a stream is gone. */
  #dropStream(choice: number): void {
    const gone = [...this.#streams].filter((one) => this.#gateways.every(({ stream }) => stream !== one));
    const stream = gone[choice % Math.max(gone.length, 1)];
    if (stream) this.#streams.delete(stream);
  }

  #restart(lostRows: number): void {
    this.#database.restart(lostRows);
    if (lostRows > 0) this.#roster.restore();
    // What was not looked at by then fails.
    for (const [replica, round] of this.#rounds.entries())
      if (!round?.look) this.#rounds[replica] = undefined;
  }
}
