declare module "raw-vectors" {
  /** The name of each file of vectors, its inputs and what is expected of them. */
  const files: [file: string, inputs: string, expected: string][];
  export default files;
}
