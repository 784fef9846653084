/**
 * How batches stand in a file of the spool: the file's mark, and then of each batch the length and the
 * CRC-32 of its body (32 bits each, little-endian) and the body: a line of JSON and the message as it is sent.
 */
import { crc32 } from 'node:zlib';
import { SUBJECTS } from '@hokusai/contracts';
import type { OutgoingMessage } from '../message-buffer.ts';

/**
 * A message that may wait on disk, with the numbers of the requests in it, both ends included; `from` is 1 more than
 * `to` if there are none.
 */
export interface SpoolMessage extends OutgoingMessage {
  from: number;
  to: number;
}

/** At the start of each file. Another format gets another mark. */
export const FILE_MARK: Buffer = Buffer.from('HKUSAGE1');
const PREFIX_BYTES = 8;
const NEWLINE = 0x0a;

export function encodeBatch({ subject, id, from, to, payload }: SpoolMessage): Buffer {
  const head = Buffer.from(`${JSON.stringify({ id, from, to, ...headOf(subject) })}\n`);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(head.length + payload.length, 0);
  prefix.writeUInt32LE(crc32(payload, crc32(head)), 4);
  return Buffer.concat([prefix, head, payload]);
}

export interface Decoded {
  batches: SpoolMessage[];
  /** From the first record on that is not whole: its writer was killed, or the file is damaged. */
  unreadableBytes: number;
}

export function decodeFile(bytes: Buffer): Decoded {
  const batches: SpoolMessage[] = [];
  if (!bytes.subarray(0, FILE_MARK.length).equals(FILE_MARK))
    return { batches, unreadableBytes: bytes.length };
  let offset = FILE_MARK.length;
  for (let body = bodyAt(bytes, offset); body; body = bodyAt(bytes, offset)) {
    batches.push(decodeBody(body));
    offset += PREFIX_BYTES + body.length;
  }
  return { batches, unreadableBytes: bytes.length - offset };
}

/** undefined where no whole record begins. */
function bodyAt(bytes: Buffer, offset: number): Buffer | undefined {
  const start = offset + PREFIX_BYTES;
  if (start > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset);
  if (length === 0 || start + length > bytes.length) return undefined;
  const body = bytes.subarray(start, start + length);
  return crc32(body) === bytes.readUInt32LE(offset + 4) ? body : undefined;
}

/** Of most of them it goes without saying. */
const COMMON_SUBJECT = SUBJECTS.usageRequests;

function headOf(subject: string): Pick<RecordHead, 'subject'> {
  return subject === COMMON_SUBJECT ? {} : { subject };
}

function decodeBody(body: Buffer): SpoolMessage {
  const headEnd = body.indexOf(NEWLINE);
  const { id, from, to, subject } = JSON.parse(body.toString('utf8', 0, headEnd)) as RecordHead;
  const payload = body.subarray(headEnd + 1);
  return { subject: subject ?? COMMON_SUBJECT, id, payload, weight: Math.max(to - from + 1, 1), from, to };
}

type RecordHead = Pick<SpoolMessage, 'id' | 'from' | 'to'> & { subject?: string };
