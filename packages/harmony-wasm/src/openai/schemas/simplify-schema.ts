/** `simplifySchema`: what people call before they declare a tool. */

import { described } from "../../check/arguments.js";
import { writtenJson } from "../../check/json-writer.js";
import { checkedBy, type OptionChecks } from "../check/options.js";
import { callable } from "../check/values.js";
import { parsedAt } from "../json/fields.js";
import { type SchemaLoss, simplifiedText } from "./simplify.js";

/** Options of {@link simplifySchema}. */
export interface SimplifySchemaOptions {
  /** Is called for each part that still renders as `any`, and for references that are cut off. */
  onLoss?: (loss: SchemaLoss) => void;
}

const OPTIONS: OptionChecks<SimplifySchemaOptions> = { onLoss: callable };

/**
 * A tool's JSON Schema rewritten into the part of JSON Schema that upstream renders: `$ref`,
 * `$defs`, `allOf`, `anyOf`, `const`, lists of types, and the schemas of MCP, zod and pydantic,
 * which it renders as `any` otherwise. A schema that it renders in full is returned as it is.
 *
 * The result is a JSON Schema without references, which accepts every value that the original
 * accepts: a schema without a type has that of its keywords, and `oneOf` means any of, as it is
 * rendered. Restrictions without a rendered form, such as the values of an integer's `enum`, are added
 * to the description. A schema that contains itself is expanded once. JSON text is answered with JSON
 * text, and keeps its numbers and the order of its keys; the answer to an object is a new object.
 *
 * @throws {TypeError} for a validator, such as zod's, in place of a JSON Schema.
 * @throws {HarmonyError} `invalid_json` for text that is not JSON, `too_deep` for more than 200 levels.
 *
 * @example
 * ```ts
 * import { simplifySchema } from "harmony-wasm/openai";
 *
 * const schema = {
 *   type: "object",
 *   properties: { unit: { anyOf: [{ $ref: "#/$defs/Unit" }, { type: "null" }] } },
 *   $defs: { Unit: { enum: ["C", "F"] } },
 * };
 * simplifySchema(schema).properties;
 * // => { unit: { type: "string", enum: ["C", "F", null], nullable: true } }
 * ```
 */
export function simplifySchema(schema: string, options?: SimplifySchemaOptions | null): string;
export function simplifySchema(
  schema: object,
  options?: SimplifySchemaOptions | null,
): Record<string, unknown>;
export function simplifySchema(
  schema: object | string,
  options?: SimplifySchemaOptions | null,
): Record<string, unknown> | string {
  const { onLoss = () => {} } = checkedBy<SimplifySchemaOptions>("options", options, OPTIONS);
  if (typeof schema === "string") {
    parsedAt(schema, "");
    return simplifiedText(schema, onLoss);
  }
  if (typeof schema !== "object" || schema === null) {
    throw new TypeError(
      `"schema" expected a JSON Schema as an object or as text, got ${described(schema)}`,
    );
  }
  if ("~standard" in schema) {
    const advice = "convert it first, for example with zod's toJSONSchema";
    throw new TypeError(`"schema" expected a JSON Schema, got a validator: ${advice}`);
  }
  return JSON.parse(simplifiedText(writtenJson("schema", schema), onLoss));
}
