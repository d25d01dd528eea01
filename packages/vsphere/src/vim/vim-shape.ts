import type { XmlElement } from '@ovfkit/package-format';

/**
 * Reads one type of value from either wire. SOAP needs it, as XML tells neither a number from text nor a list of one from a single
 * value; for VI JSON it is the check at the edge.
 */
export interface Shape<Value> {
  /** @throws SessionError INTERNAL_SERVER_ERROR when it is something else */
  readonly fromXml: (element: XmlElement) => Value;
  /** @throws SessionError INTERNAL_SERVER_ERROR when it is something else */
  readonly fromJson: (value: unknown) => Value;
}

/** What a shape reads. */
export type ValueOf<S> = S extends Shape<infer Value> ? Value : never;
