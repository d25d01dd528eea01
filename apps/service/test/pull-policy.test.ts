import { describe, expect, test } from 'vitest';
import { createPullPolicy } from '../src/pull-policy.ts';

const usual = createPullPolicy({ allow: [], deny: [], mayPullFromLoopback: false });

test.each(['10.1.2.3', '192.168.0.1', '172.16.0.1', '8.8.8.8', 'fd00::1', '2001:4860:4860::8888', '100.64.0.1'])(
  '%s may be pulled from: internal servers are the normal case',
  (address) => expect(usual(address)).toBe(true),
);

test.each([
  '127.0.0.1',
  '127.255.255.255',
  '::1',
  '0.0.0.0',
  '::',
  '169.254.169.254',
  '168.63.129.16',
  'fe80::1',
  'fe80::1%eth0',
  '224.0.0.1',
  '255.255.255.255',
  'ff02::1',
  'fd00:ec2::254',
  '100.100.100.200',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '::ffff:0:7f00:1',
  '2001:0:c000:201::80ff:fffe',
  '192.88.99.1',
  'fd20:ce::254',
  'fd00:42::42',
  '2002:7f00:1::',
  'localhost',
  '',
  '2130706433',
])('%j may not be pulled from', (address) => expect(usual(address)).toBe(false));

describe('lists', () => {
  test('allow what is refused by default, and refuse what is allowed by default', () => {
    const policy = createPullPolicy({
      allow: ['169.254.0.0/16'],
      deny: ['10.0.0.0/8', '8.8.8.8'],
      mayPullFromLoopback: false,
    });
    expect(policy('169.254.1.1')).toBe(true);
    expect(policy('10.1.1.1')).toBe(false);
    expect(policy('::ffff:10.1.1.1')).toBe(false);
    expect(policy('8.8.8.8')).toBe(false);
    expect(policy('8.8.4.4')).toBe(true);
  });

  test('deny wins over allow', () => {
    const policy = createPullPolicy({ allow: ['127.0.0.0/8'], deny: ['127.0.0.2'], mayPullFromLoopback: false });
    expect([policy('127.0.0.1'), policy('127.0.0.2')]).toEqual([true, false]);
  });
});

test('a service that only this machine reaches may pull from this machine', () => {
  const policy = createPullPolicy({ allow: [], deny: [], mayPullFromLoopback: true });
  expect([policy('127.0.0.1'), policy('::1'), policy('169.254.169.254')]).toEqual([true, true, false]);
});
