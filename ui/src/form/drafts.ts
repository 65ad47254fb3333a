// What was typed and is not saved yet, kept in this browser: it outlives the session, the page and a publish. With it
// are kept the words to show it by, should a field be gone when it is taken up again.
import type { Linked, Values } from "./types";

export interface Draft {
  at: string;
  revision: number;
  version: number | null;
  values: Values;
  // The values that the changed ones replaced.
  originals: Values;
  linked: Record<string, Linked>;
  // By field, `parts.qty` in lines: title and text.
  words: Record<string, [string, string]>;
}

const DAYS_KEPT = 30;

export function readDraft(key: string): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
    if (!draft || Date.now() - Date.parse(draft.at) > DAYS_KEPT * 86_400_000) return null;
    return draft;
  } catch {
    return null;
  }
}

// False where the browser keeps nothing (private window, full).
export function keepDraft(key: string, draft: Draft | null): boolean {
  try {
    if (draft) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}
