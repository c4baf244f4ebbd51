/**
 * The key under which Node's `util.inspect`, and so `console.log`, looks up an
 * object's description. The symbol registry has it without an import of Node's
 * modules.
 */
export const inspected: unique symbol = Symbol.for("nodejs.util.inspect.custom");
