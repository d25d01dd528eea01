/** vCenter's REST names of guests that the rule of spelling does not give. */
const irregular: ReadonlyMap<string, string> = new Map([
  ['windows2019srv_64Guest', 'WINDOWS_SERVER_2019'],
  ['windows2019srvNext_64Guest', 'WINDOWS_SERVER_2021'],
  ['windows2022srvNext_64Guest', 'WINDOWS_SERVER_2025'],
]);

/** A guest's name over REST from its name in vim25 and in descriptors: `ubuntu64Guest` is UBUNTU_64, words and numbers apart. */
export function guestOsOf(osType: string): string {
  const regular = osType
    .replace(/Guest$/, '')
    .replaceAll(/([a-z])([A-Z0-9])/g, '$1_$2')
    .replaceAll(/(\d)([A-Z])/g, '$1_$2');
  return irregular.get(osType) ?? regular.toUpperCase();
}
