/**
 * Rows in the binary form of Postgres' COPY (manual, "Binary Format"): each field is its length and its value as the
 * type's receive function takes it. Postgres has nothing to parse then, and what is written here leaves no garbage.
 * Numbers have to fit their type.
 */

/** What comes before the rows: the signature, no flags, no extension. */
export const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** In place of a row's number of fields. */
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

const FIRST_BYTES = 128 * 1024;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const HIGH = 2 ** 32;
const UUID_BYTES = 16;
/** Of keys and users, which recur: some 2 MB. */
const MAX_UUIDS = 10_000;
/** Postgres counts from the beginning of 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** Writes into the same memory again and again: what is wanted of it is to be copied. */
export class RowWriter {
  #bytes = Buffer.alloc(0);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  readonly #uuids = new Map<string, Uint8Array>();

  /** Where the next field begins, and what was written ends. */
  get end(): number {
    return this.#end;
  }

  restart(): void {
    this.#end = 0;
  }

  /** Begins a row that takes no more than `maxBytes`. */
  row(fields: number, maxBytes: number): void {
    this.#reserve(maxBytes);
    this.#view.setInt16(this.#end, fields);
    this.#end += 2;
  }

  int2(value: number): void {
    this.#view.setInt16(this.#begin(2), value);
  }

  int8(value: number): void {
    const at = this.#begin(8);
    this.#view.setInt32(at, Math.floor(value / HIGH));
    this.#view.setUint32(at + 4, value % HIGH);
  }

  float8(value: number): void {
    this.#view.setFloat64(this.#begin(8), value);
  }

  timestamptz(timeMs: number): void {
    const micros = (timeMs - EPOCH_MS) * 1000;
    const at = this.#begin(8);
    const high = Math.floor(micros / HIGH);
    this.#view.setInt32(at, high);
    this.#view.setUint32(at + 4, micros - high * HIGH);
  }

  /** `write` puts 16 bytes at the given place. */
  uuidBy(write: (view: DataView, at: number) => void): void {
    write(this.#view, this.#begin(UUID_BYTES));
  }

  uuid(value: string): void {
    let bytes = this.#uuids.get(value);
    if (bytes === undefined) {
      bytes = Buffer.from(value.replaceAll('-', ''), 'hex');
      if (bytes.length !== UUID_BYTES) throw new TypeError(`${value} is no uuid`);
      if (this.#uuids.size >= MAX_UUIDS) this.#uuids.clear();
      this.#uuids.set(value, bytes);
    }
    this.#bytes.set(bytes, this.#begin(UUID_BYTES));
  }

  /** One that hardly comes again. */
  uuidOnce(value: string): void {
    const hex = value.replaceAll('-', '');
    if (this.#bytes.write(hex, this.#begin(UUID_BYTES), 'hex') !== UUID_BYTES)
      throw new TypeError(`${value} is no uuid`);
  }

  uuidOrNull(value: string | null): void {
    if (value === null) this.null();
    else this.uuid(value);
  }

  bytea(value: Uint8Array): void {
    this.#bytes.set(value, this.#begin(value.length));
  }

  /** NUL, which Postgres refuses in texts, becomes U+FFFD, as unpaired surrogates do. */
  text(value: string): void {
    const storable = value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
    this.#begin(this.#bytes.write(storable, this.#end + LENGTH_BYTES));
  }

  textOrNull(value: string | null): void {
    if (value === null) this.null();
    else this.text(value);
  }

  null(): void {
    this.#view.setInt32(this.#end, NULL_LENGTH);
    this.#end += LENGTH_BYTES;
  }

  /** A copy of what was written since the restart. */
  copy(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#end));
  }

  /** Where the value of a field of that length is to be put. */
  #begin(length: number): number {
    this.#view.setInt32(this.#end, length);
    const at = this.#end + LENGTH_BYTES;
    this.#end = at + length;
    return at;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, FIRST_BYTES, bytes));
    this.#bytes.copy(larger);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
