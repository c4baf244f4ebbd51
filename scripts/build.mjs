// `npm run build`: the package's dist/, on a machine that is set up.

import { build } from "./build/index.mjs";
import { main } from "./step.mjs";

await main(build);
