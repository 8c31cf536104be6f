/** "#" in the fitting form becomes the number, as the language writes it. */
export function counter(language: string, many: (n: number) => boolean) {
  const format = new Intl.NumberFormat(language);
  return (n: number, one: string, more: string) => (many(n) ? more : one).replace('#', format.format(n));
}
