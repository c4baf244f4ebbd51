/**
 * The entry that bundlers for Node take: the wasm is inside the JavaScript, so a
 * bundle runs wherever it is put. Nitro, and so Nuxt, takes this entry but bundles
 * nothing: it copies the files that an entry imports, and Node then takes `node.js`
 * of the copy. So that one is imported as well; bundlers drop the import, since the
 * package declares no side effects.
 */

import "./node.js";

export * from "./inline.js";
