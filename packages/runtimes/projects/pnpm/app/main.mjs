import * as harmony from "harmony-wasm";
import { report } from "../suite.mjs";

console.log(JSON.stringify(await report(harmony)));
