/**
 * The vectors as test-vectors/README.md defines them: their types, their
 * checks, and the expansion of texts that they describe.
 */

/** One case with the oracle's expectation. */
export interface Vector {
  /** `file/name`. */
  id: string;
  call: string;
  with: Arguments;
  expected: Expected;
}

/** The arguments of any call; test-vectors/README.md lists them by call. */
export interface Arguments {
  conversation?: object;
  conversationText?: string;
  message?: object;
  messageText?: string;
  nextTurnRole?: string;
  config?: { auto_drop_analysis?: boolean };
  options?: { conversation_has_function_tools?: boolean };
  tokens?: (number | string)[];
  role?: string;
  strict?: boolean;
  eos?: boolean;
  text?: string;
  allowedSpecial?: "all" | string[];
  disallowedSpecial?: "all" | string[];
}

/** A result's fields, or the error instead. */
export type Expected = Record<string, unknown> & { error?: string };

interface InputFile {
  about: string;
  cases: { name: string; about?: string; call: string; with?: unknown }[];
}

interface ExpectedFile {
  written_by: string;
  crate: string;
  vocabulary_sha256: string;
  inputs_sha256: string;
  count: number;
  expected: Record<string, Expected>;
}

const INPUT_FIELDS = ["about", "cases"];
const CASE_FIELDS = ["name", "about", "call", "with"];

/** Joins one file of inputs with its expectations; throws on any mismatch. */
export function vectorsOf(file: string, inputsText: string, expectedText: string): Vector[] {
  const inputs: InputFile = JSON.parse(inputsText);
  const { expected, count }: ExpectedFile = JSON.parse(expectedText);
  refuseUnknownFields(file, inputs, INPUT_FIELDS);
  const names = new Set(inputs.cases.map(({ name }) => name));
  if (names.size !== inputs.cases.length) throw new Error(`${file}: two cases have the same name`);
  if (count !== names.size || Object.keys(expected).length !== names.size) {
    throw new Error(
      `${file}: ${names.size} cases, but ${count} expectations; run \`npm run vectors\``,
    );
  }
  return inputs.cases.map((testCase) => {
    const id = `${file}/${testCase.name}`;
    refuseUnknownFields(id, testCase, CASE_FIELDS);
    const result = expected[testCase.name];
    if (!result) throw new Error(`${id}: nothing expected; run \`npm run vectors\``);
    return {
      id,
      call: testCase.call,
      with: expanded(testCase.with ?? {}) as Arguments,
      expected: result,
    };
  });
}

function refuseUnknownFields(id: string, object: object, known: string[]): void {
  const unknown = Object.keys(object).find((field) => !known.includes(field));
  if (unknown) throw new Error(`${id}: unknown field ${unknown}`);
}

/** `{"repeat", "times"}` and `{"join"}` become the texts they describe. */
function expanded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expanded);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, expanded(field)]),
  );
  const { repeat, times, join } = fields;
  const count = Object.keys(fields).length;
  if (count === 2 && typeof repeat === "string" && typeof times === "number")
    return repeat.repeat(times);
  if (count === 1 && Array.isArray(join)) return join.join("");
  return fields;
}
