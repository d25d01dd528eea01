import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  XmlBufferInputProvider,
  XmlDocument,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';

function createValidator(): XsdValidator {
  const folder = join(process.env['OVFKIT_CORPUS'] ?? '', 'schemas/ovf-1.1.1');
  const schemas = Object.fromEntries(
    readdirSync(folder).map((name) => [`schemas/${name}`, readFileSync(join(folder, name))]),
  );
  const common = readFileSync(join(folder, 'common.xsd'));
  xmlRegisterInputProvider(
    new XmlBufferInputProvider({ ...schemas, 'http://schemas.dmtf.org/wbem/wscim/1/common.xsd': common }),
  );
  const main = readFileSync(join(folder, 'dsp8023_1.1.1.xsd'));
  return XsdValidator.fromDoc(XmlDocument.fromBuffer(main, { url: 'schemas/dsp8023_1.1.1.xsd' }));
}

let validator: XsdValidator | undefined;

/** What DSP8023 1.1.1 has against a descriptor, by libxml2. Foreign sections are allowed by the specification, not by the schema. */
export function schemaProblems(text: string): readonly string[] {
  validator ??= createValidator();
  const document = XmlDocument.fromString(text);
  try {
    validator.validate(document);
    return [];
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.map(({ message }) => message);
    throw error;
  } finally {
    document.dispose();
  }
}
