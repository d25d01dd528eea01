import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { CliError } from '../errors.ts';
import { parseSize } from '../size-option.ts';

const sizeSchema = z.string().transform((value, context) => {
  try {
    return parseSize(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not a size' });
    return z.NEVER;
  }
});

const diskSchema = z.union([
  z.string().transform((file) => ({ file, size: undefined })),
  z.strictObject({ file: z.string(), size: z.undefined().optional() }),
  z.strictObject({ size: sizeSchema, file: z.undefined().optional() }),
]);

/** Every scalar comes as its text: only the schema says what is a number, or `1.0` would become `1`. */
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const whole = z
  .string()
  .regex(/^[0-9]{1,6}$/, 'is not a whole number')
  .transform(Number)
  .pipe(z.number().positive());

const propertySchema = z.strictObject({
  key: z.string().min(1),
  type: z.string().default('string'),
  value: z.string().optional(),
  label: z.string().optional(),
  description: z.string().optional(),
  qualifiers: z.string().optional(),
  password: flag.default(false),
  settable: flag.default(true),
});

const descriptionSchema = z.strictObject({
  name: z.string().min(1),
  cpus: whole.default(1),
  memory: sizeSchema.default(1024 ** 3),
  osType: z.string().default('otherGuest64'),
  hardware: z.string().default('vmx-13'),
  firmware: z.enum(['bios', 'efi']).default('bios'),
  product: z
    .strictObject({
      name: z.string(),
      vendor: z.string().optional(),
      version: z.string().optional(),
      url: z.string().optional(),
    })
    .optional(),
  annotation: z.string().optional(),
  eula: z.string().optional(),
  networks: z.array(z.string().min(1)).default([]),
  disks: z.array(diskSchema).default([]),
  properties: z.array(propertySchema).default([]),
});

/** A machine in a few words: what `ovfkit pack` makes a package of. Sizes are bytes; paths are relative to the file. */
export type Description = z.infer<typeof descriptionSchema>;

/** A description with the defaults of all that is not said. */
export function descriptionOf(values: z.input<typeof descriptionSchema>): Description {
  return descriptionSchema.parse(values);
}

/**
 * Reads a description (YAML).
 * @throws CliError that names the line, or every key that is wrong
 */
export function readDescription(text: string, file: string): Description {
  let value: unknown;
  try {
    value = parse(text, { schema: 'failsafe' });
  } catch (cause) {
    const fault = cause instanceof YAMLParseError ? cause : undefined;
    const [place] = fault?.linePos ?? [];
    const at = place === undefined ? file : `${file}:${place.line}:${place.col}`;
    const [reason = ''] = fault?.message.split(/ at line |\n/) ?? [];
    throw new CliError('packageInvalid', `${at} is not YAML${reason === '' ? '' : `: ${reason}`}`, {
      hint: 'Correct the text at this place; docs/cli.md has an example.',
      cause,
    });
  }
  const result = descriptionSchema.safeParse(value);
  if (result.success) return result.data;
  throw new CliError('packageInvalid', `${file} does not describe a machine`, {
    details: result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`),
    hint: 'docs/cli.md has an example.',
  });
}
