import { expect, test } from 'vitest';
import { createLog } from '../src/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void) {
  const lines: string[] = [];
  write(createLog('info', { write: (line: string) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

test('an event is one line with level and time, and the level decides what is written', () => {
  const lines = logged((log) => {
    log.debug('not this');
    log.warn({ a: 1 }, 'this');
  });
  expect(lines).toEqual([{ level: 'warn', time: expect.stringMatching(/^\d{4}-.*Z$/), a: 1, msg: 'this' }]);
});

test('secrets are blotted out by name, however deep they stand', () => {
  const headers = { authorization: 's3cret', cookie: 's3cret', 'vmware-api-session-id': 's3cret' };
  const lines = logged((log) =>
    log.info({ password: 's3cret', token: 's3cret', headers, a: { b: [{ c: { d: { file_url: 's3cret' } } }] } }),
  );
  expect(JSON.stringify(lines)).not.toContain('s3cret');
  expect(lines[0].headers.authorization).toBe('…');
  expect(lines[0].a).toEqual({ b: [{ c: { d: { file_url: '…' } } }] });
});

test('an error is written without the secrets of URLs in it', () => {
  const text = 'https://me:s3cret@host/a.ovf?sig=s3cret failed, see http://h/ovf/transfer/s3cret.s3cret/disk.vmdk';
  const [line] = logged((log) => log.error({ err: new Error(text) }, 'failed'));
  expect(JSON.stringify(line)).not.toContain('s3cret');
  expect(line.err.message).toBe('https://…@host/a.ovf?… failed, see http://h/ovf/transfer/…/disk.vmdk');
});

test('an error is written with its stack', () => {
  const [line] = logged((log) => log.error({ err: new Error('broken') }, 'failed'));
  expect(line.err).toMatchObject({ type: 'Error', message: 'broken', stack: expect.stringContaining('log.test') });
});
