// The browser's evaluator of Fieldstone expressions: the same answers as the server, from the server's checked
// tree (`to_json` of the Python side). It has no parser: what was not checked cannot be run.
export { evaluate, holds } from "./evaluate";
export type { Bindings, Expression, Kind, Node, Result, Values } from "./types";
