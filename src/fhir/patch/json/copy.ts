/** JSON Patch `copy` (RFC 6902 §4.5). */
import type { Result } from "#platform/result.ts";
import { add } from "./add.ts";
import { valueAt, type Edit } from "./pointer.ts";

export function copy(edit: Edit, from: readonly string[], path: readonly string[]): Result<void> {
  const value = valueAt(edit.root, from);
  return value.ok ? add(edit, path, value.value) : value;
}
