import { guestOsOf } from '@ovfkit/domain';
import { expect, test } from 'vitest';

test.each([
  ['ubuntu64Guest', 'UBUNTU_64'],
  ['rhel7_64Guest', 'RHEL_7_64'],
  ['otherLinux64Guest', 'OTHER_LINUX_64'],
  ['windows9_64Guest', 'WINDOWS_9_64'],
  ['windows2019srv_64Guest', 'WINDOWS_SERVER_2019'],
  ['otherGuest', 'OTHER'],
])('%s is %s over REST', (vim, rest) => {
  expect(guestOsOf(vim)).toBe(rest);
});
