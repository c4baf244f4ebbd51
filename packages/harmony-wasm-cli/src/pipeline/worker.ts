/** A worker of the pipeline. */
export {};
