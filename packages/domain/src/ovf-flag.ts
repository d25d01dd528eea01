import { z } from 'zod';
import { LocalizableMessage, message } from './localizable-message.ts';
import { structure } from './structure.ts';

/** A flag of an import or an export with what it does. Flags are open sets of strings (contract, section 8.1). */
export const OvfFlag = structure({ option: z.string(), description: LocalizableMessage });
export type OvfFlag = z.infer<typeof OvfFlag>;

const flag = (option: string, text: string): OvfFlag => ({
  option,
  description: message(`com.ovfkit.flag.${option.toLowerCase()}`, text),
});

/** The import flags the contract documents. */
export const importFlags: readonly OvfFlag[] = [flag('LAX', 'Lax mode parsing of the OVF descriptor')];

/** The export flags the contract documents. */
export const exportFlags: readonly OvfFlag[] = [
  flag('PRESERVE_MAC', 'Include MAC addresses for network adapters'),
  flag('EXTRA_CONFIG', 'Include extra configuration in OVF export'),
  flag('BIOS_UUID', 'Include BIOS UUIDs'),
  flag('IP', 'Include IP settings'),
  flag('CDROM', 'Include attached CD media'),
];

export const Capability = structure({ importOva: z.boolean(), exportOva: z.boolean() });
export type Capability = z.infer<typeof Capability>;
