// What the server says of a form (ui/forms/describe.py).
import type { Expression, Values } from "../expressions";

export interface FieldInfo {
  type: string;
  title: string;
  edited: boolean;
  shown?: string;
  options?: Record<string, string>;
  required?: boolean;
  currency?: string;
  formula?: Expression;
  fields?: Record<string, FieldInfo>;
  computed?: string[];
  defaults?: Values;
  former?: Record<string, string>;
  // Of a choice that depends on another field: that field, and with which of its values each option goes.
  dependsOn?: string;
  when?: Record<string, string[]>;
}

export type Fields = Record<string, FieldInfo>;

// A linked record: what rules read of it, its title, and a hint that tells it from others.
export interface Linked {
  id: string;
  $title: string;
  $hint?: string;
  [name: string]: unknown;
}

export interface Conditions {
  visible?: Expression[];
  required?: Expression[];
  readOnly?: Expression[];
  locked?: Expression[];
}

export interface Described {
  entity: string;
  form: string;
  revision: number;
  user: { id: string; teams: string[]; roles: string[]; locale: string };
  now: string;
  today: string;
  locale: string;
  zone: string;
  currency: string;
  digits: Record<string, number>;
  rates: Record<string, string>;
  symbols: [string, string];
  texts: Record<string, string>;
  fields: Fields;
  former: Record<string, string>;
  computed: string[];
  conditions: Record<string, Conditions>;
  parts: { tabs: Record<string, Expression>; sections: Record<string, Expression> };
  id: string | null;
  duplicates: { url: string; fields: string[] } | null;
  version: number | null;
  key: string;
  values: Values;
  linked: Record<string, Linked>;
  save: string;
  lookup: string;
  upload: string;
  regions: string;
  files: string;
  home: string;
  draft: string;
}

export interface Problem {
  pointer: string;
  code: string;
  message: string;
  mend?: { href: string; title: string };
}

export type { Expression, Values };
