declare module "raw-vectors" {
  /** The name of each file of vectors, its inputs and its expected answers. */
  const files: [file: string, inputs: string, expected: string][];
  export default files;
}
