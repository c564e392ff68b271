import { describe, expect, it } from 'vitest';
import { signWebhook, verifyWebhook } from './webhook.ts';

// The example of the specification's reference implementations.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1_614_265_330, body: '{"test": 2432232314}' };
const headers = {
  'webhook-id': message.id,
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const nowMs = 1_614_265_330_000;

describe('a webhook', () => {
  it('is signed as the specification says', () => {
    expect(signWebhook(message, secret)).toEqual(headers);
  });

  it('is known by its signature, one of several, within five minutes', () => {
    expect(verifyWebhook(headers, message.body, { secret, nowMs })).toEqual({ ok: true, id: message.id });
    const several = { ...headers, 'webhook-signature': `v1,AAAA v1a,x ${headers['webhook-signature']}` };
    expect(verifyWebhook(several, message.body, { secret, nowMs: nowMs + 300_000 }).ok).toBe(true);
    expect(verifyWebhook(headers, message.body, { secret, nowMs: nowMs - 300_000 }).ok).toBe(true);
  });

  it.each([
    ['another body', {}, `${message.body} `, secret, nowMs, 'signature_invalid'],
    ['another id', { 'webhook-id': 'msg_2' }, message.body, secret, nowMs, 'signature_invalid'],
    ['another time', { 'webhook-timestamp': '1614265331' }, message.body, secret, nowMs, 'signature_invalid'],
    ['another key', {}, message.body, 'whsec_AAAA', nowMs, 'signature_invalid'],
    ['a signature cut short', { 'webhook-signature': 'v1,g0hM9Q==' }, message.body, secret, nowMs, 'signature_invalid'],
    ['another version', { 'webhook-signature': 'v2,g0hM9SsE' }, message.body, secret, nowMs, 'signature_invalid'],
    ['an old timestamp', {}, message.body, secret, nowMs + 301_000, 'timestamp_outside_window'],
    ['a timestamp to come', {}, message.body, secret, nowMs - 301_000, 'timestamp_outside_window'],
    ['no number for a time', { 'webhook-timestamp': 'now' }, message.body, secret, nowMs, 'timestamp_outside_window'],
    ['no id', { 'webhook-id': undefined }, message.body, secret, nowMs, 'headers_missing'],
  ])('with %s is refused', (_name, change, body, key, at, reason) => {
    expect(verifyWebhook({ ...headers, ...change }, body, { secret: key, nowMs: at })).toEqual({ ok: false, reason });
  });
});
