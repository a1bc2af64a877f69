/** Who composed a note, as people say it: the device is the product itself, bare references ("Practitioner/7") are left out. */
export function authorNames(author: string, product: string): string {
  const names = author.split(", ").flatMap((name) => name.startsWith("Device/") ? product : /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+$/.test(name) ? [] : name);
  return [...new Set(names)].join(", ") || product;
}
