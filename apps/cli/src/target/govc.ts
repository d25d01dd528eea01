import { delimiter } from 'node:path';

/** Where machines go at a target when the command does not say: names, ids or paths of the inventory. */
export interface PlaceDefaults {
  readonly datacenter?: string | undefined;
  readonly pool?: string | undefined;
  readonly folder?: string | undefined;
  readonly host?: string | undefined;
  readonly datastore?: string | undefined;
  readonly network?: string | undefined;
}

/** The variables of govc that mean something here. */
export interface Govc {
  /** Without user and password. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Whether the certificate of the server is taken as it is. */
  readonly trust: 'any' | 'checked';
  /** Files with a host and the thumbprint of its certificate a line. */
  readonly knownHosts: readonly string[];
  readonly places: PlaceDefaults;
}

const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function decoded(text: string): string | undefined {
  try {
    return given(decodeURIComponent(text));
  } catch {
    return given(text);
  }
}

/** As govc has it: `host`, `user:password@host`, `https://host/sdk`. A URL that cannot be read says nothing. */
export function readGovc(env: NodeJS.ProcessEnv): Govc | undefined {
  const text = given(env['GOVC_URL']);
  if (text === undefined) return undefined;
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url === null) return undefined;
  return {
    url: url.origin,
    user: given(env['GOVC_USERNAME']) ?? decoded(url.username),
    password: given(env['GOVC_PASSWORD']) ?? decoded(url.password),
    trust: /^(?:1|t|true)$/i.test(env['GOVC_INSECURE'] ?? '') ? 'any' : 'checked',
    knownHosts: (env['GOVC_TLS_KNOWN_HOSTS'] ?? '').split(delimiter).filter((path) => path !== ''),
    places: {
      datacenter: given(env['GOVC_DATACENTER']),
      pool: given(env['GOVC_RESOURCE_POOL']),
      folder: given(env['GOVC_FOLDER']),
      host: given(env['GOVC_HOST']),
      datastore: given(env['GOVC_DATASTORE']),
      network: given(env['GOVC_NETWORK']),
    },
  };
}
