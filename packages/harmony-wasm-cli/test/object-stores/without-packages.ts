/** Loaded into the program with `--import`: the optional packages are not installed. */

import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (!/^@(?:aws-sdk|google-cloud|huggingface)\//.test(specifier))
      return next(specifier, context);
    const error = new Error(`Cannot find package '${specifier}'`);
    throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
  },
});
