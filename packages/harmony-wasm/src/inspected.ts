/**
 * The key under which Node's `util.inspect`, and so `console.log`, looks for
 * an object's own description. Taken from the symbol registry, so that no
 * runtime needs Node's modules.
 */
export const inspected: unique symbol = Symbol.for("nodejs.util.inspect.custom");
