/** The tag that an `Accept-Language` likes best, `de-AT` of `fr;q=0.5, de-AT`; nothing when it names none. */
export function preferredLocale(header: string | undefined): string | undefined {
  const choices = (header ?? '').split(',').map((each) => {
    const [tag = '', ...parameters] = each.split(';').map((part) => part.trim());
    const quality = parameters.find((part) => part.startsWith('q='))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) };
  });
  const named = choices.filter(({ tag, quality }) => /^[a-z]{1,8}(-[a-z\d]{1,8})*$/i.test(tag) && quality > 0);
  return named.toSorted((a, b) => b.quality - a.quality)[0]?.tag;
}
