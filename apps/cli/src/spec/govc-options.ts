// The options file of govc: what `govc import.spec` prints and `govc import.ova -options` reads.
import { type Descriptor, type ProductSection, type Property, productsOf } from '@ovfkit/package-format';

interface Mapping {
  readonly Key: string;
  readonly Value: string;
}

/** An options file of govc. The `All…` lists say what may be chosen; govc ignores them. */
export interface GovcOptions {
  readonly AllDeploymentOptions?: readonly string[] | undefined;
  readonly Deployment?: string | undefined;
  readonly AllDiskProvisioningOptions?: readonly string[] | undefined;
  readonly DiskProvisioning: string;
  readonly AllIPAllocationPolicyOptions?: readonly string[] | undefined;
  readonly IPAllocationPolicy: string;
  readonly AllIPProtocolOptions?: readonly string[] | undefined;
  readonly IPProtocol: string;
  readonly PropertyMapping?: readonly Mapping[] | undefined;
  readonly NetworkMapping?: readonly { readonly Name: string; readonly Network: string }[] | undefined;
  readonly Annotation?: string | undefined;
  readonly MarkAsTemplate: boolean;
  readonly PowerOn: boolean;
  readonly InjectOvfEnv: boolean;
  readonly WaitForIP: boolean;
  readonly Name: string | null;
}

const provisioning = [
  'flat',
  'monolithicSparse',
  'monolithicFlat',
  'twoGbMaxExtentSparse',
  'twoGbMaxExtentFlat',
  'thin',
  'thick',
  'seSparse',
  'eagerZeroedThick',
  'sparse',
] as const;
const policies = ['dhcpPolicy', 'transientPolicy', 'fixedPolicy', 'fixedAllocatedPolicy'] as const;
const protocols = ['IPv4', 'IPv6'] as const;

/** `[class.]key[.instance]` */
export function fullPropertyKey(section: ProductSection, { key }: Property): string {
  return [section.class, key, section.instance].filter((part) => part !== undefined && part !== '').join('.');
}

/** vSphere takes booleans as `True` and `False` only. */
function valueFor({ type, value = '', valuesByConfiguration }: Property, option: string | undefined): string {
  const text = valuesByConfiguration.get(option ?? '') ?? value;
  return type === 'boolean' ? `${text.slice(0, 1).toUpperCase()}${text.slice(1).toLowerCase()}` : text;
}

const listed = <Value>(values: readonly Value[]): readonly Value[] | undefined =>
  values.length === 0 ? undefined : values;

/** What to include. */
export interface GovcSpecOptions {
  /** The default one when absent. */
  readonly option?: string | undefined;
  /** `all` includes properties that a user is not meant to set. */
  readonly properties?: 'settable' | 'all' | undefined;
  /** `with` includes what may be chosen. */
  readonly alternatives?: 'with' | 'without' | undefined;
}

/** The options file for a package, filled with its defaults; keys stand in govc's order. */
export function govcOptions(descriptor: Descriptor, options: GovcSpecOptions = {}): GovcOptions {
  const { deploymentOptions, networks, content } = descriptor;
  const option = options.option ?? deploymentOptions.find(({ isDefault }) => isDefault)?.id;
  const others = deploymentOptions.filter(({ id }) => id !== option).map(({ id }) => id);
  const isVerbose = options.alternatives === 'with';
  const properties = productsOf(descriptor).flatMap((section) =>
    section.properties
      .filter(({ userConfigurable }) => userConfigurable || options.properties === 'all')
      .map((property) => ({ Key: fullPropertyKey(section, property), Value: valueFor(property, option) })),
  );
  return {
    AllDeploymentOptions: isVerbose && option !== undefined ? [option, ...others] : undefined,
    Deployment: option,
    AllDiskProvisioningOptions: isVerbose ? provisioning : undefined,
    DiskProvisioning: provisioning[0],
    AllIPAllocationPolicyOptions: isVerbose ? policies : undefined,
    IPAllocationPolicy: policies[0],
    AllIPProtocolOptions: isVerbose ? protocols : undefined,
    IPProtocol: protocols[0],
    PropertyMapping: listed(properties),
    NetworkMapping: listed(networks.map(({ name }) => ({ Name: name, Network: '' }))),
    Annotation: content.annotation === '' ? undefined : content.annotation,
    MarkAsTemplate: false,
    PowerOn: false,
    InjectOvfEnv: false,
    WaitForIP: false,
    Name: null,
  };
}
