// The evaluator: runs the server's checked tree over the values of a form. It never throws for any values.
import { addUnchecked, decimal, divide, inRange } from "./decimal";
import { compare, equal, STRICT } from "./functions";
import { concat } from "./texts";
import type { Bindings, Decimal, Expression, Kind, Node, Op, Over, Result, Value, Values } from "./types";
import { isRecord, read, write } from "./values";

interface Scope {
  values: Values;
  bindings: Bindings;
  outer: Scope | null;
}

// The value of an expression as it travels (see `write`).
export function evaluate(expression: Expression, values: Values, bindings: Bindings = {}): Result {
  return write(run(expression.node, { values, bindings, outer: null }), expression.type);
}

// Whether a condition holds; null counts as false.
export function holds(expression: Expression, values: Values, bindings: Bindings = {}): boolean {
  return evaluate(expression, values, bindings) === true;
}

function run(node: Node, scope: Scope): Value {
  if ("const" in node) return read(node.const, node.type);
  if ("field" in node) return field(node.field, node.up ?? 0, node.type, scope);
  if ("op" in node) return (special[node.op] ?? strict)(node, scope);
  if ("over" in node) return over(node, scope);
  if ("context" in node) return context(node.context, node.type, scope.bindings);
  if ("old" in node) return read(follow(scope.bindings.old, node.old), node.type);
  if ("changed" in node) return scope.bindings.changed?.includes(node.changed) ?? false;
  return null;
}

function field(path: string[], up: number, type: Kind, scope: Scope): Value {
  let from: Scope | null = scope;
  for (let level = 0; level < up; level++) from = from?.outer ?? null;
  return read(follow(from?.values, path), type);
}

function follow(values: unknown, path: string[]): unknown {
  let value = values;
  for (const name of path) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : null;
  return value;
}

function context(name: string, type: Kind, bindings: Bindings): Value {
  const { user } = bindings;
  const known: Record<string, unknown> = {
    now: bindings.now,
    today: bindings.today,
    isNew: bindings.isNew ?? false,
    "user.id": user?.id,
    "user.teams": user?.teams ?? [],
    "user.roles": user?.roles ?? [],
    "user.locale": user?.locale,
  };
  return read(known[name], type);
}

const kindOf = (node: Node | undefined): Kind => (node && "type" in node ? node.type : "null");

function strict(node: Op, scope: Scope): Value {
  const args: Value[] = [];
  for (const each of node.args) {
    const value = run(each, scope);
    if (value === null) return null;
    args.push(value);
  }
  return STRICT[node.op]?.(...args) ?? null;
}

function all(node: Op, scope: Scope): Value[] {
  return node.args.map((each) => run(each, scope));
}

// A chain of && or ||: `decisive` ends it, null makes it unknown.
function chain(node: Op, scope: Scope, decisive: boolean): Value {
  let unknown = false;
  for (const each of node.args) {
    const value = run(each, scope);
    if (value === decisive) return decisive;
    unknown ||= value === null;
  }
  return unknown ? null : !decisive;
}

// Operators and functions that see nulls.
const special: Record<string, (node: Op, scope: Scope) => Value> = {
  and: (node, scope) => chain(node, scope, false),
  or: (node, scope) => chain(node, scope, true),
  eq: (node, scope) => equalSides(node, scope),
  ne: (node, scope) => !equalSides(node, scope),
  in: (node, scope) => isAmong(node, scope),
  if: (node, scope) => {
    const [condition, then, otherwise] = node.args as [Node, Node, Node];
    return run(run(condition, scope) === true ? then : otherwise, scope);
  },
  concat: (node, scope) => concat(all(node, scope).map((value) => (value as string | null) ?? "")),
  coalesce: (node, scope) => all(node, scope).find((value) => value !== null) ?? null,
  min: (node, scope) => extreme(all(node, scope), -1),
  max: (node, scope) => extreme(all(node, scope), 1),
  isEmpty: (node, scope) => isEmpty(run(node.args[0] as Node, scope)),
  hasRole: (node, scope) => {
    const role = run(node.args[0] as Node, scope);
    return typeof role === "string" && (scope.bindings.user?.roles ?? []).includes(role);
  },
  length: (node, scope) => size(node, scope),
  count: (node, scope) => size(node, scope),
};

function equalSides(node: Op, scope: Scope): boolean {
  const [left, right] = node.args as [Node, Node];
  return equal(run(left, scope), run(right, scope));
}

function isAmong(node: Op, scope: Scope): boolean {
  const [left, listed] = node.args as [Node, Node];
  const value = run(left, scope);
  if ("items" in listed) return listed.items.some((item) => equal(value, run(item, scope)));
  const tags = run(listed, scope);
  return value !== null && Array.isArray(tags) && tags.includes(value);
}

function extreme(values: Value[], sign: number): Value {
  let found: Value = null;
  for (const value of values) {
    if (value !== null && (found === null || compare(value, found) * sign > 0)) found = value;
  }
  return found;
}

function isEmpty(value: Value): boolean {
  if (value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function size(node: Op, scope: Scope): Value {
  if (kindOf(node.args[0]) !== "tags") return strict(node, scope);
  const tags = run(node.args[0] as Node, scope);
  return decimal(BigInt(Array.isArray(tags) ? tags.length : 0));
}

// Functions over lines: null values are skipped, `where` must be true.
function over(node: Over, scope: Scope): Value {
  const lines = run(node.lines, scope);
  const scopes: Scope[] = (Array.isArray(lines) ? (lines as Values[]) : [])
    .map((values) => ({ values, bindings: scope.bindings, outer: scope }))
    .filter((inner) => !node.where || run(node.where, inner) === true);
  const { value } = node;
  if (!value) return decimal(BigInt(scopes.length));
  const values = scopes.map((inner) => run(value, inner));
  const known = values.filter((found) => found !== null);
  const count = decimal(BigInt(known.length));
  switch (node.over) {
    case "any":
      return values.some((found) => found === true);
    case "all":
      return values.every((found) => found === true);
    case "count":
      return kindOf(value) === "boolean" ? decimal(BigInt(known.filter((found) => found === true).length)) : count;
    case "sum":
      return inRange(total(known as Decimal[]));
    case "avg":
      return known.length ? divide(total(known as Decimal[]), count) : null;
    default:
      return extreme(known, node.over === "min" ? -1 : 1);
  }
}

function total(values: Decimal[]): Decimal {
  return values.reduce(addUnchecked, decimal(0n));
}
