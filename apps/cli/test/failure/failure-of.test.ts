import { SessionError } from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { CanceledError, CliError, exitCodes } from '../../src/errors.ts';
import { failureOf } from '../../src/failure/failure-of.ts';

describe('failureOf', () => {
  test.each([
    [new CliError('usage', 'x'), exitCodes.usage],
    [new PackageError('TAR_CHECKSUM', 'x'), exitCodes.packageInvalid],
    [new PackageError('CANNOT_READ', 'x'), exitCodes.usage],
    [new PackageError('OPTION_UNKNOWN', 'x'), exitCodes.usage],
    [new SessionError('UNAUTHENTICATED', 'x'), exitCodes.targetRefused],
    [new SessionError('NOT_FOUND', 'x'), exitCodes.targetRefused],
    [new SessionError('SERVICE_UNAVAILABLE', 'x'), exitCodes.network],
    [new SessionError('UNVERIFIED_PEER', 'x'), exitCodes.network],
    [new SessionError('TIMED_OUT', 'x'), exitCodes.timedOut],
    [new CanceledError('SIGINT', 2), exitCodes.canceled],
    [new CanceledError('SIGTERM', 15), 143],
    [new TypeError('x'), exitCodes.unexpected],
    ['thrown text', exitCodes.unexpected],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), exitCodes.network],
    [Object.assign(new Error('x'), { code: 'EACCES' }), exitCodes.usage],
  ])('%s exits with %i', (error, exitCode) => {
    expect(failureOf(error).exitCode).toBe(exitCode);
  });

  test('a target that has no room or too much to do comes with what helps', () => {
    expect(failureOf(new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'x'))).toMatchObject({
      exitCode: exitCodes.targetRefused,
      hint: expect.stringMatching(/^Make room at the target/),
    });
    expect(failureOf(new SessionError('SERVICE_UNAVAILABLE', 'x')).hint).toContain('try again later');
  });

  const issue = (category: string, id: string) => ({ errors: [{ issues: [{ category, message: { id } }] }] });

  test.each([
    ['this program', { file: 'disk.vmdk', algorithm: 'SHA256', expected: 'aa', actual: 'bb' }],
    ['ovfkitd', issue('VALIDATION_ERROR', 'com.ovfkit.manifest.mismatch')],
    ['ovfkitd or its host on the way', issue('VALIDATION_ERROR', 'com.ovfkit.transfer.mismatch')],
    ['a vCenter', issue('VALIDATION_ERROR', 'com.vmware.ovfs.manifest')],
  ])('a digest that differs is a failed verification when %s found it, whatever the text says', (_, data) => {
    const error = new SessionError('INVALID_ARGUMENT', 'x', { data });
    expect(failureOf(error).exitCode).toBe(exitCodes.verificationFailed);
  });

  test.each([
    ['a size', issue('VALIDATION_ERROR', 'com.ovfkit.file.size'), exitCodes.packageInvalid],
    ['a pinned certificate', { host: 'h', thumbprint: 'aa', expected: 'bb' }, exitCodes.targetRefused],
    ['nothing but its text', undefined, exitCodes.targetRefused],
  ])('what is about %s is no failed verification, though it speaks of digest and manifest', (_, data, exitCode) => {
    const error = new SessionError('INVALID_ARGUMENT', 'the manifest digest does not match', { data });
    expect(failureOf(error).exitCode).toBe(exitCode);
  });

  test('a package the target finds faults in is an invalid package', () => {
    const error = new SessionError('INVALID_ARGUMENT', 'x.ovf:3:1: no content', {
      data: issue('ELEMENT_REQUIRED', 'com.ovfkit.finding.content_missing'),
    });
    expect(failureOf(error).exitCode).toBe(exitCodes.packageInvalid);
  });

  test('a name that is taken is a refusal that says how to choose another, whatever the name is', () => {
    const error = new SessionError('INVALID_ARGUMENT', 'name = digest: The name digest is taken.', {
      data: { errors: [{ name: 'name', value: 'digest' }] },
    });
    expect(failureOf(error)).toMatchObject({ exitCode: exitCodes.targetRefused, hint: expect.stringContaining('-n') });
  });

  test('a disk here that refuses is no refusal of the target', () => {
    const full = new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'out.ova cannot be written', {
      data: { path: 'out.ova' },
    });
    expect(failureOf(full)).toMatchObject({ exitCode: exitCodes.usage, hint: expect.stringContaining('room') });
    expect(failureOf(new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'no room'))).toMatchObject({
      exitCode: exitCodes.targetRefused,
    });
  });

  test('a certificate that the target does not trust is pinned by another option than that of the target', () => {
    const [target, source] = [{}, { state: 'IMPORT_ERROR', errors: [] }].map(
      (data) => failureOf(new SessionError('UNVERIFIED_PEER', 'not trusted', { data })).hint,
    );
    expect(target).toContain(' --thumbprint');
    expect(source).toContain(' --source-thumbprint');
  });

  test('a full disk says to make room', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(failureOf(error)).toMatchObject({ exitCode: exitCodes.usage, hint: expect.stringContaining('room') });
  });

  test('what the system refused decides what to do, however it is wrapped', () => {
    const cause = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const wrapped = [
      new PackageError('CANNOT_WRITE', 'a.mf cannot be written', { file: 'a.mf', cause }),
      new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'not written', { data: { path: 'a.ova' }, cause }),
    ];
    for (const error of wrapped) expect(failureOf(error).hint).toContain('ulimit -n');
  });

  test('a package error names file and line once', () => {
    const error = new PackageError('XML_INVALID', 'a tag is not closed', { file: 'a.ovf', line: 3, column: 7 });
    expect(failureOf(error).message).toBe('a.ovf:3:7: a tag is not closed');
  });
});
