/** Whether a filter field lets `values` through: absent or empty it does not restrict, else one of them is in it. */
export const passes = (field: readonly string[] | undefined, ...values: readonly string[]): boolean =>
  field === undefined || field.length === 0 || values.some((value) => field.includes(value));
