import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ERROR_CODES, HokusaiError } from '../errors.ts';
import { toStatus } from './errors.ts';
import { encodeStatusDetails } from './status-details.ts';

const violation = (path: string, message: string) => ({ path, message });

describe('details of a status', () => {
  it('are what Google’s own library writes', () => {
    const violations = [violation('scopes[1]', '-'.repeat(130)), violation('', 'and 2 more')];
    const error = new HokusaiError('rate_limited', '', {
      // As long as the one of the vector.
      reason: 'queue_full' as never,
      violations,
      retryAfterSeconds: 299.5,
    });
    const bytes = encodeStatusDetails({
      status: 8,
      message: 'Zu viel: 300 % ünd mehr',
      error,
      maxBytes: 4096,
    });
    // From google.rpc.status_pb2 and error_details_pb2 of googleapis-common-protos 1.76.0.
    const expected = [
      'CAgSGFp1IHZpZWw6IDMwMCAlIMO8bmQgbWVochpXCih0eXBlLmdvb2dsZWFwaXMuY29tL2dvb2dsZS5ycGMuRXJy',
      'b3JJbmZvEisKClFVRVVFX0ZVTEwSB2hva3VzYWkaFAoEY29kZRIMcmF0ZV9saW1pdGVkGjEKKHR5cGUuZ29vZ2xl',
      'YXBpcy5jb20vZ29vZ2xlLnJwYy5SZXRyeUluZm8SBQoDCKwCGs8BCil0eXBlLmdvb2dsZWFwaXMuY29tL2dvb2ds',
      'ZS5ycGMuQmFkUmVxdWVzdBKhAQqQAQoJc2NvcGVzWzFdEoIBLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0t',
      'LS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0t',
      'LS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLQoMEgphbmQgMiBtb3Jl',
    ];
    assert.equal(bytes.toString('base64'), expected.join(''));
  });

  it('keep the first violations where there is no room for all', () => {
    const violations = Array.from({ length: 300 }, (_, index) => violation(`a[${index}]`, 'is wrong'));
    const error = new HokusaiError('unprocessable', 'Much is wrong.', { violations });
    const text = encodeStatusDetails({ status: 3, message: '', error, maxBytes: 600 }).toString('latin1');
    assert.ok(text.length <= 600);
    const kept = [...text.matchAll(/a\[(\d+)\]/g)].map(([, index]) => Number(index));
    assert.ok(kept.length > 10);
    assert.deepEqual(kept, [...kept.keys()]);
    assert.ok(text.endsWith(`and ${300 - kept.length} more`));
  });
});

describe('trailers of an error', () => {
  /** What HTTP/2 counts (RFC 9113, 6.5.2), with what grpc-js and Node add to them. */
  const sizeOf = (error: HokusaiError) => {
    const { code, details, metadata } = toStatus(error);
    const headers = {
      ...{ ':status': '200', 'content-type': 'application/grpc+proto', date: new Date().toUTCString() },
      ...{ 'grpc-status': String(code), 'grpc-message': encodeURI(details) },
      ...metadata.toHttp2Headers(),
    };
    return Object.entries(headers)
      .flatMap(([name, value]) => [value].flat().map((each) => name.length + String(each).length + 32))
      .reduce((sum, size) => sum + size, 0);
  };

  it('stay within 8 KiB, whatever is in the error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc
        .tuple(fc.constantFrom('x', 'ä', '漢', '🐳', '\u0001', '"', '%', '\ud83d'), fc.nat(5000))
        .map(([character, length]) => character.repeat(length)),
    );
    const error = fc
      .record({
        code: fc.constantFrom(...ERROR_CODES),
        message: text,
        violations: fc.array(fc.record({ path: text, message: text }), { maxLength: 12 }),
        retryAfterSeconds: fc.nat(),
      })
      .map(({ code, message, ...options }) => new HokusaiError(code, message, options));
    fc.assert(
      fc.property(error, (each) => {
        assert.ok(sizeOf(each) <= 8192, `${sizeOf(each)} bytes`);
      }),
      { numRuns: 200 },
    );
  });
});
