/** Whether a field of a filter lets an object with these `values` through: absent or empty it does not restrict, else one of them is in it. */
export const passes = (field: readonly string[] | undefined, ...values: readonly string[]): boolean =>
  field === undefined || field.length === 0 || values.some((value) => field.includes(value));
