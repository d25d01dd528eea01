import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readXml, writeXml, type XmlElement } from '@ovfkit/package-format';
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

/** Sections of vendors, which an export keeps, are known to schemas of their own only. */
function withoutForeignSections(element: XmlElement, own = element.namespace): XmlElement {
  if (!['Envelope', 'VirtualSystem', 'VirtualSystemCollection'].includes(element.name)) return element;
  const children = element.children
    .filter((child) => child.kind !== 'element' || child.namespace === own)
    .map((child) => (child.kind === 'element' ? withoutForeignSections(child, own) : child));
  return { ...element, children };
}

/** What DSP8023 1.1.1 has against a descriptor, by libxml2; sections of vendors apart. */
export function schemaProblems(text: string): readonly string[] {
  validator ??= createValidator();
  const document = XmlDocument.fromString(writeXml(withoutForeignSections(readXml(text).root)));
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
