import { expect, test } from 'vitest';
import { hostFileOf } from '../../src/vim/nfc-transfer.ts';

const server = new URL('https://vc.example.com:9443/sdk');
const own = 'AA'.repeat(20);
const hosts = 'BB'.repeat(20);

const cases: readonly (readonly [url: string, thumbprint: string, expected: readonly [string, string | undefined]])[] =
  [
    // where the server does not know by which name it is reached, it is the one that the client uses
    ['https://*/nfc/a%5B1%5D/disk', '', ['https://vc.example.com:9443/nfc/a%5B1%5D/disk', own]],
    ['https://*/nfc/a', hosts, ['https://vc.example.com:9443/nfc/a', hosts]],
    ['https://*:902/nfc/a', '', ['https://vc.example.com:902/nfc/a', own]],
    ['https://vc.example.com/nfc/a', '', ['https://vc.example.com/nfc/a', own]],
    // the pin of vSphere is none for another host
    ['https://esx1.example.com/nfc/a', '', ['https://esx1.example.com/nfc/a', undefined]],
    ['https://esx1.example.com/nfc/a', hosts, ['https://esx1.example.com/nfc/a', hosts]],
  ];

test.each(cases)('%s attested by "%s" is reached and trusted as the lease says', (url, sslThumbprint, expected) => {
  const device = { url, sslThumbprint, sslCertificate: undefined };
  const found = hostFileOf({ server, thumbprint: own }, device);
  expect([found.url.href, found.thumbprint]).toEqual(expected);
});

test.each(['nfc/a', 'ftp://esx1/a', ''])('%s is no URL of a file', (url) => {
  const device = { url, sslThumbprint: undefined, sslCertificate: undefined };
  expect(() => hostFileOf({ server }, device)).toThrow(expect.objectContaining({ kind: 'INTERNAL_SERVER_ERROR' }));
});
