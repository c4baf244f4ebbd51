/**
 * Objects as JSON text. `JSON.stringify` drops data silently (NaN becomes null, a
 * Map `{}`), so values are written here: each is read once, and a value that JSON
 * cannot carry is an error that names its place.
 */

import { HarmonyError } from "../errors.js";
import { described, loneSurrogate, loneSurrogateAt } from "./arguments.js";

/** Deeper than upstream's reader accepts (128), and far from a stack overflow. */
const DEEPEST = 256;

/** The JSON text of a value; `name` is what errors call it. */
export function writtenJson(name: string, value: object): string {
  return new JsonWriter(name).text(value);
}

/** Writes one value, and keeps the path and the enclosing objects for errors. */
class JsonWriter {
  readonly #keys: (string | number)[];
  readonly #ancestors: object[] = [];

  constructor(name: string) {
    this.#keys = [name];
  }

  text(value: unknown): string {
    if (typeof value === "string") return this.#string(value);
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "boolean" || value === null) return String(value);
    if (typeof value !== "object") throw this.#wrongType(value);
    return this.#nested(value);
  }

  #string(text: string): string {
    const at = loneSurrogateAt(text);
    if (at < 0) return JSON.stringify(text);
    throw new TypeError(`${this.#place()} ${loneSurrogate(at)}`);
  }

  #number(value: number): string {
    if (Number.isFinite(value)) return String(value);
    throw new RangeError(`${this.#place()} expected a finite number, got ${value}`);
  }

  #nested(value: object): string {
    if (this.#ancestors.includes(value)) throw new TypeError(`${this.#place()} is cyclic`);
    if (this.#ancestors.length >= DEEPEST) {
      const reason = `is nested deeper than ${DEEPEST} levels`;
      throw new HarmonyError("too_deep", `${this.#place()} ${reason}`);
    }
    if ("toJSON" in value && typeof value.toJSON === "function") throw this.#wrongType(value);
    this.#ancestors.push(value);
    const text = Array.isArray(value) ? this.#array(value) : this.#object(value);
    this.#ancestors.pop();
    return text;
  }

  #array(items: readonly unknown[]): string {
    const texts: string[] = [];
    for (let index = 0; index < items.length; index += 1) {
      this.#keys.push(index);
      texts.push(this.text(items[index]));
      this.#keys.pop();
    }
    return `[${texts.join(",")}]`;
  }

  /**
   * Undefined fields are skipped, as by `JSON.stringify`. A Date, a Map and other
   * objects with state beside their fields are refused.
   */
  #object(object: object): string {
    if (Object.prototype.toString.call(object) !== "[object Object]") throw this.#wrongType(object);
    const texts: string[] = [];
    for (const key of Object.keys(object)) {
      const field: unknown = Reflect.get(object, key);
      if (field === undefined) continue;
      this.#keys.push(key);
      texts.push(`${this.#string(key)}:${this.text(field)}`);
      this.#keys.pop();
    }
    return `{${texts.join(",")}}`;
  }

  #wrongType(value: unknown): TypeError {
    const got = described(value);
    // Of a Date or a Map the name says enough.
    const how = got === "an object (Object)" ? " with toJSON, which is not called" : "";
    return new TypeError(`${this.#place()} expected JSON data, got ${got}${how}`);
  }

  /** `"conversation.messages[0].content"`, without its middle if it is long. */
  #place(): string {
    const [name, ...keys] = this.#keys;
    const path = `${name}${keys.map(pathOf).join("")}`;
    return `"${path.length > 160 ? `${path.slice(0, 80)}…${path.slice(-79)}` : path}"`;
  }
}

function pathOf(key: string | number): string {
  return typeof key === "string" && /^[\p{L}_]\w*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
