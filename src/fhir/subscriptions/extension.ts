/** Extensions of any element, read without trusting their form. */

export type Extension = { url: string; [name: string]: unknown };
export type Extended = { [name: string]: unknown };

export function extensionsOf(element: Extended | undefined, member: "extension" | "modifierExtension" = "extension"): Extension[] {
  const list = element?.[member];
  return Array.isArray(list) ? list.filter((one): one is Extension => typeof one === "object" && one !== null && typeof (one as Extension).url === "string") : [];
}

/** The value[x], whichever it is. */
export function valueOf(extension: Extension): unknown {
  for (const member in extension) if (member.startsWith("value")) return extension[member];
  return undefined;
}

export function extensionValue(element: Extended | undefined, url: string): unknown {
  const found = extensionsOf(element).find((one) => one.url === url);
  return found && valueOf(found);
}
