// Runs the browser's evaluator for the tests: a request per line on standard input, an answer per line.
import { createInterface } from "node:readline";
import { evaluate } from "../../ui/src/expressions";
import type { Bindings, Expression, Values } from "../../ui/src/expressions";

interface Request {
  expression: Expression;
  records: Values[];
  bindings: Bindings;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { expression, records, bindings } = JSON.parse(line) as Request;
  let answer: object;
  try {
    answer = { values: records.map((record) => evaluate(expression, record, bindings)) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
