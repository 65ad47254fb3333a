// What the server sends (a checked expression as JSON) and what an evaluation knows besides the record.

export type Kind =
  | "null" | "boolean" | "integer" | "decimal" | "text" | "select" | "tags" | "date" | "datetime" | "link"
  | "lines" | "json";

export type Node =
  | { const: string | boolean | null; type: Kind }
  | { field: string[]; up?: number; type: Kind }
  | { context: string; type: Kind }
  | { old: string[]; type: Kind }
  | { changed: string; type: Kind }
  | { items: Node[] }
  | Op
  | Over;

export interface Op {
  op: string;
  args: Node[];
  type: Kind;
}

export interface Over {
  over: string;
  lines: Node;
  value?: Node;
  where?: Node;
  type: Kind;
}

// `deps` are the paths of the fields read: evaluate again when one of them changes.
export interface Expression {
  format: number;
  source: string;
  type: Kind;
  deps: string[][];
  node: Node;
}

// Values as they travel: decimals as texts (or numbers), dates and moments as texts, links as ids or, where a
// field behind the link is read, as objects, lines as arrays of objects.
export type Values = Record<string, unknown>;

export interface Bindings {
  now?: string | null;
  today?: string | null;
  user?: { id?: string | null; teams?: string[]; roles?: string[]; locale?: string | null } | null;
  old?: Values | null;
  isNew?: boolean;
  changed?: string[];
}

// A value inside the evaluator. Numbers are `Decimal`, dates are days since 0001-01-01 (number), moments are
// microseconds since 1970 (bigint), tags are arrays of texts, lines are arrays of records.
export type Value = null | boolean | string | Decimal | number | bigint | unknown[] | object;

// unscaled / 10^places
export interface Decimal {
  readonly unscaled: bigint;
  readonly places: number;
}

export type Result = null | boolean | string | number | string[];
