import { reportOfCases } from "./cases.mjs";

console.log(JSON.stringify(await reportOfCases(new URLSearchParams(location.search))));
